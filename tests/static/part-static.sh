# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What can be said of the tree without running it.

git rev-parse --git-dir >/dev/null 2>&1 ||
	die "$DEX_TOP is no git repository, and tests look at what git has; run them in a clone"
recorded
c_files=$(git ls-files -co --exclude-standard '*.c' '*.h' '*.cc')
shell_files=$(git ls-files -co --exclude-standard '*.sh' scripts/host-check scripts/series/bisect-step 'scripts/lkp/dexbench/[rp]*' .ci/run)

# sources DIR: a copy of the tree, without what was built.
sources() {
	mkdir -p "$1"
	git ls-files -z -co --exclude-standard | xargs -0 cp -p --parents -t "$1"
}

# builds_without_warning DIR MAKE-VARIABLE...: apart from build/, whose objects others made.
builds_without_warning() {
	sources "$1"
	clean_make -s -j "$(nproc)" -C "$1" CFLAGS=-Werror CXXFLAGS=-Werror "${@:2}" bench
	[ -x "$1/build/dexbench" ]
}

# An error of each compiler's own kind, and the build ends.
warning_ends_the_build() {
	printf 'int unused_before(void);\nint unused_before(void)\n{\n\tint x;\n\n\treturn x;\n}\n' >>"$1/bench/lib/core/version.c"
	refute clean_make -s -C "$1" CFLAGS=-Werror CXXFLAGS=-Werror "${@:2}" bench 2>"$scratch/said"
	grep -e '-Werror.*uninitialized' "$scratch/said"
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
	mkdir -p "$scratch"/bench/lib/{core,mem}
	printf '#include "lib/%s.h"\n' core/die trace/trace machine/proc >"$scratch/bench/lib/mem/x.c"
	echo '#include "lib/machine/proc.h"' >"$scratch/bench/lib/core/x.c"
	cd "$scratch"
	refute awk -f "$DEX_TOP/scripts/check-layers.awk" bench/cases/x.c bench/lib/*/x.c >said
	same said <(printf '%s\n' 'bench/cases/x.c:1: may not include "stats/stats.h"' \
		'bench/lib/core/x.c:1: may not include "lib/machine/proc.h": room machine is not below core' \
		'bench/lib/mem/x.c:2: may not include "lib/trace/trace.h": room trace is not below mem')
}

# Each room has its floor, its line in the README, and its archive.
rooms_are_told() {
	local room

	for room in bench/lib/*/; do
		room=$(basename "$room")
		grep -F "floor[\"$room\"]" scripts/check-layers.awk
		[ "$(grep -c "^| [0-9] | \`$room\` | " bench/lib/README.md)" = 1 ] || { echo "bench/lib/README.md: no line for $room"; return 1; }
		[ "$room" = arch ] || [ -e "build/lib/$room.a" ] || { echo "bench/lib/lib.mk: no archive of $room"; return 1; }
	done
}

# arch_files: whoever may not say what the processor is.
arch_files() {
	git ls-files -co --exclude-standard -- bench kernel-module scripts emulator kernels plots tests Makefile .ci \
		':!scripts/check-arch.awk' ':!tests/static/arch-outside.tsv' ':!tests/docs/numbers.tsv' |
		while IFS= read -r f; do [ ! -f "$f" ] || printf '%s\n' "$f"; done
}

# arch_check LIST [FILE]...: besides those of the tree.
arch_check() { arch_files | cat - <(printf '%s\n' "${@:2}") | sed '/^$/d' | xargs awk -f scripts/check-arch.awk "$1"; }

architecture_is_behind_its_door() { same /dev/null <(arch_check tests/static/arch-outside.tsv); }

# One more place is found, an entry that nobody needs, too, and one without a reason.
architecture_check_can_fail() {
	local list=$scratch/outside.tsv

	printf 'static void f(void)\n{\n\t__asm__ volatile("rdtsc");\n}\n' >"$scratch/new.c"
	refute arch_check tests/static/arch-outside.tsv "$scratch/new.c" >"$scratch/said"
	same <(echo "$scratch/new.c:3: has what is the processor's; it belongs below a directory arch/: 	__asm__ volatile(\"rdtsc\");") \
		"$scratch/said"
	{ cat tests/static/arch-outside.tsv && printf 'bench/runner/main\\.c\tx86\tno reason\nbench/runner/run\\.c\tx86\n'; } >"$list"
	refute arch_check "$list" >"$scratch/said"
	grep -F "$list:$(($(wc -l <"$list") - 1)): nothing needs this entry any more" "$scratch/said"
	grep -F "$list:$(wc -l <"$list"): not a file, a pattern and a reason" "$scratch/said"
}

cases_are_listed() {
	same <(sed -n 's/^\tX(\([a-z_]*\)).*/\1/p' bench/list.h | sort) \
		<(basename -s .c bench/cases/*.c | sort)
}

# uncalled HEADER FILE...: functions of the header that none of the files calls.
uncalled() {
	local name

	grep -o 'cbench_[a-z_]*(' "$1" | tr -d '(' | sort -u | while read -r name; do
		grep -qw "$name" "${@:2}" || echo "$name"
	done
}

cbench_is_called() {
	same /dev/null <(uncalled bench/runner/cbench/cbench.h bench/runner/*.c)
	sed 's/cbench_label//' bench/runner/*.c >"$scratch/callers.c"
	same <(echo cbench_label) <(uncalled bench/runner/cbench/cbench.h "$scratch/callers.c")
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

every_file_has_a_licence() {
	local f

	for f in $c_files $shell_files; do
		head -n 4 "$f" | grep -q SPDX-License-Identifier || { echo "$f: no SPDX line"; return 1; }
	done
}

# Another version is refused, before it changes anything.
format_of_another_version() {
	mkdir "$scratch/bin"
	printf '#!/bin/sh\necho clang-format version 99.0.1\n' >"$scratch/bin/clang-format"
	ln -s clang-format "$scratch/bin/clang-format-14"
	chmod +x "$scratch/bin/clang-format"
	refused 2 "the format is that of clang-format 14, here is clang-format version 99.0.1; install clang-format-14" \
		env PATH="$scratch/bin:$PATH" scripts/format.sh
	refused 2 "usage: format.sh [--check|--which]" scripts/format.sh -n
}

# Half of this part's time, so all CPUs share it.
shell_check() { xargs -n 4 -P "${JOBS:-$(nproc)}" shellcheck -x -P scripts:SCRIPTDIR <<<"$shell_files"; }

# Of this tree's, in code, comments and documents, but for names that stand for others and what tests
# plant.  Results are as they were made, and the change log tells of what was.
named_files_are_there() {
	local named missing

	# shellcheck disable=SC2016 # a pattern
	named=$(git grep -hoP '(?<![\w./{}<-])(\$DEX_TOP/)?\K(scripts|bench|tests|kernel-module|plots|emulator|kernels)/[\w./-]+\.(sh|c|h|cc|awk|jq|tsv|mk|py|gp|config)\b' \
		-- . ':!CHANGELOG.md' ':!results/*/*.json*' ':!results/*/*.txt' | sort -u)
	[ "$(wc -l <<<"$named")" -gt 100 ]
	missing=$(grep -vE '/(x|throwaway|test_throwaway|NAME|test_NAME)\.|[A-Z]{4}/|-(NAME|PART)\.' <<<"$named" |
		while read -r file; do [ -e "$file" ] || echo "$file"; done)
	[ -z "$missing" ] || { echo "no such file: $missing"; return 1; }
}

cpp_check() {
	cppcheck -q -j "${JOBS:-$(nproc)}" --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
		--inline-suppr -Ibench -I. -D__x86_64__ \
		'-Djson_array_foreach(a,i,v)=while(v=json_array_get(a,i))' \
		'-Djson_object_foreach(o,k,v)=while(v=json_object_get(o,k))' \
		bench/runner bench/lib bench/gpu bench/cases bench/stats bench/results bench/compare bench/report bench/plan bench/attribute bench/plugin
}

# may_name FILE CASE: who else may know a case by its name.
may_name() {
	case $1 in
	# A script of a picture that the case itself says it is in.
	plots/*.gp) jq -e --arg picture "$(basename "$1" .gp)" --arg case "$2" \
		'any(.[]; .case == $case and any(.pictures[]; .name == $picture))' build/cases.json ;;
	# The text of --help, a document as the man page is.
	bench/runner/options.c | bench/plan/main.c) ;;
	# Tests that take long, each about rows of these cases: make selftest, converge, soak, fuzz, sweep, and kprobes.
	scripts/campaign/selftest.sh | scripts/campaign/converge.sh | scripts/guest/soak.sh | scripts/guest/fuzz.sh | scripts/guest/sweep.sh | scripts/campaign/trace-check.sh) ;;
	*) return 1 ;;
	esac >/dev/null
}

# named_in TREE: each place outside a case's own file where its name stands and may not.  Of a name that is an
# ordinary word, those in quotes.
named_in() {
	local names file line name

	names=$(sed -n 's/^\tX(\([a-z_]*\)).*/\1/p' "$1/bench/list.h" | sed '/_/!s/.*/"&"/' | paste -sd'|')
	git -C "$1" grep --untracked -nowE "$names" -- bench scripts kernel-module plots emulator Makefile \
		':!bench/cases' ':!bench/list.h' | while IFS=: read -r file line name; do
		name=${name//\"/}
		may_name "$file" "$name" || echo "$file:$line: names the case $name; what is to be known of it belongs into its struct bench"
	done
}

cases_are_named_at_home() {
	same /dev/null <(named_in .)
}

# What can be drawn has a script, and lines have an axis and are of one case.
pictures_are_whole() {
	jq -r '.[].pictures[] | select(.kind != "ladder") | "plots/\(.name).gp"' build/cases.json | xargs ls >/dev/null
	jq -e '[.[].pictures[] | select(.kind == "lines")] | length > 0 and all(.x and .axis) and
		(map(.name) | length == (unique | length))' build/cases.json
}

# A copy of the tree, with its objects, to add a case to.
copy_tree() {
	sources "$1"
	mkdir -p "$1/build"
	(cd build && find . \( -name '*.c.o' -o -name '*.cc.o' -o -name '*.d' \) -not -path './modules/*' |
		cpio -pdm --quiet "$1/build")
	git -C "$1" init -q
	git -C "$1" add -A
	git -C "$1" -c user.name=x -c user.email=x@x commit -q -m x
}

add_throwaway_case() {
	cat >"$1/bench/cases/throwaway.c" <<-'EOF'
		// SPDX-License-Identifier: MIT
		/* Does a case need more than its file and its line? */
		#include "bench.h"

		static void sample(struct run *r)
		{
			run_add(r, 1, 0);
		}

		const struct bench bench_throwaway = {
			.name = "throwaway",
			.question = "Does a case need more than its file and its line?",
			.sample_is = "nothing",
			.needs = { .swap = 1 },
			.must_equal = EQUAL_ALWAYS,
			.pictures = { { LINES, .x = "pages", .axis = "pages a range" }, { IN_LADDER } },
			.params = { BENCH_LABELS("word", "one", "two"), BENCH_VALUES("number", 3, 4) },
			.sample = sample,
		};
	EOF
	sed -i 's/X(fault_back)/X(throwaway) X(fault_back)/' "$1/bench/list.h"
}

# What dexbench writes of a case that was skipped, without a device: all of it but main().
empty_result() {
	local tree=$1

	cat >"$tree/build/empty.c" <<-'EOF'
		#include "bench.h"
		#include "lib/machine/env.h"
		#include "runner/result.h"
		extern const struct bench bench_throwaway;
		int main(int argc, char **argv)
		{
			struct result_common common = { .directory = argv[argc - 1], .mode = MODE_EXACT,
							.pages = 4096, .run = 1, .cpu = -1, .node = -1 };
			struct run r = { .bench = &bench_throwaway, .mode = MODE_EXACT, .arg = { 1, 4 },
					 .pages_per_sample = 1, .stamps_per_sample = 1, .skip = "no device" };

			result_directory(&common);
			result_state(r.bench, env_state());
			result_add(&r, NULL);
			result_state(r.bench, env_state());
			result_write_all(1);
			return 0;
		}
	EOF
	gcc -std=gnu11 -I"$tree/bench" -c -o "$tree/build/empty.o" "$tree/build/empty.c"
	# shellcheck disable=SC2046 # a list of files: objects of sources that are there
	(cd "$tree" && g++ -o build/empty build/empty.o \
		$(printf 'build/%s.o ' $(cd bench && echo runner/ru*.c runner/result.c cases/*.c)) \
		build/gpu.a build/lib/{mm,workers,trace,mem,machine,core}.a \
		-lbenchmark -lhwloc -lmd -ljansson -lpthread -lz)
	mkdir -p "$tree/build/results"
	"$tree/build/empty" "$tree/build/results"
	valid "$tree/build/results/throwaway.json"
	jq -e '.case == "throwaway" and .results[0].skipped == "no device" and
		.results[0].params == {word: "two", number: 4}' "$tree/build/results/throwaway.json"
}

# What comes after dexbench knows it by what it says: the guest its swap, dex-compare its picture and that it
# must be equal.
throwaway_is_known() {
	local tree=$1 results=$scratch/throwaway-results boot

	clean_make -s -C "$tree" build/needs build/dex-compare
	grep -x 'throwaway swap' "$tree/build/needs"
	cp -r "$RECORDED" "$results"
	for boot in "$results"/*/; do
		jq -c '.case = "throwaway"' "$boot/convert_range.json" >"$boot/throwaway.json"
	done
	edit "$results/plan.json" '.cases += ["throwaway"]'
	"$tree/build/dex-compare" --dat="$results/dat" "$results"
	same <(sed 1d "$results/dat/convert_range.dat") <(sed 1d "$results/dat/throwaway.dat")
	grep '^"throwaway ' "$results/dat/ladder.dat"
	(COLUMNS=300 "$tree/build/dex-compare" "$results" || [ $? -eq 3 ]) | grep 'throwaway pages=1 differs .*: the instrument is not to be trusted'
	echo '# as "throwaway" has it' >>"$tree/scripts/lib.sh"
	same <(echo 'scripts/lib.sh throwaway') <(named_in "$tree" | sed -n 's/:[0-9]*: names the case \([a-z]*\);.*/ \1/p')
}

# CONTRIBUTING.md's "that is all": a case is its file and its line in the list.
case_is_file_and_line() {
	local tree=$scratch/throwaway

	copy_tree "$tree"
	add_throwaway_case "$tree"
	git -C "$tree" add -N .
	same <(printf '%s\n' bench/cases/throwaway.c bench/list.h) <(git -C "$tree" diff --name-only)
	git -C "$tree" diff --stat | grep -F '2 files changed'
	clean_make -s -C "$tree" build/dexbench
	"$tree/build/dexbench" --list | jq -e 'map(select(.case == "throwaway")) | length == 1 and
		.[0].params == {word: ["one", "two"], number: [3, 4]} and (.[0].question | test("its line"))'
	same <(build/dexbench --list | jq 'map(.case)') \
		<("$tree/build/dexbench" --list | jq 'map(.case) - ["throwaway"]')
	empty_result "$tree"
	throwaway_is_known "$tree"
}

# In that tree, after it: a test that calls a function of the suite's with one of its own in place of what that calls.
unit_test_is_a_file() {
	local tree=$scratch/throwaway

	git -C "$tree" add -A
	git -C "$tree" -c user.name=x -c user.email=x@x commit -q -m y
	cat >"$tree/tests/unit/test_throwaway.c" <<-'EOF'
		// SPDX-License-Identifier: MIT
		#include <stdarg.h>
		#include <stddef.h>
		#include <stdint.h>
		#include <setjmp.h>
		#include <cmocka.h>
		#include <unistd.h>

		size_t mem_page_size(void);
		long __wrap_sysconf(int name);

		long __wrap_sysconf(int name)
		{
			return name == _SC_PAGESIZE ? 12345 : -1;
		}

		static void is_wrapped(void **state)
		{
			(void)state;
			assert_int_equal(mem_page_size(), 12345);
		}

		int main(void)
		{
			const struct CMUnitTest tests[] = { cmocka_unit_test(is_wrapped) };

			return cmocka_run_group_tests(tests, NULL, NULL);
		}
	EOF
	same <(echo '?? tests/unit/test_throwaway.c') <(git -C "$tree" status --porcelain)
	clean_make -n -C "$tree" tests | grep -q 'tests/unit/test_throwaway\.c'
	clean_make -s -C "$tree" build/tests/test_throwaway
	"$tree/build/tests/test_throwaway"
	sed -i 's/== _SC/!= _SC/' "$tree/tests/unit/test_throwaway.c"
	clean_make -s -C "$tree" build/tests/test_throwaway
	refute "$tree/build/tests/test_throwaway"
}

check "tests: no compiler warning" make -s syntax
check "gcc builds without a warning" builds_without_warning "$scratch/gcc" OPT=-O2
check "gcc: a warning ends that build" warning_ends_the_build "$scratch/gcc" OPT=-O2
if command -v clang++ >/dev/null; then
	check "clang builds without a warning" builds_without_warning "$scratch/clang" CC=clang CXX=clang++ OPT=-O0
	check "clang: a warning ends that build" warning_ends_the_build "$scratch/clang" CC=clang CXX=clang++ OPT=-O0
else
	skip "clang builds without a warning" "clang++: not found; install clang"
fi
check "dex_uapi.h compiles alone, as C and C++" header_alone kernel-module/dex_uapi.h
check "cbench.h compiles alone, as C and C++" header_alone bench/runner/cbench/cbench.h
check "cbench has no function that nobody calls" cbench_is_called
check "layers: who may include whom" layers
check "layers: a breach is found" layers_can_fail
check "each room of bench/lib has its floor, its line and its archive" rooms_are_told
check "architecture: behind its door, or listed with a reason" architecture_is_behind_its_door
check "architecture: one more place is found, and a reason that is not needed" architecture_check_can_fail
check "list.h and bench/cases agree" cases_are_listed
check "no case is named but in its file and the list" cases_are_named_at_home
check "pictures that cases are in have what they need" pictures_are_whole
check "a case exports itself and nothing else" cases_export_themselves
check "adding a case touches its file and its line in the list" case_is_file_and_line
check "adding a unit test touches its file" unit_test_is_a_file
check "licence lines" every_file_has_a_licence
check "shellcheck" shell_check
check "cppcheck" cpp_check
check "files that are named are there" named_files_are_there
check "make format: another clang-format is refused" format_of_another_version
if reason=$(scripts/format.sh --which 2>&1); then
	check "clang-format" scripts/format.sh --check
else
	skip "clang-format" "${reason#dexbench: error: }"
fi
