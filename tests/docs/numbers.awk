# SPDX-License-Identifier: MIT
# Numbers in the prose of documents: none that was measured.
#
# usage: awk -f numbers.awk numbers.tsv DOCUMENT...
#
# What a command prints between <!-- shown: ... --> and <!-- end --> may hold any number.  Outside of
# it stand those of names (rmap-6.12, SHA-256, 64-bit), versions behind what they are of (gcc 12.2),
# sections and years of publications, and those that numbers.tsv lists, each with the words around it and the
# reason why it is no measurement.  Said is every other one, and an entry that no document needs.
# Left alone: code (`...`, ``` blocks, indented lines), headings, comments, the targets of links.
function plain(line) {
	gsub(/`[^`]*`/, "`", line)
	gsub(/\]\([^)]*\)/, "]", line)
	gsub(/<!--[^>]*-->/, "", line)
	gsub(/[ \t]+/, " ", line)
	gsub(/[Ss]ections? [0-9]+( (and|to) [0-9]+)?/, "section", line)
	gsub(/[0-9]+-bit/, "bits", line)
	gsub(/(Debian|Linux|QEMU|gcc|clang|clang-format|PoCL|nvidia-uvm|ABI|TAP|interfaces?|attribute) [0-9]+(\.[0-9]+)*((,| and| or| to) [0-9]+(\.[0-9]+)*)*/, "version", line)
	gsub(/[A-Za-z_]+(-?[0-9]+(\.[0-9x]+)*)+/, "name", line)
	gsub(/, (19|20)[0-9][0-9]\)/, ", year)", line)
	gsub(/, (19|20)[0-9][0-9];/, ", year;", line)
	return line
}

# Whether the number at the end of what is before a phrase, or at the beginning of what is behind it, goes on.
function whole(before, behind) { return before !~ /[0-9][.,]?$/ && before !~ /[-+]$/ && behind !~ /^([0-9]|[.,][0-9]| ?%)/ }

function without(text, phrase,    done, at) {
	done = ""
	while (at = index(text, phrase)) {
		if (whole(done substr(text, 1, at - 1), substr(text, at + length(phrase)))) {
			used[phrase] = 1
			done = done substr(text, 1, at - 1) "~"
		} else {
			done = done substr(text, 1, at + length(phrase) - 1)
		}
		text = substr(text, at + length(phrase))
	}
	return done text
}

# Code that a line break divides is code.
function end_paragraph(    i) {
	paragraph = plain(paragraph)
	for (i = 1; i <= phrases; i++)
		paragraph = without(paragraph, phrase[i])
	while (match(paragraph, /[0-9]([0-9.,]*[0-9])?/)) {
		print name ": a number in prose, " substr(paragraph, RSTART, RLENGTH) ": ..." \
			substr(paragraph, RSTART > 50 ? RSTART - 50 : 1, RLENGTH + 90) "..."
		failed = 1
		paragraph = substr(paragraph, RSTART + RLENGTH)
	}
	paragraph = ""
}

FILENAME == ARGV[1] {
	if (/^#/ || /^$/)
		next
	if (split($0, column, "\t") != 2 || column[2] == "") {
		print FILENAME ":" FNR ": a phrase and a reason, with a tab between"
		failed = 1
		next
	}
	phrase[++phrases] = plain(column[1])
	next
}
FNR == 1 { end_paragraph(); fenced = shown = 0 }
{ name = FILENAME }
/^<!-- shown: / { shown = 1; next }
/^<!-- end -->/ { shown = 0; next }
shown { next }
/^```/ { fenced = !fenced; next }
fenced || /^(    |\t|#)/ || /^\|[-:|]*$/ { end_paragraph(); next }
/^$/ || /^\|/ { end_paragraph() }
{
	sub(/^[0-9]+\. /, "") # an item of a list
	paragraph = paragraph " " $0
}

END {
	end_paragraph()
	for (i = 1; i <= phrases; i++)
		if (!used[phrase[i]]) {
			print ARGV[1] ": nobody needs: " phrase[i]
			failed = 1
		}
	exit failed
}
