# SPDX-License-Identifier: MIT
# Tables of what is counted on one CPU: results/reference, and what goes with it.

# A line of the ladder: what it is called and its row.
def step($rows; $text; $name): on_ladder($rows; $name) as $v | [$text, $v[], ($v[:2] | change)] | cells;
def shared($sharers; $order; $notifier): "convert_shared sharers=\($sharers) order=\($order) notifier=\($notifier)";
def slope($n; $case; $params; $kernel): .[$n][0].fits[] | select(.case == $case and .kernel == $kernel and .params == $params) | .slope;

# README's: what anybody asks first.
def table_summary:
	rows_of(0) as $rows | rows_of(1) as $distro |
	def line($text): [$text, .[], (.[:2] | percent), ([.[0], .[2]] | percent)] | cells;
	def of($text; $name): on_ladder($rows; $name) | line($text);
	(["guest instructions per page", ladder, "the walk", "in all"] | head),
	of("convert one page (`convert_latency`)"; "convert_latency notifier=yes"),
	of("the same, in a process of 4096 mappings more (`convert_mappings`)"; "convert_mappings mappings=4096"),
	of("one of a range of 512 (`convert_range`)"; "convert_range pages=512"),
	of("16 children, mapping changed since the fork (`convert_shared`)"; shared(16; "behind"; "no")),
	of("1024 children, mapping not changed"; shared(1024; "first"; "no")),
	of("head of a huge page (`convert_thp`)"; "convert_thp order=9 what=head"),
	of("take it back (`fault_back`)"; "fault_back touch=write"),
	([ladder as $kernel | value($distro; $kernel; "convert_latency notifier=yes")] |
		line("convert one page under a distribution's configuration (`CONFIG=distro`)"));

# How much of the module's loop and of the whole request lies inside the stamps: the reference, then
# convert_latency of each kernel of the ladder.
def table_inside:
	rows_of(0) as $rows | .[0][0].efficiency_pct as $loop |
	[.[1:][][0].results[0] | 100 * ((.ticks | add) - 7 * .attempted) / .request_ticks] as $request |
	(["", ladder] | head),
	(["of the module's loop, per cent", (ladder | $loop[.] | fixed(1))] | cells),
	(["of the whole request, per cent", ($request[] | fixed(1))] | cells),
	(["a pair of stamps (`control_clock`)", on_ladder($rows; "control_clock where=module")[]] | cells),
	(["a page of `convert_range pages=64`", on_ladder($rows; "convert_range pages=64")[]] | cells),
	(["a page of upstream's test driver (`control_peer`)", on_ladder($rows; "control_peer")[]] | cells);

# Where predictions of the walk stand: the reference, then lockstep mode.
def table_predictions:
	def outcomes($n): .[$n][0].predictions | map(select(.kernel == "folio-6.12").outcome) as $all |
		("held", "not held", "open") as $which | $all | map(select(. == $which)) | length;
	(["what the walk changes, as predicted", "held", "not held", "open"] | head),
	(["`results/reference`", outcomes(0)] | cells),
	(["`results/lockstep`", outcomes(1)] | cells);

def table_ladder:
	rows_of(0) as $rows |
	def of($text; $name): step($rows; $text; $name);
	(["what the walk changes", ladder, "the walk"] | head),
	of("`convert_latency`, notifier"; "convert_latency notifier=yes"),
	of("`convert_latency`, none"; "convert_latency notifier=no"),
	of("`convert_range` 512"; "convert_range pages=512"),
	of("`convert_mappings` 0"; "convert_mappings mappings=0"),
	of("`convert_mappings` 512"; "convert_mappings mappings=512"),
	of("`convert_mappings` 4096"; "convert_mappings mappings=4096"),
	of("`convert_shared` 16, behind"; shared(16; "behind"; "no")),
	of("`convert_shared` 1024, behind, notifiers"; shared(1024; "behind"; "yes")),
	of("`convert_shared` 0, first"; shared(0; "first"; "no")),
	of("`convert_shared` 1024, first"; shared(1024; "first"; "no")),
	of("`convert_thp` order 9, head"; "convert_thp order=9 what=head"),
	of("its pages made exclusive"; "convert_thp order=9 what=head exclusive_ptes"),
	of("its faults of whoever touches the rest"; "convert_thp order=9 what=head collateral_faults"),
	(["`convert_thp` order 9, tail", (if value($rows; "rmap-6.12"; "convert_thp order=9 what=tail success") == 0 then "refused"
		else error("tail") end), ("folio-6.12", "folio-7.x" | value($rows; .; "convert_thp order=9 what=tail")), "-"] | cells),
	(("present", "shared", "absent", "swapped", "exclusive", "soft_dirty", "uffd_wp") as $state |
		of("`convert_state` \($state)"; "convert_state state=\($state)")),
	of("`hold_anon_vma` 0 sharers"; "hold_anon_vma sharers=0"),
	of("what its kprobes cost, taken off"; "hold_anon_vma sharers=0 probe_overhead"),
	of("`driver_loop` nouveau, cured, fresh"; "driver_loop pattern=nouveau cure=yes state=fresh"),
	of("`driver_loop` nouveau, as it is, fresh"; "driver_loop pattern=nouveau cure=no state=fresh"),
	of("`driver_loop` UVM, as it is, fresh"; "driver_loop pattern=uvm cure=no state=fresh"),
	(["what it must not change", "", "", "", ""] | cells),
	of("`fault_back` read"; "fault_back touch=read"),
	of("`fault_back` write"; "fault_back touch=write"),
	of("`fault_back_state` mprotect"; "fault_back_state state=mprotect"),
	of("`fault_back_state` soft-dirty"; "fault_back_state state=soft-dirty"),
	of("`device_atomic` one word"; "device_atomic access=one op=add32 engines=0"),
	of("`device_atomic` 64 pages in turn"; "device_atomic access=strided op=add32 engines=0");

