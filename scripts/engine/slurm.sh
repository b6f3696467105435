# shellcheck shell=bash disable=SC2154 # what door.sh counts with
# SPDX-License-Identifier: MIT
# Tasks as arrays of Slurm's jobs.  Sourced by door.sh.
#
# Machines share a file system with this one: the tree, the cache and OUT lie at one path on all of
# them.  OUT/slurm holds what the queue works off: needs.json, tasks.N.jsonl (a line a job of the array: tasks that
# stay together), jobs (number and file of each array), logs, and `hopeless`, where a machine said that no such
# task can be done.  It goes when all is done.  Jobs are found again by a name that follows from OUT.

SLURM_TOOLS='sbatch squeue scancel scontrol sinfo'
slurm_active=''

# ask COMMAND...: Slurm's, for 60 s at most, and without what a job has set that we run in ourselves.
ask() (
	for name in ${!SLURM_@}; do
		[ "$name" = SLURM_CONF ] || unset "$name"
	done
	exec timeout "${DEX_SLURM_PATIENCE:-60}" "$@" 9>&- </dev/null
)

# words_of SAID: its last line that says something.
words_of() { grep -v '^Try "' <<<"$1" | sed 's/^s[a-z]*: //; s/^error: //; s/^fatal: //; /^ *$/d' | tail -n 1 | cut -c1-200; }

slurm_name() { echo "dexbench-$(realpath "$1" | digest)"; }

# in_queue NAME[,NAME]: state and reason of each job of that name, a line each; status 1 if Slurm does not say.
in_queue() { ask squeue -h -r -u "$(id -un)" -n "$1" -o '%t %r' 2>/dev/null; }

slurm_cpus() { ask sinfo -h -N -o %c | sort -n | tail -n 1; }
slurm_machines() { ask sinfo -h -N -o '%N %a' | grep ' up$' | sort -u | wc -l; }

# silent_slurm SAID: why, and what helps.
silent_slurm() {
	local remedy='is slurmctld running?  scontrol ping says so' said

	said=$(words_of "$1")
	case $1 in
	*[Mm]unge* | *'authentication plugin'* | *'auth_'*) remedy='is munged running here, with the key of the other machines?  munge -n | unmunge says so' ;;
	*'cannot stat file'* | *'configuration source'*) remedy='this machine has no slurm.conf; SLURM_CONF=FILE names one' said=$(grep -m1 -o 'cannot stat file [^,]*\|.*configuration source.*' <<<"$1") ;;
	esac
	die "ENGINE=slurm: Slurm does not answer (${said:-no answer in time}); $remedy"
}

check_slurm() {
	local name said

	for name in $SLURM_TOOLS; do
		command -v "$name" >/dev/null 2>&1 ||
			die "ENGINE=slurm: $name: not found; install Slurm's commands (Debian: slurm-client), or leave ENGINE out"
	done
	said=$(DEX_SLURM_PATIENCE=${DEX_SLURM_PATIENCE:-20} ask sinfo -h -o '%a %P' 2>&1) || silent_slurm "$said"
	grep -q '^up ' <<<"$said" || die "ENGINE=slurm: Slurm has no partition that is up; sinfo shows them, scontrol update PartitionName=NAME State=UP brings one back"
}

