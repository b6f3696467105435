#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What changes per boot, as a second cpio behind the base (the kernel unpacks
# archives that follow each other).
#
# usage: archive.sh --kernel=JSON --image=BASE.cpio --module=DEXBENCH.KO --plan=FILE
#                   --out=FILE [--program=FILE]
#
# FILE.XXXXXX is left behind where it fails: on a full disk that is for the caller to see.
# The kernel's guest_modules are what its guest needs before anything works; they
# are loaded in their order, so their names here begin with it (guest-init.sh).
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

kernel='' image='' module='' plan='' out='' program=''
for arg; do
	value=${arg#*=}
	case $arg in
	--kernel=*) kernel=$value ;;
	--image=*) image=$value ;;
	--module=*) module=$value ;;
	--plan=*) plan=$value ;;
	--out=*) out=$value ;;
	--program=*) program=$value ;;
	*) die "archive.sh: unknown option $arg; see the head of scripts/guest/archive.sh" ;;
	esac
done

# Drivers of the kernel's own build tree that guest-init loads where a case needs them.
add_drivers() {
	local tree ko

	tree=$(jq -r .build_tree <<<"$kernel")
	for ko in lib/test_hmm.ko drivers/block/brd.ko drivers/char/virtio_console.ko; do
		[ ! -f "$tree/$ko" ] || cp "$tree/$ko" "$1/"
	done
}

# What is mounted in its persistent memory, where the kernel has any by itself (kernels/dax.config).
add_fsdax() {
	grep -qsx CONFIG_BLK_DEV_PMEM=y "$(jq -r .build_tree <<<"$kernel")/.config" || return 0
	"$DEX_TOP/scripts/guest/fsdax.sh" "$1/fsdax.img"
}

add_guest_modules() {
	local ko n=0

	while read -r ko; do
		[ -f "$ko" ] || die "$ko is missing, which a guest of this kernel loads first; make kernels brings it back"
		# These are loaded when a case needs them, or when all is measured.
		case ${ko##*/} in brd.ko | test_hmm.ko | virtio_console.ko) cp "$ko" "$1/" && continue ;; esac
		n=$((n + 1))
		mkdir -p "$1/first"
		cp "$ko" "$1/first/$(printf %03d "$n")-${ko##*/}"
	done < <(jq -r '.guest_modules // [] | .[]' <<<"$kernel")
}

root=$(mktemp -d "$out.XXXXXX")
chmod 755 "$root"
mkdir "$root/dexbench"
cp "$module" "$root/dexbench/dexbench.ko"
add_drivers "$root/dexbench"
# Line tables name directories; the archive's size moves memory, and so the timer's interrupts.
strip --strip-debug "$root"/dexbench/*.ko
add_guest_modules "$root/dexbench"
add_fsdax "$root/dexbench"
[ -z "$program" ] || cp "$program" "$root/dexbench/program"
cp "$plan" "$root/dexbench/plan"
cpio_of "$root" | cat "$image" - >"$out"
rm -rf "$root"
