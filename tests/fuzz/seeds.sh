#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A corpus for each parser, from the recorded results: a few samples of a few rows, since what is
# small is tried often.
#
# usage: seeds.sh DIRECTORY      leaves DIRECTORY/{compare,hub,plan,attribute,windows,series}/NAME
set -eu
shopt -s inherit_errexit

top=$(cd "$(dirname "$0")/../.." && pwd)
reference=$top/results/reference
to=$1
mkdir -p "$to"/{compare,hub,plan,attribute,windows,series}

# short FILE [JQ-FILTER]: a case's file with few samples, and all of them a success.
short() {
	zcat -f "$1" | jq -c '.question = "q" | .sample = "s" | .predictions |= .[:1] | .conditions |= del(.binding) | .results |= ([.[] | select(.skipped | not) |
		select(.params | (has("rate") and (.touch != "write" or .sharers != 0) or
		(has("engines") and (.op != "add64" or .engines > 1))) | not)] | .[:8] | map(del(.events) | .ticks |= .[:9] | .errors = null | .gaps = null | .ok = (.ticks | length) * .pages_per_sample |
		.attempted = .ok)) | '"${2:-.}"
}

# run_of BOOT [JQ-FILTER]: its conditions, without the long lists.
run_of() {
	jq -c '{schema, dexbench, mode, date, kernel: {release: .kernel.release, build_id: .kernel.build_id},
		"module": .module, config: {symbols: {A: "y"}}, host: {kernel: {spec: .host.kernel.spec, key: .host.kernel.key,
		source: .host.kernel.source}, label: .host.label, qemu: .host.qemu}} | '"${2:-.}" "$reference/$1/run.json"
}

# plan_of CASES JQ-FILTER
plan_of() { jq -c --argjson cases "$1" '.cases = $cases | '"$2" "$reference/plan.json"; }

# exact CASE...: one boot of three kernels, of which one is the baseline's twin.
exact() {
	local boot name

	printf '\n=== plan.json\n'
	plan_of "$(jq -nc '$ARGS.positional' --args "$@")" '.kernels |= map(select(.spec != "folio-7.x")) |
		.schedule |= map(select(.kernel != "folio-7.x"))'
	for boot in $(jq -r '.schedule[] | select(.kernel != "folio-7.x") | .boot' "$reference/plan.json"); do
		printf '=== %s/run.json\n' "$boot"
		run_of "$boot"
		for name; do
			printf '=== %s/%s.json\n' "$boot" "$name"
			short "$reference/$boot/$name.json.gz"
		done
	done
}

# parallel MODE CASE: four boots of two kernels, whose values differ a little.
parallel() {
	local n kernel boot

	boot=$(basename "$(find "$reference" -path '*-rmap-6.12' | head -n 1)")
	printf '\n=== plan.json\n'
	plan_of "[\"$2\"]" ".mode = \"$1\" | .boots = 4 | .kernels |= [.[0] + {spec: \"a\"}, .[1] + {spec: \"b\"}] | .kernels[].same_as = null | .schedule = [range(1; 5) as \$n | \"a\", \"b\" |
		{boot: \"\\(.)\\(\$n)\", kernel: ., block: \$n}]"
	for n in 1 2 3 4; do
		for kernel in a b; do
			printf '=== %s%s/run.json\n' "$kernel" "$n"
			run_of "$boot" ".mode = \"$1\" | .host = null | .module.tsc_khz = 2000000"
			printf '=== %s%s/%s.json\n' "$kernel" "$n" "$2"
			short "$reference/$boot/$2.json.gz" ".mode = \"$1\" | .unit = \"ticks\" | .results |= .[:2] |
				.results[].ticks |= map(. * (1000 + 7 * $n + $([ $kernel = a ] && echo 0 || echo 100)))"
		done
	done
}

# Small enough to be added up by hand: tests/unit/test_attribute.c's.
windows() {
	printf '\n=== %ssymbols.txt\n' "$1"
	printf 'ffffffff81000000 T f\nffffffff81000100 t g.isra.0\nffffffff81000200 T tick\nffffffff81000300 T _end\n'
	printf 'ffffffffa0000100 t dex_convert\nffffffffa0000200 e -\n'
	printf '=== %swindows.json\n' "$1"
	jq -nc '{schema: "dexbench.windows.v1", api: 1,
		insns: ["ffffffffa0000102", "ffffffffa000013d", "ffffffffa0000140", "ffffffffa0000110", "ffffffff81000004",
			"ffffffff81000104", "ffffffff81000200"],
		nodes: [0, 0, 0, 1, 1, 1, 0, 4], sites: ["0", "ffffffffa0000110", "ffffffff81000008", "0"],
		targets: ["0", "ffffffff81000000", "ffffffff81000100", "ffffffff81000200"],
		stamps: ["ffffffffa0000100", "ffffffffa0000140"], cells: [0, 0, 0, 1, 0, 2, 0, 3, 1, 4, 2, 5, 3, 6, 1, 6],
		profiles: [[0, 1, 0, 0, 1, 1, 0, 0, 2, 1, 0, 0, 3, 1, 0, 1, 4, 10, 2, 0, 5, 5, 1, 1],
			[0, 1, 0, 0, 1, 1, 0, 0, 2, 1, 0, 0, 3, 1, 0, 1, 4, 10, 2, 0, 5, 5, 1, 1, 6, 4, 1, 1]],
		touches: [{insns: [4, 5], lines: ["2040000", "2040004"]}, {insns: [4], lines: ["2040000"]}],
		executions: [{kernel: [19, 0, 0, 0, 0, 19, 0, 0, 0, 0, 23, 1, 1, 0, 0], user: [99, 0, 0, 0, 3], span: []},
			{kernel: [19, 0, 0, 0, 0, 19, 0, 0, 0, 0], user: [], span: []}]}'
}

