#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Boot one kernel in QEMU, run cases in it, bring the results out.
#
# usage: boot.sh --kernel=JSON --mode=exact|lockstep|parallel|timing --cases="a b" --out=DIR
#                [--cpus=N] [--memory=MiB] [--pages=N] [--runs=N] [--label=TEXT]
#                [--counters=yes|no] [--perf=record] [--program=FILE] [--module=FILE]
#                [--plugin=QEMU-PLUGIN,ARGUMENT...] [--emulator=JSON]
#        boot.sh --kernel=JSON --probe-kvm
#
# JSON is one object of `kernel.sh --json`.  DIR must not exist; it appears
# whole, with console.log, when the boot was good.  FILE, a program, runs before
# the cases and fails the boot by its exit status; --module takes a built module
# instead of building this tree's; a plugin (bench/plugin) leaves windows.json.
# Lockstep mode needs an emulator, an object of `emulator.sh`.
# A boot that was not leaves DIR.failed.N and exit status 1.
#
# Environment: QEMU, BOOT_TIMEOUT (seconds, default 600; 30 to probe).
set -eu
. "$(dirname "$0")/lib.sh"

QEMU=${QEMU:-qemu-system-x86_64}
BUILD=$DEX_TOP/build
# Out-of-tree, unsigned and test modules; anything else is a finding.
TAINT_EXPECTED=$((1 << 12 | 1 << 13 | 1 << 18))

kernel='' mode='' cases='' out='' cpus=1 memory=1024 pages=4096 runs=1 label='' counters='' perf=''
program='' module='' plugin='' probe='' qemu='' emulator='' lockstep=''
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
	--probe-kvm)
		# A guest that does nothing ends within a second or two, or never.
		probe=1 mode=timing BOOT_TIMEOUT=${BOOT_TIMEOUT:-30}
		;;
	*) die "boot.sh: unknown option $arg; see the head of scripts/boot.sh" ;;
	esac
done
[ -n "$kernel" ] || die "boot.sh: --kernel is missing"
case $mode in
exact | parallel | timing) ;;
lockstep)
	QEMU=$(jq -r '.emulator // empty' <<<"$emulator" 2>/dev/null || true)
	[ -n "$QEMU" ] ||
		die "boot.sh: --mode=lockstep needs --emulator=JSON, of scripts/emulator.sh"
	lockstep=$(jq -r '.lockstep | to_entries | map("\(.key)=\(.value)") | join(",")' <<<"$emulator")
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
need_tool "$QEMU" qemu-system-x86
need_tool jq

kernel_fact() { jq -r ".$1" <<<"$kernel"; }

# The module for this kernel, built apart so that two kernels never share
# objects; $build_tree is only read.
build_module() {
	local dir stamp

	dir=$BUILD/modules/$(kernel_fact key)
	mkdir -p "$dir"
	exec 8>"$dir/lock"
	flock 8
	module_sources "$dir"
	module=$dir/dexbench.ko
	stamp=$(cat "$dir"/{Kbuild,Makefile,*.[ch]} | digest)-$(digest <"$build_tree/Module.symvers")
	if [ "$(cat "$dir/stamp" 2>/dev/null)" != "$stamp" ]; then
		rm -f "$dir/stamp"
		# Warnings in headers carry the name of their file.
		clean_make -C "$dir" KDIR="$build_tree" KCFLAGS="-ffile-prefix-map=$(realpath \
			"$build_tree/source" 2>/dev/null || echo "$build_tree")=/linux" >"$dir/build.log" 2>&1 || {
			grep -m3 -E 'error|Error' "$dir/build.log" >&2 || true
			die "the module does not build against $build_tree; the whole log is $dir/build.log"
		}
		echo "$stamp" >"$dir/stamp"
	fi
	exec 8>&-
}

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
		--argjson cpus "$cpus" --argjson memory "$memory" --arg arm "$label" \
		'{kernel: ($kernel | del(.bzimage, .build_tree, .same_as)), qemu: $qemu, machine: $machine,
		  cpus: $cpus, memory_mib: $memory, label: $arm}'
}

# What changes per boot, as a second cpio behind the base (the kernel unpacks
# archives that follow each other).
boot_archive() {
	local root=$work/root ko

	mkdir -p "$root/dexbench"
	cp "$module" "$root/dexbench/"
	for ko in lib/test_hmm.ko drivers/block/brd.ko drivers/char/virtio_console.ko; do
		[ ! -f "$build_tree/$ko" ] || cp "$build_tree/$ko" "$root/dexbench/"
	done
	# Line tables name directories; the archive's size moves memory, and so the timer's interrupts.
	strip --strip-debug "$root"/dexbench/*.ko
	[ -z "$program" ] || cp "$program" "$root/dexbench/program"
	printf 'MODE=%s\nPAGES=%s\nRUNS=%s\nCASES="%s"\nCOUNTERS=%s\nPERF=%s\nPROBE=%s\n' \
		"$mode" "$pages" "$runs" "$cases" "$counters" "$perf" "$probe" >"$root/dexbench/plan"
	cpio_of "$root" | cat "$image" - >"$work/initramfs"
}

# Each emulated CPU stays on a CPU of its own: a host with other work would stack them
# on one, where they take turns of milliseconds instead of running at once.
pin_cpus() {
	local list=() range n=0 task left=100

	for range in $(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status | tr , ' '); do
		mapfile -O ${#list[@]} -t list < <(seq "${range%-*}" "${range#*-}")
	done
	while [ "$n" -lt "$cpus" ] && [ "$left" -gt 0 ]; do
		task=$(grep -lx "CPU $n/TCG" "/proc/$(pgrep -P "$qemu")"/task/*/comm 2>/dev/null || true)
		if [ -n "$task" ]; then
			task=${task%/comm}
			taskset -pc "${list[n % ${#list[@]}]}" "${task##*/}" >/dev/null || return 0
			n=$((n + 1))
		else
			left=$((left - 1))
			sleep 0.1
		fi
	done
}

