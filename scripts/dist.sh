#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# build/dexbench-VERSION.tar.gz: the tree of the last commit, for whoever has no git.  .version in it is
# what git calls that commit; make reads it.  The same commit gives the same bytes.
#
# usage: dist.sh     (make dist); prints the file
set -eu
. "$(dirname "$0")/lib.sh"

cd "$DEX_TOP"
version=$(git -c safe.directory='*' describe --always 2>/dev/null) || die "make dist: $DEX_TOP is no git repository; a release is made from a clone"
name=dexbench-${version#v}
[ -z "$(git -c safe.directory='*' status --porcelain)" ] || log "what is not committed is not in it"
mkdir -p build
git -c safe.directory='*' archive --format=tar.gz --prefix="$name/" --add-virtual-file="$name/.version:$version" -o "build/$name.tar.gz.part" HEAD
mv "build/$name.tar.gz.part" "build/$name.tar.gz"
echo "build/$name.tar.gz"
