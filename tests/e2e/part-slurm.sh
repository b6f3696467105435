# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# ENGINE=slurm with a Slurm of this machine's own, of two nodes: what it does with boots and kernels that
# only pretend, then the same campaign here, on two nodes, and with one of them lost on the way.

PATH=$PATH:/usr/sbin:/sbin
recorded
# shellcheck source=tests/e2e/slurm-cluster.sh
. "$TESTS/e2e/slurm-cluster.sh"
# shellcheck source=tests/e2e/pretend-series.sh
. "$TESTS/e2e/pretend-series.sh"
pretend
# shellcheck source=tests/e2e/series-real.sh
. "$TESTS/e2e/series-real.sh"
# shellcheck source=tests/e2e/pretended.sh
. "$TESTS/e2e/pretended.sh"
pretend

queued() { ab "${@:1:3}" ENGINE=slurm "${@:4}"; }

# begun [PATTERN]: jobs of arrays that nodes have begun since forget_begun.
begun() { grep -v ' report.log$' "$cluster/begun" | grep -c "${1:-.}" || true; }
forget_begun() { : >"$cluster/begun"; }

boots_of() { find "$1" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' ! -name '*.*.*' -printf '%f %T@\n' | sort; }

refusals() {
	refused 2 "ENGINE=pbs: local or slurm" queued good 0.1 "$scratch/no" ENGINE=pbs
	refused 2 "SBATCH=--qos=x: these are options of sbatch, for ENGINE=slurm" ab good 0.1 "$scratch/no" SBATCH=--qos=x
	refused 2 "ENGINE=slurm: sbatch refuses (" queued good 0.1 "$scratch/no" SBATCH=--partition=none
	refused 2 "ENGINE=slurm: sbatch refuses (unrecognized option '--frob'" queued good 0.1 "$scratch/no" SBATCH=--frob
	refused 2 "CPUS=64: the largest node has 1" queued good 0.1 "$scratch/no" MODE=parallel CPUS=64
	refused 2 "FALLBACK=yes: Slurm's machines are asked for KVM" queued good 0.1 "$scratch/no" MODE=timing CPUS=1 FALLBACK=yes
	refused 2 "ENGINE=pbs: local or slurm" in_series ladder "$scratch/no" ENGINE=pbs
	refused 2 "ENGINE=slurm: make attribute" env ENGINE=slurm CASE=convert_latency scripts/campaign/attribute.sh
	[ ! -e "$scratch/no" ]
}

# Each with its cause; none of them waits as long as Slurm's own commands do.
silence() {
	local conf=$scratch/other.conf

	export DEX_SLURM_PATIENCE=4
	refused 2 "ENGINE=slurm: Slurm does not answer (" queued good 0.1 "$scratch/no" SLURM_CONF="$scratch/none.conf"
	grep "this machine has no slurm.conf; SLURM_CONF=FILE names one" "$scratch/stderr"
	sed "s,^AuthInfo=.*,AuthInfo=socket=$scratch/none," "$SLURM_CONF" >"$conf"
	refused 2 "is munged running here" queued good 0.1 "$scratch/no" SLURM_CONF="$conf"
	sed "s/^SlurmctldPort=.*/SlurmctldPort=1/" "$SLURM_CONF" >"$conf"
	refused 2 "is slurmctld running?" queued good 0.1 "$scratch/no" SLURM_CONF="$conf"
	mkdir -p "$scratch/bin"
	# shellcheck disable=SC2046 # names of files
	ln -s $(find /bin/ /usr/bin/ -maxdepth 1 ! -type d ! -name 's[a-z]*') /usr/bin/{sed,sort,seq,sha512sum,sha256sum,shuf,sleep,stat,setsid} \
		"$scratch/bin/" 2>/dev/null || true
	refused 2 "ENGINE=slurm: sbatch: not found; install Slurm's commands (Debian: slurm-client), or leave ENGINE out" \
		queued good 0.1 "$scratch/no" PATH="$scratch/bin"
	scontrol update PartitionName=all State=DOWN
	refused 2 "Slurm has no partition that is up" queued good 0.1 "$scratch/no"
	scontrol update PartitionName=all State=UP
	[ ! -e "$scratch/no" ]
}

# More boots than an array may have jobs; the files are those of a campaign that nobody queued.
chunks() {
	forget_begun
	queued good 0.1 "$scratch/chunks" BOOTS=7 2>"$scratch/said" >"$scratch/table"
	grep -E '^dexbench: Slurm has 7 boots: jobs [0-9]+ [0-9]+ [0-9]+$' "$scratch/said"
	[ "$(begun)" -eq 7 ]
	ab good 0.1 "$scratch/here" BOOTS=7 >"$scratch/table-here"
	same "$scratch/table-here" "$scratch/table"
	same <(cd "$scratch/here" && find . | sort) <(cd "$scratch/chunks" && find . | sort)
	same <(timeless "$scratch/here/compare.json") <(timeless "$scratch/chunks/compare.json")
}

# A block in which rates are compared is one job, and nobody else is on its node.
blocks() {
	local pid

	forget_begun
	queued good 0.5 "$scratch/blocks" MODE=parallel CPUS=1 BOOTS=2 AA=yes >"$scratch/said" 2>&1 &
	pid=$!
	until_true 120 test -e "$scratch/blocks/slurm/jobs"
	same <(echo NO) <(squeue -h -r -t R,PD -o %h -n "$(squeue -h -o %j | grep -v report | head -n 1)" | sort -u)
	# The recorded boot is none of that mode; that each was made, and where, is what matters here.
	wait "$pid" || true
	[ "$(begun)" -eq 2 ]
	[ "$(boots_of "$scratch/blocks" | wc -l)" -eq 4 ]
}

# nodes drain|resume: begin nothing, or go on.
nodes() { scontrol update NodeName=n1,n2 State="$1" Reason=test; }

# left_behind OUT: a campaign of two boots whose ab.sh is killed while both wait; until the nodes resume.
left_behind() {
	nodes drain
	queued good 0.1 "$1" BOOTS=2 >"$scratch/said" 2>&1 &
	until_true 120 grep -q 'Slurm has 2 boots' "$scratch/said"
	kill -KILL "$(pgrep -o -P "$!" -f "^bash $top/scripts/campaign/ab.sh" || echo "$!")"
	wait $! && return 1
	return 0
}

# The comparison is there for whoever does not wait.
report_without_us() {
	left_behind "$scratch/left"
	refused 2 "jobs of it; ENGINE=slurm waits for them, scancel -n dexbench-" ab good 0.1 "$scratch/left"
	nodes resume
	until_true 120 test -e "$scratch/left/report.txt"
	same <(build/dex-compare "$scratch/left") "$scratch/left/report.txt"
}

# Killed and gone on with, what the queue still has is not done twice.
adopted() {
	local pid

	forget_begun
	left_behind "$scratch/adopted"
	queued good 0.1 "$scratch/adopted" >"$scratch/said" 2>&1 &
	pid=$!
	until_true 120 grep -qE 'Slurm still has [23] jobs of an earlier session' "$scratch/said"
	nodes resume
	wait "$pid"
	[ "$(begun)" -eq 2 ]
	[ -e "$scratch/adopted/compare.json" ]
}

# Ctrl-C: the array is cancelled, what is there stays, and no Slurm is needed to go on.
interrupted_and_resumed() {
	local rc=0 before

	queued good 0.1 "$scratch/interrupt" BOOTS=3 KERNELS="rmap-6.12 rmap-6.12+a=1" >"$scratch/said" 2>&1 &
	until_true 120 grep -q 'Slurm has 6 boots' "$scratch/said"
	until_true 120 bash -c "compgen -G '$scratch/interrupt/0*' >/dev/null"
	echo 60 >"$top/delay"
	kill -INT "$(pgrep -o -P "$!" -f "^bash $top/scripts/campaign/ab.sh" || echo "$!")"
	wait $! || rc=$?
	[ "$rc" -eq 130 ]
	grep -Fx "dexbench: interrupted; the same command with OUT=$scratch/interrupt goes on" "$scratch/said"
	until_true 60 queue_is_empty
	[ -z "$(find "$scratch/interrupt" -name '*.failed.*')" ]
	before=$(boots_of "$scratch/interrupt" | grep -v part)
	[ -n "$before" ]
	ab good 0.1 "$scratch/interrupt" KERNELS="rmap-6.12 rmap-6.12+a=1"
	[ "$(boots_of "$scratch/interrupt" | wc -l)" -eq 6 ]
	[ "$(boots_of "$scratch/interrupt" | grep -cxF "$before")" -eq "$(wc -l <<<"$before")" ]
	[ ! -e "$scratch/interrupt/slurm" ]
}

# What stops one boot stops all; what fails is told with its node and its log.
failures() {
	refute queued refuse 0.1 "$scratch/refuse" BOOTS=3 2>"$scratch/said"
	grep -E '^dexbench: error: on node n[12]: the module does not build$' "$scratch/said"
	grep -F 'error: no more boots are tried, for the reason above' "$scratch/said"
	until_true 60 queue_is_empty
	queued good 0.1 "$scratch/refuse"
	refute queued nothing 0.1 "$scratch/fails" BOOTS=2 RETRIES=0 2>"$scratch/said"
	grep -E "^dexbench: 001-rmap-6.12 on n[12] failed: .*all of it is in $scratch/fails/slurm/" "$scratch/said"
	grep 'every boot failed' "$scratch/said"
}

# KVM is asked for where the boots are, and one timing campaign a node is enough.
times_on_nodes() {
	echo "KVM does not run rmap-6.12: it is broken" >"$top/no-kvm"
	refute queued good 0.1 "$scratch/kvm" MODE=timing CPUS=1 BOOTS=2 2>"$scratch/said"
	rm "$top/no-kvm"
	cat "$scratch/said"
	grep -E '^dexbench: error: on node n[12]: MODE=timing: KVM does not run rmap-6.12: it is broken$' "$scratch/said"
	exec 5>"$top/machine/run/lock/dexbench-timing.lock"
	flock 5
	refute queued good 0.1 "$scratch/kvm" 2>"$scratch/said"
	exec 5>&-
	grep -E '^dexbench: error: on node n[12]: another timing campaign is at work on this machine' "$scratch/said"
	# The recorded boot is none of that mode; that it was made is what matters here.
	queued good 0.1 "$scratch/kvm" || true
	[ -e "$scratch/kvm/002-rmap-6.12" ]
}

# The queue's own end of a job that asks for more than its partition has.
never_begun() {
	scontrol update PartitionName=all MaxTime=1
	refute queued good 0.1 "$scratch/never" BOOTS=1 2>"$scratch/said"
	scontrol update PartitionName=all MaxTime=INFINITE
	tail -n 1 "$scratch/said" | grep -F 'error: Slurm will not begin what is left (PartitionTimeLimit), so that is cancelled; '
	until_true 60 queue_is_empty
}

series_in_slurm() {
	commits 9 9 9 9 9 14 14 14 14
	in_series bisect "$series/queued" ENGINE=slurm
	found "$series/queued" "number 6" 3
	# The ends, then two levels beside each other, then the last one.
	[ "$(grep -c 'Slurm has' "$scratch/output")" -le 3 ]
	[ ! -e "$series/queued/slurm" ]
	in_series ladder "$series/queued-ladder" ENGINE=slurm
	in_series ladder "$series/here-ladder"
	same <(jq '[.commits[] | {commit, key, rows}], .moved' "$series/here-ladder/ladder.json") \
		<(jq '[.commits[] | {commit, key, rows}], .moved' "$series/queued-ladder/ladder.json")
	same <(cat "$series/here-ladder/cover-letter.txt") "$series/queued-ladder/cover-letter.txt"
}

# real OUT [VAR=VALUE...]: a small campaign of real boots.
real() {
	local out=$1

	shift
	env SEED=7 OUT="$out" MODE=exact BOOTS=2 AA=no KERNELS='rmap-6.12 folio-6.12' CASES='control_clock|convert_latency' \
		PAGES=1536 "$@" scripts/campaign/ab.sh >"$out.table"
}

# samples OUT: of all boots, to the byte.
samples() { (cd "$1" && find . -mindepth 2 -name '*.json' ! -name run.json ! -name status.json | sort | xargs sha256sum); }

# as_here OUT: its values are those of the campaign that nobody queued.
as_here() {
	same <(samples "$scratch/alone") <(samples "$1")
	same <(jq -S .rows "$scratch/alone/compare.json") <(jq -S .rows "$1/compare.json")
	valid "$1/compare.json" "$1"/*/run.json
}

one_at_a_time() {
	local begin=$SECONDS

	real "$scratch/alone" taskset -c "$(taskset -cp $$ | grep -oE '[0-9]+' | tail -n 1)"
	echo "$((SECONDS - begin)) s" >"$scratch/alone.wall"
}

on_two_nodes() {
	local begin=$SECONDS

	forget_begun
	real "$scratch/queued" ENGINE=slurm
	echo "$((SECONDS - begin)) s" >"$scratch/queued.wall"
	as_here "$scratch/queued"
	[ "$(begun)" -eq 4 ]
	same <(printf '%s\n' n1 n2) <(jq -r .host.node "$scratch/queued"/*/run.json | sort -u)
}

