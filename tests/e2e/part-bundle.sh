# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # words that no shell expands; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# A campaign as a bundle: what is in it, that it runs where there is next to nothing, that it says what make ab
# says to the byte, and that directories of several machines become one campaign.

# shellcheck source=tests/e2e/bundles.sh
. "$TESTS/e2e/bundles.sh"

chmod 711 "$all_scratch" "$scratch"
SMALL=(SEED=7 KERNELS='rmap-6.12 folio-7.x' CASES='control_clock|convert_latency' PAGES=1536 AA=no)
archive=$scratch/campaign.tar.zst
bundle=$scratch/bundle

made() {
	bundled "$archive" "${SMALL[@]}" BOOTS=2
	unpacked "$archive" "$bundle"
	valid "$bundle/manifest.json" "$bundle/plan.json"
	(cd "$bundle" && sha256sum --strict --quiet -c SHA256SUMS)
	same <(jq -r '.files[] | "\(.sha256)  \(.path)"' "$bundle/manifest.json"; cd "$bundle" && sha256sum manifest.json) "$bundle/SHA256SUMS"
	# Each file once, and nothing that nobody summed.
	same <(cd "$bundle" && find . -type f ! -name SHA256SUMS -printf '%P\n' | sort) <(cut -c67- "$bundle/SHA256SUMS" | sort)
	refute grep -rl "$DEX_TOP" "$bundle" --include='*.json*' --include='*.sh' --include='*.tsv'
}

# What each file is depends on what is in it alone.
made_again() {
	bundled "$scratch/again.tar.zst" "${SMALL[@]}" BOOTS=2
	unpacked "$scratch/again.tar.zst" "$scratch/again"
	same <(grep -v ' plan.json$\| manifest.json$' "$bundle/SHA256SUMS") <(grep -v ' plan.json$\| manifest.json$' "$scratch/again/SHA256SUMS")
	same <(jq 'del(.date)' "$bundle/plan.json") <(jq 'del(.date)' "$scratch/again/plan.json")
}

bundle_refusals() {
	refused 2 'OUT is missing' bundled '' "${SMALL[@]}"
	refused 2 "give an archive's name" bundled "$scratch/x.zip" "${SMALL[@]}"
	refused 2 "give an archive's name" bundled "$scratch/..tar" "${SMALL[@]}"
	refused 2 'is written once' bundled "$archive" "${SMALL[@]}"
	refused 2 'give the bundle a number of boots' bundled "$scratch/x.tar" "${SMALL[@]}" MODE=parallel BOOTS=auto
	refused 2 'a bundle brings no profiler' bundled "$scratch/x.tar" "${SMALL[@]}" MODE=parallel PERF=record
	refused 2 'matches no case' bundled "$scratch/x.tar" "${SMALL[@]}" CASES=nothing
	refused 2 'cannot create it' bundled /proc/x/x.tar "${SMALL[@]}"
	same /dev/null <(find "$scratch" -name 'x.*')
}

# second: the boot of the second block whose kernel the first boot has not.
second() { jq -r '[.schedule[].kernel] | if .[2] != .[0] then 3 else 4 end' "$bundle/plan.json"; }

# $scratch/a and $scratch/b are of two machines.
runs_bare() {
	env OUT="$scratch/ab" "${SMALL[@]}" BOOTS=1 scripts/campaign/ab.sh
	results_for_nobody "$scratch/a" "$scratch/b"
	bare "$bundle" 1 --out="$scratch/a"
	bare "$bundle" "$(second)" --out="$scratch/a"
	bare "$bundle" --list --out="$scratch/a" >"$scratch/list"
	same <(printf '1 there\n%d there\n' "$(second)") <(cut -f1,4 --output-delimiter=' ' "$scratch/list" | grep -v ' missing$')
	same <(jq -r '.schedule[] | "\(.boot) \(.kernel)"' "$bundle/plan.json") <(cut -f2,3 --output-delimiter=' ' "$scratch/list")
	[ "$(as_recorded "$scratch/a" "$scratch/ab" | tail -n 1)" = '2 boots' ]
	# shellcheck disable=SC2046
	valid $(find "$scratch/a" -name '*.json')
	same <(sha256sum <"$bundle/manifest.json" | cut -c1-64) <(jq -r .bundle "$scratch/a/plan.json")
	# Once more is nothing.
	bare "$bundle" 1 --out="$scratch/a" 2>&1 | grep '0 boots in .*, 1 were there already'
}

