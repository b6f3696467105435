#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Build kernels for measurement, or reuse them from the cache.
#
# usage: kernel.sh [--json] [--built=FILE] [SPEC...]      (default: the ladder)
#
#   NAME                    a line of kernels/ladder.tsv
#   deb:linux-source-X.Y    Debian's source package, untouched
#   tree:PATH               a source tree as it is now; never written to
#   tree:PATH@REV           that git tree at a revision
#   image:BZIMAGE,TREE      a kernel built elsewhere and its build tree
#   SPEC+name=value...      any of these, booted with these parameters besides
#
# Prints `spec<TAB>bzImage<TAB>build-tree`, or with --json one JSON object a
# line that also carries version, config hash, compiler and boot parameters.
# FILE gets the spec of each kernel that was not in the cache and had to be built.
#
# Environment: DEXBENCH_CACHE, CC, JOBS, UPDATE=1 (look for newer packages),
# DEBUG=1 (kernels with KASAN, lockdep and DEBUG_VM: kernels/debug.config).
set -eu
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/source.sh"
. "$(dirname "$0")/revision.sh"

LADDER=$DEX_TOP/kernels/ladder.tsv
FRAGMENT=$DEX_TOP/kernels/fragment.config
DEBUG_FRAGMENT=$DEX_TOP/kernels/debug.config
JOBS=${JOBS:-$(nproc)}
CC=${CC:-gcc}
case ${DEBUG:-0} in 0) DEBUG='' ;; 1) ;; *) die "DEBUG=$DEBUG: 0 or 1" ;; esac

ladder_names() { grep -v '^#' "$LADDER" | cut -f1; }

fragment() { cat "$FRAGMENT" ${DEBUG:+"$DEBUG_FRAGMENT"}; }

# Nothing about when, where or by whom may reach the image.  -g1 leaves line
# tables in vmlinux for `make attribute`; the code stays the same.  They would name the
# directories, and so change the build ID, the compressed image's length, the time that
# unpacking it takes, and with that where the timer's interrupts fall.
kmake() {
	clean_make -C "$src" O="$build" CC="$CC" \
		KBUILD_BUILD_TIMESTAMP='2024-01-01' KBUILD_BUILD_USER=dexbench \
		KBUILD_BUILD_HOST=dexbench KBUILD_BUILD_VERSION=1 \
		KCFLAGS="-g1 -fdebug-prefix-map=$build=/linux -fdebug-prefix-map=$src=/linux" "$@"
}

# Say why a build failed in the compiler's own words.
build_failed() {
	rm -f "$dir/begun" # make ended by itself and left nothing half done
	tail -n 40 "$1" | grep -m3 -E 'error|Error|No space' >&2 || true
	die "$spec: the kernel did not build; the whole log is $1"
}

configure() {
	fragment >"$dir/fragment.config"
	kmake -s KCONFIG_ALLCONFIG="$dir/fragment.config" allnoconfig >"$dir/config.log" 2>&1 ||
		build_failed "$dir/config.log"
	for sym in DEVICE_PRIVATE=y TEST_HMM=m VIRTIO_CONSOLE=m MODULES=y \
		${DEBUG:+KASAN=y PROVE_LOCKING=y DEBUG_VM=y}; do
		grep -qx "CONFIG_$sym" "$build/.config" ||
			die "$spec: its Kconfig does not give CONFIG_$sym; device-exclusive needs 5.14 or newer on x86-64"
	done
}

# The two lines that make rmap-X and folio-X one image (kernels/dexbench_walk.c).
add_walk_switch() {
	local tree=$1

	cp "$DEX_TOP/kernels/dexbench_walk.c" "$tree/mm/"
	cp "$tree/mm/Makefile" "$tree/mm/Makefile.new"
	cat >>"$tree/mm/Makefile.new" <<-'EOF'

	obj-$(CONFIG_DEVICE_PRIVATE) += dexbench_walk.o
	CFLAGS_rmap.o += -Dmake_device_exclusive_range=make_device_exclusive_range_rmap
	EOF
	mv -f "$tree/mm/Makefile.new" "$tree/mm/Makefile"
}

