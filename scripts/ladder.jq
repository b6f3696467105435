# SPDX-License-Identifier: MIT
# A ladder (ladder.json) as text: a table with one line a commit, and a block of at most
# 72 columns for a cover letter.
include "series";

# The rows of all commits, {name: [its row in each commit, or null]}, in the order of the first.
def series: [.commits[] | .rows | map({(name): .}) | add // {}] as $by |
	[[.commits[].rows[] | name] | reduce .[] as $n ([]; if index([$n]) then . else . + [$n] end) |
	.[] | . as $n | {name: $n, rows: [$by[][$n]]}];

def moves: any(.rows[]; . != null and (.change // 0) != 0);

def constant: .rows | map(select(. != null)) | first | if .skipped then "skipped: \(.skipped)" else .value | show end;

# What a cell says of the step to it.
def step: if . == null or .change == null then "" else .change | signed end;

def cell: if . == null then "-" else .value | show end;

def letter_of($i): if $i < 26 then [65 + $i] | implode else "A\($i)" end;

def plural($n; $what): "\($n) \($what)\(if $n == 1 then "" else "s" end)";

def where: if .reason then "?" elif .same_kernel then "=" else "new" end;

def facts: "\(plural(.commits | length - 1; "commit")) on \(.base | short); \(plural(.builds; "build")), \(
	plural(.boots; "boot")); \(plural(.commits | map(select(.same_kernel)) | length; "commit")
	) with the kernel of the commit before, to the bit";

def notes: .commits[] | select(.reason) | "note: \(.commit | short): \(.reason)";

def table: . as $l | series as $all | [$all[] | select(moves)] as $moving |
	"Mode exact: guest instructions, \(.pages) pages an execution",
	facts, "",
	($moving | to_entries[] | "\(letter_of(.key)) = \(.value.name)"),
	(if $moving == [] then "Nothing moves." else empty end), "",
	"commit        kernel" + ([$moving | to_entries[] | "  " + (letter_of(.key) | right(9)) + "  " + ("change" | right(8))] | join("")) + "  subject",
	($l.commits | to_entries[] | .key as $i | .value |
		(.commit | short) + "  " + (where | left(6)) +
		([$moving[].rows[$i] | "  " + (cell | right(9)) + "  " + (step | right(8))] | join("")) + "  " + .subject),
	"", "\(.moved | length) of \(plural(.commits | length - 1; "commit")) moved something",
	notes,
	([$all[] | select(moves | not)] | if . == [] then empty else "", "The same in every commit:", (.[] | "  \(.name)  \(constant)") end);

# Words in lines of at most $n columns.
def wrapped($n): reduce splits(" +") as $w ([""]; if (.[-1] | length) + 1 + ($w | length) <= $n
	then .[-1] += (if .[-1] == "" then "" else " " end) + $w else . + ["    " + $w] end) | .[];

def pieces($n): if length <= $n then [.] else [.[:$n]] + (.[$n:] | pieces($n)) end;

def letter($tree): . as $l | series as $all | [$all[] | select(moves)] as $moving |
	("dexbench \(.dexbench), mode exact: guest instructions. Counted under emulation on one CPU: how long the path is, not how long it takes. Differences repeat exactly." | wrapped(72)),
	("\(facts)." | wrapped(72)), (.compiler | wrapped(72)),
	($moving[] | "", (.name | clipped(72)),
		(. as $m | $l.commits | to_entries[] | ((.value.commit | short) + ($m.rows[.key] | (cell | right(9)) + (step | right(8)))
			+ "  " + .value.subject) | clipped(72))),
	"", (if $moving == [] then "Nothing moves." else empty end),
	([$all[] | select(moves | not)] | if . == [] then empty else "The same in every commit: " + (map("\(.name) (\(constant))") | join(", ")) | wrapped(72) end),
	(notes | wrapped(72)),
	"To reproduce:", "make ladder TREE=\($tree) BASE=\(.base | short) TIP=\(.tip | short) \\",
	"    PAGES=\(.pages) MEMORY=\(.memory_mib) \\",
	("    CASES=\"\(.cases | join("|"))\"" | pieces(70) | to_entries | length as $n | .[] | .value + (if .key < $n - 1 then "\\" else "" end));
