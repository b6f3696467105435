#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One guest from QEMU's start to its end.
#
# usage: qemu.sh --kernel=JSON --mode=exact|lockstep|parallel|timing --dir=DIR [--cpus=N]
#                [--memory=MiB] [--plugin=QEMU-PLUGIN,ARGUMENT...] [--terminal] [--gdb=SOCKET]
#
# DIR holds initramfs; console.log, qemu.log, port.tar (what the guest sent) and, with a
# plugin, windows.json, and in timing mode placement.json appear there.  The console may be this terminal instead, and the guest
# may wait for gdb at a socket.  Exit status: QEMU's, 124 after BOOT_TIMEOUT.
#
# Environment: QEMU, BOOT_TIMEOUT (seconds, default 600; 0: none), DEXBENCH_LOCKSTEP (emulator/params.c).
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
. "$DEX_TOP/scripts/guest/place.sh"

kernel='' mode='' dir='' cpus=1 memory=1024 plugin='' terminal='' gdb=()
for arg; do
	value=${arg#*=}
	case $arg in
	--kernel=*) kernel=$value ;;
	--mode=*) mode=$value ;;
	--dir=*) dir=$value ;;
	--cpus=*) cpus=$value ;;
	--memory=*) memory=$value ;;
	--plugin=*) plugin=$value ;;
	--terminal) terminal=1 ;;
	--gdb=*) gdb=(-S -gdb "unix:${value//,/,,},server=on,wait=off") ;;
	*) die "qemu.sh: unknown option $arg; see the head of scripts/guest/qemu.sh" ;;
	esac
done

kernel_fact() { jq -r ".$1" <<<"$kernel"; }

# child_of PROCESS
child_of() { grep -lsE "^[0-9]+ \(.*\) . $1 " /proc/[0-9]*/stat | head -n 1 | cut -d/ -f3; }

# Each emulated CPU stays on a CPU of its own: a host with other work would stack them
# on one, where they take turns of milliseconds instead of running at once.
pin_cpus() {
	local list=() range n=0 task left=100

	for range in $(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status | tr , ' '); do
		mapfile -O ${#list[@]} -t list < <(seq "${range%-*}" "${range#*-}")
	done
	while [ "$n" -lt "$cpus" ] && [ "$left" -gt 0 ]; do
		task=$(grep -lx "CPU $n/TCG" "/proc/$(child_of "$qemu")"/task/*/comm 2>/dev/null || true)
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

# Every guest takes its clock for granted: a kernel that watches it stops all CPUs to change it, and
# some hang there.  That also lets the tick settle before user space runs: QEMU may execute a stale
# breakpoint when one CPU patches code under another's feet.  An emulated guest is left nothing else
# to be surprised by either: it has a fixed random seed (QEMU hands Linux one).
append="console=$(arch_fact console) quiet loglevel=5 panic=-1 oops=panic nokaslr norandmaps random.trust_cpu=off $(kernel_fact cmdline) $(arch_fact clock_trusted)"
# CPUs that all start at once spin until it is their turn: with many of them that is most of what the
# emulator ever does.  Up to MANY nothing is changed, since campaigns are recorded so.
MANY=16
[ "$mode" != lockstep ] || [ "$cpus" -le "$MANY" ] || append="$append cpuhp.parallel=0"
placed=()
case $mode in
exact | lockstep) machine='-accel tcg,thread=single -icount shift=0,sleep=off' ;;
parallel) machine='-accel tcg,thread=multi -name dexbench,debug-threads=on' ;;
timing)
	machine="-accel kvm -cpu $(arch_fact kvm_cpu)"
	place_guest "$dir" "$cpus" "$memory"
	;;
*) die "qemu.sh: --mode=$mode: one of exact, lockstep, parallel, timing" ;;
esac
[ "$mode" = timing ] || machine="$machine -cpu $(arch_fact qemu_cpu) -seed 1"
watcher=()
[ -z "$plugin" ] || watcher=(-plugin "$plugin,out=${dir//,/,,}/windows.json")
console="file,id=console,path=${dir//,/,,}/console.log"
exec {input}</dev/null {said}>"$dir/qemu.log" {output}>&"$said"
if [ -n "$terminal" ]; then
	console='stdio,id=console,mux=on,signal=off'
	exec {input}<&0 {output}>&1
fi
# shellcheck disable=SC2086 # several words on purpose
timeout --foreground -k 5 "${BOOT_TIMEOUT:-600}" "${QEMU:-$(arch_fact qemu)}" -nodefaults -no-user-config \
	-display none -no-reboot $machine "${placed[@]}" "${watcher[@]}" "${gdb[@]}" -rtc base=2024-01-01,clock=vm -smp "$cpus" -m "$memory" \
	-kernel "$(kernel_fact bzimage)" -initrd "$dir/initramfs" -append "$append" \
	-chardev "$console" -serial chardev:console \
	-device virtio-serial-pci -chardev file,id=port,path="${dir//,/,,}/port.tar" \
	-device virtserialport,chardev=port,name=dexbench <&"$input" >&"$output" 2>&"$said" &
qemu=$!
pinner=''
if [ "$mode" = parallel ]; then
	pin_cpus &
	pinner=$!
elif [ "$mode" = timing ]; then
	pin_guest "$dir" &
	pinner=$!
fi
rc=0
wait "$qemu" || rc=$?
[ -z "$pinner" ] || kill "$pinner" 2>/dev/null || true
# One that did not care for TERM either was killed.
[ "$rc" -ne 137 ] || [ "$SECONDS" -lt "${BOOT_TIMEOUT:-600}" ] || rc=124
exit "$rc"
