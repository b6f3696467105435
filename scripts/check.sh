#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every test, one line each; the last line counts them.
#
# usage: check.sh [quick|check|long|KIND/|PART...]     (default: check; tests/parts.tsv has the parts)
#
# A part is tests/KIND/part-PART.sh, sourced here; it calls check and skip.
#
# Environment:
#   K=REGEX      only checks whose names the extended regular expression matches.  The others are
#                neither run nor counted, also where one that is run needs what they leave behind:
#                then name both.
#   TAP=1        TAP version 13 instead of our own lines; what a failed check printed stands before it
#   JUNIT=FILE   such a file, too, by prove, which runs each part on its own
set -eu
only=${K:-} tap=${TAP:-} junit=${JUNIT:-} is_one_of_many=${DEX_ONE_OF_MANY:-}
# Nothing of the caller's but the compiler, how much at once, and the cache.
# shellcheck disable=SC2046 # one word a name
unset $(awk '/^[A-Z]/ && $2 ~ /asked|place/ { print $1 }' "$(dirname "$0")/variables.txt") \
	GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE DEX_ONE_OF_MANY
export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=commit.gpgsign GIT_CONFIG_VALUE_0=false \
	GIT_CONFIG_KEY_1=tag.gpgsign GIT_CONFIG_VALUE_1=false
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034 # of the parts
TESTS=$DEX_TOP/tests
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

# recorded: $RECORDED are the primary cases that time something, that most parts compare, draw and spoil.
RECORDED=$all_scratch/recorded
recorded() { [ -e "$RECORDED" ] || unpack "$RECORDED" '.primary and (.sample | startswith("one check") | not)'; }

# wanted NAME: by K.
wanted() { [ -z "$only" ] || [[ $1 =~ $only ]]; }

# say_plainly VERDICT NAME REMARK
say_plainly() {
	case $1 in
	passed) printf 'ok      %s%s\n' "$2" "$([ "$3" -lt 5 ] || echo " ($3 s)")" ;;
	failed) printf 'FAILED  %s\n' "$2" && sed 's/^/        | /' ;;
	skipped) printf 'skipped %s: %s\n' "$2" "$3" ;;
	esac
}

# say_tap VERDICT NAME REMARK: a # in a name would begin a directive.
say_tap() {
	local point="$((passed + failed + skipped)) - ${2//'#'/'\#'}"

	case $1 in
	passed) printf 'ok %s\n' "$point" ;;
	failed) sed 's/^/#   /' && printf 'not ok %s\n' "$point" ;;
	skipped) printf 'ok %s # SKIP %s\n' "$point" "$3" ;;
	esac
}

# head_part: once, and among selected checks above the first of a part.
head_part() {
	[ -z "$heading" ] || printf '%s %s\n' "$([ -n "$tap" ] && echo '#' || echo '==')" "$heading"
	heading=''
}

# report VERDICT NAME [SECONDS|REASON]: what a check that failed printed is on standard input.
report() {
	head_part
	printf -v "$1" %d $((${!1} + 1))
	"say_${tap:-plainly}" "$1" "$2" "${3//$'\n'/ }"
}

# check NAME COMMAND...: what it printed is shown if it fails.
check() {
	local name=$1 begin=$SECONDS

	wanted "$name" || return 0
	shift
	# Not in the condition itself: errexit would be off in there.
	(set -eu; "$@") >"$scratch/output" 2>&1 </dev/null &
	if wait $!; then
		report passed "$name" $((SECONDS - begin))
	else
		report failed "$name" $((SECONDS - begin)) < <(tail -n 30 "$scratch/output" | cut -c1-200)
	fi
}

