# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Whatever tree a user has, the kernel that is built holds that tree's content, and the user's side is
# as it was.  The kernels are stand-ins (standin.mk): what is proven is a constant in the image.

store=$scratch/store
mkdir -p "$store"

# tree_at DIR CONSTANT: a kernel's source as far as the store looks, in git, with what a build leaves.
tree_at() {
	local dir=$1

	mkdir -p "$dir"/{mm,include,scripts,lib,arch/x86/include}
	cp bench/tests/standin.mk "$dir/Makefile"
	echo '# x86' >"$dir/arch/x86/Makefile"
	echo '/* x86 */' | tee "$dir/arch/x86/include/x.h" "$dir/include/dex.h" >"$dir/scripts/x"
	printf '*.o\n/.config\n/build-here\n' >"$dir/.gitignore"
	constant "$dir" "$2"
	git -C "$dir" init -q
	save "$dir" "$2"
	echo object >"$dir/mm/rmap.o"
}

# constant DIR WORD: what the tree's image holds; WORDs of one length make files of one size.
constant() {
	printf 'const char made_of[] = "content-%s";\nint make_device_exclusive(void) { return 0; }\n' "$2" >"$1/mm/rmap.c"
}

save() { git -C "$1" add -A && git -C "$1" -c user.name=x -c user.email=x@x commit -q -m "$2"; }

kernels() { DEXBENCH_CACHE=$store/cache scripts/kernel/kernel.sh --json "$@"; }

# holds WORD SPEC: the image that SPEC gives holds WORD and no other.
holds() {
	local word=$1 json

	json=$(kernels "$2") || return
	echo "$json"
	same <(echo "content-$word") <(strings "$(jq -r .bzimage <<<"$json")" | grep ^content-)
	same <(echo "content-$word") <(strings "$(jq -r .build_tree <<<"$json")/vmlinux" | grep ^content-)
}

