# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # payloads and jq's variables; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Results of strangers, full disks, kills: no command of theirs runs, no nonsense is believed, nothing is
# left half there.

hostile=$scratch/hostile canary=$scratch/canary
mkdir "$hostile"

# spoil: a copy of it, $spoiled, whose boot $boot is to be spoiled.
spoiled=$hostile/spoiled boot=$hostile/spoiled/002-folio-6.12
spoil() {
	rm -rf "$spoiled"
	cp -r "$hostile/base" "$spoiled"
}

# not_believed FILE JQ-FILTER TEXT: with one file edited so the campaign is refused.
not_believed() {
	spoil
	edit "$spoiled/$1" "$2"
	refused 2 "$3" timeout 20 build/dex-compare "$spoiled"
}

# in_case JQ-FILTER TEXT: the same of a case's file.
in_case() { not_believed 002-folio-6.12/convert_latency.json "$@"; }

nonsense() {
	in_case '.results[0].ticks |= .[:3]' '3 samples of 1 pages each are not the 16 pages attempted'
	in_case '.results[0].ticks |= map(0)' 'all 16 samples are 0 ticks'
	in_case '.results[0].pages_per_sample = 1000000000000' '"pages_per_sample" is 1000000000000'
	spoil
	sed -i 's/"attempted":16,/"attempted":9000000000000000000,/' "$boot/convert_latency.json" # jq would round it
	refused 2 'are not the 9000000000000000000 pages attempted' build/dex-compare "$spoiled"
	in_case '.unit = "ticks"' 'unit ticks; in mode exact it is instructions'
	in_case '.resolution_pct.samples = 1e9' 'a resolution that is not from 0 to 10 %'
	in_case '.results[0].params.notifier = ["yes"]' 'parameter notifier is neither a number nor a word'
	in_case '.run = 7' 'run 7 of the case'
	in_case '.results[0].metrics = [{name: "a b", unit: "", better: "lower", value: 1}]' '"a b" is no name of a metric'
	in_case '.predictions = [{}]' 'is missing or of the wrong type'
	not_believed plan.json '.boots = -7' '"boots" is -7; from 1 to 10000 can be'
	not_believed plan.json '.mode = "exact\"; system(\"id\"); \""' 'one of exact, lockstep, parallel, timing'
}

# A metric in two units is two metrics.
two_units() {
	spoil
	for f in "$spoiled"/*/convert_latency.json; do
		edit "$f" '.results[0].metrics = [{name: "m", unit: "a", better: "lower", value: 1}]'
	done
	build/dex-compare "$spoiled" >/dev/null
	edit "$boot/convert_latency.json" '.results[0].metrics[0].unit = "b"'
	refused 2 'metric m in "b", elsewhere in "a"' build/dex-compare "$spoiled"
}

# Names of boots and cases are no paths; what lies outside is not read through links, either.
outside() {
	mkdir "$hostile/outside"
	cp -r "$hostile/base/002-folio-6.12" "$hostile/outside/boot"
	edit "$hostile/outside/boot/convert_latency.json" '.results[0].skipped = "a secret"'
	not_believed plan.json '.schedule[1].boot = "../outside/boot"' '"../outside/boot" is no name of a boot'
	not_believed plan.json '.cases[0] = "../002-folio-6.12/convert_latency"' 'is no name of a case'
	spoil
	ln -sf ../../outside/boot/convert_latency.json "$boot/convert_latency.json"
	refused 2 'leads out of' build/dex-compare "$spoiled"
	spoil
	rm -r "$boot"
	ln -s "$hostile/outside/boot" "$boot"
	refused 2 'leads out of' build/dex-compare "$spoiled"
	spoil
	ln -s convert_latency.json "$boot/kept" # inside it is a name like another
	mv "$boot/convert_latency.json" "$boot/real"
	ln -s real "$boot/convert_latency.json"
	build/dex-compare "$spoiled" >/dev/null
}

no_files() {
	spoil
	rm "$spoiled/plan.json"
	mkfifo "$spoiled/plan.json"
	refused 2 'plan.json: not readable: not a file' timeout 20 build/dex-compare "$spoiled"
	spoil
	ln -sf /dev/zero "$boot/run.json"
	refused 2 'leads out of' timeout 20 build/dex-compare "$spoiled"
	spoil
	truncate -s 1T "$boot/run.json"
	refused 2 'over 256 MiB' timeout 20 build/dex-compare "$spoiled"
}

# 300 MB in 1.3 MB; within an address space that holds what is allowed and not what it would unpack to.
gzip_bomb() {
	spoil
	rm "$boot/convert_latency.json"
	head -c 300M /dev/zero | gzip -1 >"$boot/convert_latency.json.gz"
	(
		ulimit -v 1000000
		refused 2 'over 256 MiB when unpacked' timeout 60 build/dex-compare "$spoiled"
	)
	head -c 1M /dev/zero | tr '\0' '[' >"$boot/convert_latency.json"
	refused 2 'more than 32 levels' build/dex-compare "$spoiled"
}

# name_kernel WORD: a kernel of the spoiled campaign is called so, everywhere.
name_kernel() {
	local f

	spoil
	for f in "$spoiled"/plan.json "$spoiled"/*/run.json; do
		jq -c --arg word "$1" 'walk(if . == "folio-6.12" then $word else . end) |
			if .host then .host.kernel.source = $word | .cpu.model = $word else . end' "$f" >"$f.new"
		mv "$f.new" "$f"
	done
	edit "$boot/convert_range.json" ".results[0].skipped = $(jq -n --arg word "$1" '$word')"
}

