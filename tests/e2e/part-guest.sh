# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# One guest at a time: what it needs is there, its results come out, and a boot that ends
# badly says how, leaves what it has and nothing that still runs.

guests=$scratch/guests
mkdir -p "$guests/empty"
walk_kernel() { scripts/kernel/kernel.sh --json rmap-6.12; }

# program NAME: standard input becomes a program for a guest.
program() {
	cat >"$guests/$1"
	chmod +x "$guests/$1"
}

# bad_end NAME TEXT KERNEL-JSON [VAR=VALUE] OPTIONS...: the boot fails, says
# why in one line, and shows the console's end.
bad_end() {
	local out=$guests/end-$1 text=$2 kernel=$3 rc=0

	shift 3
	env "$1" scripts/guest/boot.sh --kernel="$kernel" --mode=exact --pages=1536 --cases=control_clock \
		--out="$out" "${@:2}" >"$guests/said" 2>&1 || rc=$?
	cat "$guests/said"
	[ "$rc" -eq 1 ] || { echo "exit status $rc, expected 1"; return 1; }
	[ ! -e "$out" ]
	[ -d "$out.failed.1" ]
	[ -z "$(find "$guests" -maxdepth 1 -name '*.part.*')" ]
	[ "$(grep -c '^dexbench: ' "$guests/said")" -eq 1 ]
	grep "^dexbench: .*; everything it left is in $out.failed.1\$" "$guests/said"
	grep -F -- "$text" "$guests/said"
}

panics() {
	bad_end panic "Kernel panic" "$(walk_kernel | jq -c '.cmdline += " rdinit=/nonexistent init=/nonexistent"')" X=
	grep 'the guest ended before its results were out' "$guests/said"
}

# It spins: exact mode's clock skips whatever a guest sleeps.
hangs() {
	program hang <<<$'#!/bin/sh\nwhile :; do :; done'
	bad_end hang "no end after 20 s" "$(walk_kernel)" BOOT_TIMEOUT=20 --program="$guests/hang"
}

taints() {
	program taint <<<$'#!/bin/sh\necho 512 >/proc/sys/kernel/tainted'
	bad_end taint "unexpected kernel taint" "$(walk_kernel)" X= --program="$guests/taint"
}

# Its own boot is the kernel's business: a warning there is kept and fails nothing.
warns_before_the_module() {
	scripts/guest/boot.sh --kernel="$(walk_kernel | jq -c '.cmdline += " sysctl.kernel.tainted=512"')" --mode=exact \
		--pages=1536 --cases=control_clock --out="$guests/warned"
	jq -e '.boot_taint == 512 and .failed == 0' "$guests/warned/status.json"
	jq -e '.taint >= 512' "$guests/warned/run.json"
	valid "$guests/warned/status.json"
}

foreign_module() {
	local other

	other=$(scripts/kernel/kernel.sh --json folio-7.x | jq -r .bzimage)
	bad_end foreign "was it built for this kernel?" \
		"$(walk_kernel | jq -c --arg b "$other" '.bzimage = $b')" X=
}

# Loads where the ABI differs, and is refused by the program.
other_abi() {
	local kernel tree

	kernel=$(walk_kernel)
	tree=$(jq -r .build_tree <<<"$kernel")
	module_sources "$guests/abi"
	sed -i 's/\(define DEX_ABI_VERSION\).*/\1 999/' "$guests/abi/dex_uapi.h"
	clean_make -C "$guests/abi" KDIR="$tree" >"$guests/module.log" 2>&1
	bad_end abi "speaks ABI 999, this program" "$kernel" X= --module="$guests/abi/dexbench.ko"
	grep 'dexbench --record-env ended with status 2' "$guests/said"
}

# bare FILTER: the kernel as one whose tree has no drivers, changed by FILTER in which $tree
# has them; this tree's module is built already.
bare() { walk_kernel | jq -c --arg empty "$guests/empty" ".build_tree as \$tree | .build_tree = \$empty | $1"; }

built_module() { echo "$DEX_TOP/build/modules/$(walk_kernel | jq -r .key)/dexbench.ko"; }

