# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The one value that a bisection goes by: CASE, PARAMS, METRIC.  Sourced by bisect.sh
# and bisect-step, after series.sh.

check_value() {
	local said

	[ -n "$CASE" ] || die "CASE is missing; one of: $("$BUILD/dexbench" --list | jq -r 'map(select(.modes | index("exact")) | .case) | join(" ")')"
	cases=$(exact_cases "$CASE")
	[ "$cases" = "$CASE" ] || die "CASE=$CASE: give one case, by its name; a bisection goes by one value"
	said=$("$BUILD/dexbench" --list | jq -r -L "$HERE/series" --arg case "$CASE" --arg params "$PARAMS" \
		'include "series"; .[] | select(.case == $case) | .params as $has | ($params | wanted) as $wanted |
		def choices: to_entries | map("\(.key)=\(.value | map(tostring) | join("|"))") | join(" ");
		($wanted | to_entries[] | . as $w | select(any($w.value[]; . as $v | ($has[$w.key] // [] | map(tostring) |
			index([$v])) == null)) | "PARAMS: \($case) has no \(.key)=\(.value | join(",")); it has \($has | choices)"),
		([$has | to_entries[] | select((.value | length) > 1 and (($wanted[.key] // []) | length) != 1)] |
			select(length > 0) | "PARAMS: a bisection goes by one value; of \($case) say also \(from_entries | choices)")' |
		head -n 1)
	[ -z "$said" ] || die "$said"
}