killed() {
	RANDOM=11
	killed_at_random 4 "$bundle" "$scratch/b" "$scratch/ab"
}

# by --out, and by a program that lacks, is another, or fails.
run_refusals() {
	local what

	for what in '' 0 1x '1 2' '--all 1' '--nothing' '$(touch x)' '../1'; do
		# shellcheck disable=SC2086 # words
		refused 2 'give ' bare "$bundle" $what
	done
	refused 2 'the plan has 4 boots' bare "$bundle" 5
	refused 2 'tar: not found; a bundle needs it on each node (Debian: apt-get install tar)' \
		env BARE_PATH="$(only_path "$bundle" tar)" bash -c "$(declare -f bare); bare \"\$@\"" - "$bundle" --all
	BARE_QEMU=no-such-qemu refused 2 'no-such-qemu: not found' bare "$bundle" --all
	refused 2 'cannot create it' bare "$bundle" 1 --out=/proc/x
	results_for_nobody "$scratch/other"
	jq '.bundle |= gsub("[0-7]"; "8")' "$scratch/a/plan.json" >"$scratch/other/plan.json"
	refused 2 'choose another --out' bare "$bundle" 1 --out="$scratch/other"
	jq '.schedule[0].boot = "../x"' "$scratch/a/plan.json" >"$scratch/other/plan.json"
	refused 2 'its plan.json was changed' bare "$bundle" 1 --out="$scratch/other"
	bare "$bundle" --help >"$scratch/help"
	head -n 1 "$scratch/help" | grep -F 'usage: run N | --all | --list'
	tail -n 1 "$scratch/help" | grep '^Environment: '
}

damage_is_seen() {
	cp -r "$bundle" "$scratch/damaged"
	printf x >>"$(echo "$scratch"/damaged/kernels/*/initramfs | cut -d' ' -f1)"
	refused 2 'the bundle is damaged: kernels/' bare "$scratch/damaged" 1 --out="$scratch/a"
}

failed_boot_is_kept() {
	local rc=0

	results_for_nobody "$scratch/failing"
	printf '#!/bin/sh\ncase " $* " in *" --version "*) exec %s --version ;; esac\necho flaky: no\nexit 1\n' \
		"$(arch_fact qemu)" >"$scratch/flaky"
	chmod 755 "$scratch/flaky"
	BARE_QEMU=$scratch/flaky bare "$bundle" 1 --out="$scratch/failing" 2>"$scratch/said" || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq 1 ]
	tail -n 1 "$scratch/said" | grep -F "1 of 1 boots failed; what they left is in $scratch/failing/*.failed.*"
	grep -rx 'flaky: no' "$scratch"/failing/001-*.failed.1/qemu.log
	bare "$bundle" 1 --out="$scratch/failing" 2>&1 | grep 'has failed 2 times before'
}

# rows_of DIRECTORY...: of the comparison, but for when and by which machine.
rows_of() {
	local rc=0

	build/dex-compare --json "$@" >"$scratch/compared" || rc=$?
	[ "$rc" -ne 2 ]
	jq -S '.rows' "$scratch/compared"
}

# b is whole.
joined() {
	local c=$scratch/c

	rows_of "$scratch/b" >"$scratch/whole"
	mkdir "$c"
	cp -r "$scratch/b"/[0-9p]* "$c"
	rm -r "$c"/001-* "$c/00$(second)"-*
	rows_of "$scratch/a" "$c" >"$scratch/joined"
	same "$scratch/whole" "$scratch/joined"
	jq -e '.kernels | map(.boots) == [2, 2]' "$scratch/compared"
	jq -e '[.notes[] | select(.text | test("2 directories of one bundle: 2 boots compared .*equal to the byte"))] | length == 1 and .[0].weight == "note"' "$scratch/compared"
	# The same boot of two machines is one.
	rows_of "$scratch/a" "$scratch/b" >"$scratch/joined"
	same "$scratch/whole" "$scratch/joined"
	jq -e '.kernels | map(.boots) == [2, 2]' "$scratch/compared"
	rows_of "$scratch/a" >/dev/null
	jq -e '[.notes[] | select(.text | test("is missing"))] | length == 2' "$scratch/compared"
}

