#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The messages of docs/troubleshooting.md with what to do, as a table in Markdown; of one subject each.
#
# usage: messages.sh SUBJECT
#
# messages.tsv has them: the subject, the words of the message with ... for what varies, and the
# remedy.  The words are looked up in the sources: a message that no program prints any more is refused.
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/../../scripts/lib.sh"
list=$DEX_TOP/tests/docs/messages.tsv
sources=("$DEX_TOP"/scripts "$DEX_TOP"/bench "$DEX_TOP"/emulator "$DEX_TOP"/kernel-module)

# printed MESSAGE: each of its pieces that says something stands in a source.
printed() {
	local piece rest=$1

	while [ -n "$rest" ]; do
		piece=${rest%%...*}
		case $rest in *...*) rest=${rest#*...} ;; *) rest='' ;; esac
		piece=$(sed 's/^ *//; s/ *$//' <<<"$piece")
		[ "${#piece}" -lt 8 ] || grep -rqF -e "$piece" "${sources[@]}" ||
			die "messages.tsv: no program says '$piece'; take the line out, or give it the words of today"
	done
}

[ $# -eq 1 ] || die "usage: messages.sh $(cut -f1 "$list" | grep -v '^#' | sort -u | paste -sd'|')"
grep -q "^$1	" "$list" || die "$1: no such subject in messages.tsv"
echo '| message | what to do |'
echo '|---|---|'
while IFS=$'\t' read -r subject message remedy; do
	[ "$subject" = "$1" ] || continue
	printed "$message"
	echo "| \`${message//|/\\|}\` | $remedy |"
done <"$list"
