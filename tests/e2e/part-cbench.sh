# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# The unit tests of cbench once more, over the other Google Benchmark, which is fetched.

# The tests of cbench, built and run with trixie's libbenchmark 1.9.1; newer C
# and C++ libraries come along and are run by their own loader.
other_gbench() {
	local root=$1/root loader

	loader=$root/lib64/ld-linux-x86-64.so.2
	[ -e "$loader" ] || loader=$root/usr/lib64/ld-linux-x86-64.so.2
	g++ -std=c++17 -O2 -Wall -Wextra -Werror -isystem "$root/usr/include" -Ibench \
		-c bench/runner/cbench/cbench.cc -o "$scratch/cbench19.o"
	g++ -o "$scratch/test_cbench19" build/tests/unit/test_cbench.c.o build/tests/unit/child.c.o \
		"$scratch/cbench19.o" -lcmocka -ljansson -lm -Wl,--allow-shlib-undefined \
		"$root/usr/lib/x86_64-linux-gnu/libbenchmark.so.1.9.1"
	"$loader" --library-path "$root/usr/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu" \
		"$scratch/test_cbench19"
}

if fetched=$(scripts/gbench.sh 2>"$scratch/stderr"); then
	check "cbench with Google Benchmark 1.9.1" other_gbench "$fetched"
else
	skip "cbench with Google Benchmark 1.9.1" "$(tail -n 1 "$scratch/stderr")"
fi
