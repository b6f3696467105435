#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Run a command in a private root file system, with directories of ours in it at the same
# path.  Needs no privilege where users may make name spaces of their own.
#
# usage: in-root.sh ROOT DIR... -- COMMAND...
#
# ROOT is visible inside under its own path, too.  The mounts end with the command, whose
# exit status is ours; 2 if it could not begin.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

# What runs in the name space, with ROOT DIR... -- COMMAND... as its arguments.
# shellcheck disable=SC2016 # for the shell in there
INSIDE='
	root=$1
	bind() {
		mkdir -p "$root$1" && mount --rbind "$1" "$root$1" && return
		echo "dexbench: error: $1 cannot be made visible in $root" >&2
		exit 2
	}
	while [ "$1" != -- ]; do
		bind "$1"
		shift
	done
	shift
	bind /dev
	bind /proc
	exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ TMPDIR=/tmp LC_ALL=C "$@"
'

# may OPTION...: whether such a name space is to be had, and mounts in it.
may() { unshare "$@" mount --rbind / / 2>/dev/null; }

[[ $# -ge 3 && " $* " == *" -- "* ]] || die "in-root.sh: usage: in-root.sh ROOT DIR... -- COMMAND..."
[ -x "$1/usr/bin/env" ] || die "$1: no root file system (no usr/bin/env in it)"
for arg; do
	[ "$arg" != -- ] || break
	[[ $arg == /* && -d $arg ]] || die "$arg: not the absolute path of a directory, to be visible in $1"
done
PATH=$PATH:/usr/sbin:/sbin # where a user does not look
need_tool unshare util-linux
need_tool chroot coreutils
if may --mount; then
	exec unshare --mount sh -c "$INSIDE" in-root "$@"
elif may --mount --user --map-root-user; then
	exec unshare --mount --user --map-root-user sh -c "$INSIDE" in-root "$@"
fi
die "$1: no program can be run in there; this user may make no name space (unshare --user --mount). Run as root, or allow it (sysctl kernel.unprivileged_userns_clone=1; in a container: --cap-add SYS_ADMIN)"