no_command_ran() { [ ! -e "$canary" ] || { echo "a command ran: $1"; rm "$canary"; return 1; }; }

# A letter's commands, pasted into a shell beside a Makefile that takes variables as ours does: its words arrive whole.
paste_letter() {
	mkdir -p "$hostile/paste/build"
	ln -sfn "$DEX_TOP/scripts" "$hostile/paste/scripts"
	printf 'include scripts/variables.mk\nab:\n\t@printenv KERNELS\n' >"$hostile/paste/Makefile"
	printf '#!/bin/sh\n' >"$hostile/paste/build/dex-compare"
	chmod +x "$hostile/paste/build/dex-compare"
	build/dex-compare --cover-letter --case='convert_latency|`x`|$(x)' "$spoiled" >"$hostile/letter" || [ $? -ne 2 ]
	sed '1,/^To reproduce:/d' "$hostile/letter" >"$hostile/commands"
	(cd "$hostile/paste" && bash ../commands) >"$hostile/pasted"
	cat "$hostile/pasted"
}

no_commands() {
	local word

	for word in "\`touch $canary\`" "\$(touch $canary)" "\"; system(\"touch $canary\"); \"" "';touch $canary;'" \
		"\";touch $canary;\"" "\$(shell touch $canary)" "<touch $canary" "|touch $canary"; do
		name_kernel "$word"
		scripts/campaign/plots.sh report "$spoiled" "$hostile/pictures"
		no_command_ran "$word, in pictures"
		paste_letter
		no_command_ran "$word, in the letter"
		build/dex-compare --format=lava "$spoiled" >"$hostile/lava" || [ $? -ne 2 ]
		bash -c 'lava-test-case() { :; }; lava-test-set() { :; }; . "$1"' lava "$hostile/lava"
		no_command_ran "$word, in LAVA's script"
		[[ $word == *\|* ]] || grep -qxF -- "rmap-6.12 | $word" "$hostile/pasted" || grep -qxF -- "rmap-6.12 $word" "$hostile/pasted"
	done
}

