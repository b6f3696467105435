#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One line of tasks (scripts/engine/door.sh), on a machine that Slurm chose.
#
# usage: task.sh FILE [LINE]      (LINE: default SLURM_ARRAY_TASK_ID)
#
# FILE lies in a directory beside needs.json.  Where such tasks cannot be done, for a reason that would stop each
# of them, the file `hopeless` says so there, and no more are begun.  What is done is not done again: a
# machine that was lost costs what ran on it.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
. "$DEX_TOP/scripts/engine/door.sh"
. "$DEX_TOP/scripts/campaign/company.sh"

[ $# -ge 1 ] || die "usage: task.sh FILE [LINE]"
state=$(dirname "$1")
line=${2:-${SLURM_ARRAY_TASK_ID:-}}
[[ $line =~ ^[1-9][0-9]*$ ]] || die "task.sh: which line of $1?  SLURM_ARRAY_TASK_ID=$line"
node=${SLURMD_NODENAME:-$(uname -n)}
# No more at once than was asked for, where Slurm leaves it to us.
export JOBS=${JOBS:-${SLURM_CPUS_PER_TASK:-$(nproc)}} DEX_REASON=$state/reason.$node.$$

# shellcheck disable=SC2317 # the trap's
# give_up: the first that says so is heard.
give_up() {
	local why

	why=$(cat "$DEX_REASON" 2>/dev/null) || why="a task ended with status 2; $(readlink /proc/self/fd/2) says why"
	printf 'on node %s: %s\n' "$node" "$why" | atomic_write "$state/hopeless"
}

# shellcheck disable=SC2317 # the trap's
# at_end STATUS
at_end() {
	[ "$1" -ne 2 ] || give_up
	rm -f "$DEX_REASON"
}

# can_do NEEDS: this machine.
can_do() {
	local mode probe command no_kvm

	mode=$(jq -r .mode <<<"$1")
	have_machine "$mode"
	probe=$(jq -c 'select(.probe) | {command: .probe}' <<<"$1")
	[ -n "$probe" ] || return 0
	command_of "$probe"
	group_says no_kvm "${command[@]}" || die "MODE=$mode: ${no_kvm:-KVM could not be tried}"
}

end_on_signals true
trap 'at_end $?' EXIT
[ ! -e "$state/hopeless" ] || { log "no more are begun: $(cat "$state/hopeless")"; exit 1; }
log "$node begins line $line of $1${SLURM_RESTART_COUNT:+ (Slurm has requeued it $SLURM_RESTART_COUNT times)}"
can_do "$(cat "$state/needs.json")"
status=0
while IFS= read -r one <&3; do
	result=$(jq -r .result <<<"$one")
	[ ! -e "$result" ] || continue
	# Whoever began it before was lost with its machine.
	rm -rf "$result".part.*
	command_of "$one"
	rc=0
	in_group "${command[@]}" || rc=$?
	# A machine that was given up and lives: another one has done it meanwhile.
	[ ! -e "$result" ] || continue
	[ "$rc" -ne 2 ] || exit 2
	[ "$rc" -eq 0 ] || status=1
done 3< <(sed -n "${line}p" "$1" | jq -c '.[]')
exit "$status"
