# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Completion of the command lines of dexbench, dex-compare and dex-plan, for bash;
# `make install` puts it where bash-completion finds it, `. scripts/completion.sh` will do.
#
# There is no list of options here: the program's own --help is asked, and
# `dexbench --list` for the names of cases.  A value that stands there as a|b|c is one
# of these words, DIR and FILE are names of files, REGEX is a case.

# _dexbench_values PROGRAM KIND WORD: what may stand after "--option=".
_dexbench_values() {
	case $2 in
	DIR) compgen -d -- "$3" ;;
	FILE) compgen -f -- "$3" ;;
	REGEX)
		# The programs lie side by side; of the JSON one line in a case has its name.
		compgen -W "$("${1%dex*}dexbench" --list 2>/dev/null |
			sed -n 's/^ *"case": "\([^"]*\)",*$/\1/p')" -- "$3"
		;;
	*'|'*) compgen -W "${2//|/ }" -- "$3" ;;
	esac
}

# Called by bash with the program; sets COMPREPLY.
_dexbench() {
	local program=${1/#\~\//$HOME/} word=${COMP_WORDS[COMP_CWORD]} option='' prefix='' help kind=''

	# "--mode=ex" is one word, or three where "=" separates words, as it does by default.
	if [[ $word == --*=* ]]; then
		option=${word%%=*} prefix=${word%%=*}= word=${word#*=}
	elif [[ $word == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 1]} word=''
	elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	help=$("$program" --help 2>/dev/null)
	COMPREPLY=()
	if [[ -n $option ]]; then
		[[ $help =~ $'\n  '"$option"=([^[:space:]]*) ]] && kind=${BASH_REMATCH[1]}
		mapfile -t COMPREPLY < <(_dexbench_values "$program" "$kind" "$word")
		COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
		case $kind in DIR | FILE) compopt -o filenames 2>/dev/null ;; esac
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$(sed -n 's/^  \(--[a-z-]*=\{0,1\}\).*/\1/p' <<<"$help")" -- "$word")
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
	elif [[ $help == *'[DIR...]'* ]]; then
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		compopt -o filenames 2>/dev/null
	fi
}

complete -F _dexbench dexbench dex-compare dex-plan
