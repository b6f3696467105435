#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Boot one kernel in QEMU, run cases in it, bring the results out.
#
# usage: boot.sh --kernel=JSON --mode=exact|lockstep|parallel|timing --cases="a b" --out=DIR
#                [--cpus=N] [--memory=MiB] [--pages=N] [--runs=N] [--label=TEXT]
#                [--brief] [--counters=yes|no] [--perf=record] [--program=FILE] [--module=FILE]
#                [--plugin=QEMU-PLUGIN,ARGUMENT...] [--emulator=JSON]
#        boot.sh --kernel=JSON --probe-kvm      (prints why KVM does not run it)
#        boot.sh ... --archive=FILE             (no boot: FILE is the initramfs that it would have)
#
# JSON is one object of `kernel.sh --json`; where it has "initramfs", such a FILE, nothing is built or
# packed.  DIR must not exist; it appears whole, with console.log, when the boot was good.  FILE, a program, runs before
# the cases and fails the boot by its exit status; --module takes a built module
# instead of building this tree's; a plugin (bench/plugin) leaves windows.json.
# Lockstep mode needs an emulator, an object of `emulator.sh`.
#
# Exit status: 0 the boot was good; 1 it failed, whatever the cause, and what there is
# lies in DIR.failed.N; 2 it was not begun, because what was asked for cannot be; 128 and
# a signal's number: INT, TERM or HUP ended it, and all that it had started.
#
# Environment: QEMU, BOOT_TIMEOUT (seconds, default 600; 3600 in lockstep mode, 30 to probe).
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

QEMU=${QEMU:-$(arch_fact qemu)}
BUILD=$DEX_TOP/build
HERE=$DEX_TOP/scripts
# Out-of-tree, unsigned and test modules; anything else is a finding, unless the kernel had it before the
# module: run.json and dmesg.txt have that.
TAINT_EXPECTED=$((1 << 12 | 1 << 13 | 1 << 18))

kernel='' mode='' cases='' out='' cpus=1 memory=1024 pages=4096 runs=1 label='' counters='' perf=''
program='' module='' plugin='' probe='' brief='' emulator='' lockstep='' archive=''
for arg; do
	value=${arg#*=}
	case $arg in
	--kernel=*) kernel=$value ;;
	--mode=*) mode=$value ;;
	--cases=*) cases=$value ;;
	--out=*) out=$value ;;
	--cpus=*) cpus=$value ;;
	--memory=*) memory=$value ;;
	--pages=*) pages=$value ;;
	--runs=*) runs=$value ;;
	--label=*) label=$value ;;
	--counters=*) counters=$value ;;
	--perf=*) perf=$value ;;
	--program=*) program=$value ;;
	--module=*) module=$value ;;
	--plugin=*) plugin=$value ;;
	--emulator=*) emulator=$value ;;
	--archive=*) archive=$value ;;
	--brief) brief=1 ;;
	--probe-kvm)
		# A guest that does nothing ends within a second or two, or never.
		probe=1 mode=timing BOOT_TIMEOUT=${BOOT_TIMEOUT:-30}
		;;
	*) die "boot.sh: unknown option $arg; see the head of scripts/guest/boot.sh" ;;
	esac
done
[ -n "$kernel" ] || die "boot.sh: --kernel is missing"
case $mode in
exact | parallel | timing) ;;
lockstep)
	QEMU=$(jq -r '.emulator // empty' <<<"$emulator" 2>/dev/null || true)
	[ -n "$QEMU" ] ||
		die "boot.sh: --mode=lockstep needs --emulator=JSON, of scripts/emulator.sh"
	lockstep=$(lockstep_text <<<"$emulator")
	export DEXBENCH_LOCKSTEP=$lockstep
	;;
*) die "boot.sh: --mode=$mode: one of exact, lockstep, parallel, timing" ;;
esac
case $counters in '' | yes | no) ;; *) die "COUNTERS=$counters: yes or no" ;; esac
case $mode:$perf in
*: | parallel:record | timing:record) ;;
exact:record | lockstep:record) die "PERF=record: a profiler's interrupts would be counted; use MODE=parallel or timing" ;;
*) die "PERF=$perf: the one value is record" ;;
esac
for file in "$program" "$module"; do
	[ -z "$file" ] || [ -f "$file" ] || die "boot.sh: $file: no such file"
done
need_tool jq

kernel_fact() { jq -r ".$1" <<<"$kernel"; }

# With all that decides what its CPUs count.
qemu_version() {
	"$QEMU" --version | head -n 1 | tr -d '\n'
	[ "$mode" != lockstep ] || printf ', lockstep %s by %s' "$lockstep" "$(jq -r .key <<<"$emulator")"
}

