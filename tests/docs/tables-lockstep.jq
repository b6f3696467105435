# SPDX-License-Identifier: MIT
# Tables of contention: results/lockstep (four CPUs, the ladder), results/members, results/parallel.

def contend($against; $n; $metric): "contend_anon_vma against=\($against) others=\($n) loop=closed \($metric)";

# A mean, with half the width of the interval that interleavings leave, in per cent.
def scatter: if .interleavings == null or .value == 0 then 0 else 100 * (.interleavings.ci[1] / .value - 1) end;
def mean: "\(.value | figure)\(scatter | if . < 0.1 then "" elif . < 10 then " +-\(fixed(1)) %" else " +-\(fixed(0)) %" end)";
def changed: if .verdict == "same" then "same" elif .delta_pct == null then "-" else
	"\(.delta_pct | signed(1)) %\(if .ci_pct and .ci_pct[0] < .ci_pct[1] and (.ci_pct[1] - .ci_pct[0] | . >= 0.2) then
		" [\(.ci_pct[0] | signed(0)), \(.ci_pct[1] | signed(0))]" else "" end)\(if .verdict == "inconclusive" then " ?" else "" end)" end;

# Under the rmap walk; under the folio walk nobody sleeps, or the tables' last column is not enough.
def sleeps($rows; $name): if all("folio-6.12", "folio-7.x" | value($rows; .; $name); . == 0) then row($rows; "rmap-6.12"; $name) | mean
	else error("who sleeps? \($name)") end;

# Who else is there, what is converted, and how often the rmap walk sleeps.
def lock_head: ["who else is there", ladder, "folio-6.12 against rmap-6.12", "sleeps"] | head;
def lock_row($rows; $text; $against; $n): contend($against; $n; "throughput") as $name |
	[$text, (ladder as $kernel | row($rows; $kernel; $name) | mean), (row($rows; "folio-6.12"; $name) | changed),
		sleeps($rows; contend($against; $n; "sleeps"))] | cells;

# README's.
def table_contention:
	rows_of(0) as $rows |
	lock_head,
	lock_row($rows; "nobody"; "siblings"; 0), lock_row($rows; "3 that convert, too"; "siblings"; 3),
	lock_row($rows; "1 in munmap"; "munmap"; 1), lock_row($rows; "3 in mprotect"; "mprotect"; 3);

def table_lock:
	rows_of(0) as $rows |
	lock_head,
	lock_row($rows; "nobody"; "siblings"; 0),
	((1, 2, 3) as $n | lock_row($rows; "\($n) that convert\(if $n == 1 then "s" else "" end), too"; "siblings"; $n)),
	((1, 2, 3) as $n | lock_row($rows; if $n == 1 then "1 that forks and exits" else "\($n) that fork and exit" end; "fork"; $n)),
	(("munmap", "mprotect") as $what | (1, 2, 3) as $n | lock_row($rows; "\($n) in \($what)"; $what; $n));

# Sixty-three others, one interleaving.
def table_crowd:
	rows_of(0) as $rows |
	(["63 others", walks, "sleeps"] | head),
	(("siblings", "fork", "munmap", "mprotect") as $what |
		[$what, (walks as $kernel | value($rows; $kernel; contend($what; 63; "throughput")) | figure),
			(value($rows; "rmap-6.12"; contend($what; 63; "sleeps")) | figure)] | cells);

def table_lock_others:
	rows_of(0) as $rows |
	(["operation, how many do it", ladder, "folio-6.12 against rmap-6.12"] | head),
	(("fork", "munmap", "mprotect") as $what | (1, 3) as $n | contend($what; $n; "disturber_op") as $name |
		["\($what), \($n)", (ladder as $kernel | row($rows; $kernel; $name) | mean), (row($rows; "folio-6.12"; $name) | changed)] | cells);

# The A/A arms: lockstep's, then parallel mode's.
def table_arms:
	def counts($n): .[$n][0].rows | map(select(.aa and .value != null)) | [length, (map(select(.verdict == "same")) | length), (map(select(.verdict | IN("faster", "slower", "higher", "lower", "fewer", "more"))) | length),
		(map(select(.verdict == "inconclusive")) | length), (map(select(.delta_pct != null and (.delta_pct | fabs > 10))) | length)];
	(["A/A arm of", "rows", "the same", "called different", "inconclusive", "more than 10 % apart"] | head),
	(["lockstep mode", counts(0)[]] | cells),
	(["parallel mode", counts(1)[]] | cells);

# Parallel mode beside one in munmap, and who slept.
def table_parallel:
	rows_of(0) as $rows |
	(["beside one in munmap", walks, "folio-6.12 against rmap-6.12"] | head),
	(contend("munmap"; 1; "throughput") as $name | ["converted", (walks as $kernel | value($rows; $kernel; $name) | figure), (row($rows; "folio-6.12"; $name) | changed)] | cells),
	(contend("munmap"; 1; "sleeps") as $name | ["slept", (walks as $kernel | value($rows; $kernel; $name) | figure), "-"] | cells);

