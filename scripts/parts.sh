#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is known of parts of the tests (tests/parts.tsv), one word a line, each once.
#
# usage: parts.sh names|files|targets|steps quick|check|long|KIND/|PART...
#
#   names     the parts, in the order given
#   files     their scripts
#   targets   what make builds before they run
#   steps     what scripts/setup.sh is to look for
set -eu
. "$(dirname "$0")/lib.sh"

TABLE=$DEX_TOP/tests/parts.tsv

# kinds: each part and the directory of its script, as KIND/.
kinds() { (cd "$DEX_TOP/tests" && printf '%s\n' */part-*.sh) | sed 's,^\(.*/\)part-\(.*\)\.sh$,\2\t\1,'; }

# rows WORD: of the table.
rows() {
	awk -F'\t' -v word="$1" 'NR == FNR { kind[$1] = $2; next } /^#/ { next }
		$1 == word || $2 == word || kind[$1] == word || word == "check" && $2 == "quick" { print; n++ }
		END { exit !n }' <(kinds) "$TABLE" ||
		die "no part '$1'; one of: $(awk -F'\t' '!/^#/ { print $1 }' "$TABLE" | xargs), or quick, check, long, $(kinds | cut -f2 | sort -u | xargs | sed 's/ /, /g')"
}

case ${1:-} in
names | files) column=1 ;;
targets) column=3 ;;
steps) column=4 ;;
*) die "usage: parts.sh names|files|targets|steps quick|check|long|KIND/|PART..." ;;
esac
what=$1
shift
table=$(for word; do rows "$word" || exit; done) || exit
cut -f"$column" <<<"$table" | tr , '\n' | awk '!seen[$0]++' | while IFS= read -r word; do
	[ "$what" != files ] || word=$(echo "$DEX_TOP"/tests/*/"part-$word.sh")
	echo "$word"
done
