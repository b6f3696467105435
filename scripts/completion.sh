# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Completion of the command lines of dexbench, dex-compare and dex-plan, for bash;
# `make install` puts it where bash-completion finds it, `. scripts/completion.sh` will do.
#
# There is no list of options here: the program's own --help is asked, as argp prints it, and
# `dexbench --list` for the names of cases.  A value that stands there as a|b|c is one
# of these words, DIR, DIRECTORY and FILE are names of files, REGEX is a case.

# _dexbench_values PROGRAM KIND WORD: what may stand after "--option=".
_dexbench_values() {
	case $2 in
	DIR | DIRECTORY) compgen -d -- "$3" ;;
	FILE) compgen -f -- "$3" ;;
	REGEX)
		# The programs lie side by side; of the JSON one line in a case has its name.
		compgen -W "$("${1%dex*}dexbench" --list 2>/dev/null |
			sed -n 's/^ *"case": "\([^"]*\)",*$/\1/p')" -- "$3"
		;;
	*'|'*) compgen -W "${2//|/ }" -- "$3" ;;
	esac
}

# _dexbench_kind HELP OPTION: what stands there for its value, or the a|b|c that its description
# begins with; nothing for one that takes none.
_dexbench_kind() {
	[[ $1 =~ $'\n  '(    |-[A-Za-z], )"$2"=([^[:space:]]*)\ *((([a-z0-9]+\|[[:space:]]*)+[a-z0-9]+)?) ]] || return 0
	case ${BASH_REMATCH[3]} in
	*'|'*) printf '%s\n' "${BASH_REMATCH[3]//[[:space:]]/}" ;;
	*) printf '%s\n' "${BASH_REMATCH[2]}" ;;
	esac
}

# Called by bash with the program; sets COMPREPLY.
_dexbench() {
	local program=${1/#\~\//$HOME/} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local option='' prefix='' help kind=''

	help=$(ARGP_HELP_FMT='' "$program" --help 2>/dev/null)
	# "--mode=ex" is one word, or three where "=" separates words, as it does by default;
	# "--mode ex" are two.
	if [[ $word == --*=* ]]; then
		option=${word%%=*} prefix=${word%%=*}= word=${word#*=}
	elif [[ $word == = ]]; then
		option=$before word=''
	elif [[ $before == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $before == --* && -n $(_dexbench_kind "$help" "$before") ]]; then
		option=$before
	fi
	COMPREPLY=()
	if [[ -n $option ]]; then
		kind=$(_dexbench_kind "$help" "$option")
		mapfile -t COMPREPLY < <(_dexbench_values "$program" "$kind" "$word")
		COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
		case $kind in DIR | DIRECTORY | FILE) compopt -o filenames 2>/dev/null ;; esac
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$(sed -n 's/^  \(    \|-[A-Za-z], \)\(--[a-z-]*=\{0,1\}\).*/\2/p' <<<"$help")" -- "$word")
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
	elif [[ $help == *'[DIR...]'* ]]; then
		mapfile -t COMPREPLY < <(compgen "$([[ $help == *FILE* ]] && echo -f || echo -d)" -- "$word")
		compopt -o filenames 2>/dev/null
	fi
}

complete -F _dexbench dexbench dex-compare dex-plan
