# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # words of strangers; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Bisections and ladders: their logic over a kernel.sh and a boot.sh that only pretend, the
# reports on what they wrote or a stranger did, and the real thing on four commits of the
# synthetic series.

# shellcheck source=tests/e2e/pretend-series.sh
. "$TESTS/e2e/pretend-series.sh"
# shellcheck source=tests/e2e/series-real.sh
. "$TESTS/e2e/series-real.sh"

# ends STATUS TEXT COMMAND...: with STATUS, and the last line is an error that holds TEXT.
ends() {
	local status=$1 text=$2 rc=0

	shift 2
	"$@" >"$scratch/said" 2>&1 || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq "$status" ]
	tail -n 1 "$scratch/said" | grep 'error:' | grep -F -- "$text"
}

untouched() { diff -r "$series/before" "$tree"; }

bisection() {
	commits 9 9 9 9 9 9 9 9 9 9 9 14 14 14 14 14 14
	cp -r "$tree" "$series/before"
	in_series bisect "$series/plain"
	found "$series/plain" "number 12" 4
	jq -e '.builds == 4 and .boots == 0 and .bad_from == 11.5 and
		(.first_bad | .change == 5 and .value == 14 and .parent_value == 9)' "$series/plain/bisect.json"
	[ "$(wc -l <"$series/top/builds")" -eq 6 ]
	untouched
}

# Wherever the change is, and whichever way it goes.
every_place() {
	local at i costs

	for at in 2 5 7; do
		costs=()
		for i in $(seq 7); do
			costs+=($((i < at ? 2000 : 1990)))
		done
		commits "${costs[@]}"
		in_series bisect "$series/place-$at" >/dev/null
		found "$series/place-$at" "number $at" 3
	done
}

# 9 to 12 is less than the threshold, 12 to 20 is more.
threshold() {
	commits 9 12 12 20 20
	in_series bisect "$series/threshold" THRESHOLD=8
	found "$series/threshold" "number 4" 3
	ends 2 'GOOD=good takes 9 and BAD=bad 20: less than THRESHOLD=12 apart' \
		in_series bisect "$series/far" THRESHOLD=12
	commits 9 12 9
	ends 2 'both take 9: there is nothing to find' in_series bisect "$series/alike"
}

# Commits that do not build, boot or run the case are skipped, each with its reason.
skips() {
	local rc=0

	commits 9 9 broken panics skips 14 14
	in_series bisect "$series/undecided"
	in_series bisect "$series/strict-undecided" STRICT=1 || rc=$?
	[ "$rc" -eq 3 ]
	valid "$series/undecided/bisect.json"
	jq -e '.first_bad == null and (.candidates | length) == 4 and
		([.steps[] | select(.answer == "skip") | .reason] | sort) == ["the boot failed: it panics",
			"the case was skipped: no device", "the kernel did not build"]' "$series/undecided/bisect.json"
	commits 9 broken 9 14 panics 14
	in_series bisect "$series/around"
	found "$series/around" "number 4" 5
	commits 9 9 broken
	ends 2 'cannot be measured: the kernel did not build' in_series bisect "$series/bad-end"
}

# The ends of a merge: git first asks about the commit they have in common.
side_branch() {
	commits 9 9 9 14
	git -C "$tree" checkout -q -b side good
	echo other >"$tree/mm/other.c"
	git -C "$tree" add -A
	git -C "$tree" -c user.name=x -c user.email=x@x commit -q -m side
	in_series bisect "$series/side" GOOD=side
	found "$series/side" "number 4" 4
}

