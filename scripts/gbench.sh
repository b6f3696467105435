#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fetch Debian trixie's Google Benchmark and the C and C++ libraries it needs
# into the cache, for the tests of cbench; prints the directory.
set -eu
. "$(dirname "$0")/lib.sh"

export DEXBENCH_SUITES=trixie
package="$DEX_TOP/scripts/kernel/package.sh"
dir=$DEX_CACHE/gbench-trixie
if [ ! -d "$dir" ]; then
	rm -rf "$dir.part"
	mkdir -p "$dir.part/root"
	for name in libbenchmark-dev libbenchmark1.9.1 libstdc++6 libgcc-s1 libc6; do
		resolved=$("$package" resolve "$name") || exit
		file=$("$package" fetch "$(jq -r '"\(.package)=\(.version)"' <<<"$resolved")" "$dir.part") || exit
		"$package" unpack "$(jq -r .file <<<"$file")" "$dir.part/root"
	done
	mv "$dir.part" "$dir"
fi
echo "$dir"
