# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # words for another shell; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What the parts about bundles share.  Sourced by them.

# bundled FILE VARIABLE=VALUE...
bundled() { env OUT="$1" "${@:2}" scripts/bundle/bundle.sh; }

# unpacked ARCHIVE DIRECTORY: the bundle becomes that.
unpacked() {
	mkdir "$2.unpacking"
	tar --zstd -xf "$1" -C "$2.unpacking"
	mv "$2.unpacking"/* "$2"
	rmdir "$2.unpacking"
}

# only_path BUNDLE [PROGRAM]: a directory with the programs that the bundle says it needs, but that one.
only_path() {
	local dir=$scratch/path-${2:-all} program

	mkdir -p "$dir"
	for program in $(jq -r '.needs[].program' "$1/manifest.json"); do
		ln -sf "$(command -v "$program")" "$dir/$program"
	done
	rm -f "$dir/${2:-}" 2>/dev/null || true
	echo "$dir"
}

# bare BUNDLE ARGUMENT...: `run` of it, with those programs and nothing else; root is nobody, and without a network.
bare() {
	local by=()

	[ "$(id -u)" -ne 0 ] || by=(unshare --net setpriv --reuid=65534 --regid=65534 --clear-groups)
	(cd / && exec env -i PATH="$PATH" "${by[@]}" env -i PATH="${BARE_PATH:-$(only_path "$1")}" QEMU="${BARE_QEMU:-}" \
		"$1/run" "${@:2}")
}

# results_for_nobody DIRECTORY...: where bare's user may write.
results_for_nobody() {
	mkdir -p "$@"
	[ "$(id -u)" -ne 0 ] || chown 65534 "$@"
}

# as_recorded RESULTS CAMPAIGN: each boot there is whole, and says to the byte what one of that campaign's says of
# the same kernel.
as_recorded() {
	local boot other kernel case found=0

	for boot in "$1"/[0-9]*; do
		case $boot in *.failed.* | *.part.* | *'*') continue ;; esac
		kernel=$(jq -r .host.label "$boot/run.json")
		other=$(jq -r --arg kernel "$kernel" 'first(.schedule[] | select(.kernel == $kernel)) | .boot' "$2/plan.json")
		for case in $(jq -r '.cases[]' "$2/plan.json"); do
			cmp "$boot/$case.json" "$2/$other/$case.json"
		done
		jq -e '.failed == 0' "$boot/status.json" >/dev/null
		same <(jq -S 'del(.host.machine, .host.qemu)' "$2/$other/run.json") <(jq -S 'del(.host.machine, .host.qemu)' "$boot/run.json")
		same <(cd "$2/$other" && ls) <(cd "$boot" && ls)
		found=$((found + 1))
	done
	echo "$found boots"
}

# killed_at_random TIMES BUNDLE RESULTS CAMPAIGN: the runner, alone or with all that it started.  What lies
# there is whole each time, and the same command goes on.
killed_at_random() {
	local n pid

	for ((n = 0; n < $1; n++)); do
		setsid bash -c 'cd / && exec "$0" --all --out="$1"' "$2/run" "$3" >/dev/null 2>&1 &
		pid=$!
		sleep "$((RANDOM % 6)).$((RANDOM % 10))"
		if [ $((n % 2)) -eq 0 ]; then
			pkill -KILL -s "$pid" || true
		else
			kill -KILL "$pid" 2>/dev/null || true
		fi
		wait "$pid" || true
		as_recorded "$3" "$4"
	done
	"$2/run" --all --out="$3"
	[ "$(as_recorded "$3" "$4" | tail -n 1)" = "$(jq '.schedule | length' "$2/plan.json") boots" ]
	[ -z "$(find "$3" -name '*.part.*')" ]
}