module_is_built() {
	rm -rf "$guests/plain"
	scripts/guest/boot.sh --kernel="$(walk_kernel)" --mode=exact --cases=control_clock --pages=1536 --out="$guests/plain"
	[ -f "$(built_module)" ]
	valid "$guests/plain"/*.json
}

# /proc/modules has the last one first.
guest_modules() {
	local kernel ko

	# Under names of their own: those that the guest knows by name it loads when they are needed.
	for ko in block/brd char/virtio_console; do
		cp "$(walk_kernel | jq -r .build_tree)/drivers/$ko.ko" "$guests/first_${ko##*/}.ko"
	done
	kernel=$(jq -c --arg dir "$guests" '.guest_modules = [$dir + ("/first_brd.ko", "/first_virtio_console.ko")] |
		.packages = [] | .build_root = "/nowhere"' <<<"$(bare .)")
	# shellcheck disable=SC2016
	program order <<<$'#!/bin/sh\n[ "$(cut -d" " -f1 /proc/modules | xargs)" = "dexbench virtio_console brd" ]'
	scripts/guest/boot.sh --kernel="$kernel" --mode=exact --cases=control_clock --pages=1536 --module="$(built_module)" \
		--program="$guests/order" --out="$guests/modules"
	valid "$guests/modules/run.json" "$guests/modules/status.json"
	bad_end unmodular "$guests/empty/none.ko is missing" \
		"$(jq -c --arg none "$guests/empty/none.ko" '.guest_modules += [$none]' <<<"$kernel")" X= --module="$(built_module)"
	echo nonsense >"$guests/nonsense.ko"
	bad_end nonsense "insmod 001-nonsense.ko ended with status" \
		"$(jq -c --arg bad "$guests/nonsense.ko" '.guest_modules |= [$bad] + .' <<<"$kernel")" X= --module="$(built_module)"
}

# late_port SECONDS: a program after which the port has a node that no driver lists, and that
# loads the driver, which it brings along, so long after the results are ready.
late_port() {
	local ko

	ko=$(walk_kernel | jq -r .build_tree)/drivers/char/virtio_console.ko
	program "late-$1" < <(
		cat <<-OUTER
			#!/bin/sh
			mknod /dev/vport0p1 c 200 0
			(
				until [ -e /results/status.json ]; do sleep 0.1; done
				sleep $1
				rm /dev/vport0p1
				tail -c $(wc -c <"$ko") "\$0" >/tmp/late.ko
				insmod /tmp/late.ko
			) </dev/null >/dev/null 2>&1 &
			exit 0
		OUTER
		cat "$ko"
	)
}

