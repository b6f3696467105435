#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The part of the initramfs that all boots share: busybox, dexbench and the
# libraries it needs; with PERF_BINARY=/usr/bin/perf in the environment also perf and
# what it needs (about 40 MB), for PERF=record.
#
# usage: guest-image.sh DEXBENCH OUT.cpio
set -eu
. "$(dirname "$0")/lib.sh"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
busybox=$(command -v busybox) || die "busybox: not found; install busybox-static"
mkdir -p "$root"/{bin,dev,proc,sys,tmp,dexbench,results}
cp "$busybox" "$root/bin/busybox"
cp "$1" "$root/dexbench/dexbench"
strip "$root/dexbench/dexbench"
cp "$DEX_TOP/scripts/guest-init.sh" "$root/init"
chmod 755 "$root/init"
programs=("$1")
cp "$DEX_TOP/scripts/perf-record.sh" "$root/dexbench/"
if [ -n "${PERF_BINARY:-}" ]; then
	[ -x "$PERF_BINARY" ] || die "PERF_BINARY=$PERF_BINARY: no such program; install package linux-perf"
	cp -L "$PERF_BINARY" "$root/bin/perf"
	programs+=("$PERF_BINARY")
fi
# ldd prints `name => path (address)` and, for the loader, `path (address)`.
for program in "${programs[@]}"; do ldd "$program"; done | grep -oE '/[^ ]+' | sort -u | while read -r library; do
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done
cpio_of "$root" >"$2.tmp"
mv "$2.tmp" "$2"
