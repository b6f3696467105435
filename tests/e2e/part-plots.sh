# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Pictures and the report, from the committed results.

# Everything of this part is below it.
pics=$scratch/pictures
mkdir "$pics"

recorded
zcat "$REFERENCE/compare.json.gz" >"$pics/reference.json"

# What has to be drawn of them: all that exact mode can count.
REFERENCE_PICTURES='attribution-rest attribution-sharers attribution-walk break_even controls convert_latency
	convert_mappings convert_range convert_shared convert_state convert_thp device_atomic device_span driver_loop
	fault_back fault_back_state hold_anon_vma ladder mm_ops ping_pong semantics'

# drawn RESULTS DIRECTORY NAME...: these and no others, whole, each as SVG and PNG, and
# gnuplot had nothing to say (plots.sh fails if it has).
drawn() {
	local results=$1 to=$2 name

	shift 2
	scripts/campaign/plots.sh plots "$results" "$to"
	same <(printf '%s\n' "$@" | sort) <(basename -s .svg "$to"/plots/*.svg)
	for name; do
		xmllint --noout "$to/plots/$name.svg"
		grep -q "id=\"${name%-*}_plot_1" "$to/plots/$name.svg" # what gnuplot calls the first of what it drew
		[ "$(grep -c '<text' "$to/plots/$name.svg")" -gt 10 ]
		[ "$(head -c 8 "$to/plots/$name.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ]
		[ "$(stat -c %s "$to/plots/$name.png")" -gt 10000 ]
	done
}

# shellcheck disable=SC2086 # lists of names
reference_is_drawn() { drawn "$REFERENCE" "$pics/reference" $REFERENCE_PICTURES; }

twice_the_same() {
	local f

	scripts/campaign/plots.sh report "$REFERENCE" "$pics/again"
	scripts/campaign/plots.sh report "$REFERENCE" "$pics/again2"
	for f in "$pics"/again/plots/*.svg; do
		cmp "$f" "$pics/again2/plots/$(basename "$f")"
		cmp "$f" "$pics/reference/plots/$(basename "$f")"
	done
	cmp "$pics/again/report.html" "$pics/again2/report.html"
}

# What is committed is what is drawn, by the same gnuplot.
committed_are_drawn() {
	local f

	for f in "$REFERENCE"/plots/*.svg; do
		cmp "$f" "$pics/reference/plots/$(basename "$f")"
	done
	same <(cd "$REFERENCE/plots" && ls -- *.svg) <(cd "$pics/reference/plots" && ls -- *.svg)
}

private_is_drawn() {
	drawn results/private "$pics/private" controls convert_latency fault_back fault_back_private ladder migrate_private
	drawn results/private-threads "$pics/private-threads" private_threads
}

devices_are_drawn() {
	local f

	drawn results/devices "$pics/devices" controls hmm_fault notifiers ping_pong residence stay_or_migrate
	for f in results/devices/plots/*.svg; do
		cmp "$f" "$pics/devices/plots/$(basename "$f")"
	done
}
states_are_drawn() { drawn results/states "$pics/states" controls convert_latency convert_place ladder states; }

# The boots are gone; compare.json has what the pictures show.
lockstep_is_drawn() {
	local f dir=$pics/both

	mkdir -p "$dir/lockstep"
	cp results/lockstep/compare.json.gz "$dir/lockstep/"
	scripts/campaign/plots.sh report "$dir"
	for f in results/lockstep/plots/*.svg; do
		cmp "$f" "$dir/lockstep/plots/$(basename "$f")"
	done
	[ -s "$dir/lockstep/report.html" ]
}

drawn_by() { sed -n 's/.*Produced by \(GNUPLOT [^<]*[^< ]\) *<.*/\1/p' "$1"; }

# Kernels, versions, the mode and the unit stand on each.
says_what_it_shows() {
	local f release

	release=$(jq -r '.kernels[] | select(.spec == "folio-6.12").release' "$REFERENCE/plan.json")
	for f in "$pics"/reference/plots/*.svg; do
		grep -qF "folio-6.12: Linux $release" "$f"
		grep -qF 'mode exact' "$f"
		grep -qE 'instructions (per page|under|more or less)|guest instructions|what was observed' "$f"
		refute grep -qE '\bns\b|seconds|nan' "$f"
	done
}

# The columns are compare.json's numbers.
# shellcheck disable=SC2016 # jq's variables
columns_are_the_table() {
	build/dex-compare --dat="$pics/dat" "$RECORDED"
	jq -r '[.kernels[].label] as $k | .rows as $rows | $k[] | select(endswith("(A/A)") | not) as $kernel |
		$rows[] | select(.case == "convert_range" and .kernel == $kernel and .baseline == $k[0]) |
		[.params.pages, .value] | @tsv' "$RECORDED/compare.json" | awk '{ print $1, $2 }' >"$pics/expected"
	grep -v '^#' "$pics/dat/convert_range.dat" | awk 'NF == 4 { print $1, $2 }' >"$pics/columns"
	[ "$(wc -l <"$pics/columns")" -eq 12 ]
	same "$pics/expected" "$pics/columns"
	# Of the samples that were recorded, the share up to their median is half or more.
	awk '$3 == "p50" { p50 = $1 } $2 >= 0.5 && NF == 2 && !first { first = $1 } /^"percentiles"/ { n++; if (n == 1) keep = first; first = 0 }
		$3 == "p50" && n == 1 { exit !(p50 == keep) }' "$pics/dat/convert_latency.dat"
}

# A GPU's results have their picture, and it is of a device.
gpu_is_drawn() {
	GPU=model PAGES=1536 OUT=$pics/gpu scripts/campaign/gpu.sh
	scripts/campaign/plots.sh plots "$pics/gpu" "$pics/gpu-drawn"
	same <(echo gpu_atomic.svg) <(cd "$pics/gpu-drawn/plots" && ls -- *.svg)
	grep -qF 'model: threads of this process' "$pics/gpu-drawn/plots/gpu_atomic.svg"
}

# SYNTHETIC results, for tests of scripts whose cases are not among the committed results: recorded
# samples under the names of other cases.  They exist in the scratch directory alone.

# relabel DIRECTORY CASE FROM FILTER: CASE's file in every boot, made of FROM's.
relabel() {
	local boot

	for boot in "$1"/*/; do
		jq -c --arg case "$2" "(.case = \$case) | .predictions = [] | $4" "$boot$3.json" >"$boot$2.json"
	done
	edit "$1/plan.json" ".cases += [\"$2\"]"
}

copy_reference() {
	mkdir "$1"
	cp -r "$RECORDED"/[0-9]* "$RECORDED/plan.json" "$1"
	edit "$1/plan.json" '.cases = []'
}

# shellcheck disable=SC2016 # jq's variables
other_exact_cases() {
	local dir=$pics/synthetic-exact

	copy_reference "$dir"
	relabel "$dir" convert_thp convert_latency '.results[0].params = {order: 9, what: "head"} |
		.results[1] |= (.params = {order: 9, what: "tail"} | .ok /= 16)'
	relabel "$dir" convert_mappings convert_range '.results[].params |= {mappings: (.pages - 1)}'
	relabel "$dir" convert_state fault_back '.results[0].params = {state: "present"} | .results[1].params = {state: "shared"}'
	relabel "$dir" fault_back_state fault_back '.results[0].params = {state: "held"} | .results[1].params = {state: "mprotect"}'
	relabel "$dir" fault_back_threads fault_back '.results[0].params = {by: "other"} |
		.results[1] = {params: {by: "all"}, skipped: "one CPU"}'
	relabel "$dir" driver_loop fault_back '.results |= (.[1].ok = 0 | to_entries | map(.key as $i |
		.value | .params = {pattern: "nouveau", cure: ["yes", "no"][$i], state: "exclusive"} |
		.metrics = [{name: "iterations", unit: "iterations/fault", better: "lower", value: [1, 777][$i]}]))'
	relabel "$dir" mm_ops fault_back '.results[0].params = {op: "fork", range: "exclusive"} |
		.results[1].params = {op: "fork", range: "ordinary"}'
	edit "$dir"/*-folio-7.x/mm_ops.json '.results[1] = {params: .results[1].params, skipped: "no fork"}'
	relabel "$dir" track_ops fault_back '.results[0].params = {op: "scan", range: "exclusive"} |
		.results[1].params = {op: "scan", range: "ordinary"}'
	relabel "$dir" states fault_back '.results[0].params = {state: "mlock", order: 9, page: "none"} |
		.results[1].params = {state: "mlock", order: 9, page: "first"}'
	relabel "$dir" convert_place convert_range '.results[].params |= {below: (.pages - 1)}'
	relabel "$dir" dax convert_latency '.results[0].params = {memory: "anon", mapped: "pte", op: "pin"} |
		.results[1] = {params: {memory: "fsdax", mapped: "pte", op: "pin"}, skipped: "no such memory"}'
	relabel "$dir" semantics fault_back '.results |= (to_entries | map(.key as $i | .value |
		.params = {asserts: ["stays", "goes"][$i]} | .metrics = [
			{name: "pass", unit: "", better: "neither", value: $i},
			{name: "observed", unit: "pages", better: "neither", value: (64 + $i)}]))'
	edit "$dir/plan.json" '.cases += ["fault_back"]'
	relabel "$dir" device_span convert_range '.results[].params |= {granule: .pages, cpu: "all"}'
	drawn "$dir" "$pics/synthetic-exact-drawn" convert_thp convert_mappings convert_place convert_state dax device_span driver_loop \
		fault_back fault_back_state fault_back_threads ladder mm_ops semantics states track_ops
}

# says PICTURE NUMBER TEXT: that often, in other_exact_cases' pictures.
says() {
	local found

	found=$(grep -cF ">$3<" "$pics/synthetic-exact-drawn/plots/$1.svg") || true
	[ "$found" -eq "$2" ] || { echo "$1: '$3' is there $found times, expected $2"; return 1; }
}

# Where a bar is missing, or is no cost of each attempt, words say so.
bars_say_why() {
	says driver_loop 3 'no success in 777 iterations'
	refute grep -qF 'nouveau cure=no fresh' "$pics/synthetic-exact-drawn/plots/driver_loop.svg"
	[ "$(grep -c ', 6.25 % succeed<' "$pics/synthetic-exact-drawn/plots/convert_thp.svg")" -eq 3 ]
	says fault_back_state 1 undisturbed
	says fault_back_threads 0 all
	says mm_ops 1 skipped
	says semantics 3 '64 pages'
	says semantics 3 '65 pages'
	# Two kinds of mark: gnuplot calls the circle gpPt6 and the cross gpPt1.
	[ "$(grep -c "#gpPt6'" "$pics/synthetic-exact-drawn/plots/semantics.svg")" -eq 4 ]
	[ "$(grep -c "#gpPt1'" "$pics/synthetic-exact-drawn/plots/semantics.svg")" -eq 4 ]
}

# in_parallel DIRECTORY CASE PARAMS METRIC: of a range's results; PARAMS is jq's, of a result.
in_parallel() {
	relabel "$1" "$2" convert_range ".mode = \"parallel\" | .unit = \"ticks\" | .results[] |= (.params = $3 |
		.metrics = [{name: \"$4\", unit: \"a unit\", better: \"higher\", value: (1e8 / .ticks[0])}])"
}

# Four boots of each kernel, whose samples differ by a per cent or so.
# shellcheck disable=SC2016 # jq's variables
other_parallel_cases() {
	local dir=$pics/synthetic-parallel boot n name

	copy_reference "$dir"
	in_parallel "$dir" contend_anon_vma '{against: "fork", others: .params.pages, loop: "closed"}' throughput
	in_parallel "$dir" contend_threads '{threads: .params.pages}' throughput
	in_parallel "$dir" ping_pong_threads '{threads: .params.pages, pages: "own", word: "other"}' faults
	in_parallel "$dir" device_lost '{mapping: (if .params.pages > 1 then "referenced" else "exclusive" end), word: "\(.params.pages)"}' lost
	in_parallel "$dir" device_atomic '{access: "one", op: "add64", engines: .params.pages}' device_rate
	for boot in "$dir"/*/; do
		edit "$boot/device_lost.json" '(.results[] | select(.params.mapping == "exclusive").metrics[].value) = 0'
		edit "$boot/run.json" '.mode = "parallel"'
		for n in 2 3 4; do
			cp -r "${boot%/}" "${boot%/}-$n"
			for name in contend_anon_vma contend_threads ping_pong_threads device_lost device_atomic; do
				edit "${boot%/}-$n/$name.json" "(.results[].ticks |= map(. * (100 + $n) / 100 | floor)) |
					.results[].metrics[].value *= (100 - $n) / 100"
			done
		done
	done
	edit "$dir/plan.json" '.mode = "parallel" | .boots = 4 | .schedule |= [.[] as $b | range(1; 5) as $n |
		$b | .boot += (if $n == 1 then "" else "-\($n)" end) | .block = $n]'
	drawn "$dir" "$pics/synthetic-parallel-drawn" contend_anon_vma contend_threads device_engines device_lost effects ping_pong_threads
	# No update was lost on three kernels: no bar, but a number.
	[ "$(grep -cF '>0<' "$pics/synthetic-parallel-drawn/plots/device_lost.svg")" -eq 4 ]
	scripts/campaign/plots.sh report "$dir" "$pics/synthetic-parallel-drawn"
	build/dex-compare --json "$dir" >"$pics/synthetic.json" || [ $? -ne 2 ]
	report_agrees "$pics/synthetic-parallel-drawn/report.html" "$pics/synthetic.json" "$pics/synthetic-parallel-drawn/plots"
}