# Killed in a build, and gone on with: nothing is built twice, nobody is left over.
interrupted_and_resumed() {
	local pid

	commits 9 9 9 9 9 14 14 14 14
	cp -r "$tree" "$series/before-kill"
	echo 2 >"$series/top/delay"
	in_series bisect "$series/killed" >"$series/killed.log" 2>&1 &
	pid=$!
	until [ -e "$series/killed/steps.jsonl" ]; do sleep 0.1; done
	pkill -TERM -P "$pid" -f bisect.sh || kill -TERM "$pid"
	wait "$pid" || true
	cat "$series/killed.log"
	grep "the same command with OUT=$series/killed goes on" "$series/killed.log"
	refute pgrep -f "$series/top/scripts"
	rm "$series/top/delay"
	diff -r "$series/before-kill" "$tree"
	ends 2 'another question' in_series bisect "$series/killed" PARAMS=notifier=no
	in_series bisect "$series/killed"
	found "$series/killed" "number 6" 3
	refute grep -E "@$(git -C "$tree" rev-parse good bad | paste -sd'|')" "$series/top/builds"
	ends 2 'holds a finished bisection' in_series bisect "$series/killed"
}

# By hand: `git bisect run` in the user's own checkout.
step_alone() {
	local rc=0

	commits 9 9 14
	cd "$tree"
	export CASE=convert_latency PARAMS=notifier=yes BAD_FROM=12
	git bisect start bad good
	git bisect run "$series/top/scripts/series/bisect-step" 2>&1 | tee "$scratch/said"
	grep "^$(git rev-parse bad) is the first bad commit" "$scratch/said"
	git bisect reset
	unset BAD_FROM
	"$series/top/scripts/series/bisect-step" || rc=$?
	[ "$rc" -ge 128 ]
	rc=0
	(cd / && BAD_FROM=12 "$series/top/scripts/series/bisect-step") || rc=$?
	[ "$rc" -ge 128 ]
}

ladder() {
	local rc=0

	commits 9 9 broken 14 14
	git -C "$tree" -c user.name=x -c user.email=x@x commit -q --allow-empty -m 'nothing at all, at some length, so that the line is over seventy-two columns'
	cp -r "$tree" "$series/before-ladder"
	in_series ladder "$series/ladder" TIP=HEAD
	ends 2 'STRICT=yes: the one value is 1' in_series ladder "$series/strict" STRICT=yes TIP=HEAD
	in_series ladder "$series/strict" STRICT=1 TIP=HEAD || rc=$?
	[ "$rc" -eq 1 ]
	valid "$series/ladder/ladder.json"
	jq -e '[.commits[] | [.subject[:8], .same_kernel, .booted, .reason == null] +
			[.rows[] | select(.params.notifier == "yes") | .value, .change]] == [
		["number 1", false, true, true, 9, null], ["number 2", true, false, true, 9, 0],
		["number 3", false, false, false], ["number 4", false, true, true, 14, 5],
		["number 5", true, false, true, 14, 0], ["nothing ", true, false, true, 14, 0]] and
		.boots == 2 and .builds == 5 and .moved == [.commits[3].commit]' "$series/ladder/ladder.json"
	grep "^note: .*the kernel did not build" "$series/ladder/report.txt"
	[ "$(grep -cE '^[0-9a-f]{12}  ' "$series/ladder/report.txt")" -eq 6 ]
	refute grep -E '^.{73}' "$series/ladder/cover-letter.txt"
	[ "$(wc -l <"$series/ladder/cover-letter.txt")" -le 40 ]
	grep -E '^[0-9a-f]{12} +14 +[+]5  number 4$' "$series/ladder/cover-letter.txt"
	diff -r "$series/before-ladder" "$tree"
}

ladder_of_nothing() {
	commits 9 9 9
	in_series ladder "$series/flat"
	jq -e '.moved == []' "$series/flat/ladder.json"
	grep 'Nothing moves' "$series/flat/report.txt"
	grep -E '^  convert_latency notifier=yes  9$' "$series/flat/report.txt"
}

