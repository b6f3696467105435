# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Campaigns as a whole: the plan, the A/A arm, boots that fail, campaigns that
# are killed and gone on with, the pilot, and an injected difference of known size.

# Apart from what other parts leave in the scratch directory.
campaigns=$scratch/campaigns
mkdir -p "$campaigns"

# A small campaign: small SEED OUT [VAR=VALUE...]
small() {
	local out=$1

	shift
	env SEED=7 OUT="$out" KERNELS="${SPECS:-folio-6.12}" CASES='control_clock|convert_latency' \
		PAGES=1536 "$@" scripts/campaign/ab.sh
}

# Everything but when it was and what the host did meanwhile.
but_for_dates() {
	local f

	(
		cd "$1"
		find . -type f | sort | while read -r f; do
			case $f in
			./compare.json) echo "$f $(timeless "$f" | digest)" ;;
			*/run.json | ./plan.json) echo "$f $(jq -cS 'del(.date, .host.machine)' "$f" | digest)" ;;
			*) echo "$f $(digest <"$f")" ;;
			esac
		done
	)
}

# end_session LEADER: also what was forked while others were killed.  Nobody may be there to
# bury the dead, so it looks for them five seconds at most.
end_session() {
	pkill -KILL -s "$1" || true
	wait "$1" || true
	for _ in {1..50}; do
		pkill -KILL -s "$1" || break
		sleep 0.1
	done
}

# One plan, killed again and again: the whole session, or ab.sh alone, whose boots
# then go on without it.  On one CPU, so that it is not over before it is killed.
killed_and_resumed() {
	local kills=0 pid cpu

	cpu=$(taskset -pc $$ | sed 's/.*: \([0-9]*\).*/\1/')
	SPECS="folio-6.12 folio-7.x"
	small "$campaigns/whole" BOOTS=3
	while [ "$kills" -lt 10 ] && [ ! -e "$campaigns/killed/compare.json" ]; do
		export -f small
		export SPECS campaigns
		# shellcheck disable=SC2016 # for the shell of its own session
		setsid taskset -c "$cpu" bash -c 'small "$campaigns/killed" BOOTS=3' >>"$campaigns/killed.log" 2>&1 &
		pid=$!
		sleep "$((RANDOM % 5)).$((RANDOM % 10))"
		if [ $((kills % 3)) -eq 2 ]; then
			pkill -KILL -s "$pid" -f scripts/campaign/ab.sh || true
			wait "$pid" || true
		else
			end_session "$pid"
		fi
		kills=$((kills + 1))
	done
	echo "killed $kills times"
	[ "$kills" -ge 3 ]
	[ -e "$campaigns/killed/compare.json" ] || small "$campaigns/killed" BOOTS=3
	same <(but_for_dates "$campaigns/whole") <(but_for_dates "$campaigns/killed")
}

# It waits by a process of its own, which lives on.
killed_while_it_waits() {
	local dir=$scratch/waited pid waits holder

	# shellcheck disable=SC2016 # the inner bash's
	waits='. "$1/lib.sh"; . "$1/campaign/company.sh"; claim "$2"; await_orphans "$2" 60'
	mkdir "$dir"
	echo '{}' >"$dir/plan.json"
	flock "$dir/plan.json" sleep 60 &
	holder=$!
	bash -c "$waits" - "$DEX_TOP/scripts" "$dir" 2>"$scratch/said" &
	pid=$!
	until grep -q 'waiting for them' "$scratch/said" && pgrep -P "$pid" flock >/dev/null; do sleep 0.1; done
	kill -KILL "$pid"
	wait "$pid" && return 1
	# shellcheck disable=SC2016
	bash -c '. "$1/lib.sh"; . "$1/campaign/company.sh"; claim "$2"' - "$DEX_TOP/scripts" "$dir"
	pkill -P "$holder"
	wait "$holder" || true
}

finished_is_left_alone() {
	refused 2 "holds a finished campaign" env OUT="$campaigns/whole" scripts/campaign/ab.sh
}

# unfinished: a campaign that lacks its last boot.
unfinished() {
	rm -rf "$campaigns/part"
	cp -r "$campaigns/whole" "$campaigns/part"
	rm -r "$campaigns"/part/{compare.json,report.txt} "$campaigns"/part/006-*
}

other_plan_refused() {
	unfinished
	refused 2 "holds a campaign with PAGES=1536" env OUT="$campaigns/part" PAGES=2048 scripts/campaign/ab.sh
	refused 2 "with other cases" env OUT="$campaigns/part" CASES=control_clock scripts/campaign/ab.sh
	refused 2 'with KERNELS="folio-6.12 folio-7.x"' env OUT="$campaigns/part" KERNELS=rmap-6.12 scripts/campaign/ab.sh
}

other_build_refused() {
	unfinished
	jq '.kernels[1].key = "0123456789abcdef"' "$campaigns/whole/plan.json" >"$campaigns/part/plan.json"
	env OUT="$campaigns/part" scripts/campaign/ab.sh 2>&1 | tee "$scratch/said" | tail -n 1 |
		grep 'another build of folio-7.x'
}

