#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How a document's prose reads: words a sentence, long sentences and passive ones, as a table, by
# Debian's style (package diction).
#
# usage: readability.sh DOCUMENT...
#
# Blocks, code, tables, headings and the targets of links are no prose.  A long sentence has ten
# words more than the document's average, as style has it.  style guesses what is passive by the
# words, so compare a document with what it was before.  No test holds a document to these figures.
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/../../scripts/lib.sh"

# prose DOCUMENT: its sentences, with "word" in the place of code.
# shellcheck disable=SC2016 # backticks are Markdown's
prose() {
	awk '/^```/ { fenced = !fenced; next }
		/^<!-- shown: / { shown = 1 }
		/^<!-- end -->/ { shown = 0; next }
		!fenced && !shown && !/^(    |\t|\||#)/' "$1" |
		sed 's/`[^`]*`/word/g; s/\](\([^)]*\))/]/g; s/[][*]//g; s/^\(-\|[0-9]\+\.\) //'
}

# row DOCUMENT: its line of the table.
row() {
	prose "$1" | LC_ALL=C style -L en | awk -v document="$1" '
		/ sentences, average length / { words = $5 }
		/ long sentences / { long = $1 }
		/ passive sentences$/ { passive = $1 }
		END {
			if (words == "")
				exit 1
			print "| " document " | " words " | " long " | " passive " |"
		}' | sed 's/%/ %/g' || die "$1: no sentences in it"
}

[ $# -gt 0 ] || die "usage: readability.sh DOCUMENT..."
command -v style >/dev/null || die "style: not found; it is in Debian's package diction (apt-get install diction)"
set -o pipefail
for document in "$@"; do
	[ -r "$document" ] || die "$document: no file that can be read"
done
printf '| document | words a sentence | long sentences | passive |\n|---|--:|--:|--:|\n'
for document in "$@"; do
	row "$document"
done
