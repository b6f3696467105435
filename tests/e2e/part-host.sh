# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# host-check, tune and untune on trees of files that stand for a machine, and
# profiles of a program on the real one.

cpu=sys/devices/system/cpu

# machine DIR FILE=TEXT...: files below DIR.
machine() {
	local dir=$1 file

	shift
	rm -rf "$dir"
	for file; do
		mkdir -p "$dir/$(dirname "${file%%=*}")"
		printf '%b\n' "${file#*=}" >"$dir/${file%%=*}"
	done
}

good_machine() {
	machine "$1" $cpu/cpufreq/policy{0,1,2,3}/scaling_governor=performance \
		$cpu/intel_pstate/no_turbo=1 $cpu/smt/active=0 $cpu/isolated=2-3 \
		$cpu/cpu{0,1,2,3}/thermal_throttle/core_throttle_count=0 \
		sys/kernel/mm/transparent_hugepage/enabled='always [madvise] never' \
		sys/kernel/mm/ksm/run=0 proc/sys/kernel/{numa_balancing,nmi_watchdog}=0 \
		proc/sys/kernel/randomize_va_space=2 proc/sys/kernel/perf_event_paranoid=1 \
		proc/meminfo='MemTotal:    9 kB\nSwapTotal:       100 kB\nSwapFree:        100 kB' \
		proc/loadavg='0.05 0.01 0.00 1/2 3' proc/stat='cpu  100 0 100 5000 0 0 0 0 0 0' \
		proc/cpuinfo='flags\t\t: fpu constant_tsc nonstop_tsc' proc/1/comm=systemd \
		sys/devices/system/clocksource/clocksource0/current_clocksource=tsc \
		sys/class/power_supply/BAT0/status=Charging \
		proc/sys/kernel/osrelease=6.12.0 boot/config-6.12.0='CONFIG_MMU=y\nCONFIG_DEVICE_PRIVATE=y'
}

# with FILE=TEXT...: the good machine but for these.
with() {
	local file

	good_machine "$scratch/machine"
	for file; do
		mkdir -p "$scratch/machine/$(dirname "${file%%=*}")"
		printf '%b\n' "${file#*=}" >"$scratch/machine/${file%%=*}"
	done
}

# diagnosed STATUS: host-check's exit status; what it printed is in $scratch/json.
diagnosed() {
	local rc=0

	DEXBENCH_SYSROOT=$scratch/machine scripts/host-check --json >"$scratch/json" || rc=$?
	/usr/bin/jsonschema -i "$scratch/json" results/schema/hostcheck.v1.json
	[ "$rc" -eq "$1" ] || { cat "$scratch/json"; echo "exit status $rc, expected $1"; return 1; }
}

nothing_to_mend() {
	with
	diagnosed 0
	jq -e 'all(.state == "ok" and .remedy == "")' "$scratch/json" || { cat "$scratch/json"; return 1; }
	jq -e '[.[].check] | length == 21 and (unique | length) == 21 and .[0] == "device_private"' "$scratch/json"
}

# finds CHECK STATE FILE=TEXT...: that one fault, and a remedy for it.
finds() {
	local check=$1 state=$2 rc=0

	shift 2
	with "$@"
	[ "$state" != bad ] || rc=3
	diagnosed $rc
	jq -e --arg c "$check" --arg s "$state" 'map(select(.state != "ok")) |
		map(.check) == [$c] and all(.state == $s and (.remedy != "" or $s == "unknown"))' "$scratch/json" ||
		{ jq -c '.[] | select(.state != "ok")' "$scratch/json"; return 1; }
}

nothing_known() {
	mkdir -p "$scratch/machine"
	rm -rf "${scratch:?}/machine/"*
	diagnosed 0
	jq -e '[.[] | select(.state == "unknown")] | length >= 10' "$scratch/json"
}

