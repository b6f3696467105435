# shellcheck shell=bash disable=SC2034,SC2054 # $placed is qemu.sh's; QEMU's options have commas
# SPDX-License-Identifier: MIT
# Where a guest of timing mode runs: each virtual CPU on a core of its own, all else of QEMU on others, its memory
# there before it begins, on the same node, and merged with nobody's.  Sourced by qemu.sh.
#
# QEMU says by its monitor which of its threads is which CPU, over two named pipes in its directory; dexbench, by
# hwloc, which CPUs of the host these get.  What came of it is placement.json.

# free_huge_pages NODE KIB: MiB in huge pages of that size that nobody has there yet.
free_huge_pages() {
	local pages

	pages=$(cat "/sys/devices/system/node/node$1/hugepages/hugepages-$2kB/free_hugepages" 2>/dev/null) || pages=0
	echo $((pages * $2 / 1024))
}

# place_guest DIRECTORY CPUS MEMORY: $placement, as JSON, and $placed, arguments for QEMU.
place_guest() {
	local node memory huge

	placement=$("$DEX_TOP/build/dexbench" --place="$2")
	node=$(jq .node <<<"$placement")
	memory="memory-backend-memfd,id=ram,size=$3M,prealloc=on,merge=off"
	[ "$(jq .nodes <<<"$placement")" -eq 1 ] || memory+=",host-nodes=$node,policy=bind"
	huge=$(arch_fact huge_page_kib)
	[ "$(free_huge_pages "$node" "$huge")" -lt "$3" ] || memory+=",hugetlb=on,hugetlbsize=${huge}K"
	placement=$(jq -c --arg memory "$memory" --arg polls "$(cat /sys/module/kvm/parameters/halt_poll_ns 2>/dev/null)" \
		'. + {memory: $memory, halt_poll_ns: ($polls | tonumber? // null), pinned: false}' <<<"$placement")
	printf '%s\n' "$placement" >"$1/placement.json"
	mkfifo "$1/monitor.in" "$1/monitor.out"
	placed=(-object "$memory" -machine memory-backend=ram -name dexbench,debug-threads=on
		-chardev "pipe,id=monitor,path=${1//,/,,}/monitor" -mon chardev=monitor,mode=control)
}

# ask_monitor COMMAND: what it returns; $to and $from are the pipes.  Events come in between.
ask_monitor() {
	local line

	printf '{"execute": "%s"}\n' "$1" >&"$to"
	while read -r -t 30 line <&"$from"; do
		! jq -ce 'select(has("return")) | .return' <<<"$line" 2>/dev/null || return 0
	done
	return 1
}

# cpus_of THREAD: that it may run on, as the kernel tells them.
cpus_of() { sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$1/status"; }

# pin_threads: all of QEMU's to the CPUs that are left over, then each virtual CPU's to its own.
pin_threads() {
	local threads pid thread where

	ask_monitor qmp_capabilities >/dev/null || return 1
	threads=$(ask_monitor query-cpus-fast | jq -r 'sort_by(."cpu-index") | .[]."thread-id"') || return 1
	pid=$(sed -n 's/^Tgid:\t//p' "/proc/$(head -n 1 <<<"$threads")/status")
	taskset -a -pc "$(jq -r '.others | join(",")' <<<"$placement")" "$pid" || return 1
	while read -r thread where; do
		taskset -pc "$where" "$thread" || return 1
		[ "$(cpus_of "$thread")" = "$where" ] || return 1
	done < <(paste -d ' ' <(echo "$threads") <(jq '.vcpus[]' <<<"$placement"))
} >/dev/null 2>&1

# pin_guest DIRECTORY: as soon as its monitor answers; placement.json says whether it did.
pin_guest() {
	local to from

	exec {to}<>"$1/monitor.in" {from}<>"$1/monitor.out"
	! pin_threads || jq -c '.pinned = true' <<<"$placement" | atomic_write "$1/placement.json"
}