other_values_are_doubted() {
	local boot rc=0

	cp -r "$scratch/c" "$scratch/d"
	boot=$(echo "$scratch"/d/002-*)
	[ -d "$boot" ]
	edit "$boot/convert_latency.json" '.results[0].ticks[7] += 1'
	build/dex-compare --json "$scratch/a" "$scratch/d" >"$scratch/compared" || rc=$?
	[ "$rc" -eq 3 ] || [ "$rc" -eq 1 ]
	jq -e 'any(.notes[]; .weight == "doubt" and (.text | test("/d/002-.*convert_latency is not the same to the byte")))' "$scratch/compared"
}

other_host_is_a_condition() {
	local boot

	cp -r "$scratch/c" "$scratch/e"
	for boot in "$scratch"/e/0*; do
		edit "$boot/run.json" '.host.machine.cpu.model = "another" | .host.qemu = "QEMU emulator version 99"'
	done
	build/dex-compare --json "$scratch/a" "$scratch/e" >"$scratch/compared" || [ $? -ne 2 ]
	jq -e 'any(.notes[]; .text | test("differ among each other in: .*host.qemu.*") and test("host.machine.cpu.model"))' "$scratch/compared"
}

mixes_are_refused() {
	mkdir -p "$scratch/mix"
	cp -r "$scratch/c" "$scratch/mix/other"
	edit "$scratch/mix/other/plan.json" '.bundle |= gsub("[0-7]"; "8")'
	refused 2 'are of two bundles' build/dex-compare "$scratch/a" "$scratch/mix/other"
	cp -r "$scratch/c" "$scratch/mix/changed"
	edit "$scratch/mix/changed/plan.json" '.seed = 8'
	refused 2 'are plans of one bundle and differ' build/dex-compare "$scratch/a" "$scratch/mix/changed"
	cp -r "$scratch/c" "$scratch/mix/hostile"
	edit "$scratch/mix/hostile/plan.json" '.bundle = "../../etc"'
	refused 2 '"bundle" is no SHA-256' build/dex-compare "$scratch/mix/hostile"
	refused 2 'is there twice' build/dex-compare "$scratch/a" "$scratch/a"
	# A campaign of make ab beside it is another campaign, as ever.
	rows_of "$scratch/b" "$scratch/ab" >/dev/null
	jq -e '.kernels | length == 4' "$scratch/compared"
}

# The job's steps as LAVA's shell runs them, of an archive that curl fetches; what installs packages and what
# reports are the lab's.  Its results are there already, so nothing is booted.
JOB_READER='
import sys, yaml
job = yaml.safe_load(open(sys.argv[1]))
assert {"job_name", "device_type", "timeouts", "priority", "visibility", "actions"} <= set(job)
kinds = [next(iter(action)) for action in job["actions"]]
assert kinds == ["deploy", "boot", "test"], kinds
test, = job["actions"][2]["test"]["definitions"]
assert test["from"] == "inline" and test["path"] and test["name"]
repository = test["repository"]
assert repository["metadata"]["format"] == "Lava-Test Test Definition 1.0"
assert set(repository["params"]) == {"BUNDLE_URL", "BUNDLE_SHA256"}
for step in repository["run"]["steps"]:
    assert isinstance(step, str), step
    print(step)'

