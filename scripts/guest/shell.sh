#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest with a prompt on this terminal: the module is loaded, dexbench is there.
# `make shell` runs this.
#
# Environment: KERNEL (a spec; default: the last of the ladder), MODE (exact, parallel, timing;
# default parallel), CPUS (2), MEMORY (MiB, 1024), GDB=1 (the guest waits for gdb before its first
# instruction; the command for another terminal is printed), and what kernel.sh takes.
#
# Exit status: 0 the guest ended, 1 QEMU failed, 2 it was not begun.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts
MODE=${MODE:-parallel}
CPUS=${CPUS:-$([ "$MODE" = exact ] && echo 1 || echo 2)}

case $MODE in
exact | parallel | timing) ;;
lockstep) die "MODE=lockstep: its time stands still while nobody types; make shell takes exact, parallel or timing" ;;
*) die "MODE=$MODE: one of exact, parallel, timing" ;;
esac
case ${GDB:-} in '' | 1) ;; *) die "GDB=$GDB: the one value is 1" ;; esac
mapfile -t specs < <(split_kernels "${KERNEL:-$(ladder_specs | tail -n 1)}")
[ ${#specs[@]} -eq 1 ] || die "KERNEL=$KERNEL: one spec, please; make ab KERNELS= takes several"
image=$DEX_TOP/build/guest.cpio
[ -f "$image" ] || die "$image is missing; run make build/guest.cpio"
need_tool jq
check_cache
kernel=$("$HERE/kernel/kernel.sh" --json "${specs[0]}") || exit
module=$("$HERE/kernel/module.sh" --kernel="$kernel") || exit

# plan: what the guest is to know, and what it does then.
plan() {
	local rows columns

	read -r rows columns < <(stty size 2>/dev/null || echo 0 0)
	[ "$rows" -gt 0 ] && [ "$columns" -gt 0 ] || rows=24 columns=80
	printf "%s='%s'\n" SPEC "${specs[0]//"'"/}" MODE "$MODE" MODULE "${module//"'"/}" COLUMNS "$columns" LINES "$rows" \
		CONSOLE "$(arch_fact console)" TERM "${TERM//[^a-zA-Z0-9.+-]/}"
	cat "$HERE/guest/prompt.sh"
}

# gdb_command SOCKET: with the symbols of what boots.
gdb_command() {
	local vmlinux

	vmlinux=$(jq -r .build_tree <<<"$kernel")/vmlinux
	[ -f "$vmlinux" ] || die "GDB=1: $vmlinux is missing, which has the symbols; a kernel that is built here has it (tree:, deb:linux-source-X.Y)"
	printf 'gdb -ex %q %q\n' "target remote $1" "$vmlinux"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-shell.XXXXXX")
terminal=$(stty -g 2>/dev/null || true)
trap 'rm -rf "$work"; [ -z "$terminal" ] || stty "$terminal"' EXIT
[ -z "${GDB:-}" ] || command=$(gdb_command "$work/gdb") || exit
plan >"$work/plan"
"$HERE/guest/archive.sh" --kernel="$kernel" --image="$image" --module="$module" --plan="$work/plan" \
	--out="$work/initramfs"
# shellcheck disable=SC2154 # set where GDB is
[ -z "${GDB:-}" ] || log "the guest waits for: $command"
# In the background, so that a signal reaches us; the terminal is the guest's all the same.
BOOT_TIMEOUT=0 "$HERE/guest/qemu.sh" --kernel="$kernel" --mode="$MODE" --dir="$work" --cpus="$CPUS" \
	--memory="${MEMORY:-1024}" --terminal ${GDB:+"--gdb=$work/gdb"} <&0 &
qemu=$!
trap 'pkill -TERM -P "$qemu" || true; wait "$qemu" || true; exit 143' HUP INT TERM
rc=0
wait "$qemu" || rc=$?
[ "$rc" -eq 0 ] || {
	log "QEMU ended with status $rc: $(tail -n 1 "$work/qemu.log" | grep . || echo "it says nothing")"
	exit 1
}
