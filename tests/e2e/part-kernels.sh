# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Real kernels besides the ladder's: another compiler, another configuration, one that Debian has built,
# a series of 7.x, a tree beside its revision.  Part of make check-long: each is a full build.  And
# dex-plan against lockstep campaigns of several CPUs, which take minutes.

series=$scratch/series
mkdir -p "$series"
# shellcheck source=tests/e2e/series-real.sh
. "$TESTS/e2e/series-real.sh"

# campaign OUT VARIABLE=VALUE...: one case, one boot of each kernel.
campaign() {
	local out=$1 rc=0

	shift
	env "$@" CASES=convert_latency AA=no PAGES=1536 OUT="$out" scripts/campaign/ab.sh || rc=$?
	[ "$rc" -le 1 ]
	jq -e '[.rows[] | select(.case == "convert_latency") | .value] | length >= 2 and all(. != null)' "$out/compare.json"
}

newest_clang() {
	local tool

	for tool in $(compgen -c clang- | grep -xE 'clang-[0-9]+' | sort -rVu); do
		! command -v "ld.lld-${tool#clang-}" >/dev/null 2>&1 || { echo "-${tool#clang-}"; return; }
	done
}

# The kernel and its module are clang's, as their own comments say.
by_clang() {
	local kernel

	campaign "$scratch/clang" LLVM="$1" KERNELS=folio-7.x
	jq -e '.kernels[0].compiler | contains("clang version")' "$scratch/clang/plan.json"
	kernel=$(LLVM=$1 scripts/kernel/kernel.sh --json folio-7.x)
	readelf -p .comment "$(scripts/kernel/module.sh --kernel="$kernel")" | grep -i 'clang version'
	refute grep -q GCC <(readelf -p .comment "$(scripts/kernel/module.sh --kernel="$kernel")")
}

by_distro_config() {
	campaign "$scratch/distro" CONFIG=distro KERNELS='rmap-6.12 folio-7.x'
	jq -e 'all(.kernels[]; .config == "distro")' "$scratch/distro/plan.json"
	grep -qx CONFIG_MEMCG=y "$(CONFIG=distro scripts/kernel/kernel.sh --json folio-7.x | jq -r .build_tree)/.config"
}

# Persistent memory: pages of one pin are present in either kernel, nothing is lost, and no cost changes from boot to boot.
by_dax_config() {
	local rc=0

	CONFIG=kernels/dax.config KERNELS='folio-6.12 folio-7.x' CASES='dax|dax_pinned' MODE=exact OUT=$scratch/dax scripts/campaign/ab.sh || rc=$?
	[ "$rc" -le 1 ]
	jq -e '([.rows[] | select(.metric == "pass") | .value] | length >= 32 and all(. == 1)) and
		([.rows[] | select(.aa) | .verdict] | length > 60 and all(. == "same" or . == "equivalent" or . == "skipped")) and
		([.rows[] | select(.skipped != null) | .params] | unique | all(.memory == "devdax" and .mapped == "pte")) and
		([.rows[] | select(.metric == "faults") | {mapped: .params.mapped, value}] | unique_by(.mapped, (.value * 512)) | length == 2)' \
		"$scratch/dax/compare.json"
}

# Debian's own image, its modules and its compiler.
by_debian() {
	campaign "$scratch/debian" KERNELS="$1"
	jq -e '.kernels[0] | (.compiler | contains("gcc-14")) and (.packages | length > 1)' "$scratch/debian/plan.json"
}

# under_root_lock PATCH: 100 instructions more in the rmap walk, between taking the root's lock and its walk.
under_root_lock() {
	local tree=$scratch/a tree_of_ladder

	tree_of_ladder=$(scripts/kernel/kernel.sh --json rmap-6.12 | jq -r .tree)
	mkdir -p "$tree/mm" "$scratch/b/mm"
	git --git-dir="$DEX_CACHE/store-sha1.git" show "$tree_of_ladder:mm/rmap.c" >"$tree/mm/rmap.c"
	awk '{ print } /^static void rmap_walk_anon\(/ { inside = 1 }
		inside && /^\t\treturn;/ { print "\tasm volatile(\".rept 100; test %%eax, %%eax; .endr\" ::: \"cc\");"; inside = 0; n++ }
		END { exit n != 1 }' "$tree/mm/rmap.c" >"$scratch/b/mm/rmap.c"
	(cd "$scratch" && diff -u a/mm/rmap.c b/mm/rmap.c) >"$1" || [ $? -eq 1 ]
}

