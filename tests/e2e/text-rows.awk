# SPDX-License-Identifier: MIT
# The tables of dex-compare's text, a line a row with its case and what it measures in front, as in
# "convert_latency notifier=yes 2078 1949": for checks that look for a row.  Other lines stay.  It takes a
# width at which no row is folded (COLUMNS).
/^[^ ].*  A( |$)/ {
	group = substr($0, 1, index($0, "  ") - 1)
	name = group; sub(/ .*/, "", name)
	metric = substr(group, length(name) + 2)
	next
}
/^[^ ]/ || /^$/ { group = "" }
group != "" && (/^  [^ ]/ || /^            +[^ ]/) {
	params = ""
	rest = substr($0, 3)
	if (match(rest, /^[^ ]/)) {
		at = index(rest, "  ")
		params = substr(rest, 1, at - 1) " "
		rest = substr(rest, at)
	}
	sub(/^ +/, "", rest)
	print name " " params (metric == "" ? "" : metric " ") rest
	next
}
{ print }