guest_of() {
	local pid

	for pid in $(of_node "$1"); do
		! grep -qs ^qemu "/proc/$pid/comm" || return 0
	done
	return 1
}

# It costs what ran there, and nothing else.
node_lost() {
	local begin=$SECONDS pid

	forget_begun
	real "$scratch/lost" ENGINE=slurm &
	pid=$!
	until_true 600 guest_of n2
	lose_node n2
	wait "$pid"
	echo "$((SECONDS - begin)) s" >"$scratch/lost.wall"
	as_here "$scratch/lost"
	cat "$cluster/begun"
	[ "$(begun)" -eq 5 ] && [ "$(begun ^n2)" -eq 1 ]
	[ -z "$(find "$scratch/lost" -name '*.part.*' -o -name '*.failed.*')" ]
}

# told WALL WORDS: how long four boots took; nothing depends on it.
told() { [ ! -e "$scratch/$1.wall" ] || echo "#       4 boots, $2: $(cat "$scratch/$1.wall")"; }

reason=$(lacks_slurm)
if [ -z "$reason" ]; then
	trap 'end_cluster; rm -rf "$all_scratch"' EXIT
	begin_cluster >"$scratch/cluster.said" 2>&1 ||
		reason="Slurm's daemons do not run here: $(tail -qn 1 "$scratch/cluster.said" "$cluster"/*.log | tail -n 1)"
fi
if [ -n "$reason" ]; then
	skip "slurm" "$reason"
else
	check "slurm: what cannot be is refused in a line" refusals
	check "slurm: who does not answer is named" silence
	check "slurm: more boots than an array has, and the files of a local campaign" chunks
	check "slurm: a block is one job on a node of its own" blocks
	check "slurm: the comparison is made though nobody waits" report_without_us
	check "slurm: a killed campaign is gone on with, and nothing is done twice" adopted
	check "slurm: Ctrl-C cancels, and the local engine goes on" interrupted_and_resumed
	check "slurm: boots that fail, and what stops all" failures
	check "slurm: times are taken where a node can, and alone" times_on_nodes
	check "slurm: what the queue will never begin" never_begun
	check "slurm: bisect and ladder" series_in_slurm
	check "slurm: real boots, one at a time here" one_at_a_time
	check "slurm: the same on two nodes, to the byte" on_two_nodes
	check "slurm: a node lost on the way costs one boot" node_lost
	told alone "one at a time here"
	told queued "on two nodes"
	told lost "on two nodes, one of which is lost"
	end_cluster
	trap 'rm -rf "$all_scratch"' EXIT
fi
