#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every test, one line each; the last line counts them.
#
# usage: check.sh [PART...]     the parts are in PARTS, in the order in which they run
#
# A part is bench/tests/PART.sh, sourced here; it calls check and skip.
set -eu
PARTS='static unit pipeline figures compare formats plan plots hostile source packages input
	control tools host install gpu series module fuzz guest boots lockstep contention attribute counts campaign'
# Nothing of the caller's but the compiler, how much at once, and the cache.
# shellcheck disable=SC2046 # one word a name
unset $(awk '/^[A-Z]/ && $2 ~ /asked|place/ { print $1 }' "$(dirname "$0")/variables.txt") \
	GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=commit.gpgsign GIT_CONFIG_VALUE_0=false \
	GIT_CONFIG_KEY_1=tag.gpgsign GIT_CONFIG_VALUE_1=false
. "$(dirname "$0")/lib.sh"

TESTS=$DEX_TOP/bench/tests
REFERENCE=$DEX_TOP/results/reference
all_scratch=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-check.XXXXXX")
trap 'rm -rf "$all_scratch"' EXIT
trap 'kill $(jobs -rp) 2>/dev/null; exit 130' INT TERM
passed=0 failed=0 skipped=0

# unpack DIRECTORY JQ-CONDITION: those of the reference's cases, as dexbench lists them, as a
# campaign of their own whose files can be read and spoiled.
unpack() {
	local cases name boot

	cases=$("$DEX_TOP/build/dexbench" --list | jq -c "map(select($2) | .case)")
	mkdir "$1"
	jq --argjson only "$cases" '.cases |= map(select(IN($only[])))' "$REFERENCE/plan.json" >"$1/plan.json"
	for boot in "$REFERENCE"/[0-9]*; do
		cp -r "$boot" "$1"
		rm "$1/${boot##*/}"/*.gz
		for name in $(jq -r '.cases[]' "$1/plan.json"); do
			zcat "$boot/$name.json.gz" >"$1/${boot##*/}/$name.json"
		done
	done
	"$DEX_TOP/build/dex-compare" --write "$1" >/dev/null || [ $? -eq 1 ]
}

# recorded: $RECORDED are the primary cases, that most parts compare, draw and spoil.
RECORDED=$all_scratch/recorded
recorded() { [ -e "$RECORDED" ] || unpack "$RECORDED" .primary; }

# check NAME COMMAND...: what it printed is shown if it fails.
check() {
	local name=$1 begin=$SECONDS

	shift
	# Not in the condition itself: errexit would be off in there.
	(set -eu; "$@") >"$scratch/output" 2>&1 </dev/null &
	if wait $!; then
		passed=$((passed + 1))
		printf 'ok      %s%s\n' "$name" "$([ $((SECONDS - begin)) -lt 5 ] || echo " ($((SECONDS - begin)) s)")"
	else
		failed=$((failed + 1))
		printf 'FAILED  %s\n' "$name"
		tail -n 30 "$scratch/output" | cut -c1-200 | sed 's/^/        | /'
	fi
}

skip() {
	skipped=$((skipped + 1))
	printf 'skipped %s: %s\n' "$1" "$2"
}

# check_others NAME COMMAND...: a check in which root works as somebody else, too.
check_others() {
	if [ "$(id -u)" -ne 0 ]; then
		skip "$1" "not root"
	elif setpriv --reuid=65534 --clear-groups test -r "$DEX_TOP/scripts/lib.sh"; then
		check "$@"
	else
		skip "$1" "this clone is root's alone"
	fi
}

# refused STATUS TEXT COMMAND...: it ends with STATUS and one line of stderr
# that holds TEXT (make's own lines aside).
refused() {
	local status=$1 text=$2 rc=0

	shift 2
	"$@" >"$scratch/stdout" 2>"$scratch/stderr" </dev/null || rc=$?
	cat "$scratch/stderr"
	[ "$rc" -eq "$status" ] || { echo "exit status $rc, expected $status"; return 1; }
	[ "$(wc -l <"$scratch/stderr")" -eq 1 ] || { echo "not one line"; return 1; }
	grep -qF -- "$text" "$scratch/stderr" || { echo "does not say: $text"; return 1; }
}

# refute COMMAND...: it must fail (`! COMMAND` alone does not stop a script).
refute() {
	if "$@"; then
		echo "succeeded, but should not: $*"
		return 1
	fi
}

# killed SECONDS COMMAND...: with all that it started, after a part of that time.
killed() {
	local pid most=$1

	shift
	setsid "$@" >/dev/null 2>&1 &
	pid=$!
	sleep "$(awk -v most="$most" -v part=$RANDOM 'BEGIN { print most * part / 32768 }')"
	kill -9 -- "-$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

# seconds COMMAND...: that it takes.
seconds() {
	local begin=$EPOCHREALTIME

	"$@" >/dev/null 2>&1
	awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}

# edit FILE JQ-FILTER
edit() {
	jq -c "$2" "$1" >"$1.new"
	mv "$1.new" "$1"
}

# Exactly the same bytes in two files.
same() { diff -u "$1" "$2"; }

# valid FILE...: against the schema that each names.
valid() {
	local f schema

	for f; do
		schema=$(jq -r .schema "$f")
		/usr/bin/jsonschema -i "$f" "$DEX_TOP/results/schema/${schema#dexbench.}.json" 2>&1 | cut -c1-300 | head -n 5
		[ "${PIPESTATUS[0]}" -eq 0 ] || { echo "$f does not match its schema"; return 1; }
	done
}

cd "$DEX_TOP"
# shellcheck disable=SC2086 # several words
[ $# -gt 0 ] || set -- $PARTS
for part; do
	[ -f "$TESTS/$part.sh" ] || die "check.sh: no part '$part'; one of: $(basename -s .sh "$TESTS"/*.sh | xargs)"
	printf '== %s\n' "$part"
	# A place of its own, so that no part trips over another's files.
	scratch=$all_scratch/$part
	mkdir "$scratch"
	# shellcheck source=/dev/null
	. "$TESTS/$part.sh"
done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