readable() {
	with proc/sys/kernel/numa_balancing=1
	DEXBENCH_SYSROOT=$scratch/machine scripts/host-check >"$scratch/text" || [ $? -eq 3 ]
	grep -A1 '^bad *numa_balancing *on' "$scratch/text" | grep -- '-> sudo make tune'
}

# What tune changes, in a machine where all of it is otherwise.
untuned() {
	machine "$1" $cpu/cpufreq/policy0/scaling_governor=schedutil \
		$cpu/cpufreq/policy1/scaling_governor=ondemand $cpu/cpufreq/boost=1 \
		sys/kernel/mm/transparent_hugepage/enabled=always proc/sys/kernel/numa_balancing=1
	mkdir -p "$1/run"
}

# tune_on DIR tune|untune
tune_on() { DEXBENCH_SYSROOT=$1 scripts/tune.sh "$2"; }

settings() { (cd "$1" && find . -path ./run -prune -o -type f -print | sort | xargs grep -H .); }

restored() { same <(settings "$scratch/before") <(settings "$scratch/tuned"); }

prepare() {
	untuned "$scratch/before"
	untuned "$scratch/tuned"
}

there_and_back() {
	prepare
	tune_on "$scratch/tuned" tune
	same <(settings "$scratch/tuned" | sed 's/^[^:]*://' | sort | xargs) <(echo 0 0 madvise performance performance)
	tune_on "$scratch/tuned" tune
	tune_on "$scratch/tuned" untune
	restored
	tune_on "$scratch/tuned" untune 2>&1 | grep 'nothing to restore'
	restored
}

# The real file shows all words and takes one; only the chosen one is saved.
chosen_word() {
	prepare
	echo 'always madvise [never]' >"$scratch/tuned/sys/kernel/mm/transparent_hugepage/enabled"
	tune_on "$scratch/tuned" tune
	tune_on "$scratch/tuned" untune
	same <(echo never) "$scratch/tuned/sys/kernel/mm/transparent_hugepage/enabled"
}

# dies BIN COMMAND...: it is killed by one of the programs in BIN.
dies() {
	local rc=0 bin=$1

	shift
	PATH=$bin:$PATH "$@" || rc=$?
	[ "$rc" -eq 137 ]
}

# SIGKILL just before or just after the N-th time the originals are saved, that
# is, on either side of every moment between two settings.
killed() {
	local when n

	mkdir -p "$scratch/bin"
	cat >"$scratch/bin/mv" <<-'END'
		#!/bin/sh
		echo >>"$COUNT"
		[ "$(wc -l <"$COUNT")" -eq "$KILL_AT" ] || exec /bin/mv "$@"
		[ "$KILL_WHEN" = before ] || /bin/mv "$@"
		kill -9 "$PPID"
	END
	chmod +x "$scratch/bin/mv"
	for when in before after; do
		for n in 1 2 3 4 5; do
			prepare
			: >"$scratch/count"
			COUNT=$scratch/count KILL_AT=$n KILL_WHEN=$when \
				dies "$scratch/bin" tune_on "$scratch/tuned" tune
			[ "$n" -eq 1 ] || refute restored >"$scratch/diff"
			# A second tune in between must not take ours for theirs.
			[ "$n" -eq 3 ] || tune_on "$scratch/tuned" tune
			tune_on "$scratch/tuned" untune
			restored
		done
	done
}

# SIGKILL while restoring: the record stays until all is done.
killed_restoring() {
	prepare
	tune_on "$scratch/tuned" tune
	mkdir -p "$scratch/bin2"
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nkill -9 $PPID\n' >"$scratch/bin2/rm"
	chmod +x "$scratch/bin2/rm"
	dies "$scratch/bin2" tune_on "$scratch/tuned" untune
	tune_on "$scratch/tuned" untune
	restored
	[ ! -e "$scratch/tuned/run/dexbench-tune/state" ]
}

