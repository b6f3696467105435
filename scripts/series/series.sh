# shellcheck shell=bash disable=SC2154 # $cases is what the caller has chosen
# SPDX-License-Identifier: MIT
# Revisions of a tree, measured one by one in exact mode.  Sourced by bisect.sh,
# bisect-step, ladder.sh and measure.sh.
#
# OUT holds question.json (what was asked), revisions/<commit>.json (what is known
# of a revision) and boots/<key>/ (a boot of a kernel: revisions that build the same
# bytes share it).  What is there is not done again.

BUILD=$DEX_TOP/build
HERE=$DEX_TOP/scripts
PAGES=${PAGES:-4096} MEMORY=${MEMORY:-1024}
exec {terminal}>&2 # a signal may come while standard error goes elsewhere
. "$HERE/kernel/git.sh"
. "$HERE/engine/door.sh"

check_tools() {
	check_engine
	need_tool git
	need_tool jq
	[[ -x $BUILD/dexbench && -x $BUILD/dex-compare && -f $BUILD/guest.cpio ]] ||
		die "build/ is not complete; run make bench build/guest.cpio"
	[[ $PAGES =~ ^[1-9][0-9]*$ && $MEMORY =~ ^[1-9][0-9]*$ ]] || die "PAGES=$PAGES MEMORY=$MEMORY: give numbers"
	check_pages "$PAGES"
}

check_tree() {
	[ -n "${TREE:-}" ] || die "TREE is missing: the git repository of a kernel"
	[ -d "$TREE" ] || die "TREE=$TREE: no such directory"
	TREE=$(realpath "$TREE")
	top_of "$TREE" >/dev/null || die "TREE=$TREE: not a git repository"
	reading "$TREE" rev-parse --git-dir >/dev/null 2>&1 ||
		die "TREE=$TREE: git cannot read this repository: $(reading "$TREE" rev-parse --git-dir 2>&1 | head -n 1)"
}

# commit_of NAME: the commit that the variable of that name says.
commit_of() {
	[ -n "${!1:-}" ] || die "$1 is missing: a revision of $TREE"
	reading "$TREE" rev-parse --verify --quiet "${!1}^{commit}" ||
		die "$1=${!1}: no such revision in $TREE; try: git -C $TREE log --oneline"
}

subject_of() { reading "$TREE" log -1 --format=%s "$1"; }

# exact_cases REGEX: the names that it selects, in the order of the list.
exact_cases() {
	local all chosen

	all=$("$BUILD/dexbench" --list)
	chosen=$(jq --arg re "^($1)\$" 'map(select(.case | test($re)))' <<<"$all" 2>/dev/null) ||
		die "CASES=$1: not a regular expression"
	[ "$chosen" != '[]' ] || die "'$1' is no case; one of: $(jq -r 'map(.case) | join(" ")' <<<"$all")"
	jq -er 'map(select(.modes | index("exact")) | .case) | join(" ") | select(. != "")' <<<"$chosen" ||
		die "$(jq -r 'map(.case) | join(", ")' <<<"$chosen"): no exact mode, and what cannot be counted cannot be told apart to the instruction"
}

# begin_series QUESTION: OUT is ours, and new or about the same question.
begin_series() {
	mkdir -p "$OUT" 2>/dev/null || die "OUT=$OUT: cannot create it; is the disk full?"
	OUT=$(realpath "$OUT")
	exec 9<"$OUT"
	flock -n 9 || die "OUT=$OUT: somebody is at work there"
	if [ -e "$OUT/question.json" ]; then
		jq -e --argjson asked "$1" '. == $asked' "$OUT/question.json" >/dev/null ||
			die "OUT=$OUT holds the answer to another question; choose another OUT"
		engine_settle "$OUT"
		find "$OUT/boots" -maxdepth 1 -name '*.part.*' -exec rm -rf {} +
	elif [ -n "$(find "$OUT" -maxdepth 0 ! -empty)" ]; then
		die "OUT=$OUT exists and is not empty; results are never overwritten, choose another directory"
	else
		mkdir -p "$OUT/revisions" "$OUT/boots"
		jq . <<<"$1" | atomic_write "$OUT/question.json"
	fi
}

interrupted() {
	end_groups
	engine_cancel
	log "interrupted; the same command with OUT=$OUT goes on" 2>&"$terminal"
	exit 130
}

# boot_kernel JSON DIR: a boot that failed is repeated once.
boot_kernel() {
	local attempt

	for attempt in 1 2; do
		[ "$attempt" -eq 1 ] || log "attempt $attempt of 2"
		"$HERE/guest/boot.sh" --kernel="$1" --mode=exact --cases="$cases" --pages="$PAGES" \
			--memory="$MEMORY" --label="$(jq -r .key <<<"$1")" --out="$2" && return
		[ $? -eq 1 ] || return
	done
	return 1
}