# slurm_flags NEEDS IN-A-ROW: $flags, sbatch's words for a job of so many tasks.
slurm_flags() {
	local own

	mapfile -t flags < <(jq -r --argjson row "$2" '"--cpus-per-task=\(.cpus)", "--mem=\(.memory_mib)M",
		"--time=\(.seconds * $row / 60 | ceil)", if .whole then "--exclusive" else empty end' <<<"$1")
	read -ra own <<<"${SBATCH:-}"
	flags+=(--parsable --export=ALL --requeue --open-mode=append --input=/dev/null --chdir="$DEX_TOP" --nodes=1 --ntasks=1 "${own[@]}")
}

refusal_says() { echo "ENGINE=slurm: sbatch refuses (${1:-it says nothing}); SBATCH=\"--partition=NAME ...\" gives it other options, and sinfo shows what there is"; }

# slurm_takes NEEDS: what can be known before there is anything to do.  Machines that are down are no reason.
slurm_takes() {
	local said flags

	! jq -e '.mode == "timing" and env.FALLBACK == "yes"' <<<"$1" >/dev/null ||
		die "FALLBACK=yes: Slurm's machines are asked for KVM when their boots begin, and this one knows nothing of it; leave it out"
	slurm_flags "$1" 1
	said=$(ask sbatch --test-only "${flags[@]}" --wrap=true 2>&1) ||
		grep -q 'node configuration is not available' <<<"$said" || die "$(refusal_says "$(words_of "$said")")"
}

# quoted WORD: for a shell.
quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# sbatch_as NAME STATE WORD...: $job is its number, or status 1 and sbatch's words in STATE/refusal.
sbatch_as() {
	local name=$1 state=$2

	job=$(ask sbatch "${@:3}" --job-name="$name" 2>"$state/refusal") || return 1
	job=${job%%;*}
}

# longest FILE: the most tasks in one of its lines.
longest() { jq -s 'map(length) | max' "$1"; }

# begin_array NAME STATE NEEDS FILE: an array for its lines.  Where limits leave no room for it beside those that
# are there, it waits for them.
begin_array() {
	local state=$2 flags job

	slurm_flags "$3" "$(longest "$4")"
	until sbatch_as "$1" "$state" "${flags[@]}" --array="1-$(wc -l <"$4")" --output="${state//%/%%}/%A_%a.log" \
		--wrap="exec $(quoted "$DEX_TOP/scripts/engine/task.sh") $(quoted "$4")"; do
		if [ ! -s "$state/jobs" ] || [ -z "$(in_queue "$1" || echo silent)" ]; then
			die "$(refusal_says "$(words_of "$(cat "$state/refusal")")")"
		fi
		sleep 5
	done
	echo "$job $4" >>"$state/jobs"
}

# begin_report NAME STATE NEEDS: behind all of them.
begin_report() {
	local command flags words='' job word ids

	command=$(jq -c '.report // empty' <<<"$3")
	[ -n "$command" ] || return 0
	command_of "$command"
	for word in "${command[@]}"; do
		words+=" $(quoted "$word")"
	done
	slurm_flags "$(jq -c '. + {cpus: 1, whole: false, seconds: 600}' <<<"$3")" 1
	ids=$(cut -d' ' -f1 "$2/jobs" | paste -sd:)
	sbatch_as "$1-report" "$2" "${flags[@]}" --dependency="afterany:$ids" --output="${2//%/%%}/report.log" \
		--wrap="exec$words" || log "no job for the comparison, it is made here: $(words_of "$(cat "$2/refusal")")"
}

# split_tasks STATE TASK...: into files of as many lines as an array may have.
split_tasks() {
	local most

	most=$(ask scontrol show config | sed -n 's/^MaxArraySize *= *//p')
	printf '%s\n' "${@:2}" | jq -sc 'reduce .[] as $t ([]; if length > 0 and .[-1][0].together == $t.together
		then .[-1] += [$t] else . + [[$t]] end) | .[]' |
		split -l $((${most:-1001} > 1 ? ${most:-1001} - 1 : 1)) -d -a 4 --additional-suffix=.jsonl - "$1/tasks."
}

# say_waiting QUEUE: once for each reason, when nothing runs.
say_waiting() {
	local reason

	reason=$(cut -d' ' -f2- <<<"$1" | grep -vxE 'None|Priority|Dependency' | sort | uniq -c | sort -rn | awk 'NR == 1 { $1 = ""; print substr($0, 2) }')
	[ -n "$reason" ] && [ "$reason" != "${slurm_waits:-}" ] || return 0
	slurm_waits=$reason
	log "nothing runs; Slurm's queue says: $reason"
}

# never_begins REASON: whatever else ends; what its user holds may be let go.
never_begins() {
	case $1 in
	launch*held | JobHeldAdmin | JobHoldMaxRequeue | Partition*Limit | BadConstraints | Invalid* | *NotAllow*) ;;
	*) return 1 ;;
	esac
}

