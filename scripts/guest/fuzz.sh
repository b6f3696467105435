#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Hostile requests to the module, in guests, until there were enough of them.
#
# usage: fuzz.sh [--module=FILE]      (make fuzz)
#
# Each kernel runs bench/tests/fuzz/module.  It has passed if the module did what dex_uapi.h
# says, everything that ended could be ended, all was as before afterwards, the module could be
# unloaded, and the kernel printed no complaint.  FILE is a built module to take instead.
#
# What happens follows from SEED, and under MODE=exact (one CPU) and lockstep (several) the
# schedule does, too: there a failure comes again, and MINIMISE=1 cuts it down by halving, first
# the rounds that it takes, then the actions of their threads.
#
# Prints one JSON object a kernel.  Exit status: 0 all passed, 1 one did not, 2 a usage or
# environment error.
#
# Environment: FUZZ (requests, the default; kills: each round is killed; failures: every
# allocation and copy fails once, DEBUG=1), COUNT (of requests, or kills; 100000), SEED (1),
# KERNELS (the ladder), DEBUG (0; 1: KASAN and lockdep, see kernels/debug.config, which
# FUZZ=failures needs), MODE (parallel; exact, as FUZZ=failures is by default; lockstep), CPUS,
# MEMORY, OUT, LOCKSTEP, MINIMISE, FUZZ_ROUNDS and FUZZ_ACTIONS (FIRST-LAST, what a failure was cut
# down to), BOOT_TIMEOUT (by default as COUNT needs).
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts
module=
for arg; do
	case $arg in
	--module=*) module=${arg#*=} ;;
	*) die "fuzz.sh: unknown option $arg; usage: fuzz.sh [--module=FILE]" ;;
	esac
done
FUZZ=${FUZZ:-requests} COUNT=${COUNT:-100000} SEED=${SEED:-1}
MODE=${MODE:-$([ "$FUZZ" = failures ] && echo exact || echo parallel)}
DEBUG=${DEBUG:-$([ "$FUZZ" = failures ] && echo 1 || echo 0)} MINIMISE=${MINIMISE:-0}
case $FUZZ in requests | kills | failures) ;; *) die "FUZZ=$FUZZ: one of requests, kills, failures" ;; esac
case $DEBUG in 0 | 1) ;; *) die "DEBUG=$DEBUG: 0 or 1" ;; esac
case $MODE in
exact) CPUS=1 ;;
lockstep | parallel) CPUS=${CPUS:-2} ;;
*) die "MODE=$MODE: one of parallel, exact, lockstep; a fuzzer measures nothing" ;;
esac
[[ $COUNT =~ ^[1-9][0-9]{0,11}$ ]] || die "COUNT=$COUNT: a number of requests, or of kills"
[[ $SEED =~ ^[0-9]{1,18}$ ]] || die "SEED=$SEED: a number"
case $MINIMISE:$MODE in
0:* | 1:exact | 1:lockstep) ;;
1:*) die "MINIMISE=1: a failure comes again under MODE=exact and MODE=lockstep alone" ;;
*) die "MINIMISE=$MINIMISE: 0 or 1" ;;
esac
for range in "FUZZ_ROUNDS ${FUZZ_ROUNDS:-0-1}" "FUZZ_ACTIONS ${FUZZ_ACTIONS:-0-1}"; do
	[[ ${range#* } =~ ^[0-9]{1,18}-[0-9]{1,18}$ ]] || die "${range%% *}=${range#* }: FIRST-LAST, two numbers"
done
need_tool jq
if [ -z "${OUT:-}" ]; then
	OUT=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-fuzz.XXXXXX")
	trap 'rm -rf "$OUT"' EXIT
fi
usable "OUT=$OUT" "$OUT" "choose another OUT"

# parameters ROUNDS ACTIONS: what the program reads, as a spec's boot parameters.
parameters() {
	printf '+FUZZ_SEED=%s' "$SEED"
	case $FUZZ in
	requests) printf '+FUZZ_REQUESTS=%s' "$COUNT" ;;
	kills) printf '+FUZZ_KILLS=%s' "$COUNT" ;;
	failures) printf '+FUZZ_FAILURES=1' ;;
	esac
	printf '%s' "${1:++FUZZ_ROUNDS=$1}${2:++FUZZ_ACTIONS=$2}"
}

# guest SPEC ROUNDS ACTIONS DIRECTORY: one boot; whatever it left is in DIRECTORY, why it was no
# good in DIRECTORY.why.
guest() {
	local kernel place=$4 rc=0

	kernel=$(DEBUG=$DEBUG "$HERE/kernel/kernel.sh" --json "$1$(parameters "$2" "$3")") || exit 2
	DEX_REASON=$place.why BOOT_TIMEOUT=${BOOT_TIMEOUT:-$((COUNT / 200 + 900))} "$HERE/guest/boot.sh" \
		--kernel="$kernel" --mode="$MODE" --cpus="$CPUS" --memory="${MEMORY:-1024}" --cases=control_clock \
		--label="$1" --program="$DEX_TOP/build/tests/fuzz_module" --out="$place" \
		${module:+"--module=$module"} ${emulator:+"--emulator=$emulator"} 2>"$place.log" || rc=$?
	case $rc in
	0) rm -f "$place.why" ;;
	1) mv -T "$place.failed.1" "$place" ;;
	*) cat "$place.log" >&2; exit 2 ;;
	esac
	rm -f "$place.log"
}