missing_settings() {
	machine "$scratch/tuned" proc/sys/kernel/numa_balancing=1
	tune_on "$scratch/tuned" tune 2>"$scratch/said"
	[ "$(grep -c 'this machine has no such setting' "$scratch/said")" -eq 3 ]
	same <(echo 0) "$scratch/tuned/proc/sys/kernel/numa_balancing"
	tune_on "$scratch/tuned" untune
	same <(echo 1) "$scratch/tuned/proc/sys/kernel/numa_balancing"
}

# One that refuses (nobody writes to /proc/version) spoils no other, and an
# original whose setting went away is kept on record.
partial_failure() {
	local rc=0

	prepare
	rm "$scratch/tuned/$cpu/cpufreq/policy1/scaling_governor"
	ln -s /proc/version "$scratch/tuned/$cpu/cpufreq/policy1/scaling_governor"
	tune_on "$scratch/tuned" tune 2>"$scratch/said" || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq 2 ]
	grep '^dexbench: governor: cannot write .*policy1' "$scratch/said"
	same <(echo performance) "$scratch/tuned/$cpu/cpufreq/policy0/scaling_governor"
	same <(echo 0) "$scratch/tuned/proc/sys/kernel/numa_balancing"
	rm "$scratch/tuned/proc/sys/kernel/numa_balancing"
	tune_on "$scratch/tuned" untune 2>"$scratch/said" && return 1
	grep "numa_balancing is gone; was '1'" "$scratch/said"
	grep -q numa_balancing "$scratch/tuned/run/dexbench-tune/state"
	same <(echo schedutil) "$scratch/tuned/$cpu/cpufreq/policy0/scaling_governor"
}

one_at_a_time() {
	prepare
	mkdir -p "$scratch/tuned/run/dexbench-tune"
	exec 7>"$scratch/tuned/run/dexbench-tune/lock"
	flock 7
	refused 2 "another tune.sh is running" tune_on "$scratch/tuned" tune
	restored
}

# In a place that anybody can read, which a clone need not be.
not_root_tunes() {
	chmod a+x "$all_scratch" "$scratch"
	mkdir "$scratch/anybody"
	cp scripts/tune.sh scripts/lib.sh "$scratch/anybody"
	chmod -R a+rX "$scratch/anybody"
	refused 2 "not root" setpriv --reuid=65534 --clear-groups "$scratch/anybody/tune.sh" tune
}

# Text of `perf script -F comm,ip,sym,dso` (perf 6.1), shortened, tabs made
# spaces; the second and the fifth stack are the same, the third has no kernel frame.
folds() {
	scripts/perf-record.sh --fold >"$scratch/folded" <<-'END'
		swapper 
		        ffffffff821f236b pv_native_safe_halt ([kernel.kallsyms])
		        ffffffff812faf53 common_startup_64 ([kernel.kallsyms])

		dexbench 
		        ffffffffc0201234 dex_convert ([dexbench])
		        ffffffff821ecc51 do_syscall_64 ([kernel.kallsyms])
		        d4ad7 __GI___ioctl+0x7 (/usr/lib/x86_64-linux-gnu/libc.so.6)
		        0 [unknown] ([unknown])

		Web Content 
		        ebf0 [unknown] (/usr/bin/busybox)

		kworker/0:1;x 
		        ffffffff815e15d5 a_function.isra.0 ([kernel.kallsyms])

		dexbench 
		        ffffffffc0201234 dex_convert ([dexbench])
		        ffffffff821ecc51 do_syscall_64 ([kernel.kallsyms])
	END
	same "$scratch/folded" - <<-'END'
		dexbench;do_syscall_64;dex_convert 2
		kworker/0:1_x;a_function.isra.0 1
		swapper;common_startup_64;pv_native_safe_halt 1
	END
}