lab() {
	local name

	mkdir -p "$1"
	printf '#!/bin/sh\nexit 0\n' >"$1/apt-get"
	for name in lava-test-set lava-test-case; do
		printf '#!/bin/sh\nprintf "%%s|" %s "$@" >>"$LAB_LOG"\necho >>"$LAB_LOG"\n' "$name" >"$1/$name"
	done
	chmod 755 "$1"/*
}

lava_job() {
	local job=$scratch/job

	lab "$scratch/lab"
	mkdir "$job"
	cp -r "$scratch/b" "$job/results"
	/usr/bin/python3 -c "$JOB_READER" scripts/lava/dexbench.yaml >"$scratch/steps.sh"
	[ "$(wc -l <"$scratch/steps.sh")" -ge 5 ]
	(cd "$job" && env PATH="$scratch/lab:$PATH" LAB_LOG="$scratch/reported" BUNDLE_URL="file://$archive" \
		BUNDLE_SHA256="$(sha256sum <"$archive" | cut -c1-64)" sh -e "$scratch/steps.sh")
	build/dex-compare --format=lava "$scratch/b" >"$scratch/cases.sh" || [ $? -ne 2 ]
	env PATH="$scratch/lab:$PATH" LAB_LOG="$scratch/expected" sh -e "$scratch/cases.sh"
	grep -q '^lava-test-case|convert_latency.*|--result|.*|--measurement|.*|--units|instructions/page|$' "$scratch/reported"
	same "$scratch/expected" "$scratch/reported"
	# Another archive than was meant is not run.
	rm -r "$job"/bundle*
	refute env PATH="$scratch/lab:$PATH" LAB_LOG=/dev/null BUNDLE_URL="file://$archive" BUNDLE_SHA256="$(sha256sum </dev/null | cut -c1-64)" \
		sh -e -c 'cd "$1" && . "$2"' - "$job" "$scratch/steps.sh"
	[ ! -e "$job/bundle" ]
}

# serve_ssh DIRECTORY: two nodes, that are this machine, by a server and keys of its own; $! is the server.
serve_ssh() {
	local port=$((20000 + RANDOM % 20000)) sshd

	sshd=$(command -v sshd || echo /usr/sbin/sshd)
	mkdir -p /run/sshd 2>/dev/null || true
	mkdir -m 700 "$1"
	ssh-keygen -q -t ed25519 -N '' -f "$1/host"
	ssh-keygen -q -t ed25519 -N '' -f "$1/user"
	cat >"$1/sshd_config" <<-EOF
		Port $port
		ListenAddress 127.0.0.1
		HostKey $1/host
		AuthorizedKeysFile $1/user.pub
		PidFile none
		StrictModes no
		UsePAM no
		PasswordAuthentication no
		PermitRootLogin prohibit-password
	EOF
	cat >"$1/config" <<-EOF
		Host node1 node2
			HostName 127.0.0.1
			Port $port
			User $(id -un)
			IdentityFile $1/user
			IdentitiesOnly yes
			UserKnownHostsFile $1/known
			StrictHostKeyChecking accept-new
			BatchMode yes
	EOF
	"$sshd" -D -e -f "$1/sshd_config" 2>"$1/sshd.log" &
}

# README's own line, of two boots.
over_ssh() {
	local here=$scratch/here line server n=50

	serve_ssh "$scratch/ssh"
	server=$!
	until ssh -F "$scratch/ssh/config" node1 true 2>/dev/null || [ "$n" -eq 0 ]; do
		n=$((n - 1))
		sleep 0.1
	done
	mkdir "$here"
	cp -r "$bundle" "$here/campaign"
	line=$(sed -n 's/^    seq 6 | parallel /seq 2 | parallel /p' docs/machines.md)
	line=${line/--workdir dexbench/--workdir $scratch/there}
	[[ $line == *"$scratch/there"* ]]
	(cd "$here" && PARALLEL_HOME=$scratch/parallel PARALLEL_SSH="ssh -F $scratch/ssh/config" bash -c "$line") || n=failed
	kill "$server"
	wait "$server" || true
	[ "$n" != failed ]
	[ -d "$scratch/there/campaign" ]
	as_recorded "$here/nodes/1" "$scratch/ab" | grep -x '1 boots'
	as_recorded "$here/nodes/2" "$scratch/ab" | grep -x '1 boots'
	rows_of "$here"/nodes/* >/dev/null
	jq -e '.kernels | map(.boots) == [1, 1]' "$scratch/compared"
}

check "bundle: what is in it is in its manifest, and nothing else" made
check "bundle: the same campaign is the same files" made_again
check "bundle: what cannot be one is refused" bundle_refusals
check "bundle: two boots as nobody, with bash and QEMU alone, are make ab's to the byte" runs_bare
check "bundle: a runner that was killed leaves whole boots and goes on" killed
check "bundle: wrong questions and missing programs" run_refusals
check "bundle: damage is seen" damage_is_seen
check "bundle: a boot that failed is kept" failed_boot_is_kept
check "bundle: directories of two machines are one campaign" joined
check "bundle: another count on another machine is a doubt" other_values_are_doubted
check "bundle: another host is a condition" other_host_is_a_condition
check "bundle: boots of two bundles are not joined" mixes_are_refused
check "bundle: LAVA's job runs one and reports each row" lava_job
check "bundle: over ssh by GNU parallel, the document's line" over_ssh
