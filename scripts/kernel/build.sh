#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A source tree becomes a kernel that is kept by content, complete in itself.
#
# usage: build.sh --spec=SPEC --source=JSON [--built=FILE]      (JSON of source.sh)
#
# All trees of one origin are checked out in one place and built in one place for each
# configuration and compiler, one after the other: git rewrites the files whose content differs, and a
# build costs what that touches, whether the tree is a revision, a patch or a working tree with edits.
# What boots, module builds and attribution need is kept under the digest of what was built: trees that
# give the same bytes are one kernel, under one key, and no later build reaches it.
#
# kbuild compares times and commands, so what a build leaves is what a build of the tree alone would
# leave, unless somebody kills it in the middle of a file: then everything that build had written goes
# before the next begins.  The file `begun` says that one was at work.
#
# Prints {"key", "bzimage", "build_tree", "release", "config_hash", "config", "compiler", "build_id",
# "toolchain"}; the kernel that ran has that build ID, or boot.sh takes it for another.
# FILE gets a line with the spec if something had to be built.
#
# Environment: CC, LLVM (toolchain.sh), CONFIG (a fragment of a configuration on top of ours, a whole
# one, or `distro`: kernels/distro.config), DEBUG=1 (kernels/debug.config), JOBS.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=scripts/kernel/git.sh
. "$(dirname "$0")/git.sh"

HERE=$(dirname "$0")
# What a module build reads of the source.
ARCH_DIR=arch/$(arch_fact kernel)
IMAGE=$(arch_fact image)
KEPT_SOURCE="Makefile scripts include $ARCH_DIR/include"
# Nothing works without these.
NEEDED='DEVICE_PRIVATE=y TEST_HMM=[ym] VIRTIO_CONSOLE=[ym] MODULES=y'

SPEC='' SOURCE='' BUILT=''
for arg; do
	case $arg in
	--spec=*) SPEC=${arg#*=} ;;
	--source=*) SOURCE=${arg#*=} ;;
	--built=*) BUILT=${arg#*=} ;;
	*) die "build.sh: unknown option $arg; see its head" ;;
	esac
done
need_tool jq
case ${DEBUG:-0} in 0 | 1) ;; *) die "DEBUG=$DEBUG: 0 or 1" ;; esac

from() { jq -r ".$1" <<<"$SOURCE"; }
STORE=$(from store)
TREE=$(from tree)
PLACE=$(from place)
ALTERNATES=$(alternates "$(from objects)")

# config_file: what CONFIG names, or nothing.
config_file() {
	local file=${CONFIG:-}

	[ -n "$file" ] || return 0
	[ "$file" != distro ] || file=$DEX_TOP/kernels/distro.config
	if ! [ -f "$file" ] || ! [ -r "$file" ]; then
		die "CONFIG=$CONFIG: no such file; give a fragment, a whole configuration, or distro"
	fi
	printf '%s\n' "$file"
}

# is_whole FILE: kconfig has written it, and it says everything.
is_whole() { [ -n "$1" ] && grep -q '^# Automatically generated file; DO NOT EDIT' "$1"; }

# config_text FILE: what the configuration is made from.  Of a whole one the modules are left
# out: the guest loads none of them, and they are most of what takes long to build.
config_text() {
	if is_whole "$1"; then
		grep -v '=m$' "$1"
		cat "$DEX_TOP/kernels/guest.config"
	else
		cat "$DEX_TOP"/kernels/{fragment,guest}.config ${1:+"$1"}
	fi
	[ "${DEBUG:-0}" = 0 ] || cat "$DEX_TOP/kernels/debug.config"
}

# unseen FILE: what kconfig looks for on the machine, calls absent unless the configuration wants it:
# the versions would stand in .config, and with IKCONFIG in the image.
unseen() {
	config_text "$1" | grep -q '^CONFIG_RUST=y' || echo RUSTC=absent BINDGEN=absent
	config_text "$1" | grep -q '^CONFIG_DEBUG_INFO_BTF=y' || echo PAHOLE=absent
}

# kmake BUILD TOOLCHAIN ARGUMENT...: nothing about when, where or by whom may reach the image.  -g1
# leaves line tables in vmlinux for `make attribute`; the code stays the same.  They would name the
# directories, and so change the build ID, the compressed image's length, the time that
# unpacking it takes, and with that where the timer's interrupts fall.
kmake() {
	local build=$1 llvm

	llvm=$(jq -r .llvm <<<"$2")
	# shellcheck disable=SC2046 # several words
	set -- CC="$(jq -r .cc <<<"$2")" ${llvm:+"LLVM=$llvm"} $(unseen "$FILE") "${@:3}"
	clean_make -C "$PLACE/src" O="$build" KBUILD_BUILD_TIMESTAMP='2024-01-01' KBUILD_BUILD_USER=dexbench \
		KBUILD_BUILD_HOST=dexbench KBUILD_BUILD_VERSION=1 \
		KCFLAGS="-g1 -fdebug-prefix-map=$build=/linux -fdebug-prefix-map=$PLACE/src=/linux" "$@"
}

