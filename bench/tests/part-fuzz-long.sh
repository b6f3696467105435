# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Hostile requests with the kernel's own checkers, which takes a kernel more (DEBUG=1, a quarter of
# an hour), and a failure that is cut down, which takes dozens of boots.  Part of make check-long.

eval "$(sed -n '/^planted() {/,/^}/p' "$TESTS/part-fuzz.sh")"

# A request that writes beyond the buffer kills this kernel; one round and one action are left of it.
minimised() {
	planted 's/ || run->count > f->max_samples)/)/' main.c
	refute env MODE=exact MINIMISE=1 COUNT=20000 KERNELS=rmap-6.12 OUT="$scratch/beyond" scripts/guest/fuzz.sh \
		--module="$scratch/planted/dexbench.ko" >"$scratch/beyond.json"
	jq -e '(.complaints | any(test("BUG: unable to handle page fault"))) and
		(.minimised | [.rounds, .actions] | all(split("-") | map(tonumber) | .[1] - .[0] == 1)) and
		(.minimised.command | test("^make fuzz .*FUZZ_ROUNDS=[0-9-]+ FUZZ_ACTIONS=[0-9-]+$"))' "$scratch/beyond.json"
}

# Each allocation and each copy of each request fails once; a copy there is in all but NOP.
each_failure() {
	FUZZ=failures KERNELS=rmap-6.12 OUT=$scratch/failures scripts/guest/fuzz.sh >"$scratch/failures.json"
	jq -e '.complaints == [] and .leaked == false and .injected > 100 and .failures.NOP == 0 and
		([.failures | del(.NOP, .close, .touch, .DEVICE_none)[]] | all(. > 0))' "$scratch/failures.json"
}

# In turns: an emulated clock that waits for a busy host makes such a kernel's drivers give up.
checked_requests() {
	DEBUG=1 MODE=lockstep COUNT=5000 KERNELS="rmap-6.12 folio-6.12" OUT=$scratch/checked scripts/guest/fuzz.sh >"$scratch/checked.jsonl"
	jq -se 'length == 2 and all(.complaints == [] and .leaked == false and .debug and (.lacks - ["Unix sockets", "memory failure"] == []))' "$scratch/checked.jsonl"
}

# kmemleak finds what is left behind, and nothing where nothing is.
leaks_by_kmemleak() {
	local tree

	tree=$(DEBUG=1 scripts/kernel/kernel.sh --json rmap-6.12 | jq -r .build_tree)
	rm -rf "$scratch/planted"
	module_sources "$scratch/planted"
	sed -i '/kfree(f);/d' "$scratch/planted/main.c"
	clean_make -C "$scratch/planted" KDIR="$tree" >"$scratch/planted.log" 2>&1
	DEBUG=1 MODE=exact COUNT=2000 KERNELS="rmap-6.12+kmemleak=on" OUT=$scratch/no-leak scripts/guest/fuzz.sh >"$scratch/no-leak.json"
	jq -e '.left.kmemleak == 0' "$scratch/no-leak.json"
	refute env DEBUG=1 MODE=exact COUNT=2000 KERNELS="rmap-6.12+kmemleak=on" OUT="$scratch/leak" scripts/guest/fuzz.sh \
		--module="$scratch/planted/dexbench.ko" >"$scratch/leak.json"
	jq -e '.left.kmemleak > 0' "$scratch/leak.json"
}

check "a failure is cut down to one round and one action" minimised
check "each allocation and copy of each request fails once" each_failure
check "hostile requests under KASAN and lockdep" checked_requests
check "kmemleak finds a planted leak, and none of ours" leaks_by_kmemleak
