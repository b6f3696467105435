#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What boots, cases, builds and bundles cost on this machine: seconds of its CPUs, and MiB.  METHODOLOGY.md has
# what follows for a fleet.
#
# usage: budget.sh [--without-build] OUT.json       (results/schema/budget.v1.json)
#
# One boot of next to nothing, one of all cases that can be counted; a build of the kernel with one source file
# changed, after another that makes its place warm (all of the kernel, where none was built there); one bundle.
# Seconds are those that processes used, whatever else the machine did.
#
# Environment: KERNELS (one spec of a source, default: the ladder's last), CC, JOBS.
set -eu
shopt -s inherit_errexit
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts
builds=yes
[ "${1:-}" != --without-build ] || { builds=''; shift; }
[ $# -eq 1 ] || die "budget.sh: usage: budget.sh [--without-build] OUT.json"
[ ! -e "$1" ] || die "$1 exists; results are never overwritten"
need_tool jq
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-budget.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
spec=$(kernels_or "$(ladder_specs | tail -n 1)")
list=$("$DEX_TOP/build/dexbench" --list)

# cpu_of COMMAND...: seconds that it and what it waited for used; what it prints goes to $scratch/said.
cpu_of() {
	local TIMEFORMAT='%U %S'

	{ time "$@" >"$scratch/said" 2>"$scratch/errors"; } 2>"$scratch/time" ||
		die "$1 failed: $(tail -n 1 "$scratch/errors")"
	awk '{ print $1 + $2 }' "$scratch/time"
}

mib_of() { du -sk --apparent-size "$@" | awk '{ sum += $1 } END { printf "%.2f\n", sum / 1024 }'; }

# boot NAME CASES: its seconds.
boot() {
	log "a boot: $1"
	cpu_of "$HERE/guest/boot.sh" --kernel="$kernel" --mode=exact --cases="$2" --out="$scratch/$1"
}

# uptimes BOOT: seconds of the guest's clock, a billion instructions each, that each case took.
uptimes() {
	find "$scratch/$1" -name '*.json' -exec jq -c 'select(.schema == "dexbench.case.v1") |
		{case, guest_s: (.conditions | .after.uptime - .before.uptime)}' {} + | jq -sc 'sort_by(.case)'
}

# with_line FILE: a patch that adds one to that file of the kernel's source.
with_line() {
	local patch=$scratch/${1//\//-}.patch store=$DEX_CACHE/store-sha1.git

	mkdir -p "$scratch"/{a,b}/"${1%/*}"
	git --git-dir="$store" show "$(jq -r .tree <<<"$kernel"):$1" >"$scratch/a/$1" || die "$spec: no source of it in $store"
	# Another line each time, or the kernel is there already.
	{ cat "$scratch/a/$1" && printf '/* budget %s */\n' "$(date +%s%N)"; } >"$scratch/b/$1"
	(cd "$scratch" && diff -u "a/$1" "b/$1") >"$patch" || [ $? -eq 1 ]
	echo "$patch"
}

# build: seconds of one with a file changed.  A comment changes no byte of what comes out: that is the kernel itself.
build() {
	local patch seconds key

	patch=$(with_line mm/memory.c)
	log "a build with one file changed"
	seconds=$(cpu_of "$HERE/kernel/kernel.sh" --json "$spec+$patch")
	key=$(jq -r .key "$scratch/said")
	[ "$key" = "$(jq -r .key <<<"$kernel")" ] || die "$spec+$patch: built, and is not the same bytes as $spec"
	jq -n --argjson cpu_s "$seconds" --argjson mib "$(mib_of "$DEX_CACHE/kernels/$key")" '{cpu_s: $cpu_s, kernel_mib: $mib}'
}

kernel=$("$HERE/kernel/kernel.sh" --json "$spec")
built=null
if [ -n "$builds" ]; then
	build >/dev/null
	built=$(build)
fi
few=$(jq -r '[.[] | select(.control and (.modes | index("exact"))) | .case] | .[0]' <<<"$list")
all=$(jq -r '[.[] | select(.modes | index("exact")) | .case] | join(" ")' <<<"$list")
boot warm "$few" >/dev/null
least=$(boot few "$few")
most=$(boot all "$all")
log "a bundle"
bundle=$(cpu_of env KERNELS="$spec" CASES="${all// /|}" AA=no OUT="$scratch/bundle.tar.zst" "$HERE/bundle/bundle.sh")
packed=$(tar -C "$scratch" -cf - all | zstd -q -10 | wc -c)
# Nothing is written if that fails.
said=$(jq -n --arg spec "$spec" --arg release "$(jq -r .release <<<"$kernel")" --arg dexbench "$("$DEX_TOP/build/dexbench" --version)" \
	--argjson machine "$("$DEX_TOP/build/dexbench" --record-host)" --argjson least "$least" --argjson most "$most" \
	--argjson few "$(uptimes few)" --argjson all "$(uptimes all)" --argjson build "$built" \
	--argjson bundle "$bundle" --argjson bundle_mib "$(mib_of "$scratch/bundle.tar.zst")" --argjson results_mib "$(mib_of "$scratch/all")" \
	--argjson packed "$packed" '
	def guest: map(.guest_s) | add;
	def hundredths: . * 100 | round / 100;
	(($most - $least) / (($all | guest) - ($few | guest))) as $rate |
	{schema: "dexbench.budget.v1", dexbench: ($dexbench | ltrimstr("dexbench ")), kernel: {spec: $spec, release: $release}, cpu: $machine.cpu.model,
	 boot: {cpu_s: ($least | hundredths), all_cpu_s: ($most | hundredths), results_mib: $results_mib, packed_mib: ($packed / 1048576 | hundredths)},
	 cpu_s_per_1e9_instructions: ($rate | hundredths),
	 cases: [$all[] | {case, guest_s, cpu_s: (.guest_s * $rate | hundredths)}],
	 build: ($build | if . then .cpu_s |= hundredths else . end),
	 bundle: {cpu_s: ($bundle | hundredths), mib: $bundle_mib}}')
atomic_write "$1" <<<"$said"
