#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Kernels that somebody else has built: a Debian package, or an image and its build tree.
#
# usage: distro.sh SPEC      deb:linux-image-X[=VERSION], or image:BZIMAGE,TREE
#
# Prints what a kernel's JSON says besides spec and cmdline.  Of a package that is
#   packages       all that was fetched for it, with SHA-256
#   build_root     a file system with its headers and the compiler, host tools and C library that go with
#                  them, for in-root.sh: the system's own may be older and is not touched
#   guest_modules  modules that the guest loads and that are no part of the build tree, unpacked, each
#                  behind those that it depends on
# An image has guest_modules if its build tree is headers alone and lib/modules/RELEASE lies beside it.
#
# Environment: DEXBENCH_CACHE, DEXBENCH_MIRROR, UPDATE: package.sh.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$(dirname "$0")
# What the guest boots by, and the modules that let it speak and swap.
BOOTS_BY='64BIT BLK_DEV_INITRD DEVTMPFS SERIAL_8250_CONSOLE MODULES'
GUEST_NEEDS='virtio_pci virtio_console'
GUEST_LIKES='brd test_hmm'
# The package of headers depends on a compiler; make and its recipes call these besides.
BUILD_TOOLS='base-files libc-bin dash bash coreutils make binutils sed grep mawk findutils diffutils'

[ $# -eq 1 ] || die "distro.sh: one spec; usage: distro.sh SPEC"
SPEC=$1
need_tool jq
ORDER=$(mktemp "${TMPDIR:-/tmp}/dexbench-modules.XXXXXX")
trap 'rm -f "$ORDER"' EXIT

# check_config FILE: the path under test is in it, and a guest can boot it.
check_config() {
	local symbol

	grep -qx CONFIG_DEVICE_PRIVATE=y "$1" ||
		die "$SPEC: built without CONFIG_DEVICE_PRIVATE, so it has no make_device_exclusive*(). Debian's 7.2 and 7.3 have it (deb:linux-image-7.3.4+deb13-cloud-amd64, trixie-backports), 6.1 and 6.12 do not; deb:linux-source-6.12 builds that source with it, image: takes a kernel of your own"
	for symbol in $BOOTS_BY; do
		grep -qx "CONFIG_$symbol=y" "$1" ||
			die "$SPEC: built without CONFIG_$symbol=y, which the guest boots by; build one with it (kernels/fragment.config)"
	done
	! grep -qx CONFIG_MODULE_SIG_FORCE=y "$1" ||
		die "$SPEC: built with CONFIG_MODULE_SIG_FORCE=y, so it takes no module but its maker's, and dexbench.ko is none; build one without"
}

# find_module NAME DIR...: its file in the first that has it; in names - and _ are the same.
find_module() {
	local name=${1//[-_]/[-_]}

	shift
	find -L "$@" \( -path '*/build' -o -path '*/source' \) -prune -o -type f \
		\( -name "$name.ko" -o -name "$name.ko.[xgz]*" \) -print -quit 2>/dev/null
}

# plain_module FILE DIR NAME: the same without compression, DIR/NAME.ko.
plain_module() {
	local by=cat

	case $1 in *.xz) by='xz -dc' ;; *.gz) by='gzip -dc' ;; *.zst) by='zstd -dcq' ;; esac
	need_tool "${by%% *}"
	$by <"$1" | atomic_write "$2/$3.ko"
}

# add_module NAME OUT DIR...: it and all it depends on in OUT, their names in $ORDER; 1 if there is no such
# file.  A module names those itself; modules.dep comes into being only where one is installed.
add_module() {
	local name=$1 out=$2 file needs

	shift 2
	! grep -qx "$name" "$ORDER" || return 0
	file=$(find_module "$name" "$@")
	[ -n "$file" ] || return 1
	plain_module "$file" "$out" "$name"
	for needs in $(tr '\0' '\n' <"$out/$name.ko" | sed -n 's/^depends=//p' | tr ',-' ' _'); do
		add_module "$needs" "$out" "$@" || die "$SPEC: module $name needs $needs, which is not in $*"
	done
	echo "$name" >>"$ORDER"
}

# guest_modules CONFIG OUT DIR...: those that DIR... have and the kernel has not built in, as a JSON array
# of files in OUT.  What lies in OUT already another boot may be reading.
guest_modules() {
	local config=$1 out=$2 name symbol

	shift 2
	mkdir -p "$out" 2>/dev/null || die "cannot write $out: is the disk full?"
	for name in $GUEST_NEEDS; do
		symbol=CONFIG_${name^^}
		grep -qx "$symbol=y" "$config" || add_module "$name" "$out" "$@" ||
			die "$SPEC: no module $name in $*, and $symbol is not built in; without it the guest cannot hand over its results"
	done
	for name in $GUEST_LIKES; do
		add_module "$name" "$out" "$@" || true
	done
	jq -Rnc --arg dir "$out" '[inputs | "\($dir)/\(.).ko"]' "$ORDER"
}

