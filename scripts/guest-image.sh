#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The part of the initramfs that all boots share: busybox, dexbench and the
# libraries it needs.
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
# ldd prints `name => path (address)` and, for the loader, `path (address)`.
ldd "$1" | grep -oE '/[^ ]+' | sort -u | while read -r library; do
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done
cpio_of "$root" >"$2.tmp"
mv "$2.tmp" "$2"
