# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The plan of a campaign: what was asked for, checked, and written down before
# the first boot; or read back, to go on where one stopped.  Sourced by ab.sh.

# Interleavings of lockstep mode: the fewest whose t interval is worth looking at (4.3 standard errors
# for 3, 2.8 for 5, 2.6 for 6).
SEEDS=5

# What a plan fixes, as it is called in the environment and in plan.json.
# shellcheck disable=SC2034 # for ab.sh
PLAN_MEMBERS='MODE=mode PAGES=pages RUNS=runs CPUS=cpus MEMORY=memory_mib SEED=seed RETRIES=retries
	ROWS=rows//"all" PRIMARY=primary//["all"]|join("\u0020")'

is_number() { [[ $2 =~ ^[1-9][0-9]*$ ]] || die "$1=$2: not a positive number"; }

check_numbers() {
	is_number CPUS "$CPUS" && is_number PAGES "$PAGES" && is_number RUNS "$RUNS"
	is_number MEMORY "$MEMORY" && is_number SEED "$SEED" && is_number BUDGET "$BUDGET"
	[ "$BOOTS" = auto ] || is_number BOOTS "$BOOTS"
	[[ $RETRIES =~ ^[0-9]$ ]] || die "RETRIES=$RETRIES: give 0 to 9"
	check_pages "$PAGES"
}

# Defaults, then what cannot be.
check_input() {
	local host_cpus

	host_cpus=$(engine_cpus)
	MODE=${MODE:-exact} MEMORY=${MEMORY:-1024}
	SEED=${SEED:-$(date +%s)} RETRIES=${RETRIES:-1} AA=${AA:-yes} BUDGET=${BUDGET:-30}
	case $MODE in
	exact) CPUS=${CPUS:-1} BOOTS=${BOOTS:-1} ;;
	lockstep)
		CPUS=${CPUS:-4} BOOTS=${BOOTS:-1} RUNS=${RUNS:-$SEEDS} PAGES=${PAGES:-$(allowed_pages | cut -d" " -f2)}
		ROWS=${ROWS:-$([ -n "${CASES:-}${FULL:-}" ] && echo all || echo brief)}
		;;
	parallel | timing) CPUS=${CPUS:-$((host_cpus < 2 ? 2 : host_cpus > 4 ? 4 : host_cpus))} BOOTS=${BOOTS:-4} ;;
	*) die "MODE=$MODE: one of exact, lockstep, parallel, timing" ;;
	esac
	PAGES=${PAGES:-4096} RUNS=${RUNS:-1} ROWS=${ROWS:-all}
	case $AA in yes | no) ;; *) die "AA=$AA: yes or no" ;; esac
	case ${FALLBACK:-no} in yes | no) ;; *) die "FALLBACK=$FALLBACK: yes or no" ;; esac
	case $MODE:$ROWS in
	*:all | lockstep:brief) ;;
	*:brief) die "ROWS=brief: only lockstep mode has a brief selection; choose by CASES" ;;
	*) die "ROWS=$ROWS: all or brief" ;;
	esac
	check_numbers
	[ "$MODE" != exact ] || [ "$CPUS" -eq 1 ] ||
		die "CPUS=$CPUS: exact mode has one CPU, instruction counts of several are not repeatable; use MODE=lockstep"
	[[ $MODE != @(exact|lockstep) ]] || [ "$BOOTS" != auto ] ||
		die "BOOTS=auto: $MODE mode has nothing to estimate, its boots agree; leave BOOTS out"
	[ "$MODE" != lockstep ] || [ "$CPUS" -ge 2 ] ||
		die "CPUS=$CPUS: lockstep mode is for two CPUs and more; use MODE=exact"
	[ "$MODE" = lockstep ] || [ "$CPUS" -le "$host_cpus" ] ||
		die "CPUS=$CPUS: $(is_elsewhere && echo "the largest node" || echo "this host") has $host_cpus, and CPUs that wait for each other measure the host's scheduler"
}

# resolve_emulator PARAMETERS: $emulator, one JSON object, or null where the mode needs none.
resolve_emulator() {
	emulator=null
	if [ "$MODE" = lockstep ]; then
		emulator=$("$HERE/emulator.sh" --parameters="$1") || exit 2
	elif [ -n "$1" ]; then
		die "LOCKSTEP=$1: only MODE=lockstep has it"
	fi
}

