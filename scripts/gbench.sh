#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fetch Debian trixie's Google Benchmark and the C and C++ libraries it needs
# into the cache, for the tests of cbench; prints the directory.
set -eu
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/source.sh"

dir=$DEX_CACHE/gbench-trixie
if [ ! -d "$dir" ]; then
	[ -f "$APT_STATE/sources.list" ] || apt_refresh
	rm -rf "$dir.part"
	mkdir -p "$dir.part/root"
	cd "$dir.part"
	apt-get "${APT[@]}" -q download libbenchmark-dev/trixie libbenchmark1.9.1/trixie libstdc++6/trixie \
		libgcc-s1/trixie libc6/trixie >"$dir.log" 2>&1 ||
		die "trixie's libbenchmark cannot be downloaded ($(grep -m1 '^E:' "$dir.log")); is the network up?"
	for deb in ./*.deb; do
		dpkg-deb -x "$deb" root
	done
	mv "$dir.part" "$dir"
fi
echo "$dir"