# Each script has been drawn by one of these tests.
every_script() {
	same <(basename -s .gp plots/*.gp | grep -vxE 'style|ecdf|bars') \
		<(find "$pics" -name '*.svg' ! -empty -exec basename -s .svg {} + | sed 's/-.*//' | grep -v before | sort -u)
}

# Without a case there is no picture of it, and no complaint.
absent_case() {
	mkdir "$pics/few"
	cp -r "$RECORDED"/* "$pics/few"
	rm -rf "$pics/few/plots"
	edit "$pics/few/plan.json" '.cases = ["control_clock", "convert_range"]'
	drawn "$pics/few" "$pics/few-drawn" controls convert_range ladder
}

# What dexbench left on bare metal is a kernel without another to compare it with.
one_boot() {
	drawn "$(ls -d "$RECORDED"/*-folio-7.x)" "$pics/lone" controls convert_latency convert_range fault_back hold_anon_vma
	scripts/campaign/plots.sh report "$(ls -d "$RECORDED"/*-folio-7.x)" "$pics/lone"
	grep -qF 'One kernel: nothing is compared.' "$pics/lone/report.html"
}

# A script that fails says so in one line, and what was there before stays.
broken_script() {
	copy_for_plots
	echo 'set nothing_of_the_kind' >>"$pics/tree/plots/convert_range.gp"
	mkdir -p "$pics/kept/plots"
	: >"$pics/kept/plots/before.svg"
	refused 2 'plots/convert_range.gp: gnuplot says' "$pics/tree/scripts/campaign/plots.sh" plots "$RECORDED" "$pics/kept"
	same <(echo plots) <(ls -A "$pics/kept")
	[ -e "$pics/kept/plots/before.svg" ]
}

copy_for_plots() {
	mkdir -p "$pics/tree/build"
	cp -r scripts plots "$pics/tree"
	cp build/dex-compare build/dex-plan build/cases.json "$pics/tree/build"
}

no_results() {
	mkdir "$pics/empty"
	refused 2 'no results to draw' scripts/campaign/plots.sh plots "$pics/empty"
	refused 2 'neither plan.json, run.json nor compare.json' build/dex-compare --dat="$pics/x" "$pics/empty"
	refused 2 '--format=html alone' build/dex-compare --pictures="$pics" "$RECORDED"
}

# report_agrees HTML COMPARE.JSON PICTURES: what an HTML parser finds is what compare.json has.
report_agrees() { python3 "$TESTS/e2e/report_check.py" "$@"; }

report_as_written() { report_agrees "$pics/again/report.html" "$pics/reference.json" "$pics/again/plots"; }

# The check must be able to fail: another number, a row less, a picture less.
report_check_can_fail() {
	local html=$pics/again/report.html bad=$pics/bad.html value

	value=$(jq '.rows[] | select(.case == "convert_latency" and .params.notifier == "yes" and .kernel == "rmap-6.12").value' \
		"$pics/reference.json" | head -n 1)
	sed "s/data-value=\"$value\"/data-value=\"1$value\"/" "$html" >"$bad"
	refute report_agrees "$bad" "$pics/reference.json" "$pics/again/plots"
	sed "s/>$value</>1$value</" "$html" >"$bad"
	refute report_agrees "$bad" "$pics/reference.json" "$pics/again/plots"
	sed '0,/<tr data-case="fault_back"/{/<tr data-case="fault_back"/d}' "$html" >"$bad"
	refute report_agrees "$bad" "$pics/reference.json" "$pics/again/plots"
	sed 's/id="picture-ladder"/id="picture-lost"/' "$html" >"$bad"
	refute report_agrees "$bad" "$pics/reference.json" "$pics/again/plots"
	sed 's,</table>,,' "$html" >"$bad"
	refute report_agrees "$bad" "$pics/reference.json" "$pics/again/plots"
	sed 's,<main>,<main><img src="https://example.org/x.png">,' "$html" >"$bad"
	refute report_agrees "$bad" "$pics/reference.json" "$pics/again/plots"
}

# Names from results cannot become part of the page.
report_escapes() {
	cp -r "$RECORDED" "$pics/odd"
	# shellcheck disable=SC2016 # jq's
	edit "$pics/odd/plan.json" '(.. | strings | select(. == "folio-7.x")) = "<b>&\"x\u0027"'
	# shellcheck disable=SC2016 # jq's
	edit "$(ls "$pics"/odd/*-folio-7.x/run.json)" '.host.label = "<b>&\"x\u0027"'
	build/dex-compare --format=html "$pics/odd" >"$pics/odd.html" || [ $? -eq 1 ]
	refute grep -qF '<b>' "$pics/odd.html"
	grep -qF '&lt;b&gt;&amp;&quot;x&#39;' "$pics/odd.html"
	build/dex-compare --json "$pics/odd" >"$pics/odd.json" || [ $? -eq 1 ]
	mkdir -p "$pics/none"
	report_agrees "$pics/odd.html" "$pics/odd.json" "$pics/none"
}

# As a browser has it after it has read it.
report_in_chromium() {
	timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$pics/chromium" \
		--dump-dom "file://$pics/again/report.html" >"$pics/dom.html"
	report_agrees "$pics/dom.html" "$pics/reference.json" "$pics/again/plots"
}

check "plots: the reference campaign" reference_is_drawn
check "plots, report: made twice they are the same bytes" twice_the_same
if [ "$(drawn_by "$REFERENCE/plots/ladder.svg")" = "$(drawn_by "$pics/reference/plots/ladder.svg")" ]; then
	check "plots: those of the reference campaign that are committed" committed_are_drawn
	check "plots: those of lockstep, from compare.json alone" lockstep_is_drawn
	check "plots: those of device-private memory" private_is_drawn
	check "plots: those of several devices, looking up, and both ways" devices_are_drawn
	check "plots: those of other states of mm" states_are_drawn
else
	skip "plots: those of the reference campaign that are committed" \
		"drawn by $(drawn_by "$REFERENCE/plots/ladder.svg"), here is $(drawn_by "$pics/reference/plots/ladder.svg")"
fi
check "plots: kernels, mode and unit are on each" says_what_it_shows
check "plots: the columns are the table's numbers" columns_are_the_table
check "plots: of a device" gpu_is_drawn
check "plots: cases of exact mode that are not committed" other_exact_cases
check "plots: what is not there has a reason beside it" bars_say_why
check "plots, report: parallel mode" other_parallel_cases
check "plots: every script was drawn" every_script
check "plots: a case that is absent" absent_case
check "plots, report: one boot alone" one_boot
check "plots: a script that fails" broken_script
check "plots: nothing to draw" no_results
check "report: its numbers are compare.json's, and no picture is missing" report_as_written
check "report: the check can fail" report_check_can_fail
check "report: what is foreign is escaped" report_escapes
if command -v chromium >/dev/null; then
	check "report: the same in headless Chromium" report_in_chromium
else
	skip "report: the same in headless Chromium" "chromium is not installed; apt-get install chromium"
fi
