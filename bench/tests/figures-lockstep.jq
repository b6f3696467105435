# SPDX-License-Identifier: MIT
# Sentences whose numbers are lockstep mode's: results/lockstep (four CPUs, the ladder), read
# between figures.jq and figures-claims.jq.

# Rows' names: ping_pong's by the device's rate, contend_anon_vma's in closed loop.
def pingpong($rate; $sharers): "ping_pong rate=\($rate) touch=write sharers=\($sharers)";
def rate($rate; $sharers): pingpong($rate; $sharers) + " device_rate";
def rates: "none", "0.0625", "0.25", "0.5", "1", "2", "4", "saturated";

# Predictions of the walk's effect.
def outcomes($table; $which): [$table[0].predictions[] | select(.kernel == "folio-6.12" and .outcome == $which)];
def contend($against; $n; $metric): "contend_anon_vma against=\($against) others=\($n) loop=closed \($metric)";

def L($kernel; $name): row($lock[0]; $kernel; $name) | if .value == null then error("figures: no value of \($name)") else . end;
def LR($name): L("rmap-6.12"; $name);
def LF($name): L("folio-6.12"; $name);
def LS($name): L("folio-7.x"; $name);

# Half the width of the interval that interleavings leave, in per cent.
def scatter: if .interleavings == null or .value == 0 then 0 else 100 * (.interleavings.ci[1] / .value - 1) end;
def mean: "\(.value | figure)\(scatter | if . < 0.1 then "" elif . < 10 then " +-\(fixed(1)) %" else " +-\(fixed(0)) %" end)";
def changed: if .verdict == "same" then "same" elif .delta_pct == null then "-" else
	"\(.delta_pct | signed(1)) %\(if .ci_pct and .ci_pct[0] < .ci_pct[1] and (.ci_pct[1] - .ci_pct[0] | . >= 0.2) then
		" [\(.ci_pct[0] | signed(0)), \(.ci_pct[1] | signed(0))]" else "" end)\(if .verdict == "inconclusive" then " ?" else "" end)" end;

# Nobody under the folio walk sleeps, or the table's last column is not enough.
def awake($name): if [LF($name), LS($name)] | all(.value == 0) then LR($name) else error("figures: who sleeps? \($name)") end;

# Who else is there, what is converted, and how often the rmap walk sleeps.
def lock_row($text; $against; $n): contend($against; $n; "throughput") as $name |
	"| \($text) | \(LR($name) | mean) | \(LF($name) | mean) | \(LS($name) | mean) | \(LF($name) | changed) | \(awake(contend($against; $n; "sleeps")) | mean) |";
def lock_rows:
	lock_row("nobody"; "siblings"; 0),
	((1, 2, 3) as $n | lock_row("\($n) that convert\(if $n == 1 then "s" else "" end), too"; "siblings"; $n)),
	(("fork", "munmap", "mprotect") as $what | (1, 2, 3) as $n |
		lock_row("\($n) \(if $what == "fork" then "that fork\(if $n == 1 then "s" else "" end) and exit\(if $n == 1 then "s" else "" end)" else "in \($what)" end)"; $what; $n));

def op_rows: ("fork", "munmap", "mprotect") as $what | (1, 3) as $n | contend($what; $n; "disturber_op") as $name |
	"| \($what), \($n) | \(LR($name) | mean) | \(LF($name) | mean) | \(LS($name) | mean) | \(LF($name) | changed) |";

def device_rows: rates as $r | "| \($r) | \([LR(rate($r; 0)), LF(rate($r; 0)), LR(rate($r; 16)), LF(rate($r; 16)) | mean] | join(" | ")) |";

# The verdicts of the folio walk's rows against its baseline, and of the arm.
def told($which): [$lock[0][] | select(.kernel == "folio-6.12" and .family == "primary" and (.verdict | IN($which)))] | length;
def arm_rows: [$lock[0][] | select(.aa and .verdict != "skipped")] |
	if all(.verdict == "same") then length else error("figures: an arm differs") end;

def lockstep:
	"Of \([outcomes($lockstep; "held", "not held", "open") | length] | add) predictions \(outcomes($lockstep; "held") | length) held, \(outcomes($lockstep; "not held") | length) did not and \(outcomes($lockstep; "open") | length) are open",
	"all \(arm_rows) rows of the A/A arm are the same to the instruction",
	lock_rows, op_rows, device_rows,
	(["1", "2", "4"] | map("contend_threads threads=\(.) ") | . as $t |
		"convert \([$t[] | LR(. + "throughput") | mean] | "\(.[0]), \(.[1]) and \(.[2])") pages per million instructions together under the rmap walk, \([$t[] | LF(. + "throughput") | mean] | "\(.[0]), \(.[1]) and \(.[2])") under the folio walk",
		"sends \([$t[1:][] | LR(. + "shootdowns").value | fixed(2)] | "\(.[0]) and \(.[1])") flush interrupts a page for two and four threads"),
	"page: \(LR("fault_back_threads by=all events").value | fixed(2)) events a write",
	([0, 1, 2 | "device_atomic access=distinct op=add64 engines=\(.) device_rate" | LR(.).value | figure] |
		"\(.[1]) atomics per 1000 instructions, two do \(.[2]) together"),
	([("32", "64") as $word | LR("device_lost mapping=referenced word=\($word) lost", "device_lost mapping=exclusive word=\($word) lost").value] |
		if .[1] != 0 or .[3] != 0 then error("figures: lost") else "by reference alone \(.[0] | grouped) and \(.[2] | grouped) updates per million increments are lost" end);

def scale_row($n): def at($kernel; $against; $metric): row($scale[0]; $kernel; "scale_anon_vma against=\($against) members=\($n) \($metric)") | mean;
	"| \($n) | \([("siblings", "mprotect") as $against | ("rmap-6.12", "folio-6.12") as $kernel | at($kernel; $against; "throughput")] | join(" | ")) | \(
		if $n == 1 then "- | -" else [("rmap-6.12", "folio-6.12") as $kernel | at($kernel; "mprotect"; "disturber_rate")] | join(" | ") end) |";
def scale_rows: (1, 2, 4, 8, 16) as $n | scale_row($n);

# Of results/members: throughput of numbers of members that the fit did not see.
def members_said: [$members[0].contention[] | .kernel as $kernel | .against as $against | .rows[] | select(.fitted or .crowded | not) + {$kernel, $against}] |
	"\(map(select(.holds)) | length) of \(length) held-out throughputs are within 10 %",
	(max_by(.error_pct | fabs) | "the furthest, \(.others) in \(.against) under the \(.kernel | split("-")[0]) walk, is \(.error_pct | fabs | fixed(1)) % off");