# What is more under the lock is found in every interleaving, whoever contends: exactly where
# members do not wait for each other, and as fewer pages where they do.
injected_under_contention() {
	under_root_lock "$scratch/more.patch"
	OUT=$scratch/injected MODE=lockstep CPUS=4 RUNS=3 AA=no CASES=contend_anon_vma ROWS=brief \
		KERNELS="rmap-6.12 rmap-6.12+$scratch/more.patch" scripts/campaign/ab.sh
	jq '[.rows[] | select(.case == "contend_anon_vma" and .kernel != .baseline) |
		[.params, .metric, .baseline_value, .value, .verdict, .ci_pct]]' "$scratch/injected/compare.json"
	jq -e '[.rows[] | select(.case == "contend_anon_vma" and .kernel != .baseline)] |
		(map(select(.params.against | IN("siblings", "fork")) | select(.metric == "median_per_page")) |
			length == 3 and all(.verdict == "more" and .value - .baseline_value == 100)) and
		(map(select(.metric == "throughput" and (.params.against | IN("siblings", "fork")))) | length == 3 and all(.verdict == "fewer")) and
		(map(select(.verdict == "more" and .metric == "throughput")) == [])' "$scratch/injected/compare.json"
}

# A working tree beside its revision: the second time an edit is measured, what it changes is built.
tree_beside_revision() {
	local repository tree=$scratch/tree

	repository=$(repository_of 'linux-source-7.*')
	git -C "$repository" worktree add -q --detach "$tree" tip~7
	scripts/kernel/kernel.sh "tree:$tree@HEAD" >/dev/null
	sed -i '1i /* all lines move */' "$tree/mm/rmap.c"
	campaign "$scratch/edited" KERNELS="tree:$tree@HEAD tree:$tree"
	[ "$(find "$DEX_CACHE/places" -name build.log -newer "$tree/mm/rmap.c" -exec grep -h '^  CC' {} + | wc -l)" -lt 100 ]
	git -C "$repository" worktree remove --force "$tree"
}

# in_step OUT VARIABLE=VALUE...: a campaign of the two walks of one image; which is faster is no matter.
in_step() {
	local out=$1 rc=0

	shift
	env "$@" BOOT_TIMEOUT=3600 AA=no KERNELS='rmap-6.12 folio-6.12' OUT="$out" scripts/campaign/ab.sh || rc=$?
	[ "$rc" -le 1 ]
}

# Four members with a CPU each, from one and two; the hold by exact mode.
members_as_predicted() {
	in_step "$scratch/members" MODE=lockstep CPUS=6 RUNS=2 PAGES=1536 CASES=contend_anon_vma
	in_step "$scratch/holds" MODE=exact CASES=hold_anon_vma
	build/dex-plan --contention --validate --exact="$scratch/holds" "$scratch/members"
	build/dex-plan --contention --format=json --exact="$scratch/holds" "$scratch/members" |
		jq -e '[.contention[] | select(.rows | any(.others == 4 and .holds)) | [.kernel, .against]] | length == 8'
}

# A device with a CPU of its own: each rate of touches from the others.
device_as_predicted() {
	in_step "$scratch/device" MODE=lockstep CPUS=2 RUNS=1 PAGES=1536 CASES=ping_pong
	build/dex-plan --validate "$scratch/device"
}

clang=$(newest_clang)
if [ -n "$clang" ] && [ "${clang#-}" -ge 15 ]; then
	check "LLVM=$clang: kernel and module" by_clang "$clang"
else
	skip "LLVM: kernel and module" "no clang of 15 or newer with lld here; 7.x takes no older one"
fi
check "CONFIG=distro" by_distro_config
check "CONFIG=kernels/dax.config: pins of persistent memory" by_dax_config
if scripts/emulator.sh >/dev/null 2>"$scratch/why"; then
	check "lockstep: 100 instructions under the root lock are found in every interleaving" injected_under_contention
else
	skip "lockstep: 100 instructions under the root lock" "$(tail -n 1 "$scratch/why")"
fi
check "deb:linux-image: Debian's own kernel" by_debian deb:linux-image-cloud-amd64
real_series 'linux-source-7.*'
check "dex-plan: members of a fork tree in lockstep" members_as_predicted
check "dex-plan: a device beside the CPU in lockstep" device_as_predicted
check "tree:T@v beside tree:T with an edit: no second full build" tree_beside_revision
check "kprobes in boots of their own see the same differences" scripts/campaign/trace-check.sh
