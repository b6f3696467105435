# SPDX-License-Identifier: MIT
# `awk -f lengths.awk FILE...`: of each kind of file how many there are, their lines and the longest; status 1 and a
# line for each file that is too long, and for each of no kind that is known.
function kind_of(file, kind)
{
	if (file ~ /\.(c|cc)$/)
		kind = "C"
	else if (file ~ /\.h$/)
		kind = "headers"
	else if (file ~ /\.sh$|(^|\/)(host-check|bisect-step|run)$/)
		kind = "shell"
	else if (file ~ /\.(awk|jq|py|R)$/)
		kind = "awk, jq, others"
	else if (file ~ /\.gp$/)
		kind = "gnuplot"
	else if (file ~ /(^|\/)(Makefile|Kbuild)$|\.mk$/)
		kind = "make"
	return (file ~ /(^|\/)tests\// ? "tests: " : "") kind
}

function limit_of(file)
{
	return file ~ /^bench\/cases\// ? 150 : file == "Makefile" ? 120 : 400
}

FNR == 1 {
	kind = kind_of(FILENAME)
	if (!(kind in files))
		kinds[n++] = kind
	files[kind]++
	if (kind ~ /^(tests: )?$/) {
		printf "%s: of no kind that this check knows\n", FILENAME
		bad = 1
	}
}

{
	lines[kind]++
	if (FNR > longest[kind]) {
		longest[kind] = FNR
		where[kind] = FILENAME
	}
}

FNR == limit_of(FILENAME) + 1 {
	printf "%s: over %d lines\n", FILENAME, limit_of(FILENAME)
	bad = 1
}

END {
	for (i = 0; i < n; i++)
		printf "%-22s %4d files %6d lines, the longest %3d: %s\n", kinds[i], files[kinds[i]], lines[kinds[i]],
			longest[kinds[i]], where[kinds[i]]
	exit bad
}