def table_threads:
	rows_of(0) as $rows |
	def of($metric; $kernel): ("1", "2", "4") as $n | "contend_threads threads=\($n) \($metric)" | row($rows; $kernel; .) | mean;
	(["threads of one process", "1", "2", "4"] | head),
	(walks as $kernel | ["pages together, \($kernel)", of("throughput"; $kernel)] | cells),
	(["flush interrupts a page", of("shootdowns"; "rmap-6.12")] | cells),
	(["events a write, all to one page (`fault_back_threads`)", "-", "-", (row($rows; "rmap-6.12"; "fault_back_threads by=all events") | mean)] | cells);

# Threads that take pages back from device-private memory: all the same one, or each its own.
def table_private_threads:
	rows_of(0) as $rows |
	def kernels: "folio-6.12", "folio-7.x";
	def of($text; $n; $page; $metric): "private_threads threads=\($n) page=\($page)\($metric)" as $name |
		[$text, (kernels as $kernel | row($rows; $kernel; $name) | mean)] | cells;
	(["a write, threads", kernels] | head),
	((1, 2, 4) as $n | of("instructions, \($n), each to its own page"; $n; "own"; "")),
	((2, 4) as $n | of("instructions, \($n), all to one page"; $n; "one"; ""), of("page faults"; $n; "one"; " faults"),
		of("calls of the driver"; $n; "one"; " calls"), of("of these for nothing"; $n; "one"; " empty_calls"));

# Atomics of the device beside the CPU; what is lost where pages are no more than referenced.
def table_engines:
	rows_of(0) as $rows |
	(["atomics per 1000 instructions", "1 engine", "2 engines"] | head),
	(("one", "distinct", "strided") as $access | ["`device_atomic` \($access)",
		((1, 2) as $n | row($rows; "rmap-6.12"; "device_atomic access=\($access) op=add64 engines=\($n) device_rate") | mean)] | cells);
def table_ping_pong_beside:
	rows_of(0) as $rows |
	(["touches", walks, (walks | . + ", 16 sharers")] | head),
	(rates as $rate | [$rate, ((0, 16) as $sharers | walks as $kernel | row($rows; $kernel; pingpong($rate; $sharers) + " device_rate") | mean)] | cells);
def table_lost:
	rows_of(0) as $rows |
	(["updates lost per million increments", "32-bit words", "64-bit words"] | head),
	(("exclusive", "referenced") as $mapping | [$mapping, (("32", "64") as $word |
		value($rows; "rmap-6.12"; "device_lost mapping=\($mapping) word=\($word) lost") | grouped)] | cells);

def table_scale:
	rows_of(0) as $rows |
	def at($kernel; $against; $n; $metric): row($rows; $kernel; "scale_anon_vma against=\($against) members=\($n) \($metric)") | mean;
	(["members", "siblings, rmap-6.12", "folio-6.12", "one beside mprotect, rmap-6.12", "folio-6.12", "operations, rmap-6.12", "folio-6.12"] | head),
	((1, 2, 4, 8, 16) as $n | [$n, (("siblings", "mprotect") as $against | walks as $kernel | at($kernel; $against; $n; "throughput")),
		(walks as $kernel | if $n == 1 then "-" else at($kernel; "mprotect"; $n; "disturber_rate") end)] | cells);

# Held-out rates, as dex-plan --validate says them: of exact mode, of lockstep mode.
def table_rates:
	def of($text): map(select(.frail | not)) as $told | ($told | map(.error_pct | fabs) | sort) as $errors |
		[$text, ($told | length), ($told | map(select(.holds)) | length), "\($errors[length / 2 | floor] | fixed(2)) %",
			"\($errors[-1] | fixed(2)) %", (map(select(.frail)) | length)] | cells;
	(["ping_pong's rates, each from the others", "predicted", "within 10 %", "half are off by at most", "all by at most", "frail"] | head),
	(.[0][0].validation | of("serial (`results/reference`)")),
	(.[1][0].validation | of("beside the CPU (`results/lockstep`)"));

# Throughput of numbers of members that the fit did not see.
def table_members:
	(["throughput beside others, of numbers not fitted", "predicted", "within 10 %", "half are off by at most", "all by at most", "the furthest"] | head),
	(.[0][0].contention | (map(.kernel) | unique)[] as $kernel |
		[.[] | select(.kernel == $kernel) | .against as $against | .rows[] | select(.fitted or .crowded | not) + {$against}] |
		(map(.error_pct | fabs) | sort) as $errors | max_by(.error_pct | fabs) as $furthest |
		[$kernel, length, (map(select(.holds)) | length), "\($errors[length / 2 | floor] | fixed(1)) %", "\($errors[-1] | fixed(1)) %",
			"\($furthest.others) in \($furthest.against)"] | cells);
