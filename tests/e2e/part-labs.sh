# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # jq's and perl's variables; scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What labs and services read.  Each format comes back through its consumer's own parser where Debian
# has it, else through a reader that is written here from the format's description, and must say
# what compare.json says.
# shellcheck source=/dev/null
. "$TESTS/e2e/synthetic-plans.sh"

recorded

# What each row is to a lab, from compare.json: kernel, name, outcome, value.
EXPECTED='
def part: tostring | gsub("[^A-Za-z0-9_-]"; "-");
def name: [.case, (.params | to_entries[] | "\(.key)-\(.value)" | part),
	(if .metric | endswith("_per_page") then empty else .metric end)] | join(".");
def worse: if .mode | IN("exact", "lockstep") then .verdict == (if .better == "higher" then "fewer" else "more" end)
	else .verdict == "slower" end;
def outcome: if .boots == 0 or .verdict == "skipped" then "skip"
	elif .family != "primary" or .kernel == .baseline then "pass"
	elif worse then "fail" elif .verdict == "inconclusive" then "unknown" else "pass" end;
.kernels[0].label as $base | (.rows[] | select((.aa | not) and .baseline == $base) |
	[(.kernel | part), name, outcome, (.value // "")]),
	["", "comparison", (if any(.notes[]; .weight == "doubt") then "unknown" else "pass" end), ""] | @tsv'

# said FORMAT COMPARE.JSON: in $scratch/FORMAT; what is expected of it, in $scratch/expected.
said() {
	build/dex-compare --format="$1" "$2" >"$scratch/$1" || [ $? -ne 2 ]
	zcat -f "$2" >"$scratch/json"
	jq -r "$EXPECTED" "$scratch/json" | sort >"$scratch/expected"
	[ -s "$scratch/expected" ]
}

# as_expected FILE COLUMNS: the same rows, of which FILE has those columns; numbers are compared as such.
as_expected() {
	numbers() { jq -Rc 'split("\t") | .[-1] |= (tonumber? // .)' | sort; }
	same <(cut -f"$2" "$scratch/expected" | numbers) <(sort "$1" | numbers)
}

# The commands that a LAVA test has, as its documentation describes them: whatever runs them
# gets words, and a case belongs to the set that was begun.
LAVA_READER='
lava-test-set() {
	case $#,$1 in
	2,start) set_name=$2 ;;
	1,stop) set_name= ;;
	*) echo "bad: $*" && exit 1 ;;
	esac
}
lava-test-case() {
	local name=$1 result= value= units=

	[[ $name =~ ^[A-Za-z0-9_.-]+$ ]] || { echo "bad name: $name"; exit 1; }
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--result) result=$2 ;;
		--measurement) value=$2 ;;
		--units) units=$2 ;;
		*) echo "bad: $*" && exit 1 ;;
		esac
		shift 2
	done
	[[ $result =~ ^(pass|fail|skip|unknown)$ && $units != *[[:space:]]* ]] || { echo "bad: $name"; exit 1; }
	printf "%s\t%s\t%s\t%s\n" "$set_name" "$name" "$result" "$value"
}
set_name=
. "$1"'

lava() {
	said lava "$1"
	bash -c "$LAVA_READER" lava "$scratch/lava" >"$scratch/lava.tsv"
	as_expected "$scratch/lava.tsv" 1-4
	refute grep -E -- '--units (ns|us|ms|s)(/| |$)' "$scratch/lava"
}

