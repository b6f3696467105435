# shellcheck shell=bash disable=SC2034,SC2154 # what it counts is for its callers
# SPDX-License-Identifier: MIT
# Tasks on this machine (door.sh says what one is).  Sourced by door.sh and by the runner of a bundle.

# task RESULT LABEL TOGETHER COMMAND...
task() {
	jq -nc --arg result "$1" --arg said "$2" --arg together "$3" \
		'{result: $result, "label": $said, together: $together, command: $ARGS.positional}' --args -- "${@:4}"
}

# command_of TASK: $command.
command_of() { mapfile -d '' -t command < <(jq -j '.command[] | (., "\u0000")' <<<"$1"); }

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

# run_here AT-ONCE [BEFORE...]: $tasks, so many at a time, with BEFORE before each command.  Its callers begin with
# $started, $finished and $failures at 0, $hopeless empty and $progress_tenth at -1.
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