# A program that reads its page tables: what it calls must be among the stacks.
# shellcheck disable=SC2016
profiles() {
	local rc=0

	mkdir -p "$scratch/profile"
	"$@" scripts/perf-record.sh "$scratch/profile" a_case -- sh -c \
		'for i in $(seq 100); do cat /proc/self/smaps >/dev/null; done; exit 7' || rc=$?
	[ "$rc" -eq 7 ] || { echo "exit status $rc, expected that of the program"; return 1; }
	perf report -i "$scratch/profile/a_case.perf.data" --stdio >/dev/null 2>&1
	grep -E '^cat;([^;]*;)*show_smap(;[^;]*)* [0-9]+$' "$scratch/profile/a_case.folded"
	refute grep -vE '^[^; ]+(;[^;]+)+ [0-9]+$' "$scratch/profile/a_case.folded"
	refused 2 "never overwritten" "$@" scripts/perf-record.sh "$scratch/profile" a_case -- true
	rm -r "$scratch/profile"
}

# placed_qemu VCPUS: QEMU with so many, which never begin, by place.sh; its number is in $qemu.
placed_qemu() {
	local placed=()

	mkdir -p "$scratch/placed"
	place_guest "$scratch/placed" "$1" 64
	"$(arch_fact qemu)" -nodefaults -no-user-config -display none -S -accel tcg,thread=multi -smp "$1" -m 64 "${placed[@]}" &
	qemu=$!
}

# Threads are told apart by the monitor: a virtual CPU's is on its own CPU, any other on what is left.
threads_are_pinned() (
	. scripts/guest/place.sh
	local placement want

	placed_qemu 2
	trap 'kill $qemu' EXIT
	pin_guest "$scratch/placed"
	jq -e '.pinned and (.vcpus | length) == 2 and (.others | length) >= 1 and .own_cores == (.cores >= 2)' "$scratch/placed/placement.json"
	want=$(jq -c .vcpus "$scratch/placed/placement.json")
	same <(jq '.[]' <<<"$want") <(for task in /proc/"$qemu"/task/*; do
		! grep -q '^CPU [0-9]*/TCG' "$task/comm" || cpus_of "${task##*/}"
	done)
	[ "$(cpus_of "$qemu")" = "$(jq -r '.others | if length > 1 then "\(.[0])-\(.[-1])" else "\(.[0])" end' "$scratch/placed/placement.json")" ]
)

# Who does not answer is not pinned, and it says so.
silent_monitor() (
	. scripts/guest/place.sh
	local placement placed

	mkdir -p "$scratch/silent"
	place_guest "$scratch/silent" 1 64
	ask_monitor() { return 1; }
	pin_guest "$scratch/silent"
	jq -e '.pinned == false' "$scratch/silent/placement.json"
	refused 2 "--place=0: give a number of CPUs" build/dexbench --place=0
)

# shape VCPUS MACHINE JSON: where a guest of so many CPUs belongs on a machine as hwloc describes it.
shape() { same <(HWLOC_SYNTHETIC=$2 build/dexbench --place="$1" | jq -c '[.node, .own_cores, .spare_core, .vcpus, .others]') <(echo "$3"); }

# One node, a core each, and a core for the rest, where there are as many.
shapes() {
	shape 2 'node:2 core:4 pu:2' '[0,true,true,[4,6],[0,1,2,3]]'
	shape 4 'node:2 core:4 pu:2' '[0,true,false,[0,2,4,6],[1,3,5,7]]'
	shape 4 'core:8 pu:1' '[0,true,true,[4,5,6,7],[0,1,2,3]]'
	shape 2 'core:2 pu:1' '[0,true,false,[0,1],[0,1]]'
	shape 3 'core:2 pu:1' '[0,false,false,[0,1,0],[0,1]]'
}