# What the machine around the guest knows.  It joins the guest's record here, not
# in the guest: what differs between boots must not reach an exact guest.
host_json() {
	jq -n --argjson kernel "$kernel" --arg qemu "$(qemu_version)" \
		--argjson machine "$("$BUILD/dexbench" --record-host)" \
		--argjson cpus "$cpus" --argjson memory "$memory" --arg arm "$label" --arg node "${SLURMD_NODENAME:-}" \
		'{kernel: ($kernel | {spec, cmdline, source, tree, key, release, config_hash, config, compiler, build_id}), qemu: $qemu,
		  machine: $machine, cpus: $cpus, memory_mib: $memory, label: $arm} + if $node == "" then {} else {node: $node} end'
}

# Says why the boot is no good, to the shell that waits for it.
give_up() {
	leave_reason "$*"
	exit 1
}

write_plan() {
	printf 'MODE=%s\nPAGES=%s\nRUNS=%s\nCASES="%s"\nBRIEF=%s\nCOUNTERS=%s\nPERF=%s\nPROBE=%s\n' \
		"$mode" "$pages" "$runs" "$cases" "$brief" "$counters" "$perf" "$probe" >"$work/plan"
}

# ended STATUS: how a program ended.
ended() {
	local signal

	if [ "$1" -gt 128 ] && signal=$(kill -l "$1" 2>/dev/null); then
		echo "was killed by SIG$signal"
	else
		echo "ended with status $1"
	fi
}

run_qemu() {
	local rc=0 said

	need_tool "$QEMU" "$(arch_fact qemu_package)"
	QEMU=$QEMU BOOT_TIMEOUT=$(boot_timeout "$mode") "$HERE/guest/qemu.sh" --kernel="$kernel" --mode="$mode" \
		--dir="$work" --cpus="$cpus" --memory="$memory" ${plugin:+"--plugin=$plugin"} || rc=$?
	[ "$rc" -ne 0 ] || return 0
	said=$(grep . "$work/qemu.log" | if [ -n "$probe" ]; then head -n 1; else tail -n 1; fi) || true
	case ${probe:+probe}:$rc in
	probe:124) give_up "no sign of life within $BOOT_TIMEOUT s" ;;
	probe:*) give_up "${said:-QEMU $(ended "$rc")}" ;;
	:124) give_up "no end after $(boot_timeout "$mode") s (BOOT_TIMEOUT)" ;;
	*) give_up "QEMU $(ended "$rc")${said:+: $said}" ;;
	esac
}

# A guest that could not send its results says so in a line of JSON (guest-init.sh).
lost_results() {
	local why

	why=$(tr -d '\r' <"$work/console.log" | grep -a '^{"unsent": ' | jq -r .unsent) || true
	if [ -n "$why" ]; then
		echo "the guest's results did not come out: $why"
	else
		echo "the guest ended before its results were out"
	fi
}

# first_failure STATUS-FILE: the program in the guest that failed, and how.
first_failure() {
	local name status how

	IFS=$'\t' read -r name status < <(jq -r '.failures | to_entries[0] | [.key, .value] | @tsv' "$1")
	how=$(ended "$status")
	[[ $how != *SIGILL ]] || how+=" (illegal instruction)$([ "$mode" = timing ] || echo ": the guest's CPU is $(arch_fact baseline)")"
	echo "$name $how"
}

# right_kernel RUN-JSON: what ran is what was built, by its content.
right_kernel() {
	local ran built

	ran=$(jq -r '.kernel.build_id // ""' "$1")
	built=$(kernel_fact 'build_id // ""')
	[ -z "$built" ] || [ "$ran" = "$built" ] ||
		give_up "another kernel ran: build ID ${ran:-none}, where $(kernel_fact spec) is $built"
}

unpack_results() {
	local status=$work/results/status.json taint

	mkdir -p "$work/results"
	tar -x -C "$work/results" -f "$work/port.tar" 2>/dev/null || give_up "$(lost_results)"
	taint=$(jq .taint "$status")
	[ $((taint & ~TAINT_EXPECTED & ~$(jq '.boot_taint // 0' "$status"))) -eq 0 ] || give_up "unexpected kernel taint $taint (see dmesg.txt)"
	[ "$(jq .failed "$status")" -eq 0 ] || give_up "$(first_failure "$status")"
	right_kernel "$work/results/run.json"
	jq -c --argjson host "$1" --argjson seconds "$(if [[ $mode == @(exact|lockstep) ]]; then echo null; else took "$2"; fi)" \
		--argjson placement "$(cat "$work/placement.json" 2>/dev/null || echo null)" \
		'.host = $host + if $seconds then {seconds: $seconds} else {} end + if $placement then {placement: $placement} else {} end' "$work/results/run.json" |
		atomic_write "$work/results/run.json"
	"$BUILD/dexbench" --topology="$work/results/host-topology.xml"
	mv "$work/console.log" ${plugin:+"$work/windows.json"} "$work/results/"
}

