#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How long does dex-compare take on a large campaign, and how much memory?
# Prints wall time and peak memory; asserts nothing, machines differ.
#
# usage: compare-speed.sh [BOOTS [CASES [SAMPLES]]]     (default: 10 100 10000)
#
# The results are SYNTHETIC, random numbers in a scratch directory: BOOTS boots in
# all, half of them of each of two kernels.
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/../../scripts/lib.sh"

boots=${1:-10} cases=${2:-100} samples=${3:-10000}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-speed.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

recorded=$(dirname "$(find "$DEX_TOP/results/reference" -path '*-rmap-6.12/run.json')")

jq -n --argjson boots "$boots" --argjson cases "$cases" \
	--slurpfile plan "$DEX_TOP/results/reference/plan.json" '$plan[0] + {mode: "parallel", boots: ($boots / 2 | floor),
	cases: [range($cases) | "case_\(.)"], kernels: [$plan[0].kernels[0] + {spec: ("a", "b")}],
	schedule: [range($boots) | {boot: "\(.)", kernel: (if . % 2 == 0 then "a" else "b" end), block: (. / 2 | floor + 1)}]}' \
	>"$scratch/plan.json"
for boot in $(seq 0 $((boots - 1))); do
	mkdir "$scratch/$boot"
	jq -c '.mode = "parallel" | .host.label = null' "$recorded/run.json" >"$scratch/$boot/run.json"
	awk -v dir="$scratch/$boot" -v boot="$boot" -v cases="$cases" -v n="$samples" 'BEGIN {
		srand(boot + 1)
		shift = 1 + 0.01 * rand()
		for (c = 0; c < cases; c++) {
			file = dir "/case_" c ".json"
			printf "{\"schema\":\"dexbench.case.v1\",\"case\":\"case_%d\",\"mode\":\"parallel\",\"unit\":\"ticks\"," \
				"\"control\":false,\"pages\":4096,\"complete\":true,\"results\":[{\"params\":{},\"skipped\":null," \
				"\"pages_per_sample\":1,\"attempted\":%d,\"ok\":%d,\"errors\":null,\"gaps\":null,\"ticks\":[", c, n, n >file
			for (i = 0; i < n; i++)
				printf "%s%d", i ? "," : "", 50000 * shift * (1 + 0.1 * rand()) >file
			print "]}]}" >file
			close(file)
		}
	}'
done
du -sh "$scratch" | awk '{ print "results: " $1 }'
for _ in 1 2 3; do
	python3 - "$DEX_TOP/build/dex-compare" "$scratch" <<-'END'
		import resource, subprocess, sys, time
		begin = time.monotonic()
		subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
		end = time.monotonic()
		used = resource.getrusage(resource.RUSAGE_CHILDREN)
		print(f"{end - begin:.2f} s wall, {used.ru_utime + used.ru_stime:.2f} s of CPU, peak {used.ru_maxrss / 1024:.0f} MiB")
	END
done