port_comes_late() {
	late_port 2
	scripts/guest/boot.sh --kernel="$(bare .)" --mode=exact --cases=control_clock --pages=1536 \
		--module="$(built_module)" --program="$guests/late-2" --out="$guests/late"
	valid "$guests/late"/*.json
}

port_never_comes() {
	late_port 3000
	bad_end portless "the guest's results did not come out: the virtio port could not be opened for 30 s" \
		"$(bare .)" X= --module="$(built_module)" --program="$guests/late-3000"
}

# A CPU that does not know an instruction, in the words of the one that asked for it.
illegal_instruction() {
	printf 'int main(void)\n{\n\t__builtin_trap();\n}\n' | gcc -x c -static -o "$guests/illegal" -
	bad_end illegal "the program was killed by SIGILL (illegal instruction): the guest's CPU is baseline x86-64" \
		"$(walk_kernel)" X= --program="$guests/illegal"
	printf 'int main(void)\n{\n\t*(volatile int *)0 = 0;\n}\n' | gcc -x c -static -o "$guests/null" -
	bad_end null "the program was killed by SIGSEGV;" "$(walk_kernel)" X= --program="$guests/null"
}

# without_id FILE: its bytes, but for what names the place it was built at.
without_id() {
	strip -R .note.gnu.build-id -o "$guests/stripped" "$1"
	digest <"$guests/stripped"
}

# The host's own program may be for this machine alone; the guest's is the same, whatever the flags.
flags_do_not_reach_the_guest() {
	local copy=$guests/native program

	mkdir "$copy"
	cp -r Makefile bench kernel-module scripts plots tests "$copy/"
	CFLAGS='-march=native -mavx2' CXXFLAGS=-march=x86-64-v3 OPT='-O2 -g -mtune=native' \
		VERSION=$(cat build/version) make -s -e -C "$copy" build/guest/dexbench build/tests/module_test
	for program in guest/dexbench tests/module_test; do
		[ "$(without_id "build/$program")" = "$(without_id "$copy/build/$program")" ]
	done
}

# A look-up of a VMA walks past all that the loader maps: libmd as a shared library was 2 instructions
# a conversion.  So a library that the reference's program did not have is linked in.
no_library_more() {
	readelf -dW build/guest/dexbench | grep 'NEEDED.*libc\.so'
	same /dev/null <(readelf -dW build/guest/dexbench | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p' |
		grep -vxE 'ld-linux-x86-64|libbenchmark|libc|libgcc_s|libhwloc|libjansson|libm|libstdc\+\+|libz')
}

# A host whose libraries are for newer CPUs: the plain one is taken, or the library is named.
libraries_are_baseline() {
	local newer=$guests/lib/glibc-hwcaps/x86-64-v2

	mkdir -p "$newer"
	echo 'int answer(void) { return 42; }' | gcc -x c -shared -fPIC -Wl,-soname,libanswer.so -o "$guests/lib/libanswer.so" -
	echo 'int answer(void) { return 43; }' | gcc -x c -shared -fPIC -Wl,-soname,libanswer.so -Wl,-z,x86-64-v2 \
		-o "$newer/libanswer.so" -
	echo 'int answer(void); int main(void) { return answer(); }' |
		gcc -x c -o "$guests/asks" - -L"$guests/lib" -Wl,-rpath,"$guests/lib" -lanswer
	scripts/guest/guest-image.sh "$guests/asks" "$guests/asks.cpio"
	cpio -it --quiet <"$guests/asks.cpio" >"$guests/listed"
	grep -x "${guests#/}/lib/libanswer.so" "$guests/listed"
	refute grep hwcaps "$guests/listed"
	cp "$newer/libanswer.so" "$guests/lib/libanswer.so"
	refused 2 "$guests/lib/libanswer.so is built for x86-64-v2, and a guest's CPU is baseline x86-64" \
		scripts/guest/guest-image.sh "$guests/asks" "$guests/asks2.cpio"
	[ ! -e "$guests/asks2.cpio" ]
	gcc -x c -static -Wl,-z,x86-64-v3 -o "$guests/perf" - <<<'int main(void) { return 0; }'
	refused 2 "$guests/perf is built for x86-64-v3" env PERF_BINARY="$guests/perf" \
		scripts/guest/guest-image.sh build/guest/dexbench "$guests/asks2.cpio"
}

# A boot that failed before QEMU is one, too: it has a directory, and a number of its own.
fails_before_the_guest() {
	bad_end no-qemu "qemu-of-nobody: not found; run scripts/setup.sh" "$(walk_kernel)" QEMU=qemu-of-nobody
	bad_end bad-qemu "QEMU ended with status 3: it is broken" "$(walk_kernel)" QEMU="$guests/broken"
	bad_end no-tree "$guests/empty" "$(bare '.key = "none"')" X=
	BOOT_TIMEOUT=1 bad_end stubborn "no end after 1 s" "$(walk_kernel)" QEMU="$guests/stubborn"
	bad_end killed "QEMU was killed by SIGSEGV;" "$(walk_kernel)" QEMU="$guests/crashing"
	refute scripts/guest/boot.sh --kernel="$(bare '.key = "none"')" --mode=exact --cases=control_clock --out="$guests/end-no-tree"
	[ -d "$guests/end-no-tree.failed.2" ]
	refused 2 "no such file" scripts/guest/boot.sh --kernel="$(walk_kernel)" --mode=exact --cases=control_clock \
		--module="$guests/none.ko" --out="$guests/none"
	refused 2 "results are never overwritten" scripts/guest/boot.sh --kernel="$(walk_kernel)" --mode=exact \
		--cases=control_clock --out="$guests/empty"
	[ ! -e "$guests/none" ] && [ ! -e "$guests/none.failed.1" ]
}

kvm_probe_says_why() {
	local rc=0

	BOOT_TIMEOUT=1 QEMU=$guests/stubborn scripts/guest/boot.sh --kernel="$(walk_kernel)" --probe-kvm >"$guests/said" || rc=$?
	[ "$rc" -eq 1 ]
	QEMU=$guests/broken scripts/guest/boot.sh --kernel="$(walk_kernel)" --probe-kvm >>"$guests/said" || rc=$((rc + $?))
	[ "$rc" -eq 2 ]
	same "$guests/said" - <<-'END'
		KVM does not run rmap-6.12: no sign of life within 1 s
		KVM does not run rmap-6.12: it is broken
	END
}

# with_words MODE: what QEMU is told, a word a line.
with_words() {
	mkdir -p "$guests/words"
	QEMU=$guests/echoes scripts/guest/qemu.sh --kernel="$(walk_kernel)" --mode="$1" --dir="$guests/words"
	cat "$guests/words/qemu.log"
}

# A kernel that watches its clock stops all CPUs to change it, where 7.3 hung.
clock_is_granted() {
	local mode

	for mode in exact parallel timing; do
		with_words "$mode" >"$scratch/words"
		grep -E '^console=.* tsc=reliable$' "$scratch/words"
	done
	grep -x 'host,migratable=off,kvm-pv-tlb-flush=off,kvm-pv-ipi=off,kvm-pv-sched-yield=off' "$scratch/words"
}

disk_is_full() {
	bad_end full/boot "cannot write to $guests/end-full/boot.part." "$(walk_kernel)" X= || return
	grep 'No space left on device; make room there' "$guests/said"
}

# interrupted SIGNAL STATUS [VAR=VALUE...]: the boot ends at once, and so does what it started,
# which here does not care for TERM; it says nothing and leaves nothing.
interrupted() {
	local pid rc=0 left=100

	rm -f "$guests/started"
	set -m # or INT would be ignored, as HUP is under nohup
	env --default-signal=HUP,INT,TERM "${@:3}" scripts/guest/boot.sh --kernel="$(walk_kernel)" --mode=exact --cases=control_clock \
		--out="$guests/interrupted" >"$guests/said" 2>&1 </dev/null &
	pid=$!
	set +m
	until [ -s "$guests/started" ] || [ "$left" -eq 0 ]; do left=$((left - 1)); sleep 0.1; done
	kill -s "$1" "$pid"
	wait "$pid" || rc=$?
	cat "$guests/said"
	[ "$rc" -eq "$2" ] || { echo "exit status $rc, expected $2"; return 1; }
	[ ! -s "$guests/said" ]
	[[ $(ps -o stat= -p "$(cat "$guests/started")") =~ ^(Z.*)?$ ]]
	[ -z "$(find "$guests" -maxdepth 1 -name 'interrupted*')" ]
}

# Stand-ins: what is interrupted is boot.sh, in the middle of QEMU and in the middle of a build.
signals_end_everything() {
	mkdir -p "$guests/bin"
	cp "$guests/stubborn" "$guests/bin/make"
	interrupted TERM 143 QEMU="$guests/stubborn"
	interrupted INT 130 QEMU="$guests/stubborn"
	interrupted HUP 129 QEMU="$guests/stubborn"
	rm -rf "$DEX_TOP/build/modules/$(walk_kernel | jq -r .key)"
	interrupted TERM 143 PATH="$guests/bin:$PATH"
	module_is_built
}

# until_there TEXT FILE: within a minute.
until_there() {
	local left=600

	until grep -qF -- "$1" "$2"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || { echo "no '$1' in $2:"; tail -n 5 "$2"; return 1; }
		sleep 0.1
	done
}

# What make shell runs, one boot: gdb as its line says, with the kernel's symbols; then words are
# typed at the prompt.  One CPU: QEMU's parallel ones trip, rarely, over code that the guest patches (boots.sh).
prompt_and_gdb() {
	local at=$guests/shell pid rc=0 input

	mkdir "$at"
	mkfifo "$at/input"
	exec {input}<>"$at/input"
	KERNEL=rmap-6.12 CPUS=1 GDB=1 scripts/guest/shell.sh <&"$input" >"$at/terminal" 2>"$at/said" &
	pid=$!
	until_there "waits for: gdb " "$at/said"
	bash -c "$(sed -n 's/.*waits for: //p' "$at/said") -batch -nx -ex 'hbreak start_kernel' -ex continue" >"$at/gdb" 2>&1
	cat "$at/gdb"
	grep 'Breakpoint 1, start_kernel' "$at/gdb"
	until_there "guest:/results# " "$at/terminal"
	# shellcheck disable=SC2016 # for the guest's shell
	echo 'echo "$(lsmod | grep -c dexbench) module, $(tty)"; dexbench --version; exit' >&"$input"
	wait "$pid" || rc=$?
	cat "$at/terminal"
	grep -a '^1 module, /dev/ttyS0' "$at/terminal"
	grep -aF "$(build/dexbench --version)" "$at/terminal"
	[ "$rc" -eq 0 ]
	same <(grep 'waits for: gdb' "$at/said") "$at/said"
}

shell_says_why_not() {
	refused 2 "MODE=lockstep: its time stands still while nobody types" env MODE=lockstep scripts/guest/shell.sh
	refused 2 "KERNEL=a b: one spec, please" env KERNEL="a b" scripts/guest/shell.sh
	refused 2 "GDB=yes: the one value is 1" env GDB=yes scripts/guest/shell.sh
	refused 2 "unknown kernel 'rmap-9.9'" env KERNEL=rmap-9.9 scripts/guest/shell.sh
	refused 1 "QEMU ended with status 3: it is broken" env KERNEL=rmap-6.12 QEMU="$guests/broken-too" scripts/guest/shell.sh
	[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'dexbench-shell.*' -newer "$guests/broken-too")" ]
}

# The first bytes of the file system of a guest with persistent memory: no clock and no machine's habits are in them.
same_file_system() {
	local at=$guests/fsdax

	mkdir -p "$at/bin"
	scripts/guest/fsdax.sh "$at/one"
	printf '[defaults]\n\tbase_features = has_journal,64bit\n\tinode_size = 1024\n\treserved_ratio = 7\n' >"$at/conf"
	MKE2FS_CONFIG=$at/conf scripts/guest/fsdax.sh "$at/two"
	same "$at/one" "$at/two"
	[ "$(stat -c %s "$at/one")" -eq 65536 ]
	# shellcheck disable=SC2016 # the stand-in's
	printf '#!/bin/sh\nfor f; do :; done\necho x | dd of="$f" bs=1 seek=1000000 conv=notrunc 2>&1\n' >"$at/bin/mke2fs"
	chmod +x "$at/bin/mke2fs"
	refused 2 "mke2fs wrote behind the first 65536 bytes of the guest's file system" env PATH="$at/bin:$PATH" scripts/guest/fsdax.sh "$at/three"
	printf '#!/bin/sh\necho no room; exit 1\n' >"$at/bin/mke2fs"
	refused 2 "mke2fs made no file system for the guest: no room" env PATH="$at/bin:$PATH" scripts/guest/fsdax.sh "$at/three"
	[ -z "$(find "$at" -name 'three*')" ]
}

check "a guest's results come out" module_is_built
check "the file system of a guest's persistent memory is the same bytes anywhere" same_file_system
check "make shell: gdb stops the kernel, a prompt takes what is typed" prompt_and_gdb
program broken-too <<<$'#!/bin/sh\necho "it is broken" >&2\nexit 3'
check "make shell: what cannot be is said" shell_says_why_not
check "modules that a guest needs are loaded first, in their order" guest_modules
check "a port that its driver lists late is waited for" port_comes_late
check "a port that never comes is told from a guest that ended" port_never_comes
check "a guest panic fails the boot" panics
check "a hanging guest fails the boot" hangs
check "an unexpected taint fails the boot" taints
check "a warning of the kernel's own boot does not" warns_before_the_module
check "a module for another kernel fails the boot" foreign_module
check "a module of another ABI fails the boot" other_abi
check "an illegal instruction in a guest is named" illegal_instruction
check "CFLAGS=-march=native does not reach the guest" flags_do_not_reach_the_guest
check "a guest's libraries are for any x86-64, or refused" libraries_are_baseline
check "a guest's program has no library that moves the reference" no_library_more
program broken <<<$'#!/bin/sh\necho "it is broken"\nexit 3'
# shellcheck disable=SC2016 # for the program
program crashing <<<$'#!/bin/sh\n[ "$*" != --version ] || exit 0\nkill -SEGV $$'
# shellcheck disable=SC2016 # for the program
program echoes <<<$'#!/bin/sh\nprintf "%s\\n" "$@"'
check "every guest takes its clock for granted" clock_is_granted
program stubborn <<-EOF
	#!/bin/sh
	[ "\$*" != --version ] || exit 0
	trap '' TERM
	echo \$\$ >$guests/started
	while :; do sleep 1; done
EOF
check "a probe of KVM says why" kvm_probe_says_why
check "what fails before the guest is a failed boot" fails_before_the_guest
mkdir "$guests/end-full"
if mount -t tmpfs -o size=1m dexbench "$guests/end-full" 2>/dev/null; then
	check "a full disk fails the boot, and is named" disk_is_full
	umount "$guests/end-full"
else
	skip "a full disk fails the boot" "no small file system can be mounted here"
fi
check "TERM, INT and HUP end a boot and all that it started" signals_end_everything