# build_failed LOG: the cause in the words of kconfig or of the compiler.
build_failed() {
	local cause

	cause=$(grep -m3 '^\*\*\* ' "$1" | sed 's/^\*\*\* *//; s/ *\*\*\*$//' | paste -sd' ')
	[ -n "$cause" ] || cause=$(grep -m1 -E '(error|Error|ERROR)[: ]|No space left|\*\*\* ' "$1" | sed "s,$PLACE/src/,," || true)
	[ -n "$cause" ] || cause="make said: $(tail -n 1 "$1")"
	die "$SPEC: the kernel did not build: ${cause:0:300} (the whole log is $1)"
}

# configure BUILD TOOLCHAIN LOGS
configure() {
	local build=$1 log=$3/config.log file sym

	file=$(config_file)
	config_text "$file" >"$3/fragment.config"
	if is_whole "$file"; then
		cp "$3/fragment.config" "$build/.config"
		kmake "$build" "$2" -s olddefconfig >"$log" 2>&1 || build_failed "$log"
	else
		kmake "$build" "$2" -s KCONFIG_ALLCONFIG="$3/fragment.config" allnoconfig >"$log" 2>&1 || build_failed "$log"
	fi
	for sym in $NEEDED $([ "${DEBUG:-0}" = 0 ] || echo KASAN=y PROVE_LOCKING=y DEBUG_VM=y); do
		grep -qxE "CONFIG_$sym" "$build/.config" ||
			die "$SPEC: its configuration ends without CONFIG_${sym%%=*}${CONFIG:+ (CONFIG=$CONFIG)}; device-exclusive needs 5.14 or newer on $(arch_fact isa)"
	done
}

# checkout: src becomes the tree.  Where a file's content is the same it keeps its time, whatever link
# it got (keep) or whoever wrote it; what somebody changed in there is put right.
checkout() {
	local at=$PLACE/index

	[ -f "$at" ] || rm -rf "$PLACE/src"
	attempt "$PLACE" "" mkdir -p "$PLACE/src"
	rm -f "$at.lock" # of one who was killed; the place is ours
	(
		export GIT_INDEX_FILE=$at GIT_WORK_TREE=$PLACE/src GIT_ALTERNATE_OBJECT_DIRECTORIES=$ALTERNATES
		cd "$PLACE/src"
		storing "$STORE" update-index -q --really-refresh >/dev/null 2>&1 || true
		storing "$STORE" read-tree --reset -u "$TREE" >"$PLACE/checkout.log" 2>&1
	) || die "$SPEC: cannot be checked out into $PLACE/src: $(grep -m1 -E '^(error|fatal)' "$PLACE/checkout.log")"
}

# forget_unfinished PLACE-OF-BUILD: begun is older than whatever the build that was killed has written.
forget_unfinished() {
	[ ! -e "$1/begun" ] || find "$1/build" -type f -newer "$1/begun" -delete
	attempt "$1" "" touch "$1/begun"
}

# compile PLACE-OF-BUILD TOOLCHAIN: the tree that is checked out; its logs lie beside build.
compile() {
	local steps=1600 build=$1/build log=$1/build.log

	configure "$build" "$2" "$1"
	[ ! -f "$1/steps" ] || steps=$(cat "$1/steps")
	run_logged "building $SPEC" "$steps" "$log" kmake "$build" "$2" -j"${JOBS:-$(nproc)}" "$(arch_fact image_target)" modules || {
		rm -f "$1/begun" # make ended by itself and left nothing half done
		build_failed "$log"
	}
	[ "$(wc -l <"$log")" -lt 900 ] || wc -l <"$log" >"$1/steps"
	can_carry_module "$build/Module.symvers" ||
		die "$SPEC: its kernel exports no make_device_exclusive*(); was the function renamed, or is it not exported?"
	rm -f "$1/begun"
	[ -z "$BUILT" ] || printf '%s\n' "$SPEC" >>"$BUILT"
}

# built_modules BUILD: those of this build; what others left lies there, too.
built_modules() { sed 's/\.o$/.ko/' "$1/modules.order"; }