skip() {
	! wanted "$1" || report skipped "$1" "$2"
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

# killed_within SECONDS COMMAND...: with all that it started, after a part of that time.
killed_within() {
	local pid most=$1

	shift
	setsid "$@" >/dev/null 2>&1 &
	pid=$!
	sleep "$(awk -v most="$most" -v part="$RANDOM" 'BEGIN { print most * part / 32768 }')"
	kill -9 -- "-$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

# seconds COMMAND...: that it takes.
seconds() {
	local begin=$EPOCHREALTIME

	"$@" >/dev/null 2>&1
	awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}

# whole_or_nothing SEED FROM LAST COMMAND...: a command that writes into the directory behind it, with
# the file LAST last, is killed at 20 moments in copies of FROM.  Each file is all that it is in
# FROM-whole, where nobody interferes, or not there; without LAST the same command goes on.
whole_or_nothing() {
	local n most file from=$2 last=$3 whole=$2-whole half=$2-half

	RANDOM=$1
	shift 3
	rm -rf "$whole"
	cp -r "$from" "$whole"
	most=$(seconds "$@" "$whole")
	for ((n = 0; n < 20; n++)); do
		rm -rf "$half"
		cp -r "$from" "$half"
		killed_within "$most" "$@" "$half"
		for file in "$whole"/*; do
			[ ! -f "$file" ] || [ ! -e "$half/${file##*/}" ] || cmp "$file" "$half/${file##*/}"
		done
		[ -e "$half/$last" ] || "$@" "$half" >/dev/null
		diff -r "$half" "$whole"
	done
}

# edit FILE JQ-FILTER
edit() {
	jq -c "$2" "$1" >"$1.new"
	mv "$1.new" "$1"
}

# Exactly the same bytes in two files.
same() { diff -u "$1" "$2"; }

# formats: those of dex-compare, a word each.
formats() { build/dex-compare --help | tr -s ' \n' ' ' | sed -n 's/.* --format=FORMAT \([a-z| ]*\) (default.*/\1/p' | tr -s '| ' ' '; }

# timeless COMPARE.JSON: all of it but when it was, in which order, and what the host did meanwhile.
timeless() { jq -S 'del(.plans[].date, .plans[].seed, .kernels[].conditions.date, .kernels[].conditions.host.machine)' "$1"; }

# valid FILE...: against the schema that each names.
valid() {
	local f schema

	for f; do
		schema=$(jq -r .schema "$f")
		/usr/bin/jsonschema -i "$f" "$DEX_TOP/results/schema/${schema#dexbench.}.json" 2>&1 | cut -c1-300 | head -n 5
		[ "${PIPESTATUS[0]}" -eq 0 ] || { echo "$f does not match its schema"; return 1; }
	done
}

# Each part by a check.sh of its own, that prove reads: so each is a suite with its own time.
by_prove() {
	local file=$1 xml=$all_scratch/junit.xml rc=0

	shift
	perl -MTAP::Harness::JUnit -e 1 2>/dev/null ||
		die "JUNIT: perl has no TAP::Harness::JUnit, which writes such files; install it (Debian: libtap-harness-junit-perl)"
	usable "JUNIT=$file" "$(dirname "$file")" ''
	rm -f "$file"
	K=$only TAP=1 DEX_ONE_OF_MANY=1 JUNIT_OUTPUT_FILE=$xml JUNIT_NAME_MANGLE=none \
		prove --norc --verbose --harness TAP::Harness::JUnit --exec scripts/check.sh "$@" || rc=$?
	[ -s "$xml" ] || die "JUNIT=$file: prove wrote nothing; its reason is above"
	grep -q '<testcase ' "$xml" || nothing_matches "$@"
	atomic_write "$file" <"$xml"
	return "$rc"
}

nothing_matches() { die "K=$only: no check matches in $*"; }

rc=0
[[ '' =~ $only ]] || rc=$?
[ "$rc" -ne 2 ] || die "K=$only: not an extended regular expression"
case $tap in
'') ;;
1) tap=tap ;;
*) die "TAP=$tap: the one value is 1" ;;
esac
parts=$("$DEX_TOP/scripts/parts.sh" names "${@:-check}")
mapfile -t parts <<<"$parts"
[ -z "$junit" ] || junit=$(realpath -m "$junit")
cd "$DEX_TOP"
if [ -n "$junit" ]; then
	by_prove "$junit" "${parts[@]}"
	exit
fi
[ -z "$tap" ] || echo 'TAP version 13'
for part in "${parts[@]}"; do
	heading=$part
	[ -n "$only" ] || head_part
	# A place of its own, so that no part trips over another's files.
	scratch=$all_scratch/$part
	mkdir "$scratch"
	# shellcheck source=/dev/null
	. "$("$DEX_TOP/scripts/parts.sh" files "$part")"
done
count=$((passed + failed + skipped))
[ "$count" -gt 0 ] || [ -n "$is_one_of_many" ] || nothing_matches "${parts[@]}"
[ -z "$tap" ] || printf '1..%d%s\n# ' "$count" "$([ "$count" -gt 0 ] || echo ' # SKIP no check matches')"
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ -z "$only" ] || [ "$failed" -eq 0 ] || log "K=$only: a check that failed may rely on one that K leaves out"
[ "$failed" -eq 0 ]
