#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Build this tree's module for a kernel; prints the module's path.
#
# usage: module.sh --kernel=JSON            (an object of kernel.sh --json)
#        module.sh --tree=DIR --out=DIR     for a build tree of your own; the module is OUT/dexbench.ko
#
# It is built by the compiler that the kernel was built with, apart from every other kernel's; the build
# tree is only read.
#
# Environment: CC, LLVM: tried first, for a build tree that was made elsewhere.
set -eu
shopt -s inherit_errexit
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$(dirname "$0")
kernel='{}' tree='' out=''
for arg; do
	case $arg in
	--kernel=*) kernel=${arg#*=} ;;
	--tree=*) tree=${arg#*=} ;;
	--out=*) out=${arg#*=} ;;
	*) die "module.sh: unknown option $arg; see its head" ;;
	esac
done
need_tool jq
fact() { jq -r ".$1 // \"\"" <<<"$kernel"; }

# in_place COMMAND...: in the file system that the distribution built this kernel in, if it has one.
in_place() {
	local root

	root=$(fact build_root)
	if [ -n "$root" ]; then
		"$HERE/in-root.sh" "$root" "$tree" "$out" -- "$@"
	else
		"$@"
	fi
}

# make_module TOOLCHAIN: warnings in headers carry the name of their file.
make_module() {
	local cc llvm source

	cc=$(jq -r .cc <<<"$1")
	llvm=$(jq -r .llvm <<<"$1")
	source=$(realpath "$tree/source" 2>/dev/null || echo "$tree")
	in_place env -i PATH="$PATH" HOME="${HOME:-/}" LC_ALL=C make -C "$out" KDIR="$tree" ${cc:+"CC=$cc"} \
		${llvm:+"LLVM=$llvm"} KCFLAGS="-ffile-prefix-map=$source=/linux" >"$out/build.log" 2>&1
}

# toolchain: the kernel's own, as it was recorded, or as its tree says.  A distribution's file system
# has its compiler in it, and its headers name that.
toolchain() {
	local known

	known=$(jq -c 'if .build_root then {cc: "", llvm: ""} else .toolchain // empty end' <<<"$kernel")
	if [ -n "$known" ]; then
		printf '%s\n' "$known"
	else
		"$HERE/toolchain.sh" module "$tree"
	fi
}

if [ -z "$tree" ]; then
	tree=$(fact build_tree)
	out=$DEX_TOP/build/modules/$(fact key)
fi
[ -e "$tree/Makefile" ] || die "$tree: no kernel build tree (no Makefile in it)"
chain=$(toolchain) || exit
attempt "$out" "" mkdir -p "$out"
exec 8>"$out/lock"
flock 8
module_sources "$out"
stamp=$(cat "$out"/{Kbuild,Makefile,*.[ch],arch/*/*.h} | digest)-$(digest <"$tree/Module.symvers")-$(digest <<<"$chain")
if [ "$(cat "$out/stamp" 2>/dev/null)" != "$stamp" ] || [ ! -s "$out/dexbench.ko" ]; then
	rm -f "$out/stamp" "$out/dexbench.ko"
	{ make_module "$chain" && [ -s "$out/dexbench.ko" ]; } ||
		die "the module does not build against $tree: $(grep -m1 -E '(error|Error|ERROR)[: ]' "$out/build.log" || tail -n 1 "$out/build.log") (the whole log is $out/build.log)"
	echo "$stamp" >"$out/stamp"
fi
printf '%s\n' "$out/dexbench.ko"