# all_of DIR: every file with its times, owners and bytes, git's own included.
all_of() {
	(cd "$1" && find . -printf '%p %y %T@ %U %m %s\n' | LC_ALL=C sort && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

# untouched DIR COMMAND...: DIR is the same afterwards.
untouched() {
	local dir=$1

	shift
	all_of "$dir" >"$scratch/before"
	"$@"
	same "$scratch/before" <(all_of "$dir")
}

working_tree() {
	local tree=$store/work

	tree_at "$tree" one
	untouched "$tree" holds one "tree:$tree"
	constant "$tree" two
	untouched "$tree" holds two "tree:$tree"
	git -C "$tree" add -A
	untouched "$tree" holds two "tree:$tree"
	constant "$tree" ten
	untouched "$tree" holds ten "tree:$tree"
	untouched "$tree" holds one "tree:$tree@HEAD"
	echo 'new' >"$tree/mm/new.c"
	rm "$tree/lib/"* 2>/dev/null || true
	kernels "tree:$tree" >"$scratch/with-new"
	rm "$tree/mm/new.c"
	[ "$(kernels "tree:$tree" | jq -r .tree)" != "$(jq -r .tree "$scratch/with-new")" ]
	[ "$(kernels "tree:$tree" | jq -r .source)" = "tree-$(kernels "tree:$tree" | jq -r .tree)" ]
}

# A file that was saved by a move, a copy or an archiver has its old time; size and second are the same.
old_times() {
	local tree=$store/times

	tree_at "$tree" one
	cp -p "$tree/mm/rmap.c" "$store/aside"
	holds one "tree:$tree"
	constant "$tree" two
	holds two "tree:$tree"
	mv "$store/aside" "$tree/mm/rmap.c"
	untouched "$tree" holds one "tree:$tree"
	constant "$tree" two
	touch -r "$tree/Makefile" "$tree/mm/rmap.c"
	untouched "$tree" holds two "tree:$tree"
	git -C "$tree" update-index --assume-unchanged mm/rmap.c
	constant "$tree" six
	untouched "$tree" holds six "tree:$tree"
	git -C "$tree" update-index --no-assume-unchanged mm/rmap.c
	git -C "$tree" stash -q
	untouched "$tree" holds one "tree:$tree"
	git -C "$tree" stash pop -q
	untouched "$tree" holds six "tree:$tree"
}

snapshot_of() { scripts/kernel/snapshot.sh --store="$store/same.git" --index="$store/same.index" --dir="$1"; }

# Inode, size and every time of an edited file can be what they were, to git's whole seconds.
same_second() {
	local tree=$store/same old new changed

	tree_at "$tree" one
	git init -q --bare "$store/same.git"
	touch -d 2001-01-01 "$tree/mm/rmap.c"
	for _ in {1..20}; do
		constant "$tree" one
		touch -d 2001-01-01 "$tree/mm/rmap.c"
		changed=$(stat -c %Z "$tree/mm/rmap.c")
		old=$(snapshot_of "$tree")
		constant "$tree" two
		touch -d 2001-01-01 "$tree/mm/rmap.c"
		new=$(snapshot_of "$tree")
		[ "$old" != "$new" ]
		[ "$(stat -c %Z "$tree/mm/rmap.c")" != "$changed" ] || return 0
	done
	echo "no edit fell into the second of the one before"
	return 1
}

revisions() {
	local tree=$store/revs

	tree_at "$tree" one
	constant "$tree" two
	save "$tree" two
	git -C "$tree" tag v6.1+fix
	git -C "$tree" gc -q --prune=now
	constant "$tree" six
	untouched "$tree" holds one "tree:$tree@HEAD^"
	untouched "$tree" holds two "tree:$tree@HEAD"
	untouched "$tree" holds one "tree:$tree@HEAD~1"
	untouched "$tree" holds two "tree:$tree@v6.1+fix"
	untouched "$tree" holds two "tree:$tree@HEAD@{0}"
	[ "$(kernels "tree:$tree@v6.1+fix+quiet" | jq -r .cmdline)" = quiet ]
	[ "$(kernels "tree:$tree@HEAD" | jq -r .source)" = "git-$(git -C "$tree" rev-parse HEAD)" ]
	[ -z "$(git -C "$tree" worktree list | tail -n +2)" ]
}

other_shapes() {
	local tree=$store/shapes

	tree_at "$tree" one
	constant "$tree" two
	save "$tree" two
	git -C "$tree" worktree add -q "$store/linked" HEAD^
	constant "$store/linked" six
	untouched "$tree" holds six "tree:$store/linked"
	untouched "$store/linked" holds one "tree:$store/linked@HEAD"
	git clone -q --bare "$tree" "$store/bare.git"
	untouched "$store/bare.git" holds one "tree:$store/bare.git@HEAD^"
	refused 2 "a bare repository has no files as they are; name a revision" kernels "tree:$store/bare.git"
	git clone -q --depth 1 "file://$tree" "$store/shallow"
	untouched "$store/shallow" holds two "tree:$store/shallow@HEAD"
	refused 2 "has no revision 'HEAD^'" kernels "tree:$store/shallow@HEAD^"
	git init -q "$store/super"
	git -C "$store/super" -c protocol.file.allow=always submodule --quiet add "$tree" kernel/linux
	untouched "$store/super" holds two "tree:$store/super/kernel/linux"
	untouched "$store/super" holds one "tree:$store/super/kernel/linux@HEAD^"
	mkdir "$store/inside"
	cp -r "$tree" "$store/inside/linux"
	rm -rf "$store/inside/linux/.git"
	git -C "$store/inside" init -q
	save "$store/inside" inside
	constant "$store/inside/linux" ten
	untouched "$store/inside" holds ten "tree:$store/inside/linux"
	untouched "$store/inside" holds two "tree:$store/inside/linux@HEAD"
}

# Blobs that were never fetched: git would fetch them, into the user's repository.
partial() {
	local tree=$store/promisor

	tree_at "$tree" one
	constant "$tree" two
	save "$tree" two
	git -C "$tree" config uploadpack.allowFilter true
	git clone -q --filter=blob:none "file://$tree" "$store/partial"
	untouched "$store/partial" holds two "tree:$store/partial@HEAD"
	untouched "$store/partial" refused 2 "a partial clone that lacks 1 of this revision's files" \
		kernels "tree:$store/partial@HEAD^"
	untouched "$store/partial" holds two "tree:$store/partial"
	git -C "$store/partial" archive HEAD^ >/dev/null
	untouched "$store/partial" holds one "tree:$store/partial@HEAD^"
}

# git refuses what belongs to somebody else; ours is told that exactly this one is meant.
other_owner() {
	local tree=$store/owned

	tree_at "$tree" one
	touch "$tree/vmlinux"
	echo vmlinux >>"$tree/.git/info/exclude"
	constant "$tree" two
	chown -R 12345:12345 "$tree"
	git clone -q --bare "$store/work" "$store/owned.git"
	chown -R 12345:12345 "$store/owned.git"
	refute git -C "$tree" status
	untouched "$tree" holds two "tree:$tree"
	untouched "$tree" holds one "tree:$tree@HEAD"
	untouched "$store/owned.git" holds one "tree:$store/owned.git@HEAD"
	refute grep -q vmlinux <(git --git-dir="$store/cache/store-sha1.git" ls-tree -r "$(kernels "tree:$tree" | jq -r .tree)")
	# A monitor of somebody else's configuration is not run.
	git -c safe.directory='*' -C "$tree" config core.fsmonitor "touch $store/was-run"
	holds two "tree:$tree"
	refute test -e "$store/was-run"
}

built_in_tree() {
	local tree=$store/built

	tree_at "$tree" one
	mkdir "$tree/build-here"
	touch "$tree/.config" "$tree/build-here/x"
	untouched "$tree" holds one "tree:$tree"
	rm -rf "$tree/.git"
	GIT_CEILING_DIRECTORIES=$store untouched "$tree" holds one "tree:$tree"
	refute grep -qE 'rmap\.o|\.config|build-here' \
		<(git --git-dir="$store/cache/store-sha1.git" ls-tree -r "$(kernels "tree:$tree" | jq -r .tree)")
	echo '*' >"$tree/.gitignore"
	constant "$tree" two
	untouched "$tree" holds two "tree:$tree"
}

sparse() {
	local tree=$store/sparse

	tree_at "$tree" one
	git -C "$tree" sparse-checkout set --no-cone '/*' '!/lib' '!/include/'
	refute test -e "$tree/include/dex.h"
	untouched "$tree" holds one "tree:$tree"
	constant "$tree" two
	untouched "$tree" holds two "tree:$tree"
}

odd_paths() {
	local name tree

	for name in 'a blank' 'plus+quiet' 'comma,x' 'at@HEAD' 'größe' "quote'\"\$(x)" 'colon:x'; do
		tree=$store/odd/$name
		tree_at "$tree" one
		constant "$tree" two
		untouched "$tree" holds two "tree:$tree"
		untouched "$tree" holds one "tree:$tree@HEAD"
		[ "$(kernels "tree:$tree+quiet" | jq -r .cmdline)" = quiet ]
	done
}

patches() {
	local tree=$store/patched patch=$store/patch+dir

	tree_at "$tree" one
	mkdir "$patch"
	constant "$tree" two
	git -C "$tree" diff >"$patch/one to two.patch"
	save "$tree" 'ändern: two'
	constant "$tree" six
	git -C "$tree" mv scripts/x scripts/y
	save "$tree" six
	git -C "$tree" format-patch -q --cover-letter --attach --stdout HEAD~2 >"$patch/series.mbox"
	git -C "$tree" reset -q --hard HEAD~2
	git -C "$tree" gc -q --prune=now
	untouched "$tree" holds two "tree:$tree@HEAD+$patch/one to two.patch"
	untouched "$tree" holds six "tree:$tree@HEAD+$patch/series.mbox+quiet"
	[ "$(kernels "tree:$tree@HEAD+$patch/series.mbox+quiet" | jq -r .cmdline)" = quiet ]
	untouched "$tree" holds two "tree:$tree+$patch/one to two.patch"
	untouched "$tree" refused 2 "series.mbox does not apply: patch failed: mm/rmap.c:1" \
		kernels "tree:$tree@HEAD+$patch/one to two.patch+$patch/series.mbox"
	refused 2 "nothing.patch: no such patch file" kernels "tree:$tree@HEAD+$store/nothing.patch"
	refused 2 "'a b' is no boot parameter" kernels "tree:$tree@HEAD+a b"
	touch "$patch/empty"
	refused 2 "empty: no patch in it" kernels "tree:$tree@HEAD+$patch/empty"
}

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

check "tree:PATH is the working tree's content: edits, staged, untracked" working_tree
check "tree:PATH: contents decide, whatever times and git's marks say" old_times
check "tree:PATH: an edit in the second of the last snapshot is seen" same_second
check "tree:PATH@REV takes the revision, not the working tree" revisions
check "tree: linked, bare, shallow, submodule, inside another repository" other_shapes
check "tree: a partial clone is not fetched into" partial
if [ "$(id -u)" -eq 0 ]; then
	check "tree: another owner's" other_owner
else
	skip "tree: another owner's" "only root can give a tree to somebody else"
fi
check "tree: a build in the tree, and a tree without git" built_in_tree
check "tree: a sparse checkout" sparse
check "tree: odd names" odd_paths
check "SPEC+FILE: a patch, a series" patches
check "what does not build says why, and does no harm to the next" does_not_build
check "kept kernels are complete, and apart" kept
check "compilers: several words, several versions" compilers
check "the module's compiler is the kernel's" module_toolchain
check "CONFIG: a fragment, a whole configuration, distro" configurations
