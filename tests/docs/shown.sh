#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What documents show of results: between "<!-- shown: COMMAND -->" and "<!-- end -->" stands what
# COMMAND prints, a ``` around it aside.
#
# usage: shown.sh [--check] DOCUMENT...
#
# Each block is written anew, a document at once or not at all; with --check nothing is written,
# and what a block lacks is printed.  A COMMAND is words, '...' around them where need be, and
# bars between the programs below: what a document says is never given to a shell.
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/../../scripts/lib.sh"
cd "$DEX_TOP"

programs='dex-compare dex-plan jq cat grep tests/docs/table.sh tests/docs/messages.sh'

# words_of COMMAND: a word a line, a bar as a line of its own behind a blank.
words_of() {
	local rest=$1 word=''
	local plain='^[][A-Za-z0-9_./,:=+*^-]+' quoted="^'([^']*)'" between='^ +(\| +)?'

	while [ -n "$rest" ]; do
		if [[ $rest =~ $plain ]]; then
			word+=${BASH_REMATCH[0]}
		elif [[ $rest =~ $quoted ]]; then
			word+=${BASH_REMATCH[1]}
		elif [[ $rest =~ $between ]]; then
			printf '%s\n' "$word" ${BASH_REMATCH[1]:+' |'}
			word=''
		else
			return 1
		fi
		rest=${rest:${#BASH_REMATCH[0]}}
	done
	[ -z "$word" ] || printf '%s\n' "$word"
}

# pipe WORD...: runs the programs between bars, each of which reads what the one before it prints.
pipe() {
	local program=()

	while [ $# -gt 0 ] && [ "$1" != ' |' ]; do
		program+=("$1")
		shift
	done
	[[ " $programs " == *" ${program[0]-} "* ]] ||
		die "'${program[0]-}' is no program that a document may run: $programs"
	if [ $# -eq 0 ]; then
		"${program[@]}"
	else
		"${program[@]}" | pipe "${@:2}"
	fi
}

# print COMMAND: what it prints; that a comparison ends with 1 is no failure.
print() (
	words=$(words_of "$1") || die "only words, '...' and bars make a command"
	mapfile -t words <<<"$words"
	PATH=$PWD/build:$PATH
	set -o pipefail
	rc=0
	pipe "${words[@]}" || rc=$?
	[ "$rc" -le 1 ]
)

# anew DOCUMENT: as it should be.
anew() {
	local line command='' shown='^<!-- shown: (.*) -->$'

	while IFS= read -r line; do
		if [ -n "$command" ] && [ "$line" = '<!-- end -->' ]; then
			command=''
		elif [ -n "$command" ] && [[ $line != '```'* ]]; then
			continue
		fi
		printf '%s\n' "$line"
		if [ -z "$command" ] && [[ $line =~ $shown ]]; then
			command=${BASH_REMATCH[1]}
			# The fence, if there is one, stands in front.
			if IFS= read -r line && [[ $line = '```'* ]]; then
				printf '%s\n' "$line"
			fi
			print "$command" 2>"$work/said" ||
				die "$1: $command: $(tail -n 1 "$work/said" | sed 's/^dex[a-z-]*: \(error: \)\?//')"
			[ "$line" != '<!-- end -->' ] || { printf '%s\n' "$line"; command=''; }
		fi
	done <"$1"
	[ -z "$command" ] || die "$1: $command: no <!-- end --> behind it"
}

check=
[ "${1-}" != --check ] || { check=yes; shift; }
[ $# -gt 0 ] || die "usage: shown.sh [--check] DOCUMENT..."
work=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-shown.XXXXXX")
new=''
trap 'rm -rf "$work" ${new:+"$new"}' EXIT
rc=0
for document in "$@"; do
	grep -q '^<!-- shown: ' "$document" || die "$document: no block that a command prints"
	anew "$document" >"$work/anew"
	if [ -n "$check" ]; then
		diff -u "$document" "$work/anew" || rc=1
	elif ! cmp -s "$document" "$work/anew"; then
		new=$(mktemp "$document.XXXXXX") || die "$document: cannot write beside it"
		cat "$work/anew" >"$new"
		chmod --reference="$document" "$new"
		mv "$new" "$document"
		log "$document: written anew"
	fi
done
exit "$rc"
