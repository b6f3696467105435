# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# A Debian archive of a few packages of a few bytes, and kernels as far as anybody here looks into them.  Sourced by
# part-packages.sh.

archive=$scratch/archive
suite=$archive/dists/trixie
tools='base-files, libc-bin, dash, bash, coreutils, make, binutils, sed, grep, mawk, findutils, diffutils'
release=9.1+deb13-cloud-amd64

# add_package NAME VERSION DEPENDS [PROVIDES]: what $scratch/files holds becomes a package of the archive.
add_package() {
	local file=pool/$1_$2_all.deb

	mkdir -p "$scratch/deb" "$archive/pool" "$scratch/files"
	(
		cd "$scratch/deb"
		echo 2.0 >debian-binary
		printf 'Package: %s\nVersion: %s\n' "$1" "$2" >control
		tar -cJf control.tar.xz control
		tar -C "$scratch/files" -cJf data.tar.xz .
		rm -f "$archive/$file"
		ar rc "$archive/$file" debian-binary control.tar.xz data.tar.xz
	)
	printf 'Package: %s\nVersion: %s\nDepends: %s\nProvides: %s\nFilename: %s\nSHA256: %s\n\n' "$1" "$2" "$3" "${4:-}" "$file" \
		"$(sha256sum <"$archive/$file" | cut -c1-64)" | grep -v ': $' >>"$archive/Packages"
	echo >>"$archive/Packages"
	rm -rf "$scratch/files"
}

publish() {
	mkdir -p "$suite/main/binary-amd64"
	xz -c "$archive/Packages" >"$suite/main/binary-amd64/Packages.xz"
	gzip -c "$archive/Packages" >"$suite/main/binary-amd64/Packages.gz"
}

# A bzImage as far as anybody here looks into it: its release, at the place that the header says.
fake_image() {
	{ head -c $((0x20e)) /dev/zero; printf '\x00\x01'; head -c $((0x300 - 0x210)) /dev/zero; printf '%s (x) #1\0' "$2"; } >"$1"
}

# fake_tree DIR RELEASE LINE...: a tree of headers, with these lines besides in its configuration.
fake_tree() {
	local dir=$1

	mkdir -p "$dir/include/config"
	echo "$2" >"$dir/include/config/kernel.release"
	printf '0x0\tmake_device_exclusive\tvmlinux\tEXPORT_SYMBOL_GPL\t\n' >"$dir/Module.symvers"
	echo "KBUILD_OUTPUT=/usr/src/linux-headers-$2" >"$dir/Makefile"
	shift 2
	printf '%s\n' CONFIG_64BIT=y CONFIG_BLK_DEV_INITRD=y CONFIG_DEVTMPFS=y CONFIG_SERIAL_8250_CONSOLE=y CONFIG_MODULES=y \
		'CONFIG_CC_VERSION_TEXT="x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0"' "$@" >"$dir/.config"
}

# fake_module FILE DEPENDS: compressed as FILE's name says.
fake_module() {
	mkdir -p "${1%/*}"
	printf 'license=GPL\0depends=%s\0name=x\0' "$2" | case $1 in *.xz) xz -c ;; *.gz) gzip -c ;; *) cat ;; esac >"$1"
}

# fake_modules DIR: virtio_pci needs two more, one of them under its name with a dash.
fake_modules() {
	fake_module "$1/kernel/drivers/virtio/virtio_pci.ko.xz" virtio-ring,virtio
	fake_module "$1/kernel/drivers/virtio/virtio.ko.gz" ''
	fake_module "$1/kernel/drivers/virtio/virtio_ring.ko.xz" virtio
	fake_module "$1/kernel/drivers/char/virtio_console.ko" virtio,virtio_ring
	fake_module "$1/kernel/drivers/block/brd.ko.xz" ''
}

# add_kernel RELEASE VERSION LINE...
add_kernel() {
	local kernel=$1 version=$2 files=$scratch/files

	shift 2
	mkdir -p "$files/usr/lib/modules/$kernel"
	fake_image "$files/usr/lib/modules/$kernel/vmlinuz" "$kernel"
	add_package "linux-binary-$kernel" "$version" ''
	fake_modules "$files/usr/lib/modules/$kernel"
	add_package "linux-modules-$kernel" "$version" ''
	add_package "linux-image-$kernel" "$version" "bootloader | tools, linux-binary-$kernel (= $version), linux-modules-$kernel (= $version)"
	fake_tree "$files/usr/src/linux-headers-$kernel" "$kernel" "$@"
	add_package "linux-headers-$kernel" "$version" 'compiler:any (>= 14)'
}

make_archive() {
	local version

	for version in 6.12.2-1 6.12.10-1; do
		mkdir -p "$scratch/files/usr/src"
		echo "$version" >"$scratch/files/usr/src/here"
		add_package linux-source-6.12 "$version" ''
	done
	add_package linux-source-6.9 6.9.1-1 ''
	add_package tools 1-1 '' "$tools"
	add_package compiler 14-1 tools
	add_kernel "$release" 9.1-1 CONFIG_DEVICE_PRIVATE=y CONFIG_VIRTIO_PCI=m CONFIG_VIRTIO_CONSOLE=m
	add_kernel 6.12.10-amd64 6.12.10-1 '# CONFIG_DEVICE_PRIVATE is not set'
	add_package linux-image-cloud-amd64 9.1-1 "linux-image-$release (= 9.1-1)"
	publish
}