def table_slopes: . as $files |
	def of($text; $case; $params): [$text, (ladder as $kernel | $files | slope(0; $case; $params; $kernel) | fixed(2))] | cells;
	(["instructions more", ladder] | head),
	of("`convert_shared` behind, a sharer"; "convert_shared"; {order: "behind", notifier: "no"}),
	of("`convert_shared` behind, a sharer with a notifier"; "convert_shared"; {order: "behind", notifier: "yes"}),
	of("`convert_shared` first, a sharer"; "convert_shared"; {order: "first", notifier: "no"}),
	of("`hold_anon_vma`, a sharer"; "hold_anon_vma"; {}),
	of("`device_span`, a page, if the CPU reads all"; "device_span"; {cpu: "all"}),
	of("`device_span`, a page, if it reads the word's"; "device_span"; {cpu: "word"});

# Operations over a range that is exclusive or not; = is within the percent that the case resolves.
def operation($rows; $case; $op; $range): on_ladder($rows; "\($case) op=\($op) range=\($range)") as $v |
	["\($op), \($range)", ($v[] | fixed(0)),
		(if 100 * ($v[2] / $v[0] - 1) | fabs < 1 then "=" else [$v[0], $v[2]] | percent end)];

def table_mm_ops:
	rows_of(0) as $rows |
	(["instructions a page", ladder, "in all"] | head),
	(("fork", "munmap", "dontneed", "mprotect", "move_pages", "pageout") as $op | ("exclusive", "ordinary") as $range |
		operation($rows; "mm_ops"; $op; $range) | cells);

# With the faults that a write behind it takes; a reader's are its own.
def table_track_ops:
	rows_of(0) as $rows |
	(["instructions a page", ladder, "in all", "faults of a write behind it"] | head),
	(("clear_refs", "wp", "wp_async", "scan") as $op | ("exclusive", "ordinary") as $range |
		operation($rows; "track_ops"; $op; $range) +
		[if $op == "wp" then "-" else on_ladder($rows; "track_ops op=\($op) range=\($range) faults") | map(fixed(0)) | join(", ") end] | cells);

# Pages of 64 that have the bit, where they are not as documented on some kernel.
def table_pte_bits:
	rows_of(0) as $rows |
	(["of 64 pages with the bit", ladder] | head),
	($rows | keys_unsorted[] | select(startswith("rmap-6.12: pte_bits") and endswith(" pass")) | ltrimstr("rmap-6.12: ") | rtrimstr(" pass") |
		select([ladder as $kernel | row($rows; $kernel; . + " pass").value] | any(. == 0)) as $name |
		[$name | ltrimstr("pte_bits bit=") | sub(" after="; ", after ")] + on_ladder($rows; $name + " observed") | cells);