# A full disk is nobody's commit.
check_room() {
	[[ $(df -k --output=avail "$DEX_CACHE" | tail -n 1) -gt 200000 &&
		$(df -k --output=avail "$OUT" | tail -n 1) -gt 20000 ]] ||
		die "the disk of $DEX_CACHE or $OUT is full"
}

# record COMMIT KEY BUILT BOOTED SECONDS [BOOT]: rows of the boot, or the reason why there are none.
record() {
	local table='{"rows":[]}' reason

	reason=$(cat "$OUT/$1.reason" 2>/dev/null || true)
	[ $# -lt 6 ] || table=$("$BUILD/dex-compare" --json "$6") || [ $? -ne 2 ] || exit 2
	jq --arg commit "$1" --arg key "$2" --argjson built "$3" --argjson booted "$4" --argjson seconds "$5" \
		--arg subject "$(subject_of "$1")" --arg reason "${reason#"tree:$TREE@$1: "}" \
		'def known: if . == "" then null else . end;
		{commit: $commit, subject: $subject, key: ($key | known), built: $built, booted: $booted,
		 seconds: $seconds, reason: ($reason | known),
		 rows: [.rows[] | {case, params, metric, unit, value, skipped}]}' <<<"$table" |
		atomic_write "$OUT/revisions/$1.json"
}

# alone_with KEY: of those on other machines that may have built the same bytes; until we end.
alone_with() {
	[ ! -d "$OUT/slurm" ] || { exec 8>"$OUT/slurm/$1.lock" && flock 8; }
}

# measure COMMIT: build, boot, record; $cases says what.  A revision that cannot be
# measured is recorded with the reason.
measure() {
	local commit=$1 kernel='' key='' built=false booted=false begin=$SECONDS boot=()
	local built_here=$OUT/$1.built

	[ ! -e "$OUT/revisions/$commit.json" ] || return 0
	export DEX_REASON=$OUT/$commit.reason
	rm -f "$DEX_REASON" "$built_here"
	if kernel=$("$HERE/kernel/kernel.sh" --json --built="$built_here" "tree:$TREE@$commit"); then
		key=$(jq -r .key <<<"$kernel")
		boot=("$OUT/boots/$key")
		alone_with "$key"
		if [ ! -e "${boot[0]}" ]; then
			booted=true
			boot_kernel "$kernel" "${boot[0]}" || boot=()
		fi
	fi
	[ ! -s "$built_here" ] || built=true
	[ ${#boot[@]} -gt 0 ] || check_room
	[ ${#boot[@]} -eq 0 ] || rm -f "$DEX_REASON"
	record "$commit" "$key" "$built" "$booted" $((SECONDS - begin)) "${boot[@]}"
	rm -f "$DEX_REASON" "$built_here"
}

# What a revision takes: a build, and a boot that may be repeated.
series_needs() {
	jq -nc --argjson cpus "${JOBS:-$(engine_cpus | awk '{ print $1 < 4 ? $1 : 4 }')}" --argjson memory $((MEMORY + 2048)) \
		--argjson seconds $((2 * $(boot_timeout exact) + 4 * 3600)) \
		'{mode: "exact", cpus: $cpus, memory_mib: $memory, seconds: $seconds, whole: false, probe: null, report: null}'
}

# measurements WORD COMMIT...: as tasks; WORD is said of each, or nothing.
measurements() {
	local commit n=0 word=$1

	shift
	for commit; do
		n=$((n + 1))
		task "$OUT/revisions/$commit.json" "${word:+$word $n of $#}" "$commit" \
			"$HERE/series/measure.sh" --tree="$TREE" --out="$OUT" --cases="$cases" --pages="$PAGES" --memory="$MEMORY" "$commit"
	done
}

# measure_all WORD COMMIT...: one by one here, all at once where there are many machines.
measure_all() {
	local commit

	run_tasks commit "$(series_needs)" 1 "$OUT" 3< <(measurements "$@")
	[ -z "$hopeless" ] || exit 2
	shift
	for commit; do
		[ -e "$OUT/revisions/$commit.json" ] ||
			die "${commit:0:12} was not measured, whatever the reason; the same command with OUT=$OUT goes on"
	done
}

# fact COMMIT FILTER: of what is known of a revision; `it` is the value gone by.
fact() {
	jq -rc -L "$HERE/series" --arg params "${PARAMS:-}" --arg metric "${METRIC:-}" \
		"include \"series\"; def it: chosen(\$params; \$metric); $2" "$OUT/revisions/$1.json"
}