# An emulated guest is left nothing to be surprised by: a fixed random seed
# (QEMU hands Linux one), and a TSC that it takes for granted.  The latter also
# lets the tick settle before user space runs: QEMU may execute a stale
# breakpoint when one CPU patches code under another's feet.
run_qemu() {
	local machine append pinner=''

	append="console=ttyS0 quiet loglevel=5 panic=-1 oops=panic nokaslr norandmaps random.trust_cpu=off $(kernel_fact cmdline)"
	case $mode in
	exact | lockstep) machine='-accel tcg,thread=single -icount shift=0,sleep=off' ;;
	parallel) machine='-accel tcg,thread=multi -name dexbench,debug-threads=on' ;;
	timing) machine='-accel kvm -cpu host' ;;
	esac
	if [ "$mode" != timing ]; then
		machine="$machine -cpu qemu64,+rdtscp -seed 1"
		append="$append tsc=reliable"
	fi
	[ -z "$plugin" ] || machine="$machine -plugin $plugin,out=${work//,/,,}/windows.json"
	# shellcheck disable=SC2086 # several words on purpose
	timeout --foreground -k 5 "${BOOT_TIMEOUT:-600}" "$QEMU" -nodefaults -no-user-config -display none \
		-no-reboot $machine -rtc base=2024-01-01,clock=vm -smp "$cpus" -m "$memory" \
		-kernel "$(kernel_fact bzimage)" -initrd "$work/initramfs" -append "$append" \
		-chardev file,id=console,path="${work//,/,,}/console.log" -serial chardev:console \
		-device virtio-serial-pci -chardev file,id=port,path="${work//,/,,}/port.tar" \
		-device virtserialport,chardev=port,name=dexbench </dev/null >"$work/qemu.log" 2>&1 &
	qemu=$!
	if [ "$mode" = parallel ]; then
		pin_cpus &
		pinner=$!
	fi
	wait "$qemu" || { rc=$?; kill $pinner 2>/dev/null; return "$rc"; }
}

# fail REASON: keep what there is, show how the guest ended.
fail() {
	local kept=''

	if [ -n "$out" ]; then
		kept=$out.failed.1
		while ! mkdir -p "$(dirname "$kept")" || ! mkdir "$kept" 2>/dev/null; do
			[ -e "$kept" ] || break
			kept=$out.failed.$((${kept##*.} + 1))
		done
		cp -r "$work"/console.log "$work"/qemu.log "$work"/results/. "$kept/" 2>/dev/null || true
	fi
	leave_reason "the boot failed: $1"
	log "boot of $(kernel_fact spec) failed: $1${kept:+; everything it left is in $kept}"
	{
		grep -m1 -aE 'Kernel panic|BUG:|Oops|WARNING:' "$work/console.log" || true
		tail -n 12 "$work/console.log"
	} 2>/dev/null | sed 's/^/  | /' >&2
	exit 1
}

# The reason, in QEMU's words where it has any.
probe_verdict() {
	local said

	[ "$1" -ne 0 ] || exit 0
	said="no sign of life within $BOOT_TIMEOUT s"
	[ "$1" -eq 124 ] || said=$(grep -m1 . "$work/qemu.log" || echo "QEMU ended with status $1")
	log "KVM does not run $(kernel_fact spec): ${said:0:160}"
	exit 1
}

unpack_results() {
	local status=$work/results/status.json taint

	mkdir -p "$work/results"
	[ "$1" -ne 124 ] || fail "no end after ${BOOT_TIMEOUT:-600} s (BOOT_TIMEOUT)"
	[ "$1" -eq 0 ] || fail "QEMU ended with status $1: $(tail -n 1 "$work/qemu.log")"
	tar -x -C "$work/results" -f "$work/port.tar" 2>/dev/null ||
		fail "the guest ended before its results were out"
	taint=$(jq .taint "$status")
	[ $((taint & ~TAINT_EXPECTED)) -eq 0 ] || fail "unexpected kernel taint $taint (see dmesg.txt)"
	[ "$(jq .failed "$status")" -eq 0 ] || fail "a case failed: $(jq -c .cases "$status")"
	jq -c --argjson host "$host" '.host = $host' "$work/results/run.json" |
		atomic_write "$work/results/run.json"
	"$BUILD/dexbench" --topology="$work/results/host-topology.xml"
}

build_tree=$(kernel_fact build_tree)
[ -n "$probe" ] || [ ! -e "$out" ] || die "$out exists; results are never overwritten"
# Beside the results, so that they move there in one step and a campaign that is
# gone on with finds what a killed one left.
if [ -n "$probe" ]; then
	work=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-boot.XXXXXX")
else
	work=$out.part.$$
	mkdir -p "$work" || die "cannot create $work: is the disk full?"
fi
trap 'rm -rf "$work"' EXIT
trap 'kill $qemu 2>/dev/null; exit 130' INT TERM
image=$BUILD/guest${perf:+-perf}.cpio
[ -f "$image" ] || die "$image is missing; run make ${image#"$DEX_TOP"/}"
[ -n "$module" ] || build_module
boot_archive
host=$(host_json)
rc=0
{ run_qemu; } 2>/dev/null || rc=$? # the shell's own line about a signal helps nobody
[ -z "$probe" ] || probe_verdict "$rc"
unpack_results "$rc"
mv "$work/console.log" ${plugin:+"$work/windows.json"} "$work/results/"
mv -T "$work/results" "$out" || die "cannot write $out: is the disk full?"