attribute() {
	local boot

	printf '\n=== attribute.json\n'
	printf '{"schema":"dexbench.attribute.v1","case":"c","kernels":[{"spec":"A","boot":"1"},{"spec":"B","boot":"2"}]}\n'
	for boot in 1 2; do
		printf '=== %s/run.json\n{"schema":"dexbench.run.v1"}\n' "$boot"
		windows "$boot/"
		printf '=== %s/lines.txt\nffffffff81000004 mm/f.c:7\nffffffff81000104 mm/g.c:9\n' "$boot"
		printf '=== %s/c.json\n' "$boot"
		jq -nc '{schema: "dexbench.case.v1", case: "c", mode: "exact", question: "q", sample: "s", fit: "n", results: [
			{params: {n: 1, w: "x"}, skipped: null, pages_per_sample: 1, stamps_per_sample: 1, request_ticks: 99, ok: 3,
				attempted: 3, metrics: [], ticks: [19, 19, 23]},
			{params: {n: 5, w: "x"}, skipped: null, pages_per_sample: 1, stamps_per_sample: 1, request_ticks: 99, ok: 1,
				attempted: 2, metrics: [], ticks: [19, 19]}]}'
	done
}

# series NAME: three of its commits, or all of it.
series() {
	printf '\n=== series.json\n'
	jq -c 'if .commits then .commits |= .[10:13] | .builds = 1 | .boots = 1 | .commits[1].reason = "r" | .commits[2].rows[0].skipped = "s" else . end' \
		"$top"/results/*/"$1.json"
}

# lay_out DIR: the files of a seed, as files.
lay_out() {
	local line file=/dev/null

	while IFS= read -r line; do
		if [[ $line == '=== '* ]]; then
			file=$1/${line#=== }
			mkdir -p "$(dirname "$file")"
		else
			printf '%s\n' "$line" >>"$file"
		fi
	done
}

# hub MAKER...: the comparison of what MAKER makes; and as version 1 had it, with the plan beside it.
hub() {
	local dir rc=0

	dir=$(mktemp -d)
	"$@" | lay_out "$dir"
	"$top/build/dex-compare" --json "$dir" >"$dir/hub.json" || rc=$?
	[ "$rc" -ne 2 ]
	printf '\n=== compare.json\n'
	jq -c . "$dir/hub.json"
	rm -r "$dir"
}

# before MAKER...: what version 1 had of it.
before() {
	"$@" | sed -n '/^=== plan.json/,/^=== [^p]/p' | sed '$d'
	printf '=== compare.json\n'
	hub "$@" | sed 1,2d | jq -c '.schema = "dexbench.compare.v1" | .kernels |= map(.label) | .notes |= map(.text) |
		.predictions |= map(del(.baseline)) | del(.status, .options, .unit, .pages, .plans, .cases, .measured)'
}

# seeds DIRECTORY NAME COMMANDS MAKER...: what MAKER makes, with each command in front.
seeds() {
	local n text

	text=$("${@:4}")
	for ((n = 0; n < $3; n++)); do
		printf '%d%s\n' "$n" "$text" >"$to/$1/$2-$n"
	done
}

seeds compare exact 10 exact convert_latency hold_anon_vma
seeds compare parallel 10 parallel parallel fault_back
seeds compare timing 10 parallel timing convert_latency
seeds compare bars 6 exact driver_loop semantics
seeds hub exact 9 hub exact convert_latency
seeds hub parallel 9 hub parallel parallel fault_back
seeds hub before 9 before exact convert_latency
seeds plan exact 5 exact ping_pong device_atomic convert_shared
seeds plan parallel 5 parallel parallel ping_pong
seeds attribute two 3 attribute
seeds windows one 1 windows ''
seeds series ladder 4 series ladder
seeds series bisect 3 series bisect
seeds series converge 2 series converge