# A directory's name, too.
no_commands_in_names() {
	local name

	for name in "x\`touch canary\`\$(touch canary)\";touch canary;\"';touch canary;'\$(shell touch canary)" "<touch canary" \
		"|touch canary"; do
		rm -rf "$hostile/named"
		mkdir "$hostile/named"
		cp -r "$hostile/base" "$hostile/named/$name"
		make -s plots OUT="$hostile/named/$name" 2>/dev/null
		[ -e "$hostile/named/$name/plots/controls.svg" ]
		(cd "$hostile/named" && "$DEX_TOP/scripts/campaign/plots.sh" plots "$name" out)
		[ ! -e canary ] && [ ! -e "$hostile/named/canary" ]
	done
}

# What a terminal obeys, what turns a line around, and HTML, wherever words of results are shown.
words_stay_words() {
	local format

	name_kernel "$(printf '\033]0;x\a\033[31m\u202egnp\u009b31m<script>alert(1)</script> ](javascript:x)')"
	for format in $(formats); do
		build/dex-compare --format="$format" "$spoiled" >"$hostile/said" || [ $? -ne 2 ]
		refute grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$hostile/said"
	done
	[ -n "$format" ]
	build/dex-compare --format=junit "$spoiled" >"$hostile/junit" || [ $? -ne 2 ]
	xmllint --noout "$hostile/junit"
	for format in json gbench bmf kcidb; do
		build/dex-compare --format="$format" "$spoiled" >"$hostile/said" || [ $? -ne 2 ]
		jq -e . "$hostile/said" >/dev/null
	done
	build/dex-compare --format=ktap "$spoiled" >"$hostile/ktap" || [ $? -ne 2 ]
	refute grep -vE '^((not )?ok [0-9]+ [A-Za-z0-9_.-]+( # SKIP .*)?|# .*|1\.\.[0-9]+|KTAP version 1)$' "$hostile/ktap"
	build/dex-compare --format=md "$spoiled" >"$hostile/md" || [ $? -ne 2 ]
	refute grep -qP '<script|(?<!\\)\]\(javascript' "$hostile/md"
	scripts/campaign/plots.sh report "$spoiled" "$hostile/pictures"
	refute grep -qF '<script>alert' "$hostile/pictures/report.html"
	printf 'dexbench \033[31m, mode x\n' >"$hostile/mail"
	build/dex-compare --verify="$hostile/mail" "$hostile/base" >"$hostile/said" || [ $? -eq 1 ]
	refute grep -q "$(printf '\033')" "$hostile/said"
}

# What versions before left when they were cut short.
half_a_report() {
	spoil
	head -c 100 "$hostile/base-whole/report.txt" >"$spoiled/report.txt"
	build/dex-compare --write "$spoiled" >/dev/null
	diff -r "$spoiled" "$hostile/base-whole"
	rm "$spoiled/compare.json"
	echo mine >"$spoiled/report.txt"
	refused 2 'never overwritten' build/dex-compare --write "$spoiled"
	same <(echo mine) "$spoiled/report.txt"
}

killed_drawing() {
	local n most to=$hostile/drawn

	rm -rf "$to" "$to-whole"
	most=$(seconds scripts/campaign/plots.sh report "$hostile/base" "$to-whole")
	RANDOM=2
	for ((n = 0; n < 20; n++)); do
		killed_within "$most" scripts/campaign/plots.sh "$([ $((n % 2)) -eq 0 ] && echo report || echo plots)" "$hostile/base" "$to"
		[ ! -e "$to/plots" ] || diff -r "$to/plots" "$to-whole/plots"
		[ ! -e "$to/report.html" ] || cmp "$to/report.html" "$to-whole/report.html"
	done
	scripts/campaign/plots.sh report "$hostile/base" "$to"
	diff -r "$to" "$to-whole" # and nothing besides
}

lost_output() {
	local command

	for command in "dexbench --help" "dexbench --list" "dexbench --version" "dex-compare --help" \
		"dex-compare $hostile/base" "dex-compare --json $hostile/base" "dex-compare --cover-letter $hostile/base" \
		"dex-compare --verify=$hostile/letter $hostile/base" "dex-plan --help" \
		"dex-plan --pages=1 --touches=1 --atomic-cost=1 --device-fault=1 --cpu-fault=1"; do
		refused 2 'cannot print' bash -c "exec build/$command >/dev/full"
	done
	refused 2 'cannot print: Broken pipe' bash -c '{ sleep 0.3; build/dexbench --list; } | true; exit "${PIPESTATUS[0]}"'
}