# TAP::Parser, which is perl's own: KTAP is TAP besides.  A skip has its reason.
TAP_READER='
my $parser = TAP::Parser->new({ tap => do { local $/; <> } });
while (my $r = $parser->next) {
	next unless $r->is_test;
	my $out = $r->has_skip ? ($r->explanation =~ /^cannot be told: / ? "unknown" : "skip") : $r->is_ok ? "pass" : "fail";
	die "no reason: " . $r->as_string if $r->has_skip && !length $r->explanation;
	my ($kernel, $name) = $r->description =~ /^(?:([^.]*)\.)?(.*)$/;
	print join("\t", $kernel // "", $name, $out), "\n";
}
die $parser->parse_errors if $parser->parse_errors;'

ktap() {
	said ktap "$1"
	head -n 1 "$scratch/ktap" | grep -x 'KTAP version 1'
	sed 1d "$scratch/ktap" >"$scratch/tap"
	perl -MTAP::Parser -e "$TAP_READER" "$scratch/tap" >"$scratch/ktap.tsv"
	as_expected "$scratch/ktap.tsv" 1-3
}

# The kernel's own reader of KTAP, from the sources that kernels were built of.
kunit_reader() { find "$DEX_CACHE"/places/*/src/tools/testing/kunit/kunit_parser.py 2>/dev/null | head -n 1; }
kunit() {
	said ktap "$RECORDED/compare.json"
	(cd "$(dirname "$(kunit_reader)")" && /usr/bin/python3 -B - "$scratch/ktap") >"$scratch/kunit" <<'PYTHON'
import inspect, sys
import kunit_parser
lines = open(sys.argv[1]).read().splitlines()
more = []
if len(inspect.signature(kunit_parser.parse_run_tests).parameters) > 1:
    import kunit_printer
    more = [kunit_printer.Printer(False)]
counts = kunit_parser.parse_run_tests(lines, *more).counts
print("counted", counts.passed, counts.failed, counts.skipped, counts.errors)
PYTHON
	tail -n 1 "$scratch/kunit" | grep -x "counted $(awk -F'\t' '{ n[$3]++ } END {
		print n["pass"] + 0, n["fail"] + 0, n["skip"] + n["unknown"] + 0, 0 }' "$scratch/expected")"
}

junit() {
	said junit "$1"
	xmllint --noout "$scratch/junit"
	refute grep -E ' time=' "$scratch/junit"
	/usr/bin/python3 -B - "$scratch/junit" >"$scratch/junit.tsv" <<'PYTHON'
import re, sys
from junitparser import JUnitXml, Failure, Skipped
xml = JUnitXml.fromfile(sys.argv[1])
for suite in xml:
    cases = list(suite)
    assert (suite.tests, suite.failures + suite.skipped) == (len(cases), sum(bool(c.result) for c in cases))
    for case in cases:
        of = case.result[0] if case.result else None
        out = "pass" if not of else "fail" if isinstance(of, Failure) else \
            "unknown" if of.message.startswith("cannot be told: ") else "skip"
        assert of is None or of.message
        part = lambda s: re.sub("[^A-Za-z0-9_-]", "-", s)
        name = ".".join(part(w.replace("=", "-")) for w in case.name.split(" "))
        whole = case.classname == "dexbench" and name == "comparison"
        print("" if whole else part(case.classname), name, out, sep="\t")
assert xml.tests == sum(len(list(s)) for s in xml)
PYTHON
	as_expected "$scratch/junit.tsv" 1-3
}

# KCIDB's schema is in its own repository and not in Debian: ours says in its own words what version 5 asks.
kcidb() {
	said kcidb "$1"
	/usr/bin/jsonschema -i "$scratch/kcidb" "$TESTS/e2e/kcidb.json"
	jq -e '[.checkouts, .builds, .tests] | all(.[]; length > 0 and (map(.id) | length == (unique | length)))' "$scratch/kcidb"
	jq -e '(.builds | map(.id)) as $builds | (.checkouts | map(.id)) as $checkouts |
		all(.tests[]; .build_id | IN($builds[])) and all(.builds[]; .checkout_id | IN($checkouts[]))' "$scratch/kcidb"
	jq -r '.tests[] | (if .path == "dexbench.comparison" then "" else .environment.misc.kernel |
			gsub("[^A-Za-z0-9_-]"; "-") end) as $kernel |
		[$kernel, (.path | ltrimstr("dexbench.")), (.status | ascii_downcase), (.number.value // "")] | @tsv' \
		"$scratch/kcidb" | sort >"$scratch/kcidb.tsv"
	# A value alone is done: the baseline's, and what cannot be told.
	jq -r '.kernels[0].label | gsub("[^A-Za-z0-9_-]"; "-")' "$scratch/json" >"$scratch/base"
	awk -F'\t' -v OFS='\t' -v base="$(cat "$scratch/base")" '$3 == "unknown" || ($3 == "pass" && $1 == base) { $3 = "done" } 1' \
		"$scratch/expected" >"$scratch/done" && mv "$scratch/done" "$scratch/expected"
	as_expected "$scratch/kcidb.tsv" 1-4
	refute jq -e '.tests[] | select(has("duration"))' "$scratch/kcidb"
}

origins() {
	build/dex-compare --format=kcidb --origin=my_lab "$RECORDED" >"$scratch/kcidb" || [ $? -eq 1 ]
	jq -e 'all(.checkouts[], .builds[], .tests[]; .origin == "my_lab" and (.id | startswith("my_lab:")))' "$scratch/kcidb"
	refused 2 "--origin=My-Lab: KCIDB's names of origins are of a-z, 0-9 and _" \
		build/dex-compare --format=kcidb --origin=My-Lab "$RECORDED"
	refused 2 "--origin=x: it goes into --format=kcidb alone" build/dex-compare --origin=x "$RECORDED"
}

# A kernel of a tree's commit has it in KCIDB; one with a patch on top has none.
commits() {
	local id=0123456789abcdef0123456789abcdef01234567

	cp -r "$RECORDED" "$scratch/commits"
	for f in "$scratch"/commits/*-folio-6.12/run.json; do edit "$f" ".host.kernel.source = \"git-$id\""; done
	for f in "$scratch"/commits/*-folio-7.x/run.json; do edit "$f" ".host.kernel.source = \"git-$id+0123\""; done
	rm -f "$scratch"/commits/compare.json
	build/dex-compare --format=kcidb "$scratch/commits" >"$scratch/kcidb" || [ $? -ne 2 ]
	/usr/bin/jsonschema -i "$scratch/kcidb" "$TESTS/e2e/kcidb.json"
	[ "$(jq -c '[.checkouts[] | {k: .misc.kernel, c: .git_commit_hash} | select(.c)]' "$scratch/kcidb")" = \
		"[{\"k\":\"folio-6.12\",\"c\":\"$id\"}]" ]
}

# LKP sources its own functions and reads what run prints through parse; the module and the measuring
# stand in, because this machine's kernel is nobody's to measure.
lkp() {
	local boot lkp=$scratch/lkp-src

	boot=$(find "$RECORDED" -maxdepth 1 -name '*-folio-6.12')
	mkdir -p "$lkp/lib" "$scratch/bin" "$scratch/root"
	printf 'log_cmd() { echo "2026-01-01 00:00:00 $*"; "$@"; }\n' >"$lkp/lib/reproduce-log.sh"
	printf 'prepare_exec_path() { echo "dexbench is not found" >&2; exit 1; }\n' >"$lkp/lib/run.sh"
	printf '#!/bin/sh\n[ "$1" = dexbench ]\n' >"$scratch/bin/modprobe"
	printf '#!/bin/sh\nout=${1#--out=}\n[ "$2" = "--cases=a b" ] && cp -r "%s" "$out" && echo "Load: 1.5"\n' "$boot" >"$scratch/bin/dexbench"
	ln -s "$DEX_TOP/build/dex-compare" "$scratch/bin/dex-compare"
	chmod +x "$scratch"/bin/*
	PATH=$scratch/bin:$PATH LKP_SRC=$lkp TMP_RESULT_ROOT=$scratch/root cases='a b' \
		scripts/lkp/dexbench/run >"$scratch/run"
	scripts/lkp/dexbench/parse <"$scratch/run" | sed 's/: /\t/' | sort >"$scratch/lkp.tsv"
	build/dex-compare --json "$RECORDED" >"$scratch/json" || [ $? -ne 2 ]
	jq -r "$EXPECTED" "$scratch/json" | awk -F'\t' '$1 == "folio-6-12" && $4 != "" { print $2 "\t" $4 }' |
		sort >"$scratch/expected"
	as_expected "$scratch/lkp.tsv" 1,2
	/usr/bin/python3 -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))["results"]' scripts/lkp/dexbench/meta.yaml
}

# Of several kernels each has its own keys.
lkp_kernels() {
	said lkp "$1"
	sed 's/\./\t/; s/: /\t/' "$scratch/lkp" >"$scratch/lkp.tsv"
	grep -v $'\t$' "$scratch/expected" >"$scratch/some" && mv "$scratch/some" "$scratch/expected"
	as_expected "$scratch/lkp.tsv" 1,2,4
}

# Google Benchmark's JSON as Bencher's adapter takes it apart: caches, and units of time.  No
# reader of the whole may take a count for a time.
gbench() {
	build/dex-compare --format=gbench "$1" >"$scratch/gbench" || [ $? -ne 2 ]
	jq -e '(.context.caches | type == "array") and (.benchmarks | length > 0) and all(.benchmarks[];
		(.name | type == "string") and (.real_time | type == "number") and (.time_unit | IN("ps", "ns", "us", "ms", "s")))' \
		"$scratch/gbench"
	jq -e '.context.dexbench_unit | startswith("no entry is a time")' "$scratch/gbench"
	jq -e 'all(.benchmarks[]; (.label | test("^(ns|us|ms|s)(/|$)") | not) and .run_type == "aggregate")' "$scratch/gbench"
	jq -e --arg unit "$2" '.benchmarks[] | select(.name | endswith("/convert_latency/notifier:yes/\($unit)")) |
		.label == "\($unit)/page"' "$scratch/gbench"
}

# Bencher's own format: a benchmark, what is measured of it, a value and where there is one its interval.
bmf() {
	build/dex-compare --format=bmf "$1" >"$scratch/bmf" || [ $? -ne 2 ]
	zcat -f "$1" >"$scratch/json"
	jq -e 'length > 0 and all(.[][]; (keys - ["value", "lower_value", "upper_value"] == []) and (.value | type == "number"))' \
		"$scratch/bmf"
	jq -S '[.kernels[].label] as $labels | reduce (.measured[] | . as $row | range($labels | length) as $k |
			.cells[$k] | select(.boots > 0) | {k: ([$labels[$k], $row.case] + ($row.params | to_entries |
			map("\(.key):\(.value)")) | join("/")), m: $row.metric, v: .value}) as $x ({}; .[$x.k][$x.m // "samples"] = $x.v)' \
		"$scratch/json" >"$scratch/values"
	jq -S 'map_values(with_entries((.key |= if contains("/page") and (contains("(") | not) then "samples"
		else sub(" [(].*"; "") end) | .value |= .value))' "$scratch/bmf" >"$scratch/read"
	same <(jq -S 'map_values(map_values(. + 0.0))' "$scratch/values") <(jq -S 'map_values(map_values(. + 0.0))' "$scratch/read")
}

# renamed WORD: the recorded campaign, in which notifier=yes is notifier=WORD.
renamed() {
	local f

	rm -rf "$scratch/renamed"
	cp -r "$RECORDED" "$scratch/renamed"
	rm -f "$scratch/renamed/compare.json"
	for f in "$scratch"/renamed/*/convert_latency.json; do
		jq -c --arg word "$1" '.results |= map(if .params.notifier == "yes" then .params.notifier = $word else . end)' "$f" >"$f.new"
		mv "$f.new" "$f"
	done
}

# A reader of names in Go's format, from benchfmt's description: parts between slashes, and at the end of
# all a number of processors.
GO_NAMES='/^Benchmark/ { name = $1; procs = ""; if (match(name, /-[0-9]+$/)) { procs = substr(name, RSTART); name = substr(name, 1, RSTART - 1) }
	n = split(name, part, "/"); print part[1]; for (i = 2; i <= n; i++) print part[i]; print NF }'

