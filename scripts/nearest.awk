# SPDX-License-Identifier: MIT
# The one of several words that is most like another, if one is at all like it.
#
# usage: awk -f scripts/nearest.awk WORD <WORDS      (one a line; what follows a blank is no matter)
#
# Letters to change, to add or to leave out are counted, in capitals or not; at most half of
# WORD's.  Of several equally near ones the first.

function least(a, b, c)
{
	if (b < a)
		a = b
	return c < a ? c : a
}

function distance(a, b,    i, j, above, here)
{
	for (j = 0; j <= length(b); j++)
		above[j] = j
	for (i = 1; i <= length(a); i++) {
		here[0] = i
		for (j = 1; j <= length(b); j++)
			here[j] = least(above[j] + 1, here[j - 1] + 1,
					above[j - 1] + (substr(a, i, 1) != substr(b, j, 1)))
		for (j = 0; j <= length(b); j++)
			above[j] = here[j]
	}
	return above[length(b)]
}

BEGIN {
	word = toupper(ARGV[1])
	ARGC = 1
	best = int(length(word) / 2) + 1
}

/^[A-Za-z_]/ {
	d = distance(word, toupper($1))
	if (d < best) {
		best = d
		found = $1
	}
}

END {
	if (found != "")
		print found
}
