# shellcheck shell=bash disable=SC2154 # $dir, $src, $tree ... are kernel.sh's and source.sh's
# SPDX-License-Identifier: MIT
# Kernels of revisions (tree:PATH@REV).  Sourced by kernel.sh.
#
# All revisions of a repository are built in one place, one after the other, so
# that a commit costs what it changes.  What boots, module builds and
# attribution need of each is kept under the digest of what was built: revisions
# that give the same bytes are one kernel, under one key.
#
# kbuild compares times and commands, so what a build leaves is what a build of
# the revision alone would leave, unless somebody kills it in the middle of a
# file: then everything that build had written goes before the next begins.  The
# file `begun` says that one was at work.

# What a module build reads of the source.
KEPT_SOURCE='Makefile scripts include arch/x86/include'

# begun is older than whatever the build that was killed has written.
forget_unfinished() {
	[ ! -e "$1/begun" ] || find "$1/build" -type f -newer "$1/begun" -delete
	touch "$1/begun" || die "cannot write $1: is the disk full?"
}

# The modules of this build; what others left lies there too.
built_modules() { sed 's/\.o$/.ko/' "$build/modules.order"; }

# What the kernel and the modules of a guest are made of, in one word.  Modules are
# built later, from headers: those count, whether the image has them or not.
kernel_identity() {
	(
		cd "$build" || exit
		sha256sum .config Module.symvers arch/x86/boot/bzImage
		built_modules | LC_ALL=C sort | xargs -r sha256sum
		git --git-dir="$repository" ls-tree -r "$tree" | LC_ALL=C sort -k 4 |
			grep -E $'\t(Makefile|arch/x86/Makefile[^/]*|(arch/x86/)?include/.*|scripts/(mod/.*|Makefile[^/]*|Kbuild.include))$'
	) | digest
}

# keep_kernel: $build -> kernels/$key, where later builds do not reach it.  The
# source's files are links: git replaces files and does not write into them.
keep_kernel() {
	local kept file

	key=$(kernel_identity)
	kept=$DEX_CACHE/kernels/$key
	[ ! -d "$kept" ] || return 0
	rm -rf "$kept.part"
	mkdir -p "$kept.part/build" "$kept.part/source"
	(
		cd "$src"
		# shellcheck disable=SC2086 # several words
		cp -al --parents $KEPT_SOURCE arch/x86/Makefile* "$kept.part/source/"
		cd "$build"
		for file in .config Makefile Module.symvers System.map vmlinux source include scripts \
			arch/x86/boot/bzImage arch/x86/include/generated tools/objtool/objtool; do
			[ ! -e "$file" ] || echo "$file"
		done | cat - <(built_modules) | xargs cp -a --parents -t "$kept.part/build"
	) || die "$spec: cannot write $kept: is the disk full?"
	sed -i "s,^include .*,include $kept/source/Makefile," "$kept.part/build/Makefile"
	mv -T "$kept.part" "$kept"
}

# Built already, and kept where it says: a cache that was moved is built anew.
is_kept() {
	local at

	at=$(jq -r .build_tree "$dir/kernel.json" 2>/dev/null) || return 1
	[[ $at == "$DEX_CACHE/kernels/"* ]] && [ -d "$at" ]
}

# build_revision: $repository, $tree -> kernel.json in $dir, which says where the rest is.
build_revision() {
	local place record=$dir

	! is_kept || return 0
	place=$DEX_CACHE/kernels/${stage##*/}-$(printf '%s\n' "$(fragment | digest)" \
		"$("$CC" --version | head -n 1)" | digest)
	build=$place/build
	mkdir -p "$record" "$build" "$stage" || die "cannot write $DEX_CACHE: is the disk full?"
	lock "$stage/lock"
	! is_kept || return 0
	checkout_revision
	forget_unfinished "$place"
	dir=$place
	compile
	rm "$place/begun"
	keep_kernel
	dir=$record build=$DEX_CACHE/kernels/$key/build
	describe "$build/arch/x86/boot/bzImage" "$build" "$source_id" "$key" |
		atomic_write "$dir/kernel.json"
	exec 9>&-
}