# look_at QUEUE: dies where nothing of it will ever be started.
look_at() {
	local line reason

	while IFS= read -r line; do
		reason=${line#PD }
		[ "$reason" != "$line" ] && never_begins "$reason" || return 0
	done <<<"$1"
	slurm_cancel
	die "Slurm will not begin what is left ($reason), so that is cancelled; SBATCH=\"--time=MINUTES ...\" asks for less, and the same command with OUT= goes on"
}

# results_there RESULT...: how many; a directory that is read anew, for file systems that remember.
results_there() {
	local one n=0

	ls "${1%/*}" >/dev/null 2>&1 || true
	for one; do
		[ ! -e "$one" ] || n=$((n + 1))
	done
	echo "$n"
}

# slurm_await NAME STATE NOUN RESULT...: until all are there, or nothing of that name is in the queue.
slurm_await() {
	local name=$1 state=$2 noun=$3 begin=$SECONDS heard=$SECONDS next=0 gap=2 queue='' there run wait

	shift 3
	while :; do
		there=$(results_there "$@")
		[ "$there" -lt $# ] || return 0
		[ ! -e "$state/hopeless" ] || return 0
		if [ "$SECONDS" -ge "$next" ]; then
			if queue=$(in_queue "$name"); then
				heard=$SECONDS
				[ -n "$queue" ] || return 0
				look_at "$queue"
			elif [ $((SECONDS - heard)) -ge 900 ]; then
				die "Slurm has not answered for 15 minutes (scontrol ping); its jobs are left to it, and the same command with OUT= goes on"
			fi
			run=$(grep -c '^R ' <<<"$queue") wait=$(grep -c '^PD ' <<<"$queue") || true
			[ "$run" -gt 0 ] || [ $((SECONDS - begin)) -lt 10 ] || say_waiting "$queue"
			next=$((SECONDS + gap)) gap=$((gap < 10 ? gap + 1 : 10))
		fi
		show_progress "$there of $# ${noun}s are there, $run jobs run and $wait wait" "$there" $# $((SECONDS - begin))
		sleep 1
	done
}

# log_of STATE RESULT: that of the job that it is a task of.
log_of() {
	local job file

	while read -r job file; do
		jq -r --arg result "$2" --arg log "$1/$job" 'select(any(.[]; .result == $result)) | "\($log)_\(input_line_number).log"' "$file"
	done <"$1/jobs"
}

# explain STATE RESULT: a line on a task without one.
explain() {
	local file said node

	file=$(log_of "$1" "$2" | tail -n 1)
	if [ ! -e "$file" ]; then
		log "$(basename "$2" .json): its job left nothing, not even a log; do the machines have $DEX_TOP, $DEX_CACHE and $1 at the same paths?"
		return
	fi
	said=$(grep -a '^dexbench: .*failed\|^dexbench: error\|^slurmstepd' "$file" || tail -n 1 "$file")
	node=$(grep -aoE '^dexbench: [^ ]+ begins' "$file" | tail -n 1 | cut -d' ' -f2)
	said=$(tail -n 1 <<<"$said")
	log "$(basename "$2" .json)${node:+ on $node} failed: ${said#dexbench: }; all of it is in $file"
}

# slurm_finish STATE NAME RESULT...: counts them.
slurm_finish() {
	local state=$1 name=$2 one told=0

	shift 2
	if [ -e "$state/hopeless" ]; then
		hopeless=1
		slurm_cancel
		log "error: $(cat "$state/hopeless")"
	fi
	# Of machines that were given up, lived on and did it.
	ask scancel -u "$(id -un)" -n "$name" -t PENDING >/dev/null 2>&1 || true
	for one; do
		[ ! -e "$one" ] || continue
		failures=$((failures + 1)) told=$((told + 1))
		[ -n "$hopeless" ] || [ "$told" -gt 3 ] || explain "$state" "$one"
	done
}

# await_report NAME RESULT: who waits can make it as well, unless it is under way; a minute at most.
await_report() {
	local left=60

	[ -n "$2" ] && [ ! -e "$2" ] || return 0
	ask scancel -u "$(id -un)" -n "$1-report" -t PENDING >/dev/null 2>&1 || true
	while [ ! -e "$2" ] && [ "$left" -gt 0 ] && [ -n "$(in_queue "$1-report" || echo silent)" ]; do
		left=$((left - 1))
		sleep 1
	done
}

# slurm_run NOUN NEEDS OUT: $tasks.
slurm_run() {
	local out state name line result file missing=() results=()

	out=$(realpath "$3")
	state=$out/slurm
	name=$(slurm_name "$out")
	for line in "${tasks[@]}"; do
		result=$(jq -r .result <<<"$line")
		if [ -e "$result" ]; then
			finished=$((finished + 1))
		else
			missing+=("$line") results+=("$result")
		fi
	done
	started=${#missing[@]}
	[ "$started" -gt 0 ] || return 0
	attempt "$state: cannot create it" "" mkdir -p "$state"
	rm -f "$state"/{tasks.*,jobs,hopeless,reason.*}
	atomic_write "$state/needs.json" <<<"$2"
	split_tasks "$state" "${missing[@]}"
	slurm_active=$name
	for file in "$state"/tasks.*.jsonl; do
		begin_array "$name" "$state" "$2" "$file"
	done
	begin_report "$name" "$state" "$2"
	log "Slurm has $started $1$([ "$started" -eq 1 ] || echo s): job$([ "$(wc -l <"$state/jobs")" -eq 1 ] || echo s) $(cut -d' ' -f1 "$state/jobs" | xargs)"
	slurm_await "$name" "$state" "$1" "${results[@]}"
	slurm_finish "$state" "$name" "${results[@]}"
	[ "$failures" -gt 0 ] || await_report "$name" "$(jq -r '.report.result // empty' <<<"$2")"
	slurm_active=''
	[ "$failures" -gt 0 ] || rm -rf "$state"
}

# slurm_cancel: what we wait for; a running boot has a moment to end what it began.
slurm_cancel() {
	local left=8 name=$slurm_active

	[ -n "$name" ] || return 0
	slurm_active=''
	if ! DEX_SLURM_PATIENCE=4 ask scancel -u "$(id -un)" -n "$name" >/dev/null 2>&1; then
		log "scancel does not answer; once it does: scancel -n $name" 2>&"${terminal:-2}"
		return
	fi
	DEX_SLURM_PATIENCE=4 ask scancel -u "$(id -un)" -n "$name-report" >/dev/null 2>&1 || true
	while [ "$left" -gt 0 ] && [ -n "$(DEX_SLURM_PATIENCE=2 in_queue "$name")" ]; do
		left=$((left - 1))
		sleep 0.5
	done
}

# slurm_settle OUT: tasks of an earlier session that are still in the queue are waited for, not done twice.
slurm_settle() {
	local name queue state=$1/slurm left=60

	command -v squeue >/dev/null 2>&1 || return 0
	name=$(slurm_name "$1")
	queue=$(in_queue "$name,$name-report") ||
		die "OUT=$1: Slurm had a part of it and does not say whether it still has (squeue); if it has not, remove $state"
	# Those that were cancelled take a moment.
	while [ -n "$queue" ] && ! grep -qv '^CG ' <<<"$queue" && [ "$left" -gt 0 ]; do
		left=$((left - 1))
		sleep 1
		queue=$(in_queue "$name,$name-report") || true
	done
	if [ -z "$queue" ]; then
		rm -rf "$state"
		return
	fi
	is_elsewhere ||
		die "OUT=$1: Slurm still has $(wc -l <<<"$queue") jobs of it; ENGINE=slurm waits for them, scancel -n $name ends them"
	log "OUT=$1: Slurm still has $(wc -l <<<"$queue") jobs of an earlier session; waiting for them"
	slurm_active=$name
	slurm_await "$name,$name-report" "$state" job "$state/never"
	slurm_active=''
}
