#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The beginning of a file system for a guest's persistent memory, the same bytes on every machine: what
# mkfs.ext4 writes on zeros.  All that comes behind it is zero, as the memory is.
#
# usage: fsdax.sh OUT
#
# Nothing is left to mke2fs.conf or to the clock.  No journal, no checksums: what a fault does in the
# file system is the same each time.  One group, so that all of it lies in front of the files.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

SIZE=$((64 << 20))
FRONT=$((64 << 10))

[ $# -eq 1 ] || die "fsdax.sh: one file; see the head of scripts/guest/fsdax.sh"
PATH=$PATH:/usr/sbin:/sbin # Debian's users do not have it in theirs
need_tool mke2fs e2fsprogs
work=$(mktemp "$1.XXXXXX")
trap 'rm -f "$work"' EXIT
truncate -s "$SIZE" "$work"
said=$(E2FSPROGS_FAKE_TIME=1704067200 mke2fs -q -F -t ext4 -b 4096 -I 256 -N 64 -m 0 -L dexbench \
	-O none,extent,filetype,sparse_super,large_file,dir_index -U 00000000-0000-4000-8000-000000000001 \
	-E hash_seed=00000000-0000-4000-8000-000000000002,lazy_itable_init=0,nodiscard,root_owner=0:0 "$work" 2>&1) ||
	die "mke2fs made no file system for the guest: $(tail -n 1 <<<"$said")"
tail -c +$((FRONT + 1)) "$work" | cmp -s - <(head -c $((SIZE - FRONT)) /dev/zero) ||
	die "mke2fs wrote behind the first $FRONT bytes of the guest's file system, which are all that reaches it; use e2fsprogs 1.46 or newer"
head -c "$FRONT" "$work" >"$1"