# patched_source: $src becomes a hard-linked copy of it with the walk switch.
patched_source() {
	local patched

	patched=$src+walk-$(digest <"$DEX_TOP/kernels/dexbench_walk.c")
	if [ ! -d "$patched" ]; then
		rm -rf "$patched.part"
		cp -al "$src" "$patched.part" || die "cannot write $patched: is the disk full?"
		add_walk_switch "$patched.part"
		mv "$patched.part" "$patched"
	fi
	src=$patched
	source_id=${patched##*/}
}

# lock FILE: ours until exec 9>&-.
lock() {
	exec 9>"$1"
	flock -n 9 || { log "$spec: another build is under way, waiting for it"; flock 9; }
}

# compile: $src -> $build, with its logs in $dir.
compile() {
	local steps=1600

	rm -f "$dir/kernel.json"
	configure
	[ ! -f "$DEX_CACHE/build-steps" ] || steps=$(cat "$DEX_CACHE/build-steps")
	run_logged "building $spec" "$steps" "$dir/build.log" \
		kmake -j"$JOBS" bzImage modules || build_failed "$dir/build.log"
	[ "$(wc -l <"$dir/build.log")" -lt 900 ] || wc -l <"$dir/build.log" >"$DEX_CACHE/build-steps"
	[ -z "$built_list" ] || printf '%s\n' "$spec" >>"$built_list"
}

# build_kernel: $src, $source_id -> $dir with build/ and kernel.json.
build_kernel() {
	build=$dir/build
	mkdir -p "$build" || die "cannot write $dir: is the disk full?"
	lock "$dir/lock"
	# Paths are part of a build tree: a cache that was moved is built anew.
	! jq -e --arg id "$key" --arg tree "$build" '.key == $id and .build_tree == $tree' \
		"$dir/kernel.json" >/dev/null 2>&1 || return 0
	compile
	describe "$build/arch/x86/boot/bzImage" "$build" "$source_id" "$key" |
		atomic_write "$dir/kernel.json"
	exec 9>&-
}

# describe BZIMAGE TREE SOURCE KEY: the facts of a built kernel, as JSON.
describe() {
	local release

	grep -qwE 'make_device_exclusive(_range)?' "$2/Module.symvers" 2>/dev/null ||
		die "$spec: $2/Module.symvers has no make_device_exclusive*(); build with CONFIG_DEVICE_PRIVATE=y"
	release=$(cat "$2/include/config/kernel.release")
	jq -nc --arg bzimage "$1" --arg tree "$2" --arg source "$3" --arg key "$4" \
		--arg release "$release" \
		--arg config_hash "$(grep '^CONFIG_' "$2/.config" | digest)" \
		--arg compiler "$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\(.*\)"/\1/p' "$2/.config")" \
		'{bzimage: $bzimage, build_tree: $tree, source: $source, key: $key,
		  release: $release, config_hash: $config_hash, compiler: $compiler}'
}

# The release that a bzImage says it is (Documentation/arch/x86/boot.rst,
# field kernel_version at 0x20e).
image_release() {
	local at

	at=$(od -An -tu2 -j$((0x20e)) -N2 "$1" | tr -d ' ')
	dd if="$1" bs=1 skip=$((at + 0x200)) count=128 2>/dev/null | tr '\0' ' ' | cut -d' ' -f1
}

from_image() {
	local image=${1%%,*} tree=${1#*,} release

	[ "$image" != "$1" ] || die "$spec: the form is image:BZIMAGE,BUILDTREE"
	[ -r "$image" ] || die "$spec: $image: no such kernel image"
	[ -r "$tree/.config" ] || die "$spec: $tree: no build tree (no .config in it)"
	grep -qx CONFIG_DEVICE_PRIVATE=y "$tree/.config" ||
		die "$spec: built without CONFIG_DEVICE_PRIVATE; set it and rebuild that kernel"
	release=$(cat "$tree/include/config/kernel.release" 2>/dev/null || true)
	[ "$(image_release "$image")" = "$release" ] ||
		die "$spec: the image is $(image_release "$image"), the build tree makes modules for ${release:-nothing yet}; give a matching pair"
	image=$(realpath "$image")
	key=$( (cat "$image"; cat "$tree/Module.symvers") | digest)
	dir=$DEX_CACHE/kernels/$key
	mkdir -p "$dir"
	describe "$image" "$(realpath "$tree")" "image:$key" "$key" | atomic_write "$dir/kernel.json"
}

# prepare_kernel SPEC: sets dir, cmdline.
prepare_kernel() {
	local line package patch

	spec=$1 cmdline='' patch=no commit=''
	case $spec in
	image:*) from_image "${spec#image:}"; return ;;
	tree:*) tree_source "${spec#tree:}" ;;
	deb:*) deb_source "${spec#deb:}" ;;
	*)
		line=$(grep -v '^#' "$LADDER" | awk -F'\t' -v n="$spec" '$1 == n')
		[ -n "$line" ] || die "unknown kernel '$spec'; one of $(ladder_names | xargs), or deb:, tree:, image: (README, Kernel specs)"
		IFS=$'\t' read -r _ package patch cmdline <<<"$line"
		deb_source "$package"
		;;
	esac
	[ "$patch" != yes ] || patched_source
	key=$(printf '%s\n' "$source_id" "$(fragment | digest)" "$("$CC" --version | head -n 1)" /linux | digest)
	dir=$DEX_CACHE/kernels/${stable_key:-$key}
	if [ -n "$commit" ]; then
		build_revision
	else
		build_kernel
	fi
}

# split_parameters SPEC: sets base and parameters; a path that exists is no
# parameter, whatever its name.
split_parameters() {
	base=$1 parameters=''
	while [[ $base =~ ^(.+)\+([A-Za-z_][A-Za-z0-9_.-]*(=[^+\ ]*)?)$ ]] && [ ! -e "${base#*:}" ]; do
		base=${BASH_REMATCH[1]} parameters="${BASH_REMATCH[2]}${parameters:+ $parameters}"
	done
}

as_json=0 built_list=''
while [[ ${1:-} == -* ]]; do
	case $1 in
	--json) as_json=1 ;;
	--built=*) built_list=${1#*=} ;;
	*) die "kernel.sh: unknown option $1; usage: kernel.sh [--json] [--built=FILE] [SPEC...]" ;;
	esac
	shift
done
need_tool jq
# shellcheck disable=SC2046 # one word a name
[ $# -gt 0 ] || set -- $(ladder_names)
for arg; do
	stable_key=''
	split_parameters "$arg"
	prepare_kernel "$base"
	jq -c --arg spec "$arg" --arg cmdline "$cmdline${parameters:+${cmdline:+ }$parameters}" \
		'{spec: $spec, cmdline: $cmdline} + .' "$dir/kernel.json" |
		if [ "$as_json" = 1 ]; then cat; else jq -r '[.spec, .bzimage, .build_tree] | @tsv'; fi
done
