#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How long a series takes on a fleet whose nodes fail, by the estimate that METHODOLOGY.md gives and by simulation
# (fleet.awk); prints JSON, results/schema/fleet.v1.json.
#
# usage: fleet.sh BUDGET.json [RUNS]        RUNS: simulations each (default 20)
#
# What is assumed: 1,000 commits, 5 configurations, a boot of all cases of each; one boot at a time on a node, which
# fails once a day and is back after 10 minutes.
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/../../scripts/lib.sh"

[ -r "${1:-}" ] || die "fleet.sh: usage: fleet.sh BUDGET.json [RUNS]"
budget=$1 runs=${2:-20}
COMMITS=1000 CONFIGS=5 MTBF=86400 REPAIR=600
here=$(dirname "$0")

# simulated BOOTS SECONDS NODES MTBF REPAIR: {"mean_s", "low_s", "high_s", "failures", "lost_s"} over the runs.
simulated() {
	local seed

	for seed in $(seq "$runs"); do
		awk -v boots="$1" -v seconds="$2" -v nodes="$3" -v mtbf="$4" -v repair="$5" -v seed="$seed" -f "$here/fleet.awk"
	done | jq -Rsc 'split("\n") | map(select(. != "") / "\t" | map(tonumber)) |
		{mean_s: (map(.[0]) | add / length), low_s: (map(.[0]) | min), high_s: (map(.[0]) | max),
		 failures: (map(.[1]) | add / length), lost_s: (map(.[2]) | add / length)}'
}

# A boot that takes S on a node that fails every M seconds and is away for R takes (M + R)(e^(S/M) - 1) in the mean,
# what is lost and the waiting in it; nodes share the boots.
# estimate BOOTS SECONDS NODES MTBF REPAIR
estimate() {
	awk -v n="$1" -v s="$2" -v k="$3" -v m="$4" -v r="$5" 'BEGIN {
		each = m ? (m + r) * (exp(s / m) - 1) : s
		print int((n + k - 1) / k) * each }'
}

seconds=$(jq .boot.all_cpu_s "$budget")
boots=$((COMMITS * CONFIGS))
for nodes in 1 10 100; do
	jq -nc --argjson nodes "$nodes" --argjson estimate "$(estimate "$boots" "$seconds" "$nodes" "$MTBF" "$REPAIR")" \
		--argjson simulated "$(simulated "$boots" "$seconds" "$nodes" "$MTBF" "$REPAIR")" \
		'{nodes: $nodes, estimate_s: $estimate, simulated: $simulated}'
done | jq -s --argjson boots "$boots" --argjson commits "$COMMITS" --argjson configs "$CONFIGS" --argjson mtbf "$MTBF" \
	--argjson repair "$REPAIR" --argjson runs "$runs" --argjson seconds "$seconds" \
	'{schema: "dexbench.fleet.v1", commits: $commits, configurations: $configs, boots: $boots, boot_s: $seconds,
	  mtbf_s: $mtbf, repair_s: $repair, runs: $runs, fleets: .}'
