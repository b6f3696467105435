# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Which compiler and configuration a kernel is built with, and what is kept of it.  The kernels are stand-ins.

# shellcheck source=tests/e2e/standin-trees.sh
. "$TESTS/e2e/standin-trees.sh"

does_not_build() {
	local tree=$store/broken

	tree_at "$tree" one
	echo 'broken(;' >"$tree/mm/rmap.c"
	DEXBENCH_CACHE=$store/cache ends_with 2 "the kernel did not build: mm/rmap.c:1:" scripts/kernel/kernel.sh "tree:$tree"
	constant "$tree" two
	holds two "tree:$tree"
	sed -i 's/make_device_exclusive/make_it_mine/' "$tree/mm/rmap.c"
	DEXBENCH_CACHE=$store/cache ends_with 2 "exports no make_device_exclusive*()" scripts/kernel/kernel.sh "tree:$tree"
	printf '%s\n' 'Compiler is too old.' '  Your Clang version: 14.0.6' '  Minimum Clang version: 15.0.0' '***' >"$tree/reason"
	DEXBENCH_CACHE=$store/cache ends_with 2 "did not build: Compiler is too old. Your Clang version: 14.0.6 Minimum Clang version: 15.0.0 (" \
		scripts/kernel/kernel.sh "tree:$tree"
	rm "$tree/reason"
	constant "$tree" one
	holds one "tree:$tree"
	refused 2 "not a kernel source tree (no mm/rmap.c)" kernels "tree:$store"
	refused 2 "no such directory" kernels "tree:$store/none@v1"
	refused 2 "the cache /proc/x: " env DEXBENCH_CACHE=/proc/x scripts/kernel/kernel.sh "tree:$tree"
}

# ends_with STATUS TEXT COMMAND...: its last line is an error that holds TEXT; progress may come before.
ends_with() {
	local status=$1 text=$2 rc=0

	shift 2
	"$@" >"$scratch/said" 2>&1 || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq "$status" ]
	[ "$(grep -c error: "$scratch/said")" -eq 1 ]
	tail -n 1 "$scratch/said" | grep 'error:' | grep -F -- "$text"
}

# One place for all of a repository: a kept kernel is complete, and no later build reaches it.
kept() {
	local tree=$store/kept first second

	tree_at "$tree" one
	first=$(kernels "tree:$tree" | jq -r .build_tree)
	constant "$tree" two
	echo '/* other headers */' >"$tree/include/dex.h"
	second=$(kernels "tree:$tree" | jq -r .build_tree)
	[ "$first" != "$second" ]
	for at in "$first" "$second"; do
		same <(echo "${at%/build}/source $at") <(make -s -C "$at" module)
		refute grep -rIl "$store/cache/places" "$at/Makefile" "$at/source/Makefile"
	done
	same <(echo '/* x86 */') "$first/source/include/dex.h"
	same <(echo '/* other headers */') "$second/source/include/dex.h"
	[ "$(kernels "tree:$tree@HEAD" | jq -r .build_tree)" = "$first" ]
	# What somebody does to the place is put right; a file that stays keeps its time.
	echo spoilt >"$(echo "$store"/cache/places/tree-*/src/scripts/x | cut -d' ' -f1)"
	constant "$tree" six
	holds six "tree:$tree"
}