# The kernel's side of either way of a driver; of the campaign that has both, and of the reference.
def table_private:
	rows_of(0) as $rows | rows_of(1) as $reference |
	def line($text): [$text, (.[] | fixed(0)), (.[:2] | percent), ([.[0], .[2]] | percent)] | cells;
	def of($text; $name): on_ladder($rows; $name) | line($text);
	def migrating($pages; $sharers; $metric): "migrate_private pages=\($pages) sharers=\($sharers) notifier=yes\($metric)";
	(["instructions a page", ladder, "the walk", "in all"] | head),
	of("stay: make it exclusive"; "convert_latency notifier=yes"),
	of("stay: a CPU takes it back"; "fault_back touch=write"),
	(on_ladder($reference; shared(16; "behind"; "no")) | line("stay: make it exclusive, 16 sharers")),
	(on_ladder($reference; shared(256; "behind"; "no")) | line("stay: the same, 256 sharers")),
	((1, 16, 64, 512) as $n | of("migrate, \($n) at once"; migrating($n; 0; ""))),
	(("setup", "pages", "finalize") as $stage | of("of that of 512, `migrate_vma_\($stage)()`"; migrating(512; 0; " \($stage)"))),
	of("the copy, which is in none of these"; migrating(512; 0; " copy")),
	of("migrate, 512 at once, 16 sharers"; migrating(512; 16; "")),
	of("migrate, 512 at once, 256 sharers"; migrating(512; 256; "")),
	of("migrate: a CPU takes it back, copy included"; "fault_back_private touch=write");

def table_device_span:
	rows_of(0) as $rows |
	def span($n): "device_span granule=\($n) cpu=all";
	(["pages of the granule", "faults beside the word", "each of them", ladder] | head),
	((1, 8, 64, 512) as $n | [$n, value($rows; "rmap-6.12"; span($n) + " false_faults"),
		(if $n == 1 then "-" else value($rows; "rmap-6.12"; span($n) + " to_cpu_p50") end), on_ladder($rows; span($n))[]] | cells);

def table_ping_pong:
	rows_of(0) as $rows |
	(["touches", walks, (walks | . + ", 16 sharers"), "folio-7.x"] | head),
	(rates as $rate | [$rate, ((0, 16) as $sharers | walks as $kernel | value($rows; $kernel; pingpong($rate; $sharers) + " device_rate") | fixed(2)),
		(value($rows; "folio-7.x"; pingpong($rate; 0) + " device_rate") | fixed(2))] | cells);

# What a touch takes of the device's time, from the rates at none and two touches a page and million
# instructions, on 16 pages.
def table_touch:
	rows_of(0) as $rows |
	(["instructions a touch", walks, (walks | . + ", 16 sharers")] | head),
	(["in all", ((0, 16) as $sharers | walks as $kernel |
		[("none", "2") as $rate | value($rows; $kernel; pingpong($rate; $sharers) + " device_rate")] | (1 - .[1] / .[0]) * 1e6 / 32 | grouped)] | cells),
	(["the device fault", ((0, 16) as $sharers | walks as $kernel | value($rows; $kernel; pingpong("2"; $sharers)) | grouped)] | cells),
	(["the CPU's fault", ((0, 16) as $sharers | walks as $kernel | value($rows; $kernel; pingpong("2"; $sharers) + " to_cpu_p50") | grouped)] | cells),
	(["touches achieved of 4", ((0, 16) as $sharers | walks as $kernel | value($rows; $kernel; pingpong("4"; $sharers) + " touch_rate") | fixed(2))] | cells);

# What cases say that exact mode resolves of their samples and metrics; none: to the instruction.
def table_resolutions:
	def of($rows): if $rows == [] then "-" else $rows | map(.resolution_pct) | unique | if length == 1 then .[0] | if . == 0 then "exact" else "\(.) %" end
		else error("resolutions of a case") end end;
	(["resolved", "samples", "metrics"] | head),
	(.[0][0].rows | group_by(.case)[] | select(any(.resolution_pct > 0)) |
		["`\(.[0].case)`", of(map(select(.metric | startswith("median_")))), of(map(select(.metric | startswith("median_") | not)))] | cells);

def table_soak:
	(if any(.[0][]; [.lost, .leaked, .unloaded, .errors, (.complaints | length)] | any(. != 0)) then error("soak: not clean") else empty end),
	(["kernel", "seconds", "processes", "killed", "forks", "device faults", "repeated", "updates lost", "complaints", "structures left"] | head),
	(.[0][] | [(.kernel | sub("\\+.*"; "")), (.seconds, .players, .killed, .forks, .faults, .retries, .lost,
		(.complaints | length), .leaked | grouped)] | cells);

def table_trace:
	(["case", "step", "dexbench", "kprobes", "of the levels", "a pair of probes"] | head),
	(.[0][0][] | [({convert_latency: "`convert_latency`", convert_shared: "`convert_shared` 16, behind", fault_back: "`fault_back` write"}[.case]),
		"\(.from) -> \(.to)", (.difference | .dexbench, .trace), "\(.dexbench[0]), \(.trace[0])", (.overhead | map(tostring) | join(", "))] | cells);
