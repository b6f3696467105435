#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Install the Debian packages that building, measuring and checking need.
#
# usage: setup.sh [build|run|check|perf|plots|emulator]...   (default: build run)
#
# As root the missing ones are installed; otherwise one line prints the exact
# command.  Nothing else of the system is touched.
set -eu
. "$(dirname "$0")/lib.sh"

declare -A packages=(
	[build]='gcc g++ make libc6-dev libbenchmark-dev libhwloc-dev libjansson-dev libgsl-dev
		zlib1g-dev'
	[run]='bc bison flex libelf-dev perl xz-utils cpio kmod jq python3
	       util-linux qemu-system-x86 busybox-static binutils debian-archive-keyring
	       ca-certificates'
	[emulator]='gcc g++ ninja-build meson pkg-config python3 bzip2 binutils dpkg-dev libglib2.0-dev
		libpixman-1-dev libfdt-dev zlib1g-dev debian-archive-keyring'
	[perf]='linux-perf'
	[plots]='gnuplot-nox fonts-dejavu-core'
	[check]='libcmocka-dev shellcheck cppcheck clang-format python3-jsonschema git
		universal-ctags libbenchmark-tools python3-scipy
		pocl-opencl-icd ocl-icd-libopencl1 libxml2-utils chromium mandoc man-db bash-completion dkms'
)

missing=()
[ $# -gt 0 ] || set -- build run
command -v dpkg-query >/dev/null 2>&1 ||
	die "this is not a Debian system; install the equivalents of: ${packages[*]}"
for group in "$@"; do
	[ -n "${packages[$group]:-}" ] || die "setup.sh: unknown group '$group'; one of: ${!packages[*]}"
	for p in ${packages[$group]}; do
		case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) in
		*' installed') ;;
		*) missing+=("$p") ;;
		esac
	done
done
[ ${#missing[@]} -gt 0 ] || exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
[ "$(id -u)" -eq 0 ] || die "packages are missing; as root: $install"
log "installing ${missing[*]}"
mkdir -p "$DEX_CACHE"
setup_log=$DEX_CACHE/setup.log
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && $install; } >"$setup_log" 2>&1; then
	log "$(grep -m1 '^E:' "$setup_log" || echo "apt-get failed")"
	die "packages could not be installed (see $setup_log); without a network, install elsewhere: ${missing[*]}"
fi