wrong_arguments() {
	commits 9 14
	refused 2 'TREE is missing' in_series bisect "$series/x" TREE=
	refused 2 "TREE=$series/none: no such directory" in_series bisect "$series/x" TREE="$series/none"
	refused 2 'not a git repository' in_series bisect "$series/x" TREE=/usr/bin
	refused 2 'GOOD is missing' in_series bisect "$series/x" GOOD=
	refused 2 'BAD=nonsense: no such revision' in_series bisect "$series/x" BAD=nonsense
	refused 2 'are the same commit' in_series bisect "$series/x" BAD=good
	refused 2 'CASE is missing; one of: ' in_series bisect "$series/x" CASE=
	refused 2 "'convert_lat' is no case; one of: " in_series bisect "$series/x" CASE=convert_lat
	refused 2 'contend_threads: no exact mode' in_series bisect "$series/x" CASE=contend_threads
	refused 2 'give one case, by its name' in_series bisect "$series/x" CASE='convert_.*'
	refused 2 'convert_latency has no notifier=maybe' in_series bisect "$series/x" PARAMS=notifier=maybe
	refused 2 'say also notifier=yes|no' in_series bisect "$series/x" PARAMS=
	refused 2 'THRESHOLD=0: give instructions' in_series bisect "$series/x" THRESHOLD=0
	refused 2 'PAGES=5' in_series bisect "$series/x" PAGES=5
	refused 2 'TIP=nonsense: no such revision' in_series ladder "$series/x" TIP=nonsense
	refused 2 'are the same commit' in_series ladder "$series/x" TIP=good
	refused 2 'TIP=good is not on top of BASE=bad' in_series ladder "$series/x" BASE=bad TIP=good
	refused 2 'contend_anon_vma, contend_threads: no exact mode' in_series ladder "$series/x" CASES='contend_(anon_vma|threads)'
	refused 2 'not a regular expression' in_series ladder "$series/x" CASES='('
	refute test -e "$series/x"
	ends 2 'the case has the metrics median_per_page' in_series bisect "$series/metric" METRIC=colour
}

# What is kept is what the programs say of the JSON beside it.
recorded_reports() {
	local kept=results/series

	same "$kept/report.txt" <(build/dex-compare "$kept/ladder.json")
	same "$kept/cover-letter.txt" <(build/dex-compare --cover-letter "$kept/ladder.json")
	same "$kept/bisect-report.txt" <(build/dex-compare "$kept/bisect.json")
	same results/converge/converge.txt <(build/dex-compare results/converge/converge.json)
	[ "$(build/dex-compare --format=md results/converge/converge.json | grep -c '^|.* |$')" -eq "$(wc -l <results/converge/converge.txt)" ]
	[ "$(build/dex-compare --format=tsv "$kept/ladder.json" | awk -F'\t' 'NR == 1 { n = NF } NF == n' | wc -l)" -eq 69 ]
	[ "$(build/dex-compare --format=tsv "$kept/bisect.json" | awk -F'\t' 'NF == 6' | wc -l)" -eq 7 ]
	[ "$(build/dex-compare --format=md "$kept/ladder.json" | grep -c '^|.*| +5 |.* |$')" -eq 1 ]
	[ "$(build/dex-compare --format=md "$kept/bisect.json" | grep -cE '^\| [0-9a-f]{12} \| 20')" -eq 6 ]
}

# told NAME JQ-FILTER: a recorded ladder or the like with something else in it.
told() {
	jq "$2" results/{series,converge}/"$1.json" >"$series/told.json" 2>"$series/elsewhere" || [ -s "$series/told.json" ]
}

# disbelieved NAME JQ-FILTER TEXT
disbelieved() {
	told "$1" "$2"
	refused 2 "told.json: $3" build/dex-compare "$series/told.json"
}

