# SPDX-License-Identifier: MIT
# The numbers of a document that nobody vouches for.
#
# usage: awk -f figures.awk CLAIMS DOCUMENT
#
# CLAIMS has a phrase a line, as the document has to have it word for word; line breaks
# and code marks do not count.  Said are phrases that the document does not have, and
# digits outside all phrases.  Left alone: code (`...`, ``` blocks, indented
# lines), headings, comments, what lies between <!-- shown: ... --> and <!-- end -->,
# the targets of links, numbers of sections, kernels and their versions.
function plain(line) {
	gsub(/`[^`]*`/, "`", line)
	gsub(/\]\([^)]*\)/, "]", line)
	gsub(/<!--[^>]*-->/, "", line)
	gsub(/[ \t]+/, " ", line)
	gsub(/section [0-9]+/, "section", line)
	gsub(/(5\.14|6\.12\.[0-9]+|6\.12|6\.14|6\.15|7\.3\.4|7\.3|7\.x)('s|,|;|:|\.|\)| |$)/, "kernel&", line)
	gsub(/kernel(5\.14|6\.12\.[0-9]+|6\.12|6\.14|6\.15|7\.3\.4|7\.3|7\.x)/, "kernel", line)
	return line
}

function masked(text) {
	gsub(/[0-9]/, "#", text)
	return text
}

# Code that a line break divides is code.
function end_paragraph() {
	whole = whole " " plain(paragraph)
	paragraph = ""
}

FILENAME == ARGV[1] {
	phrase = plain($0)
	if (!known[phrase]++)
		claim[++claims] = phrase
	next
}
/^```/ { fenced = !fenced; next }
/^<!-- shown: / { shown = 1; next }
/^<!-- end -->/ { shown = 0; next }
fenced || shown || /^(    |\t|#)/ || /^\|[-:|]*$/ { next }
/^$/ { end_paragraph() }
{ paragraph = paragraph " " $0 }

END {
	end_paragraph()
	gsub(/[ ]+/, " ", whole)
	for (i = 1; i <= claims; i++) {
		found = 0
		while (at = index(whole, claim[i])) {
			found = 1
			whole = substr(whole, 1, at - 1) masked(claim[i]) substr(whole, at + length(claim[i]))
			if (claim[i] !~ /[0-9]/)
				break
		}
		if (!found) {
			print FILENAME ": does not say: " claim[i]
			failed = 1
		}
	}
	while (match(whole, /[0-9]([0-9.,]*[0-9])?/)) {
		print FILENAME ": no source for " substr(whole, RSTART, RLENGTH) " in: ..." \
			substr(whole, RSTART > 50 ? RSTART - 50 : 1, RLENGTH + 90) "..."
		failed = 1
		whole = substr(whole, RSTART + RLENGTH)
	}
	exit failed
}
