# shellcheck shell=bash disable=SC2034 # what it counts is for its callers
# SPDX-License-Identifier: MIT
# The one door through which boots of campaigns and revisions of series are begun: on this machine, or by
# Slurm (ENGINE=slurm).  Sourced by ab.sh and series.sh.
#
# A task is one line of JSON, which task() (here.sh) makes:
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

. "$DEX_TOP/scripts/engine/here.sh"
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
