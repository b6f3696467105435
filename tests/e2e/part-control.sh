# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What a campaign does when things go wrong around it, with a kernel.sh and a boot.sh that only
# pretend: boots that fail before they begin, signals, two in one place, the lock of the machine.

recorded
# shellcheck source=/dev/null
. "$TESTS/e2e/pretended.sh"

tries() { wc -l <"$top/tries"; }

# ended STATUS TEXT COMMAND...: with STATUS, and some line says TEXT; few lines in all.
ended() {
	local status=$1 text=$2 rc=0

	shift 2
	"$@" >"$scratch/said" 2>&1 </dev/null || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq "$status" ] || { echo "exit status $rc, expected $status"; return 1; }
	grep -F -- "$text" "$scratch/said" && [ "$(wc -l <"$scratch/said")" -lt 20 ]
}

every_failure_counts() {
	local how

	for how in nothing crash; do
		ended 2 "every boot failed" ab "$how" 0.1 "$scratch/$how" RETRIES=2
		[ "$(tries)" -eq 3 ]
		[ "$(cat "$scratch/$how"/001-rmap-6.12.failed.{1,2,3}/why.txt | grep -c 'left nothing')" -eq 3 ]
		ended 2 "has failed 3 times before" ab "$how" 0.1 "$scratch/$how"
		[ "$(tries)" -eq 0 ]
		rm -r "$scratch/$how"/*.failed.*
		ab good 0.1 "$scratch/$how"
		[ -e "$scratch/$how/compare.json" ]
	done
}

# What stops one boot stops all: nobody reads it a hundred times.
hopeless() {
	ended 2 "no more boots are tried, for the reason above" ab refuse 0.1 "$scratch/refuse" BOOTS=9
	[ "$(tries)" -le "$(nproc)" ]
	[ "$(grep -c 'the module does not build' "$scratch/said")" -eq "$(tries)" ]
	ab good 0.1 "$scratch/refuse"
}

no_room_to_keep() {
	mkdir -p "$scratch/full"
	mount -t tmpfs -o nr_inodes=3 tmpfs "$scratch/full"
	trap 'umount "$scratch/full"' EXIT
	ended 2 "OUT=$scratch/full: cannot keep what boot 001-rmap-6.12 left: No space left on device" \
		ab nothing 0.1 "$scratch/full" BOOTS=9
	[ "$(tries)" -le "$(nproc)" ]
}

# begun OUT HOW DELAY [VAR=VALUE...]: in the background, until its boots run; $! is ab.sh's.
begun() {
	local out=$1 how=$2 delay=$3 left=100

	shift 3
	: >"$top/qemu"
	ab "$how" "$delay" "$out" "$@" >"$scratch/begun.said" 2>&1 &
	while [ ! -s "$top/qemu" ] && [ "$left" -gt 0 ]; do
		sleep 0.1
		left=$((left - 1))
	done
	[ -s "$top/qemu" ]
}

# Of the campaign that was begun last: what one before left may live a moment longer.
campaign_pid() { pgrep -o -P "$!" -f "^bash $top/scripts/campaign/ab.sh" || echo "$!"; }

nobody_is_left() {
	local pid

	while read -r pid; do
		refute grep 'State:.*[^Z] (' "/proc/$pid/status" 2>/dev/null
	done <"$top/qemu"
	refute pgrep -f "$top/scripts"
}

# by SIGNAL STATUS HOW
ended_by() {
	local rc=0 pid begin

	rm -rf "$scratch/signal"
	begun "$scratch/signal" "$3" 90 BOOTS=3
	pid=$!
	begin=$SECONDS
	# One process, or all of that name.
	if [ "$3" = all ]; then pkill "-$1" -f "^bash $top/scripts/campaign/ab.sh"; else kill "-$1" "$(campaign_pid)"; fi
	wait "$pid" || rc=$?
	[ "$rc" -eq "$2" ] || { echo "exit status $rc"; return 1; }
	[ $((SECONDS - begin)) -lt 80 ] # its boots would take 90
	nobody_is_left
	grep -Fx "dexbench: interrupted; the same command with OUT=$scratch/signal goes on" "$scratch/begun.said"
	refute grep -vE '^dexbench: ' "$scratch/begun.said"
	[ -z "$(find "$scratch/signal" -name '*.failed.*')" ]
	ab good 0.1 "$scratch/signal"
	[ "$(find "$scratch/signal" -mindepth 1 -maxdepth 1 -type d | wc -l)" -eq 3 ]
}

signals() {
	ended_by TERM 143 hang
	ended_by HUP 129 hang
	ended_by TERM 143 all
	ended_by TERM 143 obstinate
}

# A terminal's Ctrl-C reaches make and ab.sh, and no boot.
interrupt() {
	begun "$scratch/interrupt" hang 90 BOOTS=3
	kill -INT "$(campaign_pid)"
	wait $! && return 1
	nobody_is_left
	grep 'interrupted; the same command' "$scratch/begun.said"
}

# While kernels are built, nothing is there to go on with, and no empty OUT stays.
signal_in_a_build() {
	touch "$top/slow-kernel"
	ab good 0.1 "$scratch/building" >"$scratch/said" 2>&1 &
	sleep 1
	kill -TERM "$(campaign_pid)"
	wait $! && return 1
	rm "$top/slow-kernel"
	nobody_is_left
	same <(echo "dexbench: interrupted; kernels that were built are kept") "$scratch/said"
	[ ! -e "$scratch/building" ]
}

# A compiler that make has started is ended, too, if only the script gets the signal.
signal_in_make() {
	local pid make_pid left=100

	cat >"$scratch/build.sh" <<-'END'
		#!/usr/bin/env bash
		set -eu
		. "$1/scripts/lib.sh"
		compile() { bash -c 'echo $$ >"$1"; sleep 100; true' - "$1"; true; }
		run_logged "building" 5 "$2" compile "$3"
	END
	rm -f "$scratch/compiler"
	bash "$scratch/build.sh" "$DEX_TOP" "$scratch/build.log" "$scratch/compiler" 2>"$scratch/said" &
	pid=$!
	while [ ! -s "$scratch/compiler" ] && [ "$left" -gt 0 ]; do
		sleep 0.1
		left=$((left - 1))
	done
	make_pid=$(cat "$scratch/compiler")
	kill -TERM "$pid"
	wait "$pid" && return 1
	refute grep 'State:.*[^Z] (' "/proc/$make_pid/status" 2>/dev/null
	refute grep -vE '^dexbench: building: (begun|0 %),' "$scratch/said"
}

second_is_refused() {
	local begin=$SECONDS pid

	begun "$scratch/shared" hang 90 BOOTS=2
	pid=$!
	refused 2 "OUT=$scratch/shared: another campaign is at work there (process " \
		ab good 0.1 "$scratch/shared"
	[ $((SECONDS - begin)) -lt 80 ] # its boots would take 90
	kill -TERM "$(campaign_pid)"
	wait "$pid" && return 1
	nobody_is_left
}

# Boots whose campaign was killed are waited for, and not done again.
orphans() {
	local pid

	begun "$scratch/orphans" good 4 BOOTS=2
	pid=$!
	kill -KILL "$(campaign_pid)"
	wait "$pid" && return 1
	ab good 0.1 "$scratch/orphans" 2>&1 | tee "$scratch/said"
	grep "OUT=$scratch/orphans: boots of a campaign that was killed are at work there; waiting for them, 660 s at most" "$scratch/said"
	[ "$(wc -l <"$top/qemu")" -eq 2 ]
	[ -e "$scratch/orphans/compare.json" ]
}

orphans_that_stay() {
	local pid

	begun "$scratch/stay" hang 90 BOOTS=1
	pid=$!
	kill -KILL "$(campaign_pid)"
	wait "$pid" && return 1
	# shellcheck disable=SC2016 # the inner bash's
	ended 2 "do not end; fuser -k $scratch/stay/plan.json ends them" \
		bash -c '. "$1/lib.sh"; . "$1/campaign/company.sh"; await_orphans "$2" 1' - "$top/scripts" "$scratch/stay"
	kill "$(head -n 1 "$top/qemu")"
}

timing_lock() {
	local pid

	begun "$scratch/timing" hang 90 MODE=timing BOOTS=1
	pid=$!
	refused 2 "another timing campaign is at work on this machine ($top/machine/run/lock/dexbench-timing.lock); two at once falsify each other: wait for it" \
		ab good 0.1 "$scratch/timing2" MODE=timing
	[ ! -e "$scratch/timing2" ]
	ab good 0.1 "$scratch/beside" 2>"$scratch/said"
	grep "warning: a timing campaign is at work on this machine, and this one falsifies its times" "$scratch/said"
	# Its boots hold the machine, too, whatever became of it.
	kill -KILL "$(campaign_pid)"
	wait "$pid" && return 1
	refused 2 "another timing campaign" ab good 0.1 "$scratch/timing2" MODE=timing
	kill "$(head -n 1 "$top/qemu")"
	sleep 1
	# The recorded boot is none of that mode; that it was made is what matters here.
	ab good 0.1 "$scratch/timing2" MODE=timing BOOTS=1 || true
	[ -e "$scratch/timing2/001-rmap-6.12" ]
}

# A lock that another user made is as good, and one that is no file is not opened.
others_lock() {
	local lock=$top/machine/run/lock/dexbench-timing.lock

	rm -f "$lock"
	setpriv --reuid=65534 --clear-groups sh -c ": >$lock"
	exec 5<"$lock"
	flock 5
	refused 2 "another timing campaign" ab good 0.1 "$scratch/others" MODE=timing
	exec 5<&-
	rm "$lock"
	mkfifo "$lock"
	refused 2 "$lock: cannot open it, and without it two timing campaigns may meet" ab good 0.1 "$scratch/others" MODE=timing
	rm "$lock"
	chmod 755 "$top/machine/run/lock"
	refused 2 "$top/machine/tmp/dexbench-timing.lock: cannot open it" ab good 0.1 "$scratch/others" MODE=timing
	chmod 1777 "$top/machine/run/lock"
	[ ! -e "$scratch/others" ]
}

# Who asks for times is not given counts, unless that was said; then what counts cannot have is left out.
no_kvm() {
	echo "KVM does not run rmap-6.12: it is broken" >"$top/no-kvm"
	refused 2 "MODE=timing: KVM does not run rmap-6.12: it is broken; FALLBACK=yes counts in exact mode instead" \
		ab good 0.1 "$scratch/no-kvm" MODE=timing
	ended 0 "MODE=timing: KVM does not run rmap-6.12: it is broken; counting in exact mode instead" \
		ab good 0.1 "$scratch/fallback" MODE=timing FALLBACK=yes PERF=record COUNTERS=yes
	grep -F "PERF=record is left out" "$scratch/said"
	jq -e '.mode == "exact" and .cpus == 1 and .boots == 1' "$scratch/fallback/plan.json"
	rm "$top/no-kvm" "$top/machine/dev/kvm"
	refused 2 "MODE=timing: no /dev/kvm: the processor has no virtualisation" ab good 0.1 "$scratch/no-kvm" MODE=timing
	: >"$top/machine/dev/kvm"
	refused 2 "FALLBACK=perhaps: yes or no" ab good 0.1 "$scratch/no-kvm" MODE=timing FALLBACK=perhaps
	[ ! -e "$scratch/no-kvm" ]
}

high_load() {
	echo '64.10 0.20 0.30 1/200 3000' >"$top/machine/proc/loadavg"
	ab good 0.1 "$scratch/load" MODE=parallel BOOTS=1 2>"$scratch/said" || true
	grep "warning: the load is 64.10 on $(nproc) CPUs; what else runs gets into the results" "$scratch/said"
	ab good 0.1 "$scratch/load-exact" 2>"$scratch/said"
	refute grep warning "$scratch/said"
	echo '0.10 0.20 0.30 1/200 3000' >"$top/machine/proc/loadavg"
	ab good 0.1 "$scratch/no-load" MODE=parallel BOOTS=1 2>"$scratch/said" || true
	refute grep warning "$scratch/said"
}

true_causes() {
	refused 2 "OUT=/proc/x: cannot create it: No such file or directory; choose another OUT" ab good 0.1 /proc/x
	: >"$scratch/file"
	refused 2 "OUT=$scratch/file/x: cannot create it: Not a directory" ab good 0.1 "$scratch/file/x"
	refused 2 "the cache /proc/x: cannot create it: No such file or directory; DEXBENCH_CACHE=DIRECTORY chooses another" \
		ab good 0.1 "$scratch/cause" DEXBENCH_CACHE=/proc/x
	# shellcheck disable=SC2088 # as a shell leaves it
	HOME=$scratch ab good 0.1 '~/home out'
	[ -e "$scratch/home out/compare.json" ]
	refused 2 "CASES=convert matches no case; did you mean convert_.*?" ab good 0.1 "$scratch/cause" CASES=convert
	refused 2 "CASES=convert_lat matches no case; did you mean convert_lat.*?" ab good 0.1 "$scratch/cause" CASES=convert_lat
	refused 2 "CASES=latency matches no case; did you mean .*latency.*?" ab good 0.1 "$scratch/cause" CASES=latency
	refused 2 "CASES=convert_latnecy matches no case; did you mean convert_latency?" ab good 0.1 "$scratch/cause" CASES=convert_latnecy
	refused 2 "BOOT_TIMEOUT=soon: not a positive number" ab good 0.1 "$scratch/cause" BOOT_TIMEOUT=soon
	[ ! -e "$scratch/cause" ]
}

# For root nothing is unreadable.
others_causes() {
	mkdir "$scratch/roots" "$scratch/theirs"
	chmod 777 "$scratch/theirs"
	by=(setpriv --reuid=65534 --clear-groups)
	refused 2 "the cache $scratch/roots: cannot write there: Permission denied; DEXBENCH_CACHE=DIRECTORY" \
		ab good 0.1 "$scratch/theirs/x" DEXBENCH_CACHE="$scratch/roots"
	[ ! -e "$scratch/theirs/x" ]
	refused 2 "OUT=$scratch/roots/x: cannot create it: Permission denied" \
		ab good 0.1 "$scratch/roots/x" DEXBENCH_CACHE="$scratch/theirs/cache"
	chmod 600 "$top/machine/dev/kvm"
	rm -f "$top/machine/run/lock/dexbench-timing.lock"
	refused 2 "MODE=timing: /dev/kvm is not writable for nobody: sudo usermod -aG kvm nobody, then log in anew" \
		ab good 0.1 "$scratch/theirs/x" DEXBENCH_CACHE="$scratch/theirs/cache" MODE=timing
	chmod 666 "$top/machine/dev/kvm"
	mkdir -m 333 "$scratch/theirs/dark"
	refused 2 "the cache $scratch/theirs/dark: cannot read it: Permission denied" \
		ab good 0.1 "$scratch/theirs/x" DEXBENCH_CACHE="$scratch/theirs/dark"
}

blanks_in_specs() {
	ab good 0.1 "$scratch/blanks" KERNELS="tree:/my trees/ä, b+c@v1 | rmap-6.12+x=1|2" AA=yes
	jq -e '[.kernels[].spec] == ["tree:/my trees/ä, b+c@v1", "rmap-6.12+x=1|2", "tree:/my trees/ä, b+c@v1 (A/A)"]' \
		"$scratch/blanks/plan.json"
	valid "$scratch/blanks/plan.json"
	same <(printf '%s\n' 001 002 003) <(find "$scratch/blanks" -mindepth 1 -maxdepth 1 -name '0*' -printf '%f\n' | cut -c1-3 | sort)
	rm "$scratch/blanks"/{compare.json,report.txt}
	refused 2 'holds a campaign with KERNELS="tree:/my trees/ä, b+c@v1 | rmap-6.12+x=1|2"; leave KERNELS out' \
		ab good 0.1 "$scratch/blanks" AA=
	ab good 0.1 "$scratch/blanks" AA= KERNELS="tree:/my trees/ä, b+c@v1 |   rmap-6.12+x=1|2"
	rm "$scratch/blanks"/{compare.json,report.txt}
	ab good 0.1 "$scratch/blanks" AA= KERNELS=
	ab good 0.1 "$scratch/blanks pilot" MODE=parallel BOOTS=auto KERNELS="| tree:/my trees/b" || true
	jq -e '[.kernels[].spec] == ["tree:/my trees/b"]' "$scratch/blanks pilot/pilot/plan.json"
}

pretend
check "a boot that leaves nothing is a try like any other" every_failure_counts
check "what stops one boot stops all" hopeless
if mkdir "$scratch/m" && mount -t tmpfs tmpfs "$scratch/m" 2>/dev/null; then
	umount "$scratch/m"
	check "no room for what a boot left" no_room_to_keep
else
	skip "no room for what a boot left" "no file system may be mounted here"
fi
check "signals end all that was started, and the campaign goes on" signals
check "Ctrl-C ends all that was started" interrupt
check "a signal while kernels are built" signal_in_a_build
check "a signal while a compiler runs" signal_in_make
check "a second campaign in one OUT is refused at once" second_is_refused
check "boots of a killed campaign are waited for" orphans
check "boots of a killed campaign that do not end" orphans_that_stay
check "one timing campaign on a machine" timing_lock
check "where times cannot be had" no_kvm
check "load is named where it counts" high_load
check "what cannot be had is said with its cause" true_causes
check "specs with blanks, commas, bars and letters" blanks_in_specs
check_others "the lock of another user" others_lock
check_others "what is another user's is said" others_causes