# Of no program the stack may be a matter of luck: 64 KiB are enough.
small_stack() (
	ulimit -s 48
	build/dex-compare "$hostile/base" >/dev/null
	build/dex-compare --format=html "$REFERENCE" >/dev/null || [ $? -eq 1 ]
	build/dex-plan --pages=16 --touches=1000 "$REFERENCE" >/dev/null
)

# spoiled_directories COUNT SEED: none has its way; tests/fuzz/mutated.py says what that is.
spoiled_directories() {
	rm -rf "$hostile/mutated"
	mkdir "$hostile/mutated"
	python3 -B "$TESTS/fuzz/mutated.py" "$hostile/base" "$hostile/mutated" "$1" "$2"
}

# fuzzed TARGET RUNS: a program that stops at its first words is none that was tried, so that the
# branches seen count (with all seeds refused, they are 31 in dex-plan).
fuzzed() {
	build/fuzz/fuzz_"$1" -close_fd_mask=1 -runs="$2" -seed=1 -max_len=32768 -timeout=20 -rss_limit_mb=1500 -detect_leaks=0 \
		-artifact_prefix="$hostile/" "$hostile/seeds/$1" >"$hostile/fuzz.log" 2>&1 ||
		{ grep -E 'ERROR|SUMMARY|runtime error' "$hostile/fuzz.log"; return 1; }
	grep "^Done $2 runs" "$hostile/fuzz.log"
	[ "$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$hostile/fuzz.log" | tail -n 1)" -ge 200 ]
}

has_libfuzzer() {
	printf 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n);\n%s\n' \
		'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n > 1000; }' >"$hostile/one.c"
	clang -fsanitize=fuzzer,address,undefined -o "$hostile/one" "$hostile/one.c" 2>"$hostile/why"
}

# Recorded samples, a few of each row: quickly read, and spoiled.
"$TESTS/fuzz/campaign.sh" "$hostile/base"
check "nonsense in results is refused, each by its own line" nonsense
check "a metric in two units is refused" two_units
check "nothing outside of the results is read" outside
check "FIFOs, devices and files without end are refused at once" no_files
check "a gzip bomb is refused, and JSON too deep for a stack" gzip_bomb
check "no word of results is a command: pictures, report, letter" no_commands
check "no directory's name is a command: make plots" no_commands_in_names
check "no word of results is a terminal's, Markdown's or HTML's" words_stay_words
check "killed while writing at 20 moments: nothing or all, and it goes on" \
	whole_or_nothing 1 "$hostile/base" compare.json build/dex-compare --write
check "half of a report that was left is no obstacle" half_a_report
check "killed while drawing at 20 moments: nothing or all, and it goes on" killed_drawing
check "output that is lost is status 2 and one line" lost_output
check "a stack of 48 KiB is enough" small_stack
check "300 spoiled directories: no crash, no command, nothing believed" spoiled_directories 300 1
if ! command -v clang >/dev/null; then
	skip "parsers under libFuzzer" "clang is not installed; apt-get install clang"
elif ! has_libfuzzer; then
	skip "parsers under libFuzzer" "clang cannot link it: $(head -n 1 "$hostile/why"); apt-get install libclang-rt-14-dev"
else
	check "parsers under libFuzzer: built, with seeds from the results" eval \
		'make -s fuzz-parsers && tests/fuzz/seeds.sh "$hostile/seeds"'
	for target in series:5000 windows:3000 attribute:3000 plan:500 compare:500 hub:1000; do
		check "parsers under libFuzzer: ${target%:*}, ${target#*:} executions" fuzzed ${target%:*} ${target#*:}
	done
fi