nonsense_in_ladders() {
	disbelieved ladder '.commits[1].commit = "`id`"' '"commit" is no name of a commit'
	disbelieved ladder '.base = "../x"' '"base" is no name of a commit'
	disbelieved ladder '.commits = .commits[:1]' '"commits" has 1; from 2 to 65536 can be'
	disbelieved ladder '.commits[1] = 7' 'a commit is no object'
	disbelieved ladder '.commits[1].rows[0] = "x"' 'a row is no object'
	disbelieved ladder '.commits[1].rows += .commits[1].rows' 'commit 809976258d13 has control_clock where=module twice'
	disbelieved ladder '.commits[1].rows[0].unit = "s"' 'control_clock where=module is in instructions and in s'
	disbelieved ladder '.commits[1].rows[0].value = 1e300' 'metric value is 1e+300'
	disbelieved ladder '.commits[1].rows[0].value = "7"' '"value" is missing or of the wrong type'
	disbelieved ladder '.commits[1].rows[0].params.where = []' 'parameter where is neither a number nor a word'
	disbelieved ladder 'del(.commits[1].same_kernel)' '"same_kernel" is missing or of the wrong type'
	disbelieved ladder '.builds = -1' '"builds" is -1; from 0 to 17 can be'
	disbelieved ladder '.moved = []' '"moved" has 0 commits, 1 have a change'
	disbelieved ladder '.cases = ["a\"; id; \""]' '"cases" has what is no name of a case'
	disbelieved ladder '.commits[0] as $c | .commits = [range(1000) | $c + {rows: []}] |
		.commits[0].rows = [range(1100) as $n | $c.rows[0] + {params: {n: $n}}]' \
		'more than 4096 rows, or 1048576 rows times commits'
}

nonsense_elsewhere() {
	disbelieved converge '.rows = []' '"rows" has 0; from 1 to 4096 can be'
	disbelieved converge '.rows[1].sets |= del(."q=12,pause=100")' 'the sets of one row are not those of another'
	disbelieved converge '.rows[0].sets = {"`id`": .rows[0].sets["q=12,pause=100"], b: 1}' '"`id`" is no set of parameters'
	disbelieved converge '.rows[0].sets["q=12,pause=100"].value = "x"' '"value" is missing or of the wrong type'
	disbelieved converge '.rows[0].params.others = "many"' '"others" is missing or of the wrong type'
	disbelieved converge '.rows[0].kernel = ""' '"kernel" is no name'

	disbelieved bisect '.good.value = null' '"good" has no value, and an end must have one'
	disbelieved bisect '.bad_to = 1' 'one of "bad_from" and "bad_to" is a number, the other null'
	disbelieved bisect '.steps[0].answer = "perhaps"' "a step's answer is \"perhaps\"; one of good, bad, skip"
	disbelieved bisect '.steps[0].value = null' 'commit 526454d3e1ce is good and has no value'
	disbelieved bisect '.first_bad = null' '"candidates" has 0; from 1 to 65536 can be'
	disbelieved bisect '.first_bad.change = null' 'the first bad commit, or its parent, has no value'
	disbelieved bisect '.case = "a b"' '"case" is "a b"; a name is of a-z, 0-9 and _'
	disbelieved bisect 'del(.steps)' '"steps" is missing or of the wrong type'
}

# What is no report, and what cannot be asked of one.
not_to_be_reported() {
	local kept=results/series

	refused 2 '--format and --cover-letter: each says what is printed' build/dex-compare --cover-letter --format=md "$kept/ladder.json"
	refused 2 'of converge.json there are --format=text and --format=md' build/dex-compare --format=tsv results/converge/converge.json
	refused 2 'a bisection has no cover letter' build/dex-compare --cover-letter "$kept/bisect.json"
	refused 2 '--format=html: of a file, one of text, md, tsv' build/dex-compare --format=html "$kept/ladder.json"
	refused 2 '--threshold: for directories of results' build/dex-compare --threshold=1 "$kept/ladder.json"
	refused 2 'a file is shown alone' build/dex-compare "$kept/ladder.json" "$kept/bisect.json"
	told ladder '.schema = "dexbench.ladder.v9"'
	refused 2 'not a comparison, ladder, bisection or convergence' build/dex-compare "$series/told.json"
	echo '{' >"$series/told.json"
	refused 2 'not readable as JSON' build/dex-compare "$series/told.json"
}

