# SPDX-License-Identifier: MIT
# Lengths of functions, from lines "LENGTH NAME FILE", the shortest first (`sort -n`): how many there are, the median
# and the longest; status 1 if the median is over 15, a function over 60 lines, or none there.
{
	length_of[++n] = $1
	last = $2 "(), " $3
}

$1 > 60 {
	printf "%s: %s() has over 60 lines\n", $3, $2
	bad = 1
}

END {
	median = n % 2 ? length_of[(n + 1) / 2] : (length_of[n / 2] + length_of[n / 2 + 1]) / 2
	if (median > 15) {
		printf "functions have a median of %s lines, over 15\n", median
		bad = 1
	}
	printf "%d functions, median %s lines, the longest %d: %s\n", n, median, length_of[n], last
	exit bad || !n
}
