# shellcheck shell=bash disable=SC2154 # scripts/check.sh's names
# SPDX-License-Identifier: MIT
# A Slurm of this machine alone: munge, a controller and two nodes, n1 and n2, with all that they keep in
# $cluster and ports of their own.  Sourced by part-slurm.sh.

cluster=$scratch/cluster

# lacks_slurm: prints which program is missing, if one is.
lacks_slurm() {
	local name

	for name in munged slurmctld slurmd sbatch; do
		command -v "$name" >/dev/null || { echo "$name: not found; install slurm-wlm and munge"; return; }
	done
}

# until_true SECONDS COMMAND...: it becomes true within that time.
until_true() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "not within its time: $*"; return 1; }
		sleep 0.2
	done
}

# three_ports: the first of three that nobody listens at.
three_ports() {
	local first port taken

	for _ in {1..20}; do
		first=$((20000 + RANDOM % 20000)) taken=''
		for port in "$first" $((first + 1)) $((first + 2)); do
			! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || taken=1
		done
		[ -n "$taken" ] || { echo "$first"; return; }
	done
	return 1
}

# configure: an array has at most three jobs, what was requeued is begun after seconds, and each job on a node
# leaves a line in `begun`.
configure() {
	local host first

	host=$(uname -n)
	first=$(three_ports)
	# shellcheck disable=SC2016 # the node's
	printf '#!/bin/sh\necho "$SLURMD_NODENAME ${SLURM_JOB_STDOUT##*/}" >>%s/begun\n' "$cluster" >"$cluster/prolog"
	chmod +x "$cluster/prolog"
	cat >"$cluster/slurm.conf" <<-END
		ClusterName=dexbench
		SlurmctldHost=$host(127.0.0.1)
		SlurmUser=$(id -un)
		SlurmdUser=$(id -un)
		AuthType=auth/munge
		AuthInfo=socket=$cluster/munge.socket,cred_expire=2
		SlurmctldPort=$first
		SlurmctldPidFile=$cluster/slurmctld.pid
		SlurmctldLogFile=$cluster/slurmctld.log
		SlurmdPidFile=$cluster/%n.pid
		SlurmdLogFile=$cluster/%n.log
		SlurmdSpoolDir=$cluster/%n
		StateSaveLocation=$cluster/state
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		SwitchType=switch/none
		MpiDefault=none
		MailProg=/bin/true
		Prolog=$cluster/prolog
		ReturnToService=2
		SlurmdTimeout=3
		KillWait=5
		SchedulerParameters=bf_interval=1,sched_interval=2
		MaxArraySize=4
		SelectType=select/cons_tres
		SelectTypeParameters=CR_CPU_Memory
		JobAcctGatherType=jobacct_gather/none
		AccountingStorageType=accounting_storage/none
		NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((first + 1)) CPUs=1 RealMemory=8000
		NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((first + 2)) CPUs=1 RealMemory=8000
		PartitionName=all Nodes=n1,n2 Default=YES
	END
}

queue_is_empty() { [ -z "$(timeout 5 squeue -h)" ]; }

idle_nodes() { [ "$(sinfo -h -N -t idle -o %N | wc -l)" -eq "$1" ]; }

# begin_cluster: until both nodes are idle.
begin_cluster() {
	local node

	mkdir -p "$cluster"/{state,n1,n2}
	chmod 700 "$cluster"
	configure
	: >"$cluster/begun"
	export SLURM_CONF=$cluster/slurm.conf
	head -c 128 /dev/urandom >"$cluster/munge.key"
	chmod 400 "$cluster/munge.key"
	munged --force --key-file="$cluster/munge.key" --socket="$cluster/munge.socket" --pid-file="$cluster/munged.pid" \
		--log-file="$cluster/munged.log" --seed-file="$cluster/munge.seed"
	slurmctld -i
	for node in n1 n2; do
		slurmd -N "$node"
	done
	until_true 60 idle_nodes 2
}

# of_node NODE: what runs for its jobs, and what watches over them.
of_node() {
	local pid

	grep -lsz "^SLURMD_NODENAME=$1\$" /proc/[0-9]*/environ | cut -d/ -f3 | while read -r pid; do
		! grep -qsz "^SLURM_CONF=$cluster/" "/proc/$pid/environ" || echo "$pid"
	done
}

# lose_node NODE: with all that runs on it, at once.
lose_node() {
	local pid pids step

	pids=$(of_node "$1")
	for pid in $pids; do
		step=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status" 2>/dev/null) || continue
		! grep -qs ^slurmstepd "/proc/$step/comm" || pids="$step $pids"
	done
	# shellcheck disable=SC2046,SC2086 # numbers
	kill -KILL $(cat "$cluster/$1.pid" 2>/dev/null) $pids 2>/dev/null || true
	rm -f "$cluster/$1.pid"
}

# bring_back NODE
bring_back() {
	slurmd -N "$1"
	until_true 60 idle_nodes 2
}

daemons_left() {
	local file

	for file in "$cluster"/*.pid; do
		[ ! -e "$file" ] || ! kill -0 "$(cat "$file" 2>&1)" 2>/dev/null || return 0
	done
	return 1
}

no_daemons() { ! daemons_left; }

# clients: of it; whoever waits for an answer when it ends.
clients() { grep -lsz "^SLURM_CONF=$cluster/" /proc/[0-9]*/environ | cut -d/ -f3; }

# end_cluster: its daemons and whatever they began; nobody is left who waits for it.
end_cluster() {
	local file

	[ -e "$cluster/slurm.conf" ] || return 0
	timeout 10 scancel -u "$(id -un)" 2>/dev/null || true
	until_true 10 queue_is_empty || true
	lose_node n1
	lose_node n2
	for file in "$cluster"/*.pid; do
		[ ! -e "$file" ] || kill "$(cat "$file" 2>&1)" 2>/dev/null || true
	done
	until_true 10 no_daemons || for file in "$cluster"/*.pid; do
		kill -KILL "$(cat "$file" 2>&1)" 2>/dev/null || true
	done
	# shellcheck disable=SC2046 # numbers
	kill -KILL $(clients) 2>/dev/null || true
	rm -f "$cluster/slurm.conf"
	unset SLURM_CONF
}
