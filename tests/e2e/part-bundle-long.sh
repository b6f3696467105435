# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# The reference campaign as a bundle, in a Debian that has QEMU and nothing else: its values are those of make ab
# here, to the byte, and so are what they say of those that are recorded.  And a runner that is killed at twenty
# moments.

# shellcheck source=tests/e2e/bundles.sh
. "$TESTS/e2e/bundles.sh"

root=$scratch/root

# everything that the reference's plan fixes, as reproduce.sh has it; a word each.
reference_plan() {
	jq -r '"MODE=\(.mode)", "KERNELS=\([.kernels[] | select(.same_as == null) | .spec] | join(" "))",
		"CASES=\(.cases | join("|"))", "PAGES=\(.pages)", "RUNS=\(.runs)", "CPUS=\(.cpus)", "MEMORY=\(.memory_mib)",
		"BOOTS=\(.boots)", "SEED=\(.seed)", "RETRIES=\(.retries)", "AA=\(if .aa then "yes" else "no" end)",
		"DEXBENCH_PINNED=\([.kernels[].packages[]? | "\(.package)=\(.version)"] | unique | join(" "))"' "$REFERENCE/plan.json"
}

# This system's release, so that QEMU is the same.
bare_system() {
	local codename qemu

	qemu=$(arch_fact qemu_package)

	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
	PATH=$PATH:/usr/sbin debootstrap --variant=minbase --include="$qemu" "$codename" "$root" \
		"${DEXBENCH_MIRROR:-http://deb.debian.org/debian}" >"$scratch/debootstrap.log" 2>&1 || { tail -n 3 "$scratch/debootstrap.log"; return 1; }
	for program in gcc cc make jq git python3 cpio strip; do
		refute chroot "$root" sh -c "command -v $program"
	done
}

# in_system COMMAND...: there, as nobody, without a network.
in_system() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --net --pid --fork sh -c 'mount -t proc proc "$0/proc" && exec chroot --userspec=65534:65534 "$0" /usr/bin/env -i PATH=/usr/bin:/bin "$@"' "$root" "$@"
}

# reproduced DIRECTORY: what make reproduce says of it; where this tree's kernels are not those of the record
# any more, values may have moved, there as here.
reproduced() {
	local rc=0

	scripts/campaign/reproduce.sh "$REFERENCE" "$1" || rc=$?
	echo "status $rc"
	[ "$rc" -ne 2 ]
}

reference_again() {
	local plan=() rc=0

	mapfile -t plan < <(reference_plan)
	bundled "$scratch/reference.tar.zst" "${plan[@]}"
	unpacked "$scratch/reference.tar.zst" "$root/campaign"
	mkdir -m 777 "$root/results"
	in_system /campaign/run --all --out=/results
	build/dex-compare --write "$root/results" >/dev/null || rc=$?
	[ "$rc" -ne 2 ]
	env OUT="$scratch/here" "${plan[@]}" scripts/campaign/ab.sh >/dev/null || [ $? -ne 2 ]
	[ "$(as_recorded "$root/results" "$scratch/here" | tail -n 1)" = "$(jq '.schedule | length' "$REFERENCE/plan.json") boots" ]
	same <(reproduced "$scratch/here") <(reproduced "$root/results")
}

# The table there is the table here.
table_there() {
	local rc=0

	in_system /campaign/build/dex-compare /results >"$scratch/there" || rc=$?
	same "$root/results/report.txt" "$scratch/there"
	[ "$rc" -ne 2 ]
}

killed_twenty_times() {
	local small=(SEED=7 KERNELS='rmap-6.12 folio-7.x' CASES='control_clock|convert_latency' PAGES=1536 AA=no)

	RANDOM=3
	env OUT="$scratch/ab" "${small[@]}" BOOTS=1 scripts/campaign/ab.sh
	bundled "$scratch/small.tar.zst" "${small[@]}" BOOTS=12
	unpacked "$scratch/small.tar.zst" "$scratch/small"
	killed_at_random 20 "$scratch/small" "$scratch/killed" "$scratch/ab"
}

# The archive is there whole, or not at all; what was begun goes with the next one.
bundle_killed() {
	local n most out=$scratch/killed.tar.zst
	local small=(SEED=7 KERNELS='rmap-6.12 folio-7.x' CASES='control_clock|convert_latency' PAGES=1536 AA=no BOOTS=1)

	RANDOM=5
	most=$(seconds bundled "$scratch/timed.tar.zst" "${small[@]}")
	for ((n = 0; n < 20; n++)); do
		export -f bundled
		killed_within "$most" bash -c 'bundled "$@"' - "$out" "${small[@]}"
		[ ! -e "$out" ] || { tar --zstd -tf "$out" | grep -x 'killed/SHA256SUMS' && rm "$out"; }
	done
	bundled "$out" "${small[@]}"
	same <(echo killed.tar.zst) <(cd "$scratch" && ls -d killed.tar*)
}

# Lockstep mode's emulator comes along; QEMU here would not do.
lockstep_there() {
	local plan=(MODE=lockstep SEED=7 KERNELS=folio-6.12 CASES=contend_anon_vma PAGES=1536 RUNS=1 AA=no ROWS=brief)

	env OUT="$scratch/lockstep" "${plan[@]}" scripts/campaign/ab.sh
	bundled "$scratch/lockstep.tar.zst" "${plan[@]}"
	unpacked "$scratch/lockstep.tar.zst" "$scratch/lockstep-bundle"
	chmod 711 "$all_scratch" "$scratch"
	results_for_nobody "$scratch/lockstep-there"
	bare "$scratch/lockstep-bundle" 1 --out="$scratch/lockstep-there"
	as_recorded "$scratch/lockstep-there" "$scratch/lockstep" | grep -x '1 boots'
	same <(jq -r .host.qemu "$scratch"/lockstep/0*/run.json) <(jq -r .host.qemu "$scratch"/lockstep-there/0*/run.json)
}

if [ "$(id -u)" -eq 0 ]; then
	check "bundle: a Debian with QEMU and nothing else" bare_system
	check "bundle: the reference campaign there is what it is here, to the byte" reference_again
	check "bundle: dex-compare there prints the same table" table_there
else
	skip "bundle: the reference campaign in a bare Debian" "not root, and debootstrap makes a root file system"
fi
check "bundle: lockstep mode brings its emulator" lockstep_there
check "bundle: a runner killed at twenty moments" killed_twenty_times
check "bundle: make bundle that was killed at twenty moments leaves no half archive" bundle_killed
