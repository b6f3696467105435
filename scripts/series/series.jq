# SPDX-License-Identifier: MIT
# How rows of a series are told apart.

# The name of a row: what makes it another one than its neighbours.
def name: [.case, (.params | to_entries[] | "\(.key)=\(.value)"),
	(.metric | select(. != "median_per_page"))] | join(" ");

# "name=value name=value,value" as {name: [value, ...]}
def wanted: [splits(" +") | select(. != "") | split("=") | {key: .[0], value: (.[1:] | join("=") | split(","))}] |
	from_entries;

def meets($wanted): .params as $params |
	all($wanted | to_entries[]; .key as $k | .value | index([$params[$k] | tostring]) != null);

# Of a revision's record: the one value that a bisection goes by, or why there is none.
def chosen($params; $metric): . as $all | ($params | wanted) as $wanted |
	[.rows[] | select(.metric == $metric and meets($wanted))][0] |
	{value, unit, reason: (if $all.reason then $all.reason
		elif . == null then "no such row; the case has the metrics \([$all.rows[].metric] | unique | join(", "))"
		elif .skipped then "the case was skipped: \(.skipped)"
		else "the case has no value" end)};