# took SINCE: seconds, in thousandths.
took() { awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.3f", to - from }'; }

make_initramfs() {
	[ -n "$module" ] || module=$("$HERE/kernel/module.sh" --kernel="$kernel")
	write_plan
	"$HERE/guest/archive.sh" --kernel="$kernel" --image="$image" --module="$module" --plan="$work/plan" \
		--out="$work/initramfs" ${program:+"--program=$program"}
}

# In noisy modes what a boot takes is told: a pilot plans by it.
boot() {
	local host since=$EPOCHREALTIME

	if [ -n "$made" ]; then
		ln -s "$(realpath "$made")" "$work/initramfs"
	else
		make_initramfs
	fi
	host=$(host_json)
	run_qemu
	[ -n "$probe" ] || unpack_results "$host" "$since"
}

# In a process group of its own, which ends with us.
in_group() {
	set -m
	(export DEX_REASON="$work/reason"; "$@") </dev/null >"$work/boot.log" 2>&1 &
	group=$!
	set +m
}

# What does not listen within 5 s is killed.
end_group() {
	local left=50

	kill -TERM -- "-$group" || return 0
	while [ "$left" -gt 0 ] && group_lives "$group"; do
		left=$((left - 1))
		sleep 0.1
	done
	kill -KILL -- "-$group" || true
}

# interrupted STATUS: nothing is kept, the boot was not one.
interrupted() {
	trap '' INT TERM HUP
	[ -z "$group" ] || end_group 2>/dev/null
	exit "$1"
}

# What the boot said of its end, if it could: a full disk takes its words, too.
reason_of() {
	local said

	if ! said=$(LC_ALL=C head -c 65536 /dev/zero 2>&1 >"$work/room"); then
		echo "cannot write to $work: ${said##*: }; make room there (df -h ${work%/*})"
	elif ! grep -m 1 . "$work/reason"; then
		tail -n 1 "$work/boot.log" | grep . || echo "it ended with status $1"
	fi 2>/dev/null
}

# What there is becomes DIR.failed.N by a new name, for which a full disk has room.
keep() {
	local n=1

	rm -rf "$work"/initramfs* "$work"/{port.tar,plan,reason,room,monitor.in,monitor.out}
	mv "$work"/results/* "$work/" 2>/dev/null || true
	rmdir "$work/results" 2>/dev/null || true
	[ -s "$work/boot.log" ] || rm -f "$work/boot.log"
	while ! mv -T "$work" "$out.failed.$n" 2>/dev/null; do
		[ -e "$out.failed.$n" ] || return 0
		n=$((n + 1))
	done
	echo "$out.failed.$n"
}

# fail REASON: what there is is kept, and how the guest ended is shown.
fail() {
	local kept=$work

	[ -z "$probe" ] || { echo "KVM does not run $(kernel_fact spec): ${1:0:160}"; exit 1; }
	kept=$(keep)
	leave_reason "the boot failed: $1"
	log "boot of $(kernel_fact spec) failed: $1${kept:+; everything it left is in $kept}"
	{
		grep -m1 -aE 'Kernel panic|BUG:|Oops|WARNING:' "${kept:-$work}/console.log" || true
		tail -n 12 "${kept:-$work}/console.log" || true
	} 2>/dev/null | sed 's/^/  | /' >&2
	exit 1
}

kernel_fact build_tree >/dev/null 2>&1 || die "boot.sh: --kernel is not an object of kernel.sh --json"
made=$(kernel_fact 'initramfs // empty')
[ -n "$probe$archive" ] || [ -n "$out" ] || die "boot.sh: --out is missing"
[ -n "$probe" ] || [ ! -e "$out" ] || die "$out exists; results are never overwritten"
image=$BUILD/guest${perf:+-perf}.cpio
[ -n "$made" ] || [ -f "$image" ] || die "$image is missing; run make ${image#"$DEX_TOP"/}"
group=''
trap 'interrupted 129' HUP
trap 'interrupted 130' INT
trap 'interrupted 143' TERM
# Beside the results, so that they move there in one step and a campaign that is
# gone on with finds what a killed one left.
if [ -n "$probe$archive" ]; then
	work=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-boot.XXXXXX")
else
	work=$out.part.$$
	mkdir -p "$work" || die "cannot create $work: is the disk full?"
fi
trap 'rm -rf "$work"' EXIT
if [ -n "$archive" ]; then
	make_initramfs
	mv -T "$work/initramfs" "$archive" || die "cannot write $archive"
	exit
fi
rc=0
in_group boot
{ wait "$group" || rc=$?; } 2>/dev/null # the shell's own line about a signal helps nobody
[ "$rc" -eq 0 ] || fail "$(reason_of "$rc")"
[ -n "$probe" ] || mv -T "$work/results" "$out" || fail "cannot write $out"
