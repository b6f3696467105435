# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# make sweep: a splat and a hang are found, say where, and cost no other state its turn.

swept=$scratch/swept

# The stand-ins: a driver that warns when its process forks, and one that never answers mremap(),
# for a kernel that is built.
planted_driver() {
	local tree dir=$scratch/planted

	tree=$(scripts/kernel/kernel.sh --json folio-7.x | jq -r .build_tree)
	module_sources "$dir"
	sed -i '/A spinlock, so it never blocks/i\
	WARN(range->event == MMU_NOTIFY_PROTECTION_PAGE, "a splat on purpose\\n");\
	while (range->event == MMU_NOTIFY_UNMAP)\
		schedule_timeout_uninterruptible(HZ);' "$dir/watch.c"
	sed -i '0,/^#include/s//#include <linux\/sched.h>\n#include/' "$dir/watch.c"
	refute cmp -s "$dir/watch.c" kernel-module/watch.c
	clean_make -C "$dir" KDIR="$tree" >"$scratch/planted.log" 2>&1 || { cat "$scratch/planted.log"; return 1; }
}

splat_and_hang() {
	local rc=0

	planted_driver
	env DEBUG=0 CONFIG=- KERNELS=folio-7.x STATES='fork mremap mlock' OUT="$swept" \
		scripts/guest/sweep.sh --module="$scratch/planted/dexbench.ko" || rc=$?
	[ "$rc" -eq 1 ]
	valid "$swept/sweep.json"
	jq -e '[.states[] | [.state, .verdict, .alone]] == [["fork", "splat", true], ["mremap", "hangs", true], ["mlock", "holds", null]]' \
		"$swept/sweep.json"
	jq -e '.states[0].line | test("WARNING: .*watch|a splat on purpose")' "$swept/sweep.json"
	jq -e '.states[1].line | contains("[dexbench]")' "$swept/sweep.json"
	jq -e '.states[2].rows | length == 7 and all(.intact == 100 and .told == 1)' "$swept/sweep.json"
	same <(printf '%s\n' folio-7.x-fork.console.txt folio-7.x-mremap.console.txt sweep.json) <(ls "$swept")
	grep -q 'a splat on purpose' "$swept/folio-7.x-fork.console.txt"
	refused 2 'results are never overwritten' env DEBUG=0 CONFIG=- KERNELS=folio-7.x STATES=mlock OUT="$swept" scripts/guest/sweep.sh
}

sweep_options() {
	refused 2 "STATES: 'sleep' is none; one of: pageout" env STATES=sleep scripts/guest/sweep.sh
	refused 2 'DEBUG=2: 0 or 1' env DEBUG=2 scripts/guest/sweep.sh
	refused 2 'unknown option --what' scripts/guest/sweep.sh --what
}

check "make sweep: what it cannot do is refused by one line" sweep_options
check "make sweep: a splat, a hang, and the state behind them" splat_and_hang
