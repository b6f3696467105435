# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What can be counted, then what takes several CPUs: two campaigns in one OUT, each a campaign
# of its own that is gone on with, shown and kept as any other.  Sourced by ab.sh.

# counted_alike EXACT LOCKSTEP: a row that one CPU alone makes is the same number in both modes, or
# lockstep mode's numbers are not to be believed.
counted_alike() {
	local counted

	counted=$("$BUILD/dexbench" --list | jq -c 'map(select(.counted) | .case)')
	jq -rn --slurpfile exact "$1" --slurpfile lockstep "$2" --argjson counted "$counted" '
		def rows: .[0].rows | map(select(.kernel == .baseline or (.aa | not)) |
			select((.case | IN($counted[])) and .value != null) |
			{key: ([.case, .params, .metric, .kernel] | tojson), value}) | from_entries;
		($exact | rows) as $exact | ($lockstep | rows) as $lockstep |
		[$lockstep | keys[] | select($exact[.] != null)] as $both |
		[$both[] | select($exact[.] != $lockstep[.])] as $other |
		"dexbench: of one CPU alone: \($both | length) rows, " +
		(if $other == [] then "all as exact mode counts them"
		 else "\($other | length) of them not as exact mode counts them: " +
			([$other[:3][] | fromjson as [$case, $params, $metric, $kernel] |
			 "\($case) \($params | to_entries | map("\(.key)=\(.value)") | join(" ")) on \($kernel): \($exact[.]), here \($lockstep[.])"] |
			 join("; ")) end)'
}

# one_of_both OUT NAME VARIABLE=VALUE...: unless it is finished.
one_of_both() {
	local out=$1 name=$2

	shift 2
	[ ! -e "$out/$name/compare.json" ] || return 0
	in_group env "$@" STRICT= MODE="$name" DEX_WHOLE="$out" OUT="$out/$name" "$HERE/campaign/ab.sh"
}

# possible MODE: what was asked for can be had in that mode, or the program ends.
# shellcheck disable=SC2034 # check_input's
possible() {
	local MODE=$1 MEMORY=${MEMORY:-} SEED=${SEED:-} RETRIES=${RETRIES:-} AA=${AA:-} BUDGET=${BUDGET:-} CPUS=${CPUS:-} \
		BOOTS=${BOOTS:-} RUNS=${RUNS:-} PAGES=${PAGES:-} ROWS=${ROWS:-}

	check_input
}

# both_verdicts COMPARE.JSON...: ends the program: a regression in any of them is one, and what cannot be
# told in one is not told.
both_verdicts() {
	verdict_status "$(jq -s 'map(.status) | if index(1) then 1 else max end' "$@")"
	exit 0
}

# both_campaigns: ends the program.  Contention has its mode only where the emulator can be had.
both_campaigns() {
	local said

	out=${OUT:-$(new_results)} # for the trap, too
	[ -e "$out/exact" ] || free_for_campaign "$out"
	[ ! -e "$out/lockstep/compare.json" ] ||
		die "OUT=$out holds two finished campaigns; results are never overwritten, choose another directory"
	# What cannot be is said before the first of them begins.
	possible lockstep
	# Where nothing comes of it, nothing is left.
	trap 'rmdir "$out" 2>/dev/null || true' EXIT
	one_of_both "$out" exact LOCKSTEP= CPUS= || exit
	if [ "${LOCKSTEP:-}" = no ]; then
		both_verdicts "$out/exact/compare.json"
	elif ! said=$("$HERE/emulator.sh" --parameters="${LOCKSTEP:-}" 2>&1 >/dev/null); then
		log "no contention in this campaign: ${said##*$'\n'}"
		both_verdicts "$out/exact/compare.json"
	fi
	one_of_both "$out" lockstep || exit
	counted_alike "$out/exact/compare.json" "$out/lockstep/compare.json"
	both_verdicts "$out/exact/compare.json" "$out/lockstep/compare.json"
}
