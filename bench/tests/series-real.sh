# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# A ladder and a bisection of real kernels: four commits of a synthetic series, 10 to 13; the 11th
# costs five instructions.  Sourced by the parts series (6.12) and kernels (7.x).

# found OUT SUBJECT STEPS: the first bad commit is that one.
found() {
	valid "$1/bisect.json"
	jq -e --arg subject "$2" --argjson steps "$3" '.first_bad.subject == $subject and
		(.steps | length) <= $steps and .candidates == []' "$1/bisect.json"
	[ -s "$1/report.txt" ]
	[ -z "$(find "$1" -name '*.git' -o -name '*.part*')" ]
}

repository_of() { echo "$DEX_CACHE/series/16-11-${1/\*/x}"; }

generate() {
	local repository

	repository=$(repository_of "$1")
	mkdir -p "${repository%/*}"
	bench/tests/synthetic-series.sh "$repository" 16 11 "$1"
	[ "$(git -C "$repository" rev-list --count base..tip)" -eq 16 ]
}

real_ladder() {
	local repository out=$series/real-ladder-${1/\*/x}

	repository=$(repository_of "$1")
	env TREE="$repository" BASE=tip~7 TIP=tip~3 CASES='control_clock|convert_latency' PAGES=1536 \
		OUT="$out" scripts/series/ladder.sh
	valid "$out/ladder.json"
	jq -e --arg costly "$(git -C "$repository" rev-parse costly)" '.moved == [$costly] and .boots == 3 and
		[.commits[].same_kernel] == [false, true, false, true, false] and
		([.commits[].rows[] | select(.change != null and .change != 0) | [.case, .change]] |
			unique == [["convert_latency", 5]])' "$out/ladder.json"
}

real_bisection() {
	local repository out=$series/real-bisect-${1/\*/x}

	repository=$(repository_of "$1")
	env TREE="$repository" GOOD=tip~7 BAD=tip~3 CASE=convert_latency PARAMS=notifier=yes PAGES=1536 \
		OUT="$out" scripts/series/bisect.sh
	found "$out" "$(git -C "$repository" log -1 --format=%s costly)" 2
	jq -e '.first_bad.change == 5' "$out/bisect.json"
	[ -s "$out/attribution/attribution.json" ]
}

# forget REVISION: what the cache says of what it was built into.
forget() {
	local key

	key=$(scripts/kernel/kernel.sh --json "tree:$1" | jq -r .key)
	grep -l "\"$key\"" "$DEX_CACHE"/built/*.json | xargs rm
}

# Coming from another neighbour a revision gives the same bytes, and on a machine with other tools
# that kconfig looks for.
order_of_builds() {
	local key repository tool

	repository=$(repository_of "$1")
	key=$(scripts/kernel/kernel.sh --json "tree:$repository@costly" | jq -r .key)
	mkdir -p "$series/tools"
	for tool in rustc bindgen pahole; do
		printf '#!/bin/sh\necho "%s 1.99.0 (0123456789 2029-01-01)"\n' "$tool" >"$series/tools/$tool"
		chmod +x "$series/tools/$tool"
	done
	forget "$repository@costly"
	forget "$repository@tip~3"
	scripts/kernel/kernel.sh --json "tree:$repository@tip~3" >/dev/null
	[ "$(PATH=$series/tools:$PATH scripts/kernel/kernel.sh --json --built="$series/rebuilt" "tree:$repository@costly" |
		jq -r .key)" = "$key" ]
	grep costly "$series/rebuilt"
}

# real_series PACKAGE
real_series() {
	check "a synthetic series of $1 is made" generate "$1"
	check "ladder: a row that moves, the costly commit's ($1)" real_ladder "$1"
	check "bisect: the costly commit is found ($1)" real_bisection "$1"
}