# flaky N: a QEMU that does not start the first N times.
flaky() {
	echo "$1" >"$scratch/flaky.left"
	cat >"$scratch/flaky" <<-EOF
		#!/bin/sh
		left=\$(cat "$scratch/flaky.left")
		case " \$* " in
		*" --version "*) ;;
		*) [ "\$left" -eq 0 ] || { echo \$((left - 1)) >"$scratch/flaky.left"; echo "flaky: no"; exit 1; } ;;
		esac
		exec qemu-system-x86_64 "\$@"
	EOF
	chmod +x "$scratch/flaky"
}

failed_boot_is_repeated() {
	flaky 1
	QEMU=$scratch/flaky small "$campaigns/flaked" AA=no
	[ -f "$campaigns/flaked/001-folio-6.12.failed.1/qemu.log" ]
	jq -e '.notes | length == 1 and (.[0].text | test("001-folio-6.12 failed once"))' "$campaigns/flaked/compare.json"
}

repeated_at_most() {
	flaky 9
	refused_partly QEMU="$scratch/flaky" small "$campaigns/given-up" AA=no RETRIES=1
	[ "$(find "$campaigns/given-up" -name '*.failed.*' | wc -l)" -eq 2 ]
	refused_partly small "$campaigns/given-up"
	grep 'has failed 2 times before; to try it again, remove' "$scratch/said"
	rm -r "$campaigns"/given-up/*.failed.*
	small "$campaigns/given-up"
	jq -e '.notes == []' "$campaigns/given-up/compare.json"
}

# refused_partly COMMAND...: exit status 2 after saying that every boot failed.
refused_partly() {
	local rc=0

	case $1 in QEMU=*) local -x "${1?}"; shift ;; esac
	"$@" >"$scratch/said" 2>&1 || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq 2 ]
	grep -q 'every boot failed' "$scratch/said"
}

# Boots in blocks, each block with every arm once, in an order that the seed makes.
plan_is_blocks() {
	jq -e '.aa == "folio-6.12 (A/A)" and .retries == 1 and .runs == 1 and
		([.kernels[] | select(.same_as) | .spec] == ["folio-6.12 (A/A)"]) and
		([.schedule | group_by(.block)[] | map(.kernel) | sort] | length == 3 and
			all(. == ["folio-6.12", "folio-6.12 (A/A)", "folio-7.x"])) and
		([.schedule | group_by(.block)[] | map(.kernel)] | unique | length > 1)' "$campaigns/whole/plan.json"
	valid "$campaigns/whole/plan.json"
}

aa_arm_is_the_same() {
	jq -e '[.rows[] | select(.kernel == "folio-6.12 (A/A)") | .verdict] |
		length == 4 and unique == ["same"]' "$campaigns/whole/compare.json"
}

boot_parameters() {
	SPECS="folio-6.12 folio-6.12+dexbench_walk=rmap+quiet=1" small "$campaigns/parameters" AA=no
	jq -se 'map(.module.walk) | sort == ["folio", "rmap"]' "$campaigns"/parameters/*/run.json
	jq -e '.kernels[1].cmdline == "dexbench_walk=folio dexbench_walk=rmap quiet=1"' "$campaigns/parameters/plan.json"
}

several_runs() {
	small "$campaigns/runs" AA=no RUNS=3
	# shellcheck disable=SC2046
	valid $(find "$campaigns/runs" -name '*.json')
	jq -se 'map(.run) | sort == [1, 2, 3]' "$campaigns"/runs/001-*/convert_latency*.json
	jq -e '[.rows[] | select(.case == "convert_latency") | .samples] | unique == [4608]' "$campaigns/runs/compare.json"
}

pilot_plans() {
	small "$campaigns/auto" MODE=parallel BOOTS=auto BUDGET=1 AA=no || [ $? -ne 2 ]
	valid "$campaigns/auto/plan.json" "$campaigns/auto/pilot/plan.json"
	jq -e '.pilot.boots == 5 and .pilot.runs == 3 and .boots == .pilot.proposed.boots and .boots >= 4 and
		.runs == .pilot.proposed.runs and .pages == .pilot.proposed.pages and (.pilot.mde_pct > 0)' \
		"$campaigns/auto/plan.json"
	[ "$(jq '.schedule | length' "$campaigns/auto/plan.json")" -eq \
		"$(find "$campaigns/auto" -maxdepth 1 -name '[0-9]*' ! -name '*.failed.*' | wc -l)" ]
}

check "a campaign killed ten times ends as an undisturbed one" killed_and_resumed
check "a campaign that was killed while it waited for boots has no claim any more" killed_while_it_waits
check "the plan is blocks of one boot per arm" plan_is_blocks
check "the A/A arm says same" aa_arm_is_the_same
check "a finished campaign is left alone" finished_is_left_alone
check "an unfinished campaign is not gone on with as another" other_plan_refused
check "an unfinished campaign is not gone on with on another build" other_build_refused
check "a failed boot is kept, shown and repeated" failed_boot_is_repeated
check "a boot is repeated so often and no more" repeated_at_most
check "a spec takes boot parameters" boot_parameters
check "several runs of a case in a boot" several_runs
if [ "$(nproc)" -ge 2 ]; then
	check "BOOTS=auto: a pilot proposes, the plan follows" pilot_plans
else
	skip "BOOTS=auto" "parallel mode needs 2 CPUs, this host has 1"
fi
check "selftest: injected instructions are found to the instruction" scripts/campaign/selftest.sh
