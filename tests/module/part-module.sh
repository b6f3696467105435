# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# The module builds without a warning against an old, a baseline and a new
# kernel; built outside the tree, as boot.sh does it.

module_builds() {
	local tree dir=$scratch/module

	tree=$(scripts/kernel/kernel.sh --json "$1" | jq -r .build_tree)
	rm -rf "$dir"
	module_sources "$dir"
	clean_make -C "$dir" KDIR="$tree" W=1 >"$scratch/module.log" 2>&1 || { cat "$scratch/module.log"; return 1; }
	refute grep -i warning "$scratch/module.log"
	modinfo "$dir/dexbench.ko" | grep '^license: *GPL$'
}

# A kernel that does not export the path: one clear line instead of a puzzle.
module_refuses() {
	local tree dir=$scratch/module

	tree=$(scripts/kernel/kernel.sh --json rmap-6.12 | jq -r .build_tree)
	rm -rf "$dir" "$scratch/bare"
	module_sources "$dir"
	sed -i 's/make_device_exclusive/absent/' "$dir/Kbuild"
	refute clean_make -C "$dir" KDIR="$tree" >"$scratch/module.log" 2>&1
	grep "build it with CONFIG_DEVICE_PRIVATE=y" "$scratch/module.log"
}

# One that has device-private memory in a form that nobody knows: the module is built without it.
module_without_private() {
	local tree dir=$scratch/module

	tree=$(scripts/kernel/kernel.sh --json rmap-6.12 | jq -r .build_tree)
	rm -rf "$dir"
	module_sources "$dir"
	sed -i 's/migrate_device_range/absent/' "$dir/Kbuild"
	clean_make -C "$dir" KDIR="$tree" W=1 >"$scratch/module.log" 2>&1 || { cat "$scratch/module.log"; return 1; }
	refute grep -i warning "$scratch/module.log"
	refute grep -q migrate_vma_setup "$dir/dexbench.ko"
	module_sources "$scratch/with"
	clean_make -C "$scratch/with" KDIR="$tree" >"$scratch/module.log" 2>&1
	grep -q migrate_vma_setup "$scratch/with/dexbench.ko"
}

# Whatever of its own a kernel dumps, with DEBUG_VM for instance, is found; what the fuzzer asks
# for, a memory cgroup that is full, is not one.
complaint_is_seen() {
	local said=$scratch/said

	mkdir "$said"
	printf 'dexbench: loading out-of-tree module taints kernel.\n' | tee "$said/dmesg.txt" >"$said/console.log"
	[ -z "$(scripts/guest/complaints.sh "$said")" ]
	printf 'FAULT_FLAG_ALLOW_RETRY missing 2401\n' >"$said/dmesg.txt"
	[ -n "$(scripts/guest/complaints.sh "$said")" ]
	printf 'fuzz invoked oom-killer: gfp_mask=0xcc0\nCall Trace:\nMemory cgroup out of memory: Killed process 7\n' >"$said/dmesg.txt"
	[ -z "$(scripts/guest/complaints.sh "$said")" ]
	printf 'CPU: 0 PID: 7 Comm: dexbench/0\nCall Trace:\n' >>"$said/dmesg.txt"
	[ "$(scripts/guest/complaints.sh "$said")" = "Call Trace:" ]
}

# syzkaller's description says what the headers say, and what it does not say is found.
described() {
	local there=tests/fuzz/module change

	"$there/described.sh" kernel-module/dex_uapi*.h "$there/dexbench.txt"
	for change in '/IOC_WATCH/d' '/^	granule/d' 's/^	samples\t\tint32/	samples		int64/' \
		'/^	faults/{h;d};/^	retries/G' 's/IOC_JOB], arg ptr\[in/&out/'; do
		sed "$change" "$there/dexbench.txt" >"$scratch/spoiled.txt"
		refute cmp -s "$there/dexbench.txt" "$scratch/spoiled.txt"
		refute "$there/described.sh" kernel-module/dex_uapi*.h "$scratch/spoiled.txt" >"$scratch/difference"
	done
}

check "dexbench.txt, for syzkaller, is what the headers of the ABI say" described
check "what a kernel dumps is found" complaint_is_seen
for spec in deb:linux-source-6.1 rmap-6.12 folio-7.x; do
	scripts/kernel/kernel.sh "$spec" >/dev/null || true # shows its progress; what fails, fails below
	check "module builds without warnings: $spec" module_builds "$spec"
done
check "module refuses a kernel without the path" module_refuses
check "module does without device-private memory where the kernel has none that it knows" module_without_private
