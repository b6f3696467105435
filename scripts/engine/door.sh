# shellcheck shell=bash disable=SC2034 # what it counts is for its callers
# SPDX-License-Identifier: MIT
# The one door through which boots of campaigns and revisions of series are begun: on this machine, or by
# Slurm (ENGINE=slurm).  Sourced by ab.sh and series.sh.
#
# A task is one line of JSON, which task() makes:
#   result    a path that appears, whole, when the task is done; a task whose result is there is not begun
#   label     what is said while it runs; empty: nothing
#   together  tasks in a row that have the same word here stay on one machine, in their order
#   command   a program and its words; status 0: done, 2: no such task can be done here, else it failed
#
# What a task needs is another object:
#   mode      of its boots
#   cpus, memory_mib, seconds
#   whole     true: a machine that nobody else works on
#   probe     a command that says why such boots cannot be made on a machine, or null
#   report    {result, command}: what comes after the last task, should nobody wait for it; or null

. "$DEX_TOP/scripts/engine/slurm.sh"

# check_engine: there is such a one, and it answers.
check_engine() {
	case ${ENGINE:-local} in
	local) [ -z "${SBATCH:-}" ] || die "SBATCH=$SBATCH: these are options of sbatch, for ENGINE=slurm" ;;
	slurm) check_slurm ;;
	*) die "ENGINE=$ENGINE: local or slurm" ;;
	esac
}

is_elsewhere() { [ "${ENGINE:-local}" != local ]; }

# engine_takes NEEDS: such tasks, or we die.
engine_takes() { ! is_elsewhere || slurm_takes "$1"; }

# engine_cpus: of the largest machine that it has.
engine_cpus() { if is_elsewhere; then slurm_cpus; else nproc; fi; }

# engine_machines: that it has.
engine_machines() { if is_elsewhere; then slurm_machines; else echo 1; fi; }

# engine_settle OUT: nothing of an earlier session is at work there, but for boots that this machine has.
engine_settle() { [ ! -e "$1/slurm" ] || slurm_settle "$1"; }

# engine_cancel: what is under way elsewhere, for whoever is interrupted.
engine_cancel() { slurm_cancel; }

# task RESULT LABEL TOGETHER COMMAND...
task() {
	jq -nc --arg result "$1" --arg said "$2" --arg together "$3" \
		'{result: $result, "label": $said, together: $together, command: $ARGS.positional}' --args -- "${@:4}"
}

# command_of TASK: $command.
command_of() { mapfile -d '' -t command < <(jq -j '.command[] | (., "\u0000")' <<<"$1"); }

# run_tasks NOUN NEEDS AT-ONCE OUT [BEFORE...]: the tasks that descriptor 3 has.  BEFORE is put before each
# command here, where AT-ONCE run at a time.  Afterwards $started, $finished (were there already) and $failures
# are numbers of tasks, and $hopeless says whether some were not begun for that.
run_tasks() {
	failures=0 started=0 finished=0 hopeless='' progress_tenth=-1
	mapfile -t tasks <&3
	if is_elsewhere; then
		slurm_run "$1" "$2" "$4"
	else
		run_here "$3" "${@:5}"
	fi
	[ ! -t 2 ] || printf '\r\033[K' >&2
}

# await_tasks N LABEL BEGIN: until fewer than N run; counts those that ended, and notes whether any can be done at all.
await_tasks() {
	local rc

	while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do
		[ -z "$2" ] || show_progress "$2" "$done" $((${#tasks[@]} - finished)) $((SECONDS - $3))
		sleep 0.3
	done
	while [ "$done" -lt $((started - $(jobs -rp | wc -l))) ]; do
		rc=0
		wait -n || rc=$?
		[ "$rc" -eq 0 ] || failures=$((failures + 1))
		[ "$rc" -ne 2 ] || hopeless=1
		done=$((done + 1))
	done
}

# run_here AT-ONCE [BEFORE...]
run_here() {
	local at_once=$1 line label='' begin=$SECONDS done=0 command

	shift
	for line in "${tasks[@]}"; do
		if [ -e "$(jq -r .result <<<"$line")" ]; then
			finished=$((finished + 1))
			continue
		fi
		await_tasks "$at_once" "$label" "$begin"
		[ -z "$hopeless" ] || break
		label=$(jq -r .label <<<"$line")
		command_of "$line"
		begin_group "$@" "${command[@]}"
		started=$((started + 1))
	done
	await_tasks 1 "$label" "$begin"
}