# describe BZIMAGE TREE SOURCE KEY MORE: MORE is an object of further members.
describe() {
	local compiler

	can_carry_module "$2/Module.symvers" ||
		die "$SPEC: $2/Module.symvers has no make_device_exclusive*(), so no module can call it"
	compiler=$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\(.*\)"/\1/p' "$2/.config")
	jq -nc --arg bzimage "$1" --arg build_tree "$2" --arg source "$3" --arg key "$4" \
		--arg release "$(cat "$2/include/config/kernel.release")" \
		--arg config_hash "$(grep '^CONFIG_' "$2/.config" | digest)" --arg compiler "$compiler" \
		--argjson more "$5" '$ARGS.named + {config: null} + $more | del(.more)'
}

# get_all ROOT PACKAGE=VERSION...: into ROOT; what it was, a JSON line each.
get_all() {
	local root=$1 got

	shift
	"$HERE/package.sh" fetch "$@" "$root.debs" | while read -r got; do
		"$HERE/package.sh" unpack "$(jq -r .file <<<"$got")" "$root" || exit
		rm -f "$(jq -r .file <<<"$got")"
		jq -c 'del(.file)' <<<"$got"
	done
	[ "${PIPESTATUS[*]}" = "0 0" ]
}

# image_package NAME=VERSION: the package with a release in its name, if this one only stands for it.
image_package() {
	local kept=$DEX_CACHE/distro/$1.stands-for found

	[[ $1 != linux-image-[0-9]* ]] || { echo "$1"; return; }
	if [ ! -s "$kept" ]; then
		found=$("$HERE/package.sh" closure "$1") || exit
		found=$(grep -m1 '^linux-image-[0-9]' <<<"$found") || die "$SPEC: ${1%%=*} stands for no linux-image-X"
		echo "$found" | atomic_write "$kept"
	fi
	cat "$kept"
}

# complete_root ROOT RELEASE: what an installation would have done.
complete_root() {
	rm -rf "$1"/usr/share/{doc,man,info,locale,lintian,bug}
	mkdir -p "$1"/{bin,usr/bin,tmp}
	[ -e "$1/bin/sh" ] || ln -s dash "$1/bin/sh"
	[ -e "$1/usr/bin/awk" ] || ln -s mawk "$1/usr/bin/awk"
	# Newer kernels build a module where this says, unless it is where make was started: inside and
	# outside of the root that has two names.
	# shellcheck disable=SC2016 # make expands it
	sed -i 's,^KBUILD_OUTPUT *=.*,KBUILD_OUTPUT := $(CURDIR),' "$1/usr/src/linux-headers-$2/Makefile"
}

# in_root ROOT PATH...: the first of these that is there.
in_root() {
	local root=$1 path

	shift
	for path; do
		[ ! -e "$root/$path" ] || { echo "$root/$path"; return; }
	done
	die "$SPEC: its packages hold none of $*"
}

# closure_of RELEASE VERSION: all that is fetched; of what the image depends on only the kernel's own.
closure_of() {
	local image build

	image=$("$HERE/package.sh" closure "linux-image-$1=$2") || exit
	# shellcheck disable=SC2086 # a list of names
	build=$("$HERE/package.sh" closure "linux-headers-$1=$2" $BUILD_TOOLS) || exit
	{
		grep -F -e "linux-image-$1=" -e "linux-binary-$1=" -e "linux-modules-$1=" -e "linux-base-$1=" <<<"$image"
		echo "$build"
	} | awk '!seen[$0]++'
}