# go_value WORD WRITTEN: a parameter's value is one part of a name, and whole, whatever it is.
go_value() {
	renamed "$1"
	build/dex-compare --format=benchstat "$scratch/renamed" >"$scratch/go" || [ $? -ne 2 ]
	awk "$GO_NAMES" "$scratch/go" >"$scratch/parts"
	grep -qxF -- "notifier=$2" "$scratch/parts" || { cat "$scratch/parts"; return 1; }
	refute grep -vxE 'Benchmark[A-Z0-9][A-Za-z0-9]*|[a-z0-9_]+=[!-~]+|4' "$scratch/parts"
	refute grep -P '[^\x00-\x7f]' <(grep ^Benchmark "$scratch/go")
}
go_values() {
	go_value 1-8 1-8
	go_value -8 -8
	go_value 'a b' a_b
	go_value 'a/b=c' 'a\x2fb=c'
	go_value $'a\u00a0b\u2003c' 'a\xc2\xa0b\xe2\x80\x83c'
}

# What becomes alike by a format's rules is never one row there.
alike() {
	local format

	renamed no-
	for f in "$scratch"/renamed/*/convert_latency.json; do
		edit "$f" '.results |= map(if .params.notifier == "no" then .params.notifier = "no." else . end)'
	done
	for format in lava lkp ktap junit kcidb; do
		refused 2 "--format=$format: \"convert_latency notifier=no-\" and \"convert_latency notifier=no.\" would both be called convert_latency.notifier-no- there" \
			build/dex-compare --format=$format "$scratch/renamed"
	done
}

four
noisy
for campaign in four noisy; do
	build/dex-compare --write "$scratch/$campaign" >/dev/null || [ $? -ne 2 ]
done

# of_all READER: every kind of campaign: skips, doubts, metrics, interleavings, statistics; each as it was judged.
of_all() {
	local file

	for file in {"$REFERENCE",results/lockstep,results/parallel}/compare.json.gz \
		{"$RECORDED","$scratch/four","$scratch/noisy"}/compare.json; do
		"$1" "$file"
	done
}

check "labs: LAVA has each row's outcome, value and unit" of_all lava
check "labs: KTAP read by TAP::Parser" of_all ktap
if [ -n "$(kunit_reader)" ]; then
	check "labs: KTAP read by the kernel's own kunit_parser.py" kunit
else
	skip "labs: KTAP read by the kernel's own kunit_parser.py" "no kernel's source is unpacked in $DEX_CACHE; make kernels"
fi
if /usr/bin/python3 -c 'import junitparser' 2>/dev/null; then
	check "labs: JUnit read by junitparser" of_all junit
else
	skip "labs: JUnit read by junitparser" "python3 has no junitparser; apt-get install python3-junitparser"
fi
check "labs: KCIDB has each row as a test, with its number" of_all kcidb
check "labs: KCIDB's origin" origins
check "labs: KCIDB's commit" commits
check "labs: LKP's run and parse" lkp
check "labs: LKP's keys of several kernels" of_all lkp_kernels
check "services: Google Benchmark's JSON as Bencher takes it" gbench "$RECORDED" instructions
check "services: Google Benchmark's JSON of ticks" gbench "$scratch/noisy" ticks
check "services: Bencher's own format" of_all bmf
check "services: values in names of Go's format" go_values
check "labs: what would be called alike is refused" alike