# verdict SPEC DIRECTORY SECONDS: one object.
verdict() {
	local said

	said=$("$HERE/guest/complaints.sh" "$2")
	[ -f "$2/fuzz.json" ] || echo null >"$2/fuzz.json"
	jq -c --arg kernel "$1" --arg fuzz "$FUZZ" --arg mode "$MODE" --argjson debug "$DEBUG" --argjson cpus "$CPUS" \
		--arg said "$said" --arg why "$(cat "$2.why" 2>/dev/null || true)" --argjson took "$3" \
		'{kernel: $kernel, fuzz: $fuzz, mode: $mode, cpus: $cpus, debug: ($debug == 1), host_seconds: $took,
		  complaints: ($said | split("\n") | map(select(. != "") | rtrimstr("\r"))),
		  failed: (if $why == "" then null else $why end)} + (. // {}) |
		 .requests_per_host_second = ((.requests // 0) / ([$took, 1] | max) | round)' "$2/fuzz.json"
}

# fails SPEC ROUNDS ACTIONS: does it still?  The number of boots so far is in a file.
fails() {
	local place n

	n=$(($(cat "$OUT/boots") + 1))
	echo "$n" >"$OUT/boots"
	place=$OUT/try-$n
	guest "$1" "$2" "$3" "$place"
	verdict "$1" "$place" 0 | jq -e '.failed != null or .complaints != []' >/dev/null
}

# least LOW HIGH COMMAND...: the smallest n between them for which COMMAND n works, if it works for
# HIGH and for all above one that it works for.
least() {
	local low=$1 high=$2 middle

	shift 2
	while [ "$low" -lt "$high" ]; do
		middle=$(((low + high) / 2))
		if "$@" "$middle"; then high=$middle; else low=$((middle + 1)); fi
	done
	echo "$low"
}

# What least() tries; each is a failure that is cut off at one end.
# shellcheck disable=SC2317 # least() calls them
{
last_round() { fails "$1" "0-$2" ''; }
first_round() { fails "$1" "$(($2 - $3))-$2" ''; }
last_action() { fails "$1" "$2" "0-$3"; }
first_action() { fails "$1" "$2" "$(($3 - $4))-$3"; }
}

# minimise SPEC ROUNDS-IT-TOOK: what is left of it, as JSON.
minimise() {
	local spec=$1 last rounds actions

	echo 0 >"$OUT/boots"
	last=$(least 1 "$2" last_round "$spec")
	rounds=$((last - $(least 1 "$last" first_round "$spec" "$last")))-$last
	last=$(least 1 1600 last_action "$spec" "$rounds")
	actions=$((last - $(least 1 "$last" first_action "$spec" "$rounds" "$last")))-$last
	fails "$spec" "$rounds" "$actions" || actions=''
	jq -n --arg rounds "$rounds" --arg actions "$actions" --argjson boots "$(cat "$OUT/boots")" \
		--arg command "make fuzz FUZZ=$FUZZ MODE=$MODE DEBUG=$DEBUG SEED=$SEED KERNELS='$spec' FUZZ_ROUNDS=$rounds${actions:+ FUZZ_ACTIONS=$actions}" \
		'{minimised: {rounds: $rounds, actions: (if $actions == "" then null else $actions end), boots: $boots, command: $command}}'
}

# rounds_of OBJECT DIRECTORY: the last there was; of a kernel that died, as the console has it.
rounds_of() {
	local shown

	[ -z "${FUZZ_ROUNDS:-}" ] || { echo "${FUZZ_ROUNDS#*-}"; return; }
	shown=$(sed -n 's/^fuzz: round \([0-9]*\), .*/\1/p' "$2/console.log" | tail -n 1)
	jq -r --argjson shown "${shown:-0}" '.rounds // ($shown + 128)' <<<"$1"
}

emulator=
[ "$MODE" != lockstep ] || emulator=$("$HERE/emulator.sh" ${LOCKSTEP:+"--parameters=$LOCKSTEP"}) || exit 2
mapfile -t specs < <(kernels_or "$(ladder_specs)")
failed=0
for spec in "${specs[@]}"; do
	log "$spec: $FUZZ, $([ "$FUZZ" = failures ] && echo "each once" || echo "$COUNT"), seed $SEED, $MODE mode on $CPUS CPU$([ "$CPUS" -eq 1 ] || echo s)"
	place=$OUT/$(safe_name "$spec") begin=$SECONDS
	[ ! -e "$place" ] || die "$place exists; results are never overwritten"
	guest "$spec" "${FUZZ_ROUNDS:-}" "${FUZZ_ACTIONS:-}" "$place"
	found=$(verdict "$spec" "$place" $((SECONDS - begin)))
	if jq -e '.failed != null or .complaints != []' <<<"$found" >/dev/null; then
		failed=1
		[ "$MINIMISE" = 0 ] || found=$(jq -c --argjson less "$(minimise "$spec" "$(rounds_of "$found" "$place")")" '. + $less' <<<"$found")
	fi
	printf '%s\n' "$found"
done
exit "$failed"
