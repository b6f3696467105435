# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# The module under hostile requests, in guests: it stands them, and a module that does not is found.
# What takes a kernel of its own, or long, is in part-fuzz-long.sh.

fuzzed=$scratch/fuzzed

# 10^5 requests, spread over three kernels; on several CPUs, where this machine has them.  QEMU's
# parallel CPUs may trip over code that the guest patches (scripts/campaign/ab.sh): that is tried once more.
many_requests() {
	local rc=0

	fuzz_all() { COUNT=34000 SEED=14 CPUS=$(($(nproc) > 1 ? 2 : 1)) OUT=$fuzzed scripts/guest/fuzz.sh >"$fuzzed.jsonl"; }
	fuzz_all || rc=$?
	if [ "$rc" -ne 0 ]; then
		grep -rl 'Oops: int3' "$fuzzed" || { cat "$fuzzed.jsonl"; return 1; }
		rm -rf "$fuzzed"
		fuzz_all
	fi
	jq -c 'del(.said, .changes, .disturbances)' "$fuzzed.jsonl"
	jq -se 'length == 3 and all(.complaints == [] and .failed == null and .leaked == false and .requests >= 34000 and
		.undocumented == 0 and .nonsense == 0) and (map(.killed) | add > 0)' "$fuzzed.jsonl"
}

# All requests that there are got through, most changes of the address space were made, what the
# kernel lacks is said; and each CPU second of the host is worth many requests.
worth_it() {
	local requests

	requests=$(grep -ohE 'define DEX_IOC_[A-Z_]+' kernel-module/dex_uapi*.h | sed 's/.*DEX_IOC_//' | jq -Rnc '[inputs] | unique')
	jq -se --argjson requests "$requests" 'all(([.said | to_entries[] | select(.value.done) | .key] | sort == $requests) and
		([.changes[] | .[0]] | map(select(. > 0)) | length > 20) and ([.disturbances[] | .[0]] | add > 10) and
		(.lacks | index("memory cgroup")) and .requests_per_host_second > 0)' "$fuzzed.jsonl"
}

# planted SED-SCRIPT FILE: the module with a fault, built for rmap-6.12.
planted() {
	local tree dir=$scratch/planted

	tree=$(scripts/kernel/kernel.sh --json rmap-6.12 | jq -r .build_tree)
	rm -rf "$dir"
	module_sources "$dir"
	sed -i "$1" "$dir/$2"
	refute cmp -s "$dir/$2" "kernel-module/$2"
	clean_make -C "$dir" KDIR="$tree" >"$scratch/planted.log" 2>&1 || { cat "$scratch/planted.log"; return 1; }
}

# What is left behind is found: a file, a page.
leak_is_found() {
	planted "$1" "$2"
	refute env KERNELS=rmap-6.12 COUNT=15000 OUT="$scratch/leak-$3" scripts/guest/fuzz.sh \
		--module="$scratch/planted/dexbench.ko" >"$scratch/leak.json"
	jq -e --arg of "$3" '.leaked and .left[$of] > 90 and .complaints == []' "$scratch/leak.json"
}

# One seed, one schedule: two boots in exact mode say the same of everything that happened.
repeatable() {
	local n

	for n in 1 2; do
		MODE=exact COUNT=4000 SEED=7 KERNELS=folio-7.x OUT=$scratch/exact-$n scripts/guest/fuzz.sh >"$scratch/exact-$n.json"
		edit "$scratch/exact-$n.json" 'del(.host_seconds, .requests_per_host_second)'
	done
	same "$scratch/exact-1.json" "$scratch/exact-2.json"
	jq -e '.requests >= 4000 and .mode == "exact"' "$scratch/exact-1.json"
}

refused_options() {
	refused 2 'FUZZ=all: one of requests, kills, failures' env FUZZ=all scripts/guest/fuzz.sh
	refused 2 'COUNT=many: a number of requests' env COUNT=many scripts/guest/fuzz.sh
	refused 2 'SEED=x: a number' env SEED=x scripts/guest/fuzz.sh
	refused 2 'MODE=timing: one of parallel, exact, lockstep' env MODE=timing scripts/guest/fuzz.sh
	refused 2 'MINIMISE=1: a failure comes again under MODE=exact' env MINIMISE=1 scripts/guest/fuzz.sh
	refused 2 'FUZZ_ROUNDS=3: FIRST-LAST' env FUZZ_ROUNDS=3 scripts/guest/fuzz.sh
	refused 2 'DEBUG=2: 0 or 1' env DEBUG=2 scripts/guest/fuzz.sh
	refused 2 'unknown option --what' scripts/guest/fuzz.sh --what
}

check "make fuzz: what it cannot do is refused by one line" refused_options
check "10^5 hostile requests to the module, and all is as before" many_requests
check "they reached all that there is to reach" worth_it
check "one seed, one schedule: exact mode repeats a run" repeatable
check "a module that leaks what open() takes is found" leak_is_found '/kfree(f);/d' main.c kmalloc-8k
check "a module that leaks pages is found" leak_is_found '/put_page(pages\[i\]);/d' exclusive.c kib