check "placement: on machines of several shapes" shapes
check "placement: each virtual CPU's thread on a CPU of its own" threads_are_pinned
check "placement: a monitor that says nothing" silent_monitor
check "host-check: a good machine has nothing to mend" nothing_to_mend
check "host-check: what cannot be told is unknown" nothing_known
check "host-check: text for people" readable
check "host-check: a kernel without the path" finds device_private warn boot/config-6.12.0='# CONFIG_DEVICE_PRIVATE is not set'
check "host-check: a kernel that knows no such path" finds device_private warn boot/config-6.12.0='CONFIG_MMU=y'
check "host-check: a kernel of no known configuration" finds device_private unknown proc/sys/kernel/osrelease=6.1.0
check "host-check: governor" finds governor bad $cpu/cpufreq/policy1/scaling_governor=powersave
check "host-check: turbo" finds turbo bad $cpu/intel_pstate/no_turbo=0
check "host-check: SMT" finds smt warn $cpu/smt/active=1
check "host-check: THP" finds thp warn 'sys/kernel/mm/transparent_hugepage/enabled=[always] madvise never'
check "host-check: NUMA balancing" finds numa_balancing bad proc/sys/kernel/numa_balancing=1
check "host-check: KSM" finds ksm bad sys/kernel/mm/ksm/run=1
check "host-check: swap" finds swap warn 'proc/meminfo=SwapTotal:  100 kB\nSwapFree:  90 kB'
check "host-check: load" finds load bad 'proc/loadavg=1.00 0 0 1/2 3'
check "host-check: a little load" finds load warn 'proc/loadavg=0.30 0 0 1/2 3'
check "host-check: odd load" finds load unknown 'proc/loadavg=x'
check "host-check: a machine that is emulated" finds hypervisor bad \
	'proc/cpuinfo=model name\t: QEMU TCG CPU version 2.5+\nflags\t: hypervisor constant_tsc nonstop_tsc'
check "host-check: hypervisor" finds hypervisor warn 'proc/cpuinfo=flags\t: hypervisor constant_tsc nonstop_tsc'
check "host-check: steal" finds steal bad 'proc/stat=cpu  100 0 100 5000 0 0 0 500 0 0'
check "host-check: clocksource" finds clocksource bad sys/devices/system/clocksource/clocksource0/current_clocksource=hpet
check "host-check: TSC flags" finds tsc bad 'proc/cpuinfo=flags\t: fpu constant_tsc'
check "host-check: throttling" finds throttling warn $cpu/cpu1/thermal_throttle/core_throttle_count=2
check "host-check: no isolated CPU" finds isolation warn $cpu/isolated=
check "host-check: NMI watchdog" finds nmi_watchdog warn proc/sys/kernel/nmi_watchdog=1
check "host-check: irqbalance" finds irqbalance warn proc/77/comm=irqbalance
check "host-check: battery" finds power bad sys/class/power_supply/BAT0/status=Discharging
check "host-check: unknown option" refused 2 "usage: host-check [--json]" scripts/host-check --frob
check "tune and untune: there and back" there_and_back
check "tune and untune: the chosen word of several" chosen_word
check "tune killed between any two steps, then untune" killed
check "untune killed, then untune" killed_restoring
check "tune: settings that this machine has not" missing_settings
check "tune: one that fails is said and spoils no other" partial_failure
check "tune: one at a time" one_at_a_time
check "tune: usage" refused 2 "usage: tune.sh tune|untune" scripts/tune.sh
if [ "$(id -u)" -eq 0 ]; then
	check "tune: not root" not_root_tunes
else
	check "tune: not root" refused 2 "not root" scripts/tune.sh tune
fi
check "perf-record.sh folds stacks" folds
check "perf-record.sh refuses exact mode" refused 2 "use parallel or timing" \
	scripts/perf-record.sh "$scratch" a_case -- dexbench --mode=exact
if perf record -q -a -g -e cpu-clock -o "$scratch/probe" -- true >/dev/null 2>"$scratch/stderr"; then
	check "perf-record.sh profiles a program" profiles sh
	check "perf-record.sh profiles a program, under busybox" profiles busybox sh
else
	skip "perf-record.sh profiles a program" "$(grep -m 1 . "$scratch/stderr")"
fi