# unpack_kernel HOME RELEASE VERSION: HOME/root, and what went into it in HOME/fetch.log.
unpack_kernel() {
	local home=$1 list

	rm -rf "$home"
	mkdir -p "$home" 2>/dev/null || die "cannot write $home: is the disk full?"
	# Before 120 MB are fetched: does it have what is to be measured?
	get_all "$home/look" "linux-headers-$2=$3" >/dev/null || exit 2
	check_config "$home/look/usr/src/linux-headers-$2/.config"
	list=$(closure_of "$2" "$3") || exit
	# shellcheck disable=SC2086 # a line each, without blanks
	run_logged "fetching linux-image-$2 and what builds its modules" "$(wc -l <<<"$list")" "$home/fetch.log" \
		get_all "$home/root" $list || die "$SPEC: $(sed -n 's/^dexbench: error: //p' "$home/fetch.log" | head -n 1)"
	complete_root "$home/root" "$2"
	rm -rf "$home/look" "$home"/*.debs
}

# package_facts HOME RELEASE VERSION: the JSON of what lies there.
package_facts() {
	local root=$1/root image modules tree=$1/root/usr/src/linux-headers-$2 packages loaded

	image=$(in_root "$root" "usr/lib/modules/$2/vmlinuz" "boot/vmlinuz-$2") || exit
	modules=$(in_root "$root" "usr/lib/modules/$2" "lib/modules/$2") || exit
	packages=$(grep '^{' "$1/fetch.log" | jq -sc .)
	loaded=$(guest_modules "$tree/.config" "$1/modules" "$modules") || exit
	describe "$image" "$tree" "linux-image-$2_$3" "$(digest <<<"$packages")" "$(jq -nc --arg build_root "$root" \
		--argjson packages "$packages" --argjson guest_modules "$loaded" \
		--arg cc "$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\([^ "]*\).*/\1/p' "$tree/.config")" \
		--arg text "$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\(.*\)"/\1/p' "$tree/.config")" \
		'{packages: $packages, build_root: $build_root, guest_modules: $guest_modules,
		  toolchain: {cc: $cc, llvm: "", text: $text, linker: "ld"}}')"
}

# from_package PACKAGE[=VERSION]: once; what was unpacked elsewhere (a cache that was moved) is unpacked anew.
from_package() {
	local resolved package version release home

	mkdir -p "$DEX_CACHE/distro" 2>/dev/null || die "cannot write $DEX_CACHE/distro: is the disk full?"
	resolved=$("$HERE/package.sh" resolve "$1") || exit
	package=$(image_package "$(jq -r '"\(.package)=\(.version)"' <<<"$resolved")") || exit
	version=${package#*=} release=${package%%=*}
	release=${release#linux-image-}
	home=$DEX_CACHE/distro/${release}_$version
	exec 8>"$home.lock"
	flock -n 8 || { log "$SPEC: another one unpacks it, waiting"; flock 8; }
	if ! jq -e --arg root "$home/root" '.build_root == $root' "$home/kernel.json" >/dev/null 2>&1; then
		unpack_kernel "$home" "$release" "$version"
		package_facts "$home" "$release" "$version" | atomic_write "$home/kernel.json"
		[ -s "$home/kernel.json" ] || { rm -f "$home/kernel.json"; exit 2; }
	fi
	cat "$home/kernel.json"
	exec 8>&-
}

# The release that an image says it is.
image_release() {
	local at

	at=$(od -An -tu2 -j$(($(arch_fact release_at))) -N2 "$1" | tr -d ' ')
	dd if="$1" bs=1 skip=$((${at:-0} + $(arch_fact release_from))) count=128 2>/dev/null | tr '\0' ' ' | cut -d' ' -f1
}

# complete TREE: it was built there, and what the guest's archive takes from a build tree is enough.
complete() {
	grep -qx CONFIG_VIRTIO_PCI=y "$1/.config" &&
		{ [ -e "$1/lib/test_hmm.ko" ] || [ -e "$1/drivers/char/virtio_console.ko" ]; }
}

# from_image IMAGE TREE: of headers alone the modules lie where the distribution puts them.
from_image() {
	local image=$1 tree=$2 release key dirs=() dir loaded more

	[ -r "$image" ] || die "$SPEC: $image: this user may not read it; make a copy that you may"
	[ -r "$tree/.config" ] || die "$SPEC: $tree: no build tree (no .config in it)"
	check_config "$tree/.config"
	release=$(cat "$tree/include/config/kernel.release" 2>/dev/null || true)
	[ "$(image_release "$image")" = "$release" ] ||
		die "$SPEC: the image is $(image_release "$image"), the build tree makes modules for ${release:-nothing yet}; give a matching pair"
	key=$( (cat "$image"; cat "$tree/Module.symvers") | digest)
	for dir in "$tree/../../lib/modules/$release" "$tree/../../../lib/modules/$release" "/lib/modules/$release"; do
		[ ! -d "$dir/kernel" ] || dirs=("${dirs[@]}" "$dir")
	done
	more=$(jq -nc '{packages: []}')
	if ! complete "$tree"; then
		loaded=$(guest_modules "$tree/.config" "$DEX_CACHE/kernels/$key/modules" "$tree" "${dirs[@]:0:1}") || exit
		more=$(jq -c --argjson list "$loaded" '.guest_modules = $list' <<<"$more")
	fi
	describe "$image" "$tree" "image:$key" "$key" "$more"
}

asked=$("$HERE/spec.sh" "$SPEC") || exit
case $(jq -r .kind <<<"$asked") in
distro) from_package "$(jq -r .package <<<"$asked")" ;;
image) from_image "$(jq -r .image <<<"$asked")" "$(jq -r .tree <<<"$asked")" ;;
*) die "$SPEC: no kernel that is built already" ;;
esac