# Compilers: what kbuild would see decides, not how it is called.
compilers() {
	local tree=$store/compiled key

	tree_at "$tree" one
	key=$(kernels "tree:$tree" | jq -r .key)
	mkdir -p "$store/bin"
	printf '#!/bin/sh\nexec "$@"\n' >"$store/bin/ccache"
	printf '#!/bin/sh\ncase $* in *--version*) echo "gcc (Other) 15.1.0" ;; *) exec gcc "$@" ;; esac\n' >"$store/bin/gcc-15"
	chmod +x "$store/bin"/*
	[ "$(CC='gcc -pipe' kernels "tree:$tree" | jq -r .toolchain.text)" = "$(gcc --version | head -n 1)" ]
	PATH=$store/bin:$PATH CC='ccache gcc' kernels "tree:$tree" | jq -e --arg text "$(gcc --version | head -n 1)" \
		'.compiler == $text and .toolchain.cc == "ccache gcc"'
	PATH=$store/bin:$PATH CC='ccache gcc-15' kernels "tree:$tree" >"$scratch/other"
	jq -e '.compiler == "gcc (Other) 15.1.0"' "$scratch/other"
	[ "$(jq -r .key "$scratch/other")" != "$key" ]
	refused 2 "CC=nogcc -x: 'nogcc -x --version' fails" env CC='nogcc -x' DEXBENCH_CACHE="$store/cache" scripts/kernel/kernel.sh "tree:$tree"
	refused 2 "LLVM=-99: clang-99: not found" env LLVM=-99 DEXBENCH_CACHE="$store/cache" scripts/kernel/kernel.sh "tree:$tree"
	refused 2 "LLVM=yes: give 1, -19" env LLVM=yes DEXBENCH_CACHE="$store/cache" scripts/kernel/kernel.sh "tree:$tree"
}

# The module of a kernel is built by that kernel's compiler, or refused.
module_toolchain() {
	local tree=$store/foreign

	mkdir -p "$tree"
	printf 'CONFIG_CC_VERSION_TEXT="gcc (Elsewhere) %s.2.0"\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=%s0200\n' \
		99 99 >"$tree/.config"
	refused 2 "was built by 'gcc (Elsewhere) 99.2.0'; its modules need gcc 99, and there is none: install gcc-99" \
		scripts/kernel/toolchain.sh module "$tree"
	printf 'CONFIG_CC_VERSION_TEXT="clang version 98.1.0"\nCONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=980100\nCONFIG_LD_IS_LLD=y\n' >"$tree/.config"
	refused 2 "its modules need clang 98" scripts/kernel/toolchain.sh module "$tree"
	printf 'CONFIG_CC_VERSION_TEXT="%s"\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n' "$(gcc --version | head -n 1)" >"$tree/.config"
	scripts/kernel/toolchain.sh module "$tree" | jq -e '.cc == "gcc" and .llvm == ""'
}

configurations() {
	local tree=$store/configured plain

	tree_at "$tree" one
	plain=$(kernels "tree:$tree" | jq -r .key)
	echo CONFIG_MINE=y >"$store/mine.config"
	CONFIG=$store/mine.config kernels "tree:$tree" >"$scratch/mine"
	jq -e --arg plain "$plain" '.config == "mine.config" and .key != $plain' "$scratch/mine"
	grep CONFIG_MINE=y "$(jq -r .build_tree "$scratch/mine")/.config"
	CONFIG=distro kernels "tree:$tree" | jq -e '.config == "distro"'
	[ "$(kernels "tree:$tree" | jq -r .key)" = "$plain" ]
	refused 2 "CONFIG=$store/none: no such file" env CONFIG="$store/none" DEXBENCH_CACHE="$store/cache" scripts/kernel/kernel.sh "tree:$tree"
	{
		echo '# Automatically generated file; DO NOT EDIT.'
		printf 'CONFIG_DEVICE_PRIVATE=y\nCONFIG_MODULES=y\nCONFIG_MANY_DRIVERS=m\n'
	} >"$store/whole.config"
	CONFIG=$store/whole.config kernels "tree:$tree" >"$scratch/whole"
	refute grep MANY_DRIVERS "$(jq -r .build_tree "$scratch/whole")/.config"
	sed -i '/DEVICE_PRIVATE/d' "$store/whole.config"
	CONFIG=$store/whole.config DEXBENCH_CACHE=$store/cache ends_with 2 \
		"its configuration ends without CONFIG_DEVICE_PRIVATE (CONFIG=$store/whole.config)" scripts/kernel/kernel.sh "tree:$tree"
}

check "what does not build says why, and does no harm to the next" does_not_build
check "kept kernels are complete, and apart" kept
check "compilers: several words, several versions" compilers
check "the module's compiler is the kernel's" module_toolchain
check "CONFIG: a fragment, a whole configuration, distro" configurations
