#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Does an independent instrument see the same differences between kernels?
#
# dexbench reads the clock around a call; here a pair of kprobes in the kernel's own
# function does it (bench/tests/trace_check.c), in a boot of its own, while the cases'
# numbers come from boots that no probe disturbs.  What a pair costs is measured on a
# function of known length and taken off; the spread of that is the uncertainty.
#
# usage: trace-check.sh      (exact mode; prints a table, leaves trace-check.json in OUT)
#
# Exit status: 0 they agree, 1 they do not, 2 a usage or environment error.
#
# Environment: KERNELS (default: the ladder), OUT (default: a scratch directory).
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts
if [ -z "${OUT:-}" ]; then
	OUT=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-trace.XXXXXX")
	trap 'rm -rf "$OUT"' EXIT
fi
usable "OUT=$OUT" "$OUT" "choose another OUT"
[ ! -e "$OUT/cases" ] || die "OUT=$OUT holds results; they are never overwritten, choose another directory"
need_tool jq
make --no-print-directory -s -C "$DEX_TOP" bench build/guest.cpio build/tests/trace_check
mapfile -t specs < <(kernels_or "$(ladder_specs)")
kernels=$("$HERE/kernel/kernel.sh" --json "${specs[@]}")

# The cases as they always run; what they say of a regression is not the question here.
undisturbed() {
	local rc=0

	env KERNELS="$(join_kernels "${specs[@]}")" OUT="$OUT/cases" MODE=exact BOOTS=1 RUNS=1 PAGES= \
		CPUS= AA=no SEED=1 CASES='convert_latency|convert_shared|fault_back' \
		"$HERE/campaign/ab.sh" >"$OUT/cases.txt" || rc=$?
	[ -e "$OUT/cases/compare.json" ] || die "the cases did not run to their end (status $rc); see $OUT/cases.txt"
}

# probed: what the pairs saw, one JSON object a kernel.
probed() {
	local kernel spec n=0

	while read -r kernel <&3; do
		n=$((n + 1))
		spec=$(jq -r .spec <<<"$kernel")
		"$HERE/guest/boot.sh" --kernel="$kernel" --mode=exact --cases=control_clock --label="$spec" \
			--program="$DEX_TOP/build/tests/trace_check" --out="$OUT/probes-$n" || exit 2
		jq -c --arg kernel "$spec" '. + {kernel: $kernel}' "$OUT/probes-$n/trace.json"
	done 3<<<"$kernels"
}

# What both say of each step from one kernel to the next.  A fault is handle_mm_fault()
# and what an ordinary fault needs outside of it; the pair's cost is in both.
compare() {
	jq -n --slurpfile probes "$OUT/probes.json" --slurpfile table "$OUT/cases/compare.json" '
		def row(case; kernel; want): [$table[0].rows[] | select(.case == case and .kernel == kernel and
			(.params | want))] | map(select(.value != null)) | .[0].value;
		def both(p): [
			{case: "convert_latency", trace: (p.convert - p.pair),
			 dexbench: row("convert_latency"; p.kernel; .notifier == "yes")},
			{case: "convert_shared", trace: (p.shared - p.pair),
			 dexbench: row("convert_shared"; p.kernel; .sharers == 16 and (.order // "behind") == "behind" and
				(.notifiers // "no") == "no")},
			{case: "fault_back", trace: (p.fault + p.ordinary_stamped - p.ordinary),
			 dexbench: row("fault_back"; p.kernel; .touch == "write")}];
		[range(1; $probes | length) as $i | [both($probes[$i - 1]), both($probes[$i])] |
			transpose[] | select(.[1].dexbench != null and .[0].dexbench != null) |
			{case: .[0].case, from: $probes[$i - 1].kernel, to: $probes[$i].kernel,
			 function: [$probes[$i - 1].function, $probes[$i].function],
			 dexbench: [.[0].dexbench, .[1].dexbench], trace: [.[0].trace, .[1].trace],
			 overhead: [$probes[$i - 1].pair, $probes[$i].pair],
			 difference: {dexbench: (.[1].dexbench - .[0].dexbench), trace: (.[1].trace - .[0].trace)},
			 uncertainty: ($probes[$i - 1].spread + $probes[$i].spread)} |
			.agrees = (((.difference.dexbench - .difference.trace) | fabs) <= .uncertainty)]'
}

undisturbed
probed >"$OUT/probes.json"
compare | atomic_write "$OUT/trace-check.json"
jq -r '["case", "from", "to", "dexbench", "kprobes", "+-", ""],
	(.[] | [.case, .from, .to, .difference.dexbench, .difference.trace, .uncertainty,
		(if .agrees then "agree" else "DISAGREE" end)]) | @tsv' "$OUT/trace-check.json" | expand -t 18
jq -r '"a pair of probes costs \(.pair) instructions on \(.kernel), +- \(.spread); it sat in \(.function)() and handle_mm_fault()"' \
	"$OUT/probes.json"
jq -e 'length >= 2 and all(.agrees)' "$OUT/trace-check.json" >/dev/null || exit 1