# different SPECS: no two are the same.
different() {
	local twice

	twice=$(sort <<<"$1" | uniq -d | head -n 1)
	[ -z "$twice" ] || die "KERNELS names $twice twice; the baseline against itself is AA=yes"
}

# resolve_kernels SPECS: $kernels, one JSON object a line; the A/A arm is the
# baseline once more, under another name, behind all others.
resolve_kernels() {
	local specs

	mapfile -t specs <<<"$1"
	check_cache
	# In two steps: a kernel that is not to be had ends the campaign, in a pipe it would be left out.
	group_says kernels unclaimed "$HERE/kernel/kernel.sh" --json "${specs[@]}" || exit 2
	kernels=$(jq -c '. + {same_as: null}' <<<"$kernels")
	[ "$AA" = no ] || kernels+=$'\n'$(head -n 1 <<<"$kernels" |
		jq -c '. + {spec: "\(.spec) (A/A)", same_as: .spec}')
}

# 64 bytes that depend on every letter of $1.
random_bytes() { printf '%b' "$(sha512sum <<<"$1" | cut -c1-128 | sed 's/../\\x&/g')"; }

# Blocks of one boot per kernel, each block shuffled by the seed.
schedule() {
	local block spec n=0 order

	for block in $(seq "$BOOTS"); do
		order=$(jq -r .spec <<<"$kernels" | shuf --random-source=<(random_bytes "$SEED $block"))
		while read -r spec; do
			n=$((n + 1))
			jq -nc --arg boot "$(printf %03d "$n")-$(safe_name "$spec")" --arg kernel "$spec" \
				--argjson block "$block" '{boot: $boot, kernel: $kernel, block: $block}'
		done <<<"$order"
	done
}

# pilot_says PILOT: in a line.
pilot_says() {
	jq -r 'def short: if . == null then error("the pilot lacks an SD") else . * 100 | round / 100 end;
		"pilot: SD between boots \(.worst.boot_sd_pct | short) %, runs \(.worst.run_sd_pct | short) %, samples \(.worst.sample_sd_pct | short) %; \(.says)"' <<<"$1"
}

# host_fitness MODE: what host-check says of this machine, as JSON, before we make it busy ourselves; null where
# nothing depends on it.  A guest has a kernel of its own.
host_fitness() {
	local said rc=0

	[ "$1" = timing ] || { echo null; return; }
	said=$("$HERE/host-check" --json) || rc=$?
	case $rc in 0 | 3) jq -c 'map(select(.check != "device_private"))' <<<"$said" ;; *) exit "$rc" ;; esac
}

# write_plan PILOT PRIMARY FITNESS: JSON of the pilot, the rows that decide, and what host_fitness says; or null each.
write_plan() {
	schedule | jq -s --argjson kernels "$(jq -s "map($KERNEL_FACTS + {same_as} | .packages //= [])" <<<"$kernels")" \
		--arg mode "$MODE" --arg cases "$cases" --argjson pages "$PAGES" --argjson runs "$RUNS" \
		--argjson cpus "$CPUS" --argjson memory "$MEMORY" --argjson boots "$BOOTS" \
		--argjson seed "$SEED" --arg rows "$ROWS" --argjson retries "$RETRIES" --argjson pilot "$1" --argjson emulator "$emulator" --argjson primary "$2" --argjson fitness "$3" \
		--arg date "$(date -u +%FT%TZ)" \
		'{schema: "dexbench.plan.v1", date: $date, mode: $mode, cases: ($cases | split(" ")),
		  pages: $pages, runs: $runs, cpus: $cpus, memory_mib: $memory, boots: $boots, seed: $seed, rows: $rows,
		  retries: $retries, aa: ($kernels | map(select(.same_as != null) | .spec)[0]),
		  pilot: $pilot, kernels: $kernels, schedule: .} +
		 if $emulator then {lockstep: ($emulator | {key, qemu, source} + .lockstep)} else {} end +
		 if $primary then {primary: $primary} else {} end +
		 if $fitness then {host_check: $fitness} else {} end' |
		atomic_write "$OUT/plan.json"
}

