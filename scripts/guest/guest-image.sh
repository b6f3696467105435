#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The part of the initramfs that all boots share: busybox, dexbench and the
# libraries it needs; with PERF_BINARY=/usr/bin/perf in the environment also perf and
# what it needs (about 40 MB), for PERF=record.
#
# usage: guest-image.sh DEXBENCH OUT.cpio
#
# A guest's CPU is the oldest of its kind: what says that it needs a newer one is refused.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
busybox=$(command -v busybox) || die "busybox: not found; install busybox-static"
mkdir -p "$root"/{bin,dev,proc,sys,tmp,dexbench,results}
cp "$busybox" "$root/bin/busybox"
cp "$1" "$root/dexbench/dexbench"
strip "$root/dexbench/dexbench"
cp "$DEX_TOP/build/needs" "$root/dexbench/" # what cases cannot do without, from their own files
cp "$DEX_TOP/scripts/guest/guest-init.sh" "$root/init"
chmod 755 "$root/init"
programs=("$1")
cp "$DEX_TOP/scripts/perf-record.sh" "$root/dexbench/"
if [ -n "${PERF_BINARY:-}" ]; then
	[ -x "$PERF_BINARY" ] || die "PERF_BINARY=$PERF_BINARY: no such program; install package linux-perf"
	cp -L "$PERF_BINARY" "$root/bin/perf"
	programs+=("$PERF_BINARY")
fi

# is_baseline FILE: by its GNU property, where its maker left one.
is_baseline() {
	local level

	level=$(readelf -nW "$1" 2>/dev/null | sed -n "s/.*$(arch_fact isa_needed): .*\\($(arch_fact isa_level)\\).*/\\1/p" | head -n 1)
	[ -z "$level" ] ||
		die "$1 is built for $level, and a guest's CPU is $(arch_fact baseline); install a baseline build of it, or build where all are (Debian is such a place)"
}

for library in $(libraries_of "${programs[@]}"); do
	is_baseline "$library"
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done
for program in "$busybox" "${programs[@]}"; do
	is_baseline "$program"
done
cpio_of "$root" >"$2.tmp"
mv "$2.tmp" "$2"
