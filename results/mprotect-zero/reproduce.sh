#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Show in guests that mprotect() of address 0 leaves a task that cannot be killed.
#
# usage: reproduce.sh [KERNEL...]     (default: rmap-6.12 folio-7.x)
#
# Prints what each guest says.  Exit status: 0 all kernels have the bug, 1 one has not,
# 2 a usage or environment error.  Run `make bench build/guest.cpio` first.
set -eu
here=$(dirname "$(realpath "$0")")
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/mprotect-zero.XXXXXX")
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- rmap-6.12 folio-7.x
"${CC:-gcc}" -O2 -Wall -Wextra -static -o "$work/mprotect_zero" "$here/mprotect_zero.c" ||
	die "mprotect_zero.c does not build; it needs a C compiler and a static libc (libc6-dev)"
failed=0
for spec; do
	kernel=$("$DEX_TOP/scripts/kernel/kernel.sh" --json "$spec") || exit 2
	log "$spec"
	"$DEX_TOP/scripts/guest/boot.sh" --kernel="$kernel" --mode=exact --cases=control_clock \
		--program="$work/mprotect_zero" --out="$work/$spec" || failed=1
	grep -hs '^mprotect_zero:' "$work/$spec"*/console.log || failed=1
done
exit "$failed"
