# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# How long files and functions are, whether modules include each other in a circle, and what they are called.  Figures
# are printed below the check that holds them.

# there PATTERN...: files of the tree; a record in results/ keeps its own rules.
there() {
	git ls-files -co --exclude-standard -- "$@" ':!results' | while IFS= read -r f; do
		[ ! -f "$f" ] || printf '%s\n' "$f"
	done
}

# made_by_hand: whatever somebody writes but documents, tables and configurations.
made_by_hand() {
	there '*.c' '*.cc' '*.h' '*.sh' '*.awk' '*.jq' '*.py' '*.R' '*.gp' '*.mk' '*Makefile' '*Kbuild' \
		scripts/host-check scripts/series/bisect-step .ci/run
}

lengths() { made_by_hand | xargs awk -f tests/static/lengths.awk; }

circles() { there '*.c' '*.cc' '*.h' | xargs awk -f tests/static/circles.awk tests/static/circles.tsv; }

# functions_of: the files whose names are on standard input.
functions_of() {
	xargs ctags -f - --fields=+ne --c-kinds=f --c++-kinds=f | awk -F'\t' '{
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) start = substr($i, 6)
			if ($i ~ /^end:/) end = substr($i, 5)
		}
		print end - start + 1, $1, $2
	}' | sort -n | awk -f tests/static/function-lengths.awk
}

function_lengths() { there '*.c' '*.cc' '*.h' | functions_of; }

# figures NAME COMMAND...: a check whose output is shown when it passes, too.
figures() {
	local before=$failed

	check "$1" "${@:2}"
	! wanted "$1" || [ "$failed" -gt "$before" ] || sed 's/^/#       /' "$scratch/output"
}

# finds TEXT COMMAND...: it fails and has that line.
finds() {
	refute "${@:2}" >"$scratch/said"
	grep -xF -- "$1" "$scratch/said"
}

length_is_found() {
	seq -f '# %g' 401 >"$scratch/long.sh"
	seq -f '# %g' 400 | tee "$scratch/longest.sh" >"$scratch/what"
	awk -f tests/static/lengths.awk "$scratch/longest.sh"
	finds "$scratch/long.sh: over 400 lines" awk -f tests/static/lengths.awk "$scratch"/{long,longest}.sh
	finds "$scratch/what: of no kind that this check knows" awk -f tests/static/lengths.awk "$scratch"/{longest.sh,what}
}

function_is_found() {
	{ printf 'void f(void)\n{\n' && seq -f '/* %g */' 58 && echo '}'; } >"$scratch/long.c"
	finds "$scratch/long.c: f() has over 60 lines" functions_of < <(echo "$scratch/long.c")
	sed -i '3,50d' "$scratch/long.c"
	functions_of < <(echo "$scratch/long.c")
	seq 3 40 | sed 's/$/ g x.c/' >"$scratch/median"
	finds "functions have a median of 21.5 lines, over 15" awk -f tests/static/function-lengths.awk "$scratch/median"
}

# By way of a source, too; a source that includes its own header is none.
circle_is_found() {
	local at=$scratch/circle list=$scratch/circles.tsv
	local files=("$at"/{a.c,a.h,b.h,c.c})

	mkdir "$at"
	echo '# none' >"$list"
	echo '#include "b.h"' >"$at/a.h"
	echo '#include "a.h"' | tee "$at/a.c" >"$at/c.c"
	touch "$at/b.h"
	awk -f tests/static/circles.awk "$list" "${files[@]}"
	printf '#include "b.h"\n#include "../circle/c.h"\n' >"$at/b.c"
	touch "$at/c.h"
	finds "include circle: $at/a $at/b $at/c" awk -f tests/static/circles.awk "$list" "${files[@]}" "$at"/{b.c,c.h}
	printf '%s\tme\n' "$at/a $at/b $at/c" >>"$list"
	awk -f tests/static/circles.awk "$list" "${files[@]}" "$at"/{b.c,c.h}
	finds "$list:2: no circle any more: $at/a $at/b $at/c" awk -f tests/static/circles.awk "$list" "${files[@]}"
}

# A name says one thing: in a message, in a search, in what somebody types.  A record in results/ keeps its own.
script_names_are_unique() {
	same /dev/null <(git ls-files -co --exclude-standard '*.sh' '*.awk' '*.jq' '*.py' '*.mk' ':!results' | while IFS= read -r f; do
		[ ! -e "$f" ] || echo "${f##*/}"
	done | sort | uniq -d)
}

# All parts are sourced by one shell, where a part's function would take the place of theirs for all parts behind it.
names_of_their_own() {
	functions() { grep -hoE '^[a-z_0-9]+\(\)' "$@" | sort -u; }
	[ "$(functions scripts/check.sh scripts/lib.sh | wc -l)" -gt 30 ]
	same /dev/null <(comm -12 <(functions scripts/check.sh scripts/lib.sh) <(functions tests/*/part-*.sh))
}

figures "no file is too long" lengths
check "one of 401 lines is found" length_is_found
figures "functions are short" function_lengths
check "a long one is found, and a high median" function_is_found
figures "include circles: none that is not listed" circles
check "a circle is found, and an entry of the list that is none" circle_is_found
check "no part has a function of check.sh's or lib.sh's name" names_of_their_own
check "no script's name is there twice" script_names_are_unique