# identity BUILD: what the kernel and the modules of a guest are made of, in one word.  Modules are
# built later, from headers: those count, whether the image has them or not.
identity() {
	(
		cd "$1" || exit
		sha256sum .config Module.symvers "$IMAGE"
		built_modules . | LC_ALL=C sort | xargs -r sha256sum
		GIT_ALTERNATE_OBJECT_DIRECTORIES=$ALTERNATES storing "$STORE" ls-tree -r "$TREE" | LC_ALL=C sort -k 4 |
			grep -E $'\t(Makefile|'"$ARCH_DIR/Makefile[^/]*|($ARCH_DIR/)"'?include/.*|scripts/(mod/.*|Makefile[^/]*|Kbuild.include))$'
	) | digest
}

# keep BUILD KEY: the kernel where later builds do not reach it.  The source's files are links: git
# replaces files and does not write into them.
keep() {
	local build=$1 kept=$DEX_CACHE/kernels/$2 file

	[ ! -d "$kept" ] || return 0
	rm -rf "$kept.part"
	mkdir -p "$kept.part/build" "$kept.part/source"
	(
		cd "$PLACE/src"
		# shellcheck disable=SC2086 # several words
		cp -al --parents $KEPT_SOURCE "$ARCH_DIR"/Makefile* "$kept.part/source/"
		cd "$build"
		for file in .config Module.symvers System.map vmlinux include scripts \
			"$IMAGE" "$ARCH_DIR/include/generated" tools/objtool/objtool; do
			[ ! -e "$file" ] || echo "$file"
		done | cat - <(built_modules .) | xargs cp -a --parents -t "$kept.part/build"
	) || die "$SPEC: cannot be kept in $kept: $(df -h "$DEX_CACHE" | awk 'END { print $4 " free on its disk" }')"
	ln -s "$kept/source" "$kept.part/build/source"
	# As kbuild writes it; newer kernels go by KBUILD_OUTPUT and would build where the kernel was built.
	printf 'export KBUILD_OUTPUT = %s\ninclude %s\n' "$kept/build" "$kept/source/Makefile" >"$kept.part/build/Makefile"
	mv -T "$kept.part" "$kept"
}

# describe KEY TOOLCHAIN: the facts of a kept kernel.
describe() {
	local build=$DEX_CACHE/kernels/$1/build

	jq -nc --arg key "$1" --arg build "$build" --arg image "$IMAGE" --arg config "${CONFIG:-}" --argjson toolchain "$2" \
		--arg release "$(cat "$build/include/config/kernel.release")" \
		--arg config_hash "$(grep '^CONFIG_' "$build/.config" | digest)" \
		--arg build_id "$(readelf -n "$build/vmlinux" 2>/dev/null | sed -n 's/.*Build ID: //p')" \
		--arg compiler "$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\(.*\)"/\1/p' "$build/.config")" \
		'{key: $key, bzimage: "\($build)/\($image)", build_tree: $build, release: $release,
		  config_hash: $config_hash, config: (if $config == "" then null else $config | split("/")[-1] end),
		  compiler: $compiler, build_id: (if $build_id == "" then null else $build_id end), toolchain: $toolchain}'
}

# is_kept RECORD: built already, and kept where it says: a cache that was moved is built anew.
is_kept() {
	local at

	at=$(jq -r .build_tree "$1" 2>/dev/null) || return 1
	[[ $at == "$DEX_CACHE/kernels/"* ]] && [ -d "$at" ]
}

# build TOOLCHAIN PLACE-OF-BUILD RECORD
build() {
	local key

	attempt "the cache $DEX_CACHE" "" mkdir -p "$2/build" "$DEX_CACHE/kernels" "${3%/*}"
	exec 9>"$PLACE/lock"
	flock -n 9 || { log "$SPEC: another build is under way, waiting for it"; flock 9; }
	! is_kept "$3" || return 0
	checkout
	forget_unfinished "$2"
	compile "$2" "$1"
	key=$(identity "$2/build")
	keep "$2/build" "$key"
	describe "$key" "$1" | atomic_write "$3"
	exec 9>&-
}

TOOLCHAIN=$("$HERE/toolchain.sh" kernel) || exit
FILE=$(config_file) || exit
# The name of a build's place holds everything but the source; the record's holds that, too, and a
# word for each time that the same recipe came to give something else.
RECIPE=$( (config_text "$FILE"; echo "$TOOLCHAIN") | digest)
RECORD=$DEX_CACHE/built/$(printf '%s\n' "$TREE" "$RECIPE" /linux absent | digest).json
is_kept "$RECORD" || build "$TOOLCHAIN" "$PLACE/$RECIPE" "$RECORD"
cat "$RECORD"
