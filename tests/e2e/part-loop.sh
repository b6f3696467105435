# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# The contributor's loop: a selection of checks, what a part takes, what labs read.  The checks
# that are run for it are those of a tree with two parts that pass, fail and skip.

tree=$scratch/tree

make_tree() {
	mkdir -p "$tree/tests/e2e" "$tree/tests/unit" "$tree/results"
	cp -r scripts "$tree/"
	printf '%s\tcheck\tbench\tbuild\n' one two >"$tree/tests/parts.tsv"
	cat >"$tree/tests/e2e/part-one.sh" <<-'END'
		check "a file is left" touch "$scratch/left"
		check "the file # is there" test -e "$scratch/left"
		check "none # skip this" bash -c 'echo "not ok 7 & <words>"; false'
	END
	printf 'skip "two: a drive" "no drive\nhere"\ncheck "two: passes" true\n' >"$tree/tests/unit/part-two.sh"
}

# told STATUS TEXT [VARIABLE=VALUE...] WORD...: check.sh of that tree ends so, and says exactly that.
told() {
	local status=$1 text=$2 rc=0

	shift 2
	env "${@:1:$#-1}" "$tree/scripts/check.sh" "${!#}" >"$scratch/told" 2>"$scratch/said" || rc=$?
	same <(printf '%b' "$text") "$scratch/told"
	[ "$rc" -eq "$status" ]
}

selects() {
	told 0 '== one\nok      a file is left\nok      the file # is there\n2 passed, 0 failed, 0 skipped\n' K='file' check
	told 1 '== one\nFAILED  the file # is there\n0 passed, 1 failed, 0 skipped\n' K='is there$' check
	same <(echo 'dexbench: K=is there$: a check that failed may rely on one that K leaves out') "$scratch/said"
	told 0 '== two\nskipped two: a drive: no drive here\nok      two: passes\n1 passed, 0 failed, 1 skipped\n' \
		K='^two: (a|passes)' check
	refused 2 "K=^file: no check matches in one two" env K=^file "$tree/scripts/check.sh"
	refused 2 "K=(: not an extended regular expression" env 'K=(' "$tree/scripts/check.sh"
	refused 2 "no part 'three'; one of: one two, or quick, check, long, e2e/, unit/" "$tree/scripts/check.sh" one three
	told 0 '== two\nskipped two: a drive: no drive here\nok      two: passes\n1 passed, 0 failed, 1 skipped\n' unit/
	refused 2 "TAP=yes: the one value is 1" env TAP=yes "$tree/scripts/check.sh"
}

# Perl's own parser takes each line for what it is.
tap() {
	told 1 'TAP version 13
# one
ok 1 - a file is left
ok 2 - the file \\# is there
#   not ok 7 & <words>
not ok 3 - none \\# skip this
# two
ok 4 - two: a drive # SKIP no drive here
ok 5 - two: passes
1..5
# 3 passed, 1 failed, 1 skipped
' TAP=1 check
	perl -MTAP::Parser -e 'my $p = TAP::Parser->new({exec => ["cat", $ARGV[0]]}); $p->run;
		print join(" ", $p->version, $p->tests_planned, scalar $p->parse_errors, $p->failed, "skip", $p->skipped), "\n"' \
		"$scratch/told" | grep -x '13 5 0 3 skip 4'
}

# xpath EXPRESSION: of the JUnit file.
xpath() { xmllint --xpath "$1" "$scratch/junit.xml"; }

junit() {
	local rc=0

	JUNIT=$scratch/junit.xml "$tree/scripts/check.sh" || rc=$?
	[ "$rc" -eq 1 ]
	[ "$(xpath 'count(//testsuite)'):$(xpath 'count(//testcase)')" = 2:5 ]
	[ "$(xpath 'string(//testsuite[@name="one"]/@failures)'):$(xpath 'count(//testcase[@classname="two"]/skipped)')" = 1:1 ]
	xpath 'string(//testcase[starts-with(@name, "none")]/failure)' | grep -xF "  not ok 7 & <words>"
	JUNIT=$scratch/junit.xml K='passes' "$tree/scripts/check.sh"
	[ "$(xpath 'count(//testcase)')" = 1 ]
	rc=0
	JUNIT=$scratch/junit.xml K='^passes' "$tree/scripts/check.sh" 2>"$scratch/said" || rc=$?
	[ "$rc" -eq 2 ] && [ ! -e "$scratch/junit.xml" ]
	same <(echo "dexbench: error: K=^passes: no check matches in one two") "$scratch/said"
	refused 2 "JUNIT=/proc/x/y: cannot create it" env JUNIT=/proc/x/y "$tree/scripts/check.sh"
}

# Each part is there, all are listed, quick ones first, and each step is one of setup.sh's.
parts_are_whole() {
	awk -F'\t' '!/^#/ && (NF != 4 || $2 !~ /^(quick|check|long)$/ || $2 == "quick" && slow) { print; bad = 1 }
		!/^#/ && $2 != "quick" { slow = 1 } END { exit bad }' tests/parts.tsv
	same <(scripts/parts.sh names check long | sort) \
		<(grep -lE '^[[:space:]]*(check|skip) ' tests/*/*.sh | sed 's,.*/part-,,; s,\.sh$,,' |
			grep -v /series-real | sort)
	same /dev/null <(scripts/parts.sh steps check long |
		grep -vxFf <(echo run; awk -F'\t' '!/^[#=]/ { print $1 }' scripts/tools.tsv))
}

# A tool that few parts take is asked for by those that name it, unless they do without.
tools_are_asked_for() {
	local tool step part found=0

	while read -r tool step; do
		for part in $(scripts/parts.sh names check long); do
			case $part in loop | tools) continue ;; esac # they only speak of them
			grep -qE "(^|[^a-z_/.-])$tool " <(grep -v "^#" "$(scripts/parts.sh files "$part")") || continue
			found=$((found + 1))
			scripts/parts.sh steps "$part" | grep -qx "$step" ||
				{ echo "tests/parts.tsv: $part takes $tool and does not list $step"; return 1; }
		done
	done <<-'END'
		valid check
		xmllint xml
		chromium browser
		modinfo modules
		mandoc install
		perl formats
	END
	[ "$found" -gt 15 ]
}

make_tree
check "parts: all are listed, what each needs is known" parts_are_whole
check "parts: a tool that a part names is asked for" tools_are_asked_for
check "K: selects by name, and counts no other" selects
check "TAP" tap
check "JUNIT" junit