# Subjects, reasons and the name of a tree stay what they are; a command is one that a shell can be given.
words_of_strangers() {
	local format tree="\$(touch canary) it's \`touch canary\`" word='\u001b[31m\u202e\u009b`touch canary`$(touch canary)<b>](javascript:x)|\nx'

	told ladder ".commits[2].subject = \"$word\" | .commits[3].reason = \"$word\" | .compiler = \"$word\" |
		.tree = \"/x/$tree\""
	mkdir -p "$series/pasted"
	printf 'ladder:\n\t@printenv TREE CASES\n' >"$series/pasted/Makefile"
	for format in --format={text,md,tsv} --cover-letter; do
		build/dex-compare "$format" "$series/told.json" >"$series/said"
		refute grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$series/said"
	done
	build/dex-compare --format=md "$series/told.json" >"$series/said"
	refute grep -qP '<b>|(?<!\\)\]\(javascript|(?<!\\)`' "$series/said"
	[ "$(grep -c '^|' "$series/said")" -eq 19 ]
	build/dex-compare --cover-letter "$series/told.json" | sed '1,/^To reproduce:/d' >"$series/commands"
	ln -sfn "$DEX_TOP/scripts" "$series/pasted/scripts"
	sed -i '1i include scripts/variables.mk' "$series/pasted/Makefile"
	(unset MAKEFLAGS MAKELEVEL; cd "$series/pasted" && bash ../commands) >"$series/said"
	same <(printf '%s\n' "$tree" 'control_clock|convert_latency') "$series/said"
	refute test -e "$series/pasted/canary"
}

# No number runs into another, no name of a case is cut, characters are counted and not their bytes.
wide_words() {
	told ladder '.commits[].rows[].value |= (if . == null then . else . * 1000000000 + 0.25 end) |
		.commits[3].subject = ("ä" * 70) | .cases = [range(9) | "a_case_of_some_length_\(.)"]'
	build/dex-compare "$series/told.json" >"$series/said"
	grep -E '^5003606668cd  new     2079000000000\.25        [+]5  1898000000000\.25        [+]5  mm' "$series/said"
	grep -E '^commit        kernel {17}A    change {17}B    change  subject$' "$series/said"
	build/dex-compare --cover-letter --all "$series/told.json" >"$series/said"
	LC_ALL=C.UTF-8 grep -E '^e3c216d9b93a  2074000000000\.25       =  ä{30}\.\.$' "$series/said"
	[ "$(grep -c '|.*|\\$' "$series/said")" -eq 4 ]
	refute grep -E '[a-z]\\$' "$series/said"
	LC_ALL=C.UTF-8 refute grep -E '^.{73}' "$series/said"
}

pretend
check "reports: those kept are their JSON's, to the byte" recorded_reports
check "reports: nonsense in a ladder is refused, each by its own line" nonsense_in_ladders
check "reports: nonsense in the others is refused, each by its own line" nonsense_elsewhere
check "reports: of what there is none, and what cannot be asked of one" not_to_be_reported
check "reports: no word is a terminal's, Markdown's or a shell's" words_of_strangers
check "reports: wide numbers, long lists, letters of two bytes" wide_words
check "bisect: the first bad commit in log2 steps, and the tree is only read" bisection
check "bisect: wherever the change is, and whichever way" every_place
check "bisect: by a threshold" threshold
check "bisect: what cannot be measured is skipped, with its reason" skips
check "bisect: from a side branch" side_branch
check "bisect: interrupted and gone on with" interrupted_and_resumed
check "bisect-step: with git bisect run by hand, and what is no answer" step_alone
check "ladder: one row a commit, the same kernel is not booted again" ladder
check "ladder: a series that moves nothing" ladder_of_nothing
check "bisect, ladder: wrong arguments" wrong_arguments
real_series linux-source-6.12
check "a revision is the same bytes, whatever was built before it and whatever tools are there" order_of_builds linux-source-6.12
