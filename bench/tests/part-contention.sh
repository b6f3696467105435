# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Cases of contention, on four CPUs in lockstep: they repeat to the byte, and what differs between
# the walks is what their mechanism says.

contended() { MODE=lockstep CPUS=4 PAGES=1536 RUNS=$1 RETRIES=0 scripts/campaign/ab.sh; }

# holds KERNEL CASE JQ-CONDITION [CAMPAIGN]: of that kernel's rows of the case; value() picks one.
holds() {
	jq -e --arg kernel "$1" --arg case "$2" '[.rows[] | select(.kernel == $kernel and .case == $case)] as $rows |
		def value($params; $metric): [$rows[] | select(.params == $params and .metric == $metric) | .value] |
			if length == 1 then .[0] else error("\($params) \($metric): \(length) rows") end;
		'"$3" "$scratch/${4:-contention}/compare.json"
}

# Also those of one CPU more than there are say so.
repeats() {
	local name

	OUT=$scratch/contention AA=yes KERNELS='rmap-6.12 folio-6.12' \
		CASES='scale_anon_vma|contend_(mmap|fork|folio|devices)|device_lost' contended 1 || [ $? -eq 1 ]
	for name in $(jq -r '.cases[]' "$scratch/contention/plan.json"); do
		cmp "$scratch/contention"/*-rmap-6.12/"$name.json" "$scratch/contention"/*-rmap-6.12-aa/"$name.json"
	done
	jq -e '[.rows[] | select(.verdict == "skipped" and (.control | not)) | .skipped] | length > 10 and
		unique == ["a core for each that is at work, more than this machine has"]' "$scratch/contention/compare.json"
	valid "$scratch/contention/compare.json" "$scratch/contention"/*-rmap-6.12/*.json
}

# Readers exclude nobody, writers everybody; the folio walk is neither.
scales() {
	# shellcheck disable=SC2016 # jq's variables
	local siblings='def throughput($n): value({against: "siblings", members: $n}; "throughput");
		throughput(4) / throughput(1) | . > 3.8 and . <= 4.05'
	local beside='value({against: "mprotect", members: 4}; "throughput") / value({against: "mprotect", members: 1}; "throughput")'

	holds rmap-6.12 scale_anon_vma "$siblings"
	holds folio-6.12 scale_anon_vma "$siblings"
	holds rmap-6.12 scale_anon_vma "$beside < 0.6 and value({against: \"mprotect\", members: 4}; \"sleeps\") > 300"
	holds folio-6.12 scale_anon_vma "$beside > 0.98 and value({against: \"mprotect\", members: 4}; \"sleeps\") == 0"
}

# shellcheck disable=SC2016 # jq's variables
forks_delay_one_walk() {
	local sleeps='[range(1; 4) | value({children: ., forkers: 1}; "sleeps")]'

	holds rmap-6.12 contend_fork "$sleeps | add > 0"
	holds folio-6.12 contend_fork "$sleeps | unique == [0]"
}

# The lock is held while they fault, and each of them faults once.
crowd_waits() {
	local kernel

	for kernel in rmap-6.12 folio-6.12; do
		holds "$kernel" contend_folio '[range(1; 4) | value({threads: .}; "late")] | unique == [0]'
		holds "$kernel" contend_folio '[range(1; 4) | value({threads: .}; "faults")] | unique == [1]'
		holds "$kernel" contend_folio 'value({threads: 3}; "last") > value({threads: 1}; "last")'
		holds "$kernel" contend_devices 'value({pattern: "uvm", devices: 1}; "iterations") == 1 and
			value({pattern: "uvm", devices: 4}; "iterations") > 1 and value({pattern: "uvm", devices: 4}; "success") == 100 and
			value({pattern: "nouveau", devices: 4}; "success") < 100'
	done
}

# A race is lost without exclusivity, and never with it.
losses_are_found() {
	local kernel

	for kernel in rmap-6.12 folio-6.12; do
		holds "$kernel" device_lost '[("32", "64") | value({mapping: "referenced", word: .}; "lost")] | all(. > 1000)'
		holds "$kernel" device_lost '[("32", "64") | value({mapping: "exclusive", word: .}; "lost")] | unique == [0]'
		holds "$kernel" device_lost '[("32", "64") | value({mapping: "exclusive", word: .}; "revoked")] | all(. > 0)'
	done
}

# How often somebody sleeps is chance in one interleaving (18 to 1000 in a thousand were seen): the mean of five.
# Whoever maps makes those who convert sleep; page faults elsewhere do not.
# shellcheck disable=SC2016 # jq's variables
mmap_lock() {
	OUT=$scratch/means AA=no KERNELS=folio-6.12 CASES=contend_mmap contended 5
	holds folio-6.12 contend_mmap 'def sleeps($against): [range(1; 4) | value({against: $against, converters: .}; "sleeps")];
		sleeps("none") == [0, 0, 0] and (sleeps("mmap") | all(. > 50)) and (sleeps("fault") | all(. < 10))' means
	holds folio-6.12 contend_mmap '[range(1; 4) | value({against: "none", converters: .}; "shootdowns")] as [$one, $two, $three] |
		$one == 0 and $two > 0.5 and $two <= 1 and $three > $two and $three <= 2' means
}

if scripts/emulator.sh >"$scratch/emulator" 2>"$scratch/why"; then
	check "contention: cases repeat to the byte" repeats
	check "contention: readers scale, writers do not" scales
	check "contention: forks delay the rmap walk alone" forks_delay_one_walk
	check "contention: CPUs and devices that want one page" crowd_waits
	check "contention: a race is lost without exclusivity alone" losses_are_found
	check "contention: the mmap lock" mmap_lock
else
	skip "contention boots" "$(tail -n 1 "$scratch/why")"
fi
