# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Attribution and counts in lockstep mode: guests do not notice, all adds up, and counts are
# what the guest's own counters say.

# count_case CASE: two members at most, on two CPUs.
count_case() {
	CASE=$1 MODE=lockstep CPUS=2 KERNELS="rmap-6.12 folio-6.12" PAGES=1536 OUT=$scratch/$1 \
		scripts/campaign/attribute.sh >"$scratch/$1.txt"
}

# The same bytes with the plugin and without.
guests_are_not_changed() {
	count_case contend_threads
	scripts/guest/boot.sh --kernel="$(scripts/kernel/kernel.sh --json rmap-6.12)" --mode=lockstep --cpus=2 --pages=1536 \
		--emulator="$emulator" --cases=contend_threads --out="$scratch/alone"
	cmp "$scratch/alone/contend_threads.json" "$scratch/contend_threads/1-rmap-6.12/contend_threads.json"
}

# Of the plugin's long arrays, which take minutes, how they begin.
follow_their_schemas() {
	jq 'walk(if type == "array" then .[:200] else . end)' "$scratch"/contend_threads/1-*/windows.json >"$scratch/begin.json"
	valid "$scratch"/contend_threads/{attribute,attribution,counts}.json "$scratch/begin.json"
}

# Functions, PAUSEs and time asleep are the mean of the samples, in every row.
adds_up_in_lockstep() {
	local dir=$scratch/$1 boot

	for boot in "$dir"/[12]-*/"$1.json"; do
		jq -ce '.results[] | select(.skipped | not) | [.params, (.ticks | add / length)]' "$boot"
	done >"$scratch/means"
	jq -e --slurpfile mean "$scratch/means" 'def near(x): . - x | fabs < 1e-6;
		(.rows | length) * 2 == ($mean | length) and ([.skipped[] | select(.why | test("a core for each") | not)] == []) and
		all(.rows[]; . as $row | all(0, 1; . as $k |
			([$row.functions[].self[$k]] | add | near($row.kernels[$k].value)) and
			any($mean[]; .[0] == $row.params and (.[1] | near($row.kernels[$k].value)))))' "$dir/attribution.json"
}

# What the kernel itself counts in /proc/interrupts, line TLB, while the threads are at work.
flushes_are_the_kernel_s() {
	local k

	for k in 0 1; do
		jq -e --argjson k $k --slurpfile case "$(echo "$scratch/contend_threads/$((k + 1))"-*/contend_threads.json)" '
			all(.rows[]; .params as $params | .kernels[$k].everywhere.flush_done.calls as $calls |
				[$case[0].results[] | select(.params == $params) |
					.metrics[] | select(.name == "shootdowns") | .value * 1536 | round] ==
				[[$calls | to_entries[] | select(.key | endswith("by __flush_smp_call_function_queue")) | .value] | add // 0])' \
			"$scratch/contend_threads/counts.json"
	done
	jq -e 'any(.rows[]; .params.threads == 2 and .kernels[0].events.ipi_received > 0.9)' "$scratch/contend_threads/counts.json"
}

# The lock's line goes to and fro under one walk and is not there under the other; one alone moves none.
lock_bounces() {
	jq -e 'def moved: [.moved[].moved] | add // 0; def root: .moved["anon_vma root'\''s rwsem"].moved // 0;
		all(.rows[]; if .params.threads == 1 then all(.kernels[]; moved < 0.1)
			else (.kernels[0] | root >= 1) and (.kernels[1] | root == 0 and moved > 5) end)' \
		"$scratch/contend_threads/counts.json"
	grep "anon_vma root's rwsem  (.*up_read" "$scratch/contend_threads.txt"
}

# getrusage()'s voluntary switches, of the converter between its stamps.  Who is woken on the way to sleep has called
# schedule() and switches to nobody, which the kernel counts as no switch: one or two of a hundred.
sleeps_are_the_kernel_s() {
	count_case scale_anon_vma
	adds_up_in_lockstep scale_anon_vma
	jq -e --slurpfile case "$(echo "$scratch"/scale_anon_vma/1-*/scale_anon_vma.json)" '
		any(.rows[]; .kernels[0].events.sleep > 0.1) and
		all(.rows[]; .params as $params | [1e3 * (.kernels[0].events.sleep // 0)] as $counted |
			[$case[0].results[] | select(.params == $params) | .metrics[] | select(.name == "sleeps") | .value] |
			length == 1 and .[0] <= $counted[0] + 1e-6 and .[0] >= 0.98 * $counted[0])' "$scratch/scale_anon_vma/counts.json"
}

same_counts_again() {
	build/dex-compare --attribute "$scratch/contend_threads" >"$scratch/again.txt"
	same "$scratch/contend_threads/attribution.txt" <(head -n -1 "$scratch/again.txt")
}

# What METHODOLOGY.md says of it is a record that follows its schema, and of both walks.
recorded_counts() {
	local counts

	for counts in results/counts/[123]/counts.json; do
		valid "${counts%/*}"/*.json
		jq -e --argjson seed "$(basename "${counts%/*}")" '.lockstep.seed == $seed and
			([.rows[].params] | length == 8 and unique == sort)' "$counts"
	done
}

check "counts: what is recorded follows its schema" recorded_counts
if emulator=$(scripts/emulator.sh 2>"$scratch/why"); then
	check "counts: samples are the same with and without the plugin" guests_are_not_changed
	check "counts: what is written follows its schema" follow_their_schemas
	check "counts: functions, PAUSEs and sleep add up to the mean" adds_up_in_lockstep contend_threads
	check "counts: flushes by interrupt are those of /proc/interrupts" flushes_are_the_kernel_s
	check "counts: the root's lock bounces under the rmap walk" lock_bounces
	check "counts: the same table again" same_counts_again
	if build/dexbench --list | jq -e 'any(.[]; .case == "scale_anon_vma")' >/dev/null; then
		check "counts: sleeps are those of getrusage()" sleeps_are_the_kernel_s
	else
		skip "counts: sleeps are those of getrusage()" "this dexbench has no scale_anon_vma"
	fi
else
	skip "counts in lockstep mode" "$(tail -n 1 "$scratch/why")"
fi
