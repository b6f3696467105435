# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What can be said of the tree without running it.

c_files=$(git ls-files -co --exclude-standard '*.c' '*.h' '*.cc')
shell_files=$(git ls-files -co --exclude-standard '*.sh' scripts/host-check .ci/run)

no_compiler_warning() {
	make -s syntax
}

header_alone() {
	echo "#include \"$1\"" | gcc -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -xc -
	echo "#include \"$1\"" | g++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only -xc++ -
}

# shellcheck disable=SC2086 # a list of files
layers() { awk -f scripts/check-layers.awk $c_files; }

# The check itself must be able to fail.
layers_can_fail() {
	mkdir -p "$scratch/bench/cases"
	echo '#include "stats/stats.h"' >"$scratch/bench/cases/x.c"
	cd "$scratch"
	refute awk -f "$DEX_TOP/scripts/check-layers.awk" bench/cases/x.c
}

cases_are_listed() {
	same <(sed -n 's/^\tX(\([a-z_]*\)).*/\1/p' bench/list.h | sort) \
		<(basename -s .c bench/cases/*.c | sort)
}

# One non-static symbol each, and it is the case.
cases_export_themselves() {
	local f name

	for f in bench/cases/*.c; do
		name=$(basename "$f" .c)
		[ "$(nm -g --defined-only "build/cases/$name.c.o" | cut -d' ' -f3)" = "bench_$name" ] ||
			{ echo "$f defines more than bench_$name"; return 1; }
	done
}

file_lengths() {
	local f limit

	for f in $c_files; do
		limit=400
		case $f in bench/cases/*) limit=150 ;; esac
		[ "$(wc -l <"$f")" -le $limit ] || { echo "$f: over $limit lines"; return 1; }
	done
	[ "$(wc -l <Makefile)" -le 120 ] || { echo "Makefile: over 120 lines"; return 1; }
}

# shellcheck disable=SC2086
function_lengths() {
	ctags -f - --fields=+ne --c-kinds=f --c++-kinds=f $c_files | awk -F'\t' '{
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) start = substr($i, 6)
			if ($i ~ /^end:/) end = substr($i, 5)
		}
		if (end - start + 1 > 100) { print $2 ": " $1 "() has over 100 lines"; bad = 1 }
		n++
	} END { if (!n) print "no function found"; exit bad || !n }'
}

every_file_has_a_licence() {
	local f

	for f in $c_files $shell_files; do
		head -n 4 "$f" | grep -q SPDX-License-Identifier || { echo "$f: no SPDX line"; return 1; }
	done
}

# shellcheck disable=SC2086
format() { clang-format --dry-run --Werror $c_files; }

cpp_check() {
	cppcheck -q --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
		--inline-suppr -Ibench -I. \
		'-Djson_array_foreach(a,i,v)=while(v=json_array_get(a,i))' \
		'-Djson_object_foreach(o,k,v)=while(v=json_object_get(o,k))' \
		bench/*.c bench/lib bench/cases bench/stats bench/compare
}

check "no compiler warning" no_compiler_warning
check "dex_uapi.h compiles alone, as C and C++" header_alone kernel-module/dex_uapi.h
check "cbench.h compiles alone, as C and C++" header_alone bench/cbench/cbench.h
check "layers: who may include whom" layers
check "layers: a breach is found" layers_can_fail
check "list.h and bench/cases agree" cases_are_listed
check "a case exports itself and nothing else" cases_export_themselves
check "file lengths" file_lengths
check "function lengths" function_lengths
check "licence lines" every_file_has_a_licence
# shellcheck disable=SC2086
check "shellcheck" shellcheck -x -P scripts $shell_files
check "cppcheck" cpp_check
case $(clang-format --version) in
*'version 14.'*) check "clang-format" format ;;
*) skip "clang-format" "the format is that of version 14, here is $(clang-format --version)" ;;
esac