# agree NAME MEMBER: the environment does not ask for another plan than the one found.
agree() {
	local asked=${!1:-} planned

	planned=$(jq -r ".$2" "$OUT/plan.json")
	[ -z "$asked" ] || [ "$asked" = "$planned" ] ||
		die "OUT=$OUT holds a campaign with $1=$planned; leave $1 out to go on with it, or choose another OUT"
	printf -v "$1" %s "$planned"
}

# same_instrument JQ-FILTER OURS: the boots that are there were measured with what measures now.
same_instrument() {
	local other

	other=$(find "$OUT" -mindepth 2 -maxdepth 2 -name run.json ! -path "$OUT/*.failed.*" ! -path "$OUT/*.part.*" \
		-exec jq -r --arg ours "$2" "$1 | select(. != \$ours)" {} + | head -n 1)
	[ -z "$other" ] ||
		die "OUT=$OUT was begun with $other, here is $2; boots of two are no campaign: go on with that one, or choose another OUT"
}

# same_emulator: what $OUT was begun with, to the instruction; the boots name it, too.
same_emulator() {
	local planned

	planned=$(lockstep_text <"$OUT/plan.json")
	resolve_emulator "${LOCKSTEP:-$planned}"
	jq -e --argjson ours "$emulator" '.lockstep == if $ours then ($ours | {key, qemu, source} + .lockstep) else null end' \
		"$OUT/plan.json" >/dev/null ||
		die "OUT=$OUT was begun with LOCKSTEP=$planned by emulator $(jq -r .lockstep.key "$OUT/plan.json"), here is $(jq -r '"\(.lockstep | tojson) by \(.key)"' <<<"$emulator"); leave LOCKSTEP out, or choose another OUT"
}

# Go on with the plan in $OUT: the same kernels, to the bit, by the same instrument.
read_plan() {
	local pair changed specs list

	[ "$(jq -r .schema "$OUT/plan.json" 2>/dev/null)" = dexbench.plan.v1 ] ||
		die "$OUT/plan.json is not a plan of this version; choose another OUT"
	same_instrument '"dexbench \(.dexbench)"' "$("$BUILD/dexbench" --version)"
	[ "$(jq -r .mode "$OUT/plan.json")" = lockstep ] ||
		same_instrument .host.qemu "$("${QEMU:-$(arch_fact qemu)}" --version | head -n 1)"
	for pair in $PLAN_MEMBERS; do
		agree "${pair%%=*}" "${pair#*=}"
	done
	same_emulator
	[ "${BOOTS:-auto}" = auto ] || agree BOOTS boots
	AA=$(jq -r 'if .aa then "yes" else "no" end' "$OUT/plan.json")
	[ -z "${CASES:-}" ] || select_cases "$MODE" "$ROWS" "${FULL:-}" "$CASES"
	[ "${cases:-$(jq -r '.cases | join(" ")' "$OUT/plan.json")}" = "$(jq -r '.cases | join(" ")' "$OUT/plan.json")" ] ||
		die "OUT=$OUT holds a campaign with other cases; leave CASES out to go on with it, or choose another OUT"
	cases=$(jq -r '.cases | join(" ")' "$OUT/plan.json")
	specs=$(jq -r '.kernels[] | select(.same_as == null) | .spec' "$OUT/plan.json")
	mapfile -t list <<<"$specs"
	[ -z "${KERNELS:-}" ] || [ "$(split_kernels "$KERNELS")" = "$specs" ] ||
		die "OUT=$OUT holds a campaign with KERNELS=\"$(join_kernels "${list[@]}")\"; leave KERNELS out to go on with it, or choose another OUT"
	resolve_kernels "$specs"
	changed=$(jq -sr --slurpfile plan "$OUT/plan.json" '[., $plan[0].kernels] | transpose |
		map(select(.[0].key != .[1].key or .[0].cmdline != .[1].cmdline) | .[1].spec) | join(", ")' <<<"$kernels")
	[ -z "$changed" ] ||
		die "OUT=$OUT was begun with another build of $changed; boots of two builds are no campaign, choose another OUT"
}
