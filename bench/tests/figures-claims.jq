# SPDX-License-Identifier: MIT
# The sentences that hold a measured number, as README.md and METHODOLOGY.md have to have them,
# a document each, in its order.  Numbers that are no measurements: figures-constants.txt.

# A row of each of the ladder's kernels, under a name.
def ladder($text; $row): [$text, R($row), F($row), S($row)] | cells;
def notifier: "convert_latency notifier=yes";
def shared($sharers; $order; $notifier): "convert_shared sharers=\($sharers) order=\($order) notifier=\($notifier)";
def thp($what): "convert_thp order=9 what=\($what)";
def state($name): "convert_state state=\($name)";
def span($granule; $cpu): "device_span granule=\($granule) cpu=\($cpu)";
def slope($kernel; $case; $params): $reference[0].fits[] |
	select(.case == $case and .kernel == $kernel and .params == $params) | .slope;
def a_sharer($notifier): slope("rmap-6.12"; "convert_shared"; {order: "behind", notifier: $notifier}) | fixed(0);
def walk_share: 100 * (1 - F(notifier) / R(notifier)) | fixed(0);

# What a touch takes of a device's time: from the rows "none" and "2", on 16 pages.
def touch($none; $two): (1 - $two / $none) * 1e6 / 32 | grouped;

# The parallel campaign's.
def interval($name): row($par[0]; "folio-6.12"; $name) | {more: (.delta_pct | signed(0)), text: "[\(.ci_pct[0] | signed(0)), \(.ci_pct[1] | signed(0))]"};
def pingpong_rows: rates as $r | ["\($r)", (R(rate($r; 0)), F(rate($r; 0)), R(rate($r; 16)), F(rate($r; 16)), S(rate($r; 0)) |
	fixed(2))] | cells;
def trace_rows: $trace[0][] | [({convert_latency: "`convert_latency`", convert_shared: "`convert_shared` 16, behind",
	fault_back: "`fault_back` write"}[.case]), "\(.from) -> \(.to)", "\(.difference.dexbench)", "\(.difference.trace)"] | cells;

# Attributions: w, v a function itself, in the walk's and the rest's; W, V with what it calls.
def w($name; $k): self($walk[0].rows[0]; $name; $k);
def v($name; $k): self($rest[0].rows[0]; $name; $k);
def W($name; $k): below($walk[0].rows[0]; $name; $k);
def V($name; $k): below($rest[0].rows[0]; $name; $k);

# Functions together, on both kernels of an attribution, and what is to be said of them.
def functions($table; $names; $words): [($names | map("`\(.)`") | join(", ")), ($names | map(self($table; .; 0)) | add),
	($names | map(self($table; .; 1)) | add), $words] | cells;
def walk_rows: $walk[0].rows[0] |
	functions(.; ["page_vma_mapped_walk", "check_pte", "pte_offset_map_nolock"]; "descends the page table, once more to learn that there is no second PTE; compares page frames"),
	functions(.; ["rmap_walk_anon", "anon_vma_interval_tree_iter_first", "__anon_vma_interval_tree_subtree_search"]; "looks for mappings"),
	functions(.; ["folio_lock_anon_vma_read", "down_read_trylock", "up_read"]; "the root lock"),
	functions(.; ["folio_not_mapped"]; "asks whether to stop"),
	functions(.; ["page_make_device_exclusive_one", "make_device_exclusive_range_rmap"]; "the call and what is done to a PTE, with a control structure"),
	functions(.; ["folio_walk_range"]; "the same, in one function"),
	functions(.; ["folio_walk_start"]; "descends the page table once, under its lock"),
	functions(.; ["__pte_offset_map_lock", "vm_normal_page", "vma_pgtable_walk_begin", "vma_pgtable_walk_end"]; "once for the page lookup, and once more for it"),
	functions(.; ["mtree_load"]; "`vma_lookup()`");
def rest_rows: $rest[0].rows[0] |
	functions(.; ["folio_walk_range", "make_device_exclusive_range", "make_device_exclusive"]; "upstream's own: no array of pages, no loop, no dispatch"),
	functions(.; ["folio_remove_rmap_ptes", "__mod_node_page_state"]; "a device-exclusive entry keeps its page's mapcount"),
	functions(.; ["__pte_offset_map"]; "`!pmd_present()` instead of a decoded migration entry, no devmap bit"),
	functions(.; ["__pte_offset_map_lock", "pte_offset_map_lock"]; "the same under another name"),
	functions(.; ["flush_tlb_mm_range", "flush_tlb_func", "mm_needs_global_asid"]; "a description on the stack; asks for a global ASID (INVLPGB)"),
	functions(.; ["vm_normal_page"]; "keeps the entry in memory, to print it if it is bad"),
	functions(.; ["__mmu_notifier_invalidate_range_start", "llist_reverse_order"]; "can finish in a second pass"),
	functions(.; ["mtree_load"]; "`vma_lookup()`");

# What a function costs for each sharer: between the first and the last row.
def a_sharer_of($names): $sharers[0].rows as $r |
	[$names[] as $n | self($r[-1]; $n; 0) - self($r[0]; $n; 0)] | add / ($r[-1].params.sharers - $r[0].params.sharers) | fixed(1);
def sharer_rows:
	(["page_vma_mapped_walk", "check_pte", "pte_offset_map_nolock"], ["page_make_device_exclusive_one"], ["rmap_walk_anon"],
	 ["__pte_offset_map"], ["anon_vma_interval_tree_iter_next", "__anon_vma_interval_tree_subtree_search"], ["folio_not_mapped"]) |
		"| \(map("`\(.)`") | join(", ")) | \(a_sharer_of(.)) |";


# Lockstep: what moved on one kernel in a row of counts.json, and rows that seeds share.
def moved: [.moved[].moved] | add // 0;
def root_moved: .moved["anon_vma root's rwsem"].moved // 0;
def seeds_of($against): [$counts[].rows[] | select(.params.against == $against)] | group_by(.params.members)[];
def over_seeds($k; f): map(.kernels[$k] | f) | add / length;
def bounce_rows: seeds_of("siblings") |
	if all(.[].kernels[1]; root_moved == 0) and all(.[].kernels[0]; .samples == 1536) then
	"| \(.[0].params.members) | \(map(.kernels[0] | root_moved | fixed(2)) | join(" | ")) | \(over_seeds(0; moved) | fixed(2)) | \(over_seeds(1; moved) | fixed(2)) |"
	else error("figures: the root's lock under the folio walk?") end;
def waiting_rows: seeds_of("mprotect") | select(.[0].params.members > 1) |
	"| \(.[0].params.members - 1) | \([over_seeds(0; .events.sleep), over_seeds(0; moved), over_seeds(0; root_moved), over_seeds(1; .events.sleep // 0), over_seeds(1; moved)] | map(fixed(2)) | join(" | ")) | \(over_seeds(0; [.waits[].waited // 0] | add) | fixed(0)) |";

def methodology:
	# 2, 3
	"names \($reference[0].environment_diff[] | select(.key == "config.symbols").values | map(keys[]) | unique | length) symbols",
	"the switch costs something itself | `results/switch`: \(value($switch[0]; "rmap-6.12"; notifier) - value($switch[0]; "deb:linux-source-6.12"; notifier)) instruction a call",
	"call costs \(value($switch[0]; "rmap-6.12"; notifier) - value($switch[0]; "deb:linux-source-6.12"; notifier)) instruction more",
	([$reference[0].efficiency_pct[] | fixed(1)] | "\(.[0]) % (rmap-6.12), \(.[1]) % (folio-6.12), \(.[2]) % (folio-7.x)"),
	($inside[0] | "\(.["rmap-6.12"] | fixed(1)) %, \(.["folio-6.12"] | fixed(1)) % and \(.["folio-7.x"] | fixed(1)) %:"),
	"needs \(R("control_peer") | fixed(0)) instructions per page",
	"takes \(R("convert_range pages=64") | fixed(0)) (",
	"): \(100 * R("convert_range pages=64") / R("control_peer") | fixed(0)) %.",
	"instead of one, \(R("control_clock where=module")) instructions more per page",
	# 4, 5
	"of which \(walk_share) % are gone is not a conversion that is \(walk_share) % faster",
	"(\(a_sharer("no")) instructions a sharer, nothing a sharer)",
	"the same difference: \(R("control_peer") - F("control_peer") | fixed(0)) instructions per page",
	"from outside: \(F("control_peer") - R("control_peer") | fixed(2)) per page between the two walks, where convert_range gives \(F("convert_range pages=64") - R("convert_range pages=64") | fixed(2))",
	# 6
	(outcomes($reference; "not held") as $not |
		"reference \(outcomes($reference; "held") | length) predictions held, \($not | length) did not and \(outcomes($reference; "open") | length) had no row"),
	"of `mm_ops` to \(resolution("mm_ops"; false)) %, of `device_span` to \(resolution("device_span"; false)) % (its metrics to \(resolution("device_span"; true)) %), and the metrics of `ping_pong` to \(resolution("ping_pong"; true)) %",
	ladder("`convert_latency`, notifier"; notifier),
	ladder("`convert_latency`, none"; "convert_latency notifier=no"),
	ladder("`convert_range` 512"; "convert_range pages=512"),
	ladder("`convert_mappings` 4096"; "convert_mappings mappings=4096"),
	ladder("`convert_shared` 16, behind"; shared(16; "behind"; "no")),
	ladder("`convert_shared` 1024, behind, notifiers"; shared(1024; "behind"; "yes")),
	ladder("`convert_shared` 1024, first"; shared(1024; "first"; "no")),
	ladder("`convert_thp` order 9, head"; thp("head")),
	(["`convert_thp` order 9, tail", (if value($ref[0]; "rmap-6.12"; thp("tail") + " success") == 0 then "refused" else error("tail") end),
		F(thp("tail")), S(thp("tail"))] | cells),
	ladder("`convert_state` exclusive"; state("exclusive")),
	ladder("`hold_anon_vma` 0 sharers"; "hold_anon_vma sharers=0"),
	ladder("`driver_loop` nouveau, cured, fresh"; "driver_loop pattern=nouveau cure=yes state=fresh"),
	ladder("`fault_back` write"; "fault_back touch=write"),
	ladder("`fault_back_state` mprotect"; "fault_back_state state=mprotect"),
	ladder("`fault_back_state` soft-dirty"; "fault_back_state state=soft-dirty"),
	ladder("`mm_ops` munmap, exclusive"; "mm_ops op=munmap range=exclusive"),
	ladder("`device_atomic` one word"; "device_atomic access=one op=add32 engines=0"),
	"saves \(R(notifier) - F(notifier)) instructions of \(R(notifier)), 7.3 as a whole \(R(notifier) - S(notifier))",
	"needs \(R(notifier) - R("convert_latency notifier=no")) fewer (rmap-6.12)",
	"two values, \($latency[0].values[0]) and \($latency[0].values[1]) on every \({"8": "eighth", "9": "ninth", "10": "tenth"}["\($latency[0].every)"]) page",
	"functions the \(R(notifier) - F(notifier)) are: section 10",
	"falls to \(R("convert_range pages=512") | fixed(0)) instructions a page",
	"stays at \(S("convert_range pages=512")), \(100 * (S("convert_range pages=512") / R("convert_range pages=512") - 1) | fixed(0)) % more",
	"call takes \(F("convert_range pages=512") | fixed(0)), so that the walk saves the same \(R("convert_range pages=512") - F("convert_range pages=512") | fixed(0)) as",
	("driver_loop pattern=uvm cure=no state=fresh" | "without the cure: \(R(.) | fixed(0)) to \(S(.) | fixed(0)))"),
	("driver_loop pattern=nouveau cure=no state=fresh" | "(nouveau's: \(R(.)) to \(S(.)))"),
	"falls from \(R(notifier) - F(notifier)) to \(R("convert_mappings mappings=512") - F("convert_mappings mappings=512")) with 512 more mappings in the process and to \(R("convert_mappings mappings=4096") - F("convert_mappings mappings=4096")) with 4096",
	"costs a lookup about \((R("convert_mappings mappings=512") - F("convert_mappings mappings=512")) - (R("convert_mappings mappings=4096") - F("convert_mappings mappings=4096"))) instructions",
	"grows by \(R(shared(1024; "first"; "no")) - R(shared(0; "first"; "no"))) instructions from 0 to 1024 children",
	"before it: \(a_sharer("no")) instructions each, \(a_sharer("yes")) if the child",
	"own cost of \(R("hold_anon_vma sharers=0 probe_overhead")) is",
	"agrees with attribution's \($sharers[0].slopes[0].slope[0] | fixed(1))",
	"held for about \(R("hold_anon_vma sharers=0")) instructions and \(slope("rmap-6.12"; "hold_anon_vma"; {}) | fixed(0)) more for each sharer",
	"makes all \(R(thp("head") + " exclusive_ptes")) exclusive, for \(R(thp("head")) | grouped) instructions and \(R(thp("head") + " collateral_faults")) faults",
	"converts one, for \(F(thp("head")) | grouped), most",
	"saves \(R(state("present")) - F(state("present"))) in each state but one: under a write-protecting userfaultfd \(R(state("uffd_wp")) - F(state("uffd_wp")))",
	"an exclusive page \(R(state("exclusive")) - R(state("present"))) instructions more than a present one, a swapped one \(R(state("swapped")) - R(state("present")))",
	"\(R("fault_back touch=read")) instructions to read and \(R("fault_back touch=write")) to write under either walk of 6.12",
	"succeeded in \(R("driver_loop pattern=uvm cure=no state=exclusive iterations")) iterations on",
	([("munmap", "dontneed", "fork") | "mm_ops op=\(.) range=exclusive" | 100 * (S(.) / R(.) - 1) | fixed(0)] |
		"needs \(.[0]) % more for munmap of exclusive pages, \(.[1]) % for MADV_DONTNEED and \(.[2]) % for fork"),
	"them: \(R("mm_ops op=fork range=exclusive") | fixed(0)) instructions per page instead of \(R("mm_ops op=fork range=ordinary") | fixed(0))",
	"An addition takes \(R("device_atomic access=one op=add32 engines=0") | fixed(1)) instructions on one word and \(R("device_atomic access=strided op=add32 engines=0") | fixed(1)) on",
	(if (R("device_atomic access=one op=add32 engines=0") - S("device_atomic access=one op=add32 engines=0") | fabs) < 0.05
		then "walk of 6.12, and as many on 7.3" else error("figures: device_atomic differs on 7.3") end),
	pingpong_rows,
	"between takes \([(1, 8, 64, 512) as $n | R(span($n; "all") + " false_faults")] | "\(.[0]), \(.[1]), \(.[2]) or \(.[3])") faults",
	"\(touch(R(rate("none"; 0)); R(rate("2"; 0)))) instructions under the rmap walk and \(touch(F(rate("none"; 0)); F(rate("2"; 0)))) under the folio walk, of which \(R(pingpong("2"; 0))) and \(F(pingpong("2"; 0))) are the device fault, \(R(pingpong("2"; 0) + " to_cpu_p50")) the CPU's",
	"costs \(touch(R(rate("none"; 16)); R(rate("2"; 16)))) under the rmap walk and \(touch(F(rate("none"; 16)); F(rate("2"; 16)))) under the folio walk",
	"rate: \(100 * (F(rate("4"; 0)) / R(rate("4"; 0)) - 1) | signed(1)) % alone and \(F(rate("4"; 16)) / R(rate("4"; 16)) | fixed(1)) times with 16 sharers at 4 touches",
	"schedule (\(R(pingpong("4"; 16) + " touch_rate") | fixed(2)) touches achieved)",
	"faults on pages that the device never used, \(R(span(512; "all") + " to_cpu_p50")) each",
	([(R(span(512; "all")), F(span(512; "all")), S(span(512; "all")))] | "costs \((.[0] - R(span(1; "all"))) / 511 | fixed(0)) more for each page (rmap-6.12; folio-6.12 \((.[1] - F(span(1; "all"))) / 511 | fixed(0)), folio-7.x without a range call \((.[2] - S(span(1; "all"))) / 511 | fixed(0)))"),
	"still: \(slope("rmap-6.12"; "device_span"; {cpu: "word"}) | fixed(0)) for each page (\(slope("folio-6.12"; "device_span"; {cpu: "word"}) | fixed(0)), \(slope("folio-7.x"; "device_span"; {cpu: "word"}) | fixed(0)))",
	# 6, contention
	lockstep,
	([$par[0][] | select(.aa and .value != null)] | "Of \(length) rows of its A/A arm \(map(select(.verdict | IN("faster", "slower", "higher", "lower"))) | length) are called different and \(map(select(.verdict == "inconclusive")) | length) are inconclusive, and in \(map(select(.delta_pct != null and (.delta_pct | fabs > 10))) | length) the two arms"),
	(interval(contend("munmap"; 1; "throughput")) | "the folio walk converts \(.more) % more there \(.text)"),
	(if PF(contend("munmap"; 1; "sleeps")) == 0 and PR(contend("munmap"; 1; "sleeps")) > 0 then empty else error("figures: who sleeps?") end),
	(if [$soak[] | .lost, .leaked, .unloaded, .errors, (.complaints | length)] | any(.[]; . != 0) then error("figures: soak") else empty end),
	($soak[0] | "In \(.seconds) s under the rmap walk \(.players) processes, \(.killed) of them killed, forked \(.forks) times and brought about \(.faults | grouped) device faults, \(.retries | grouped) of which"),
	($soak[1] | "in \(.seconds) s under the folio walk \(.players), \(.killed), \(.forks), \(.faults | grouped) and \(.retries | grouped)."),
	"cost (\($trace[0][0].overhead[0]) instructions a pair, \($trace[0][3].overhead[1]) on 7.3",
	trace_rows,
	"Levels differ, \($trace[0][0].dexbench[0]) and \($trace[0][0].trace[0]) of the first row",
	"uncertainty is \($trace[0][0].uncertainty) instructions",
	# 10
	"the other \(R("control_clock where=module") - $walk[0].rows[0].kernels[0].clock) that `control_clock` shows",
	"Of each pair of stamps \($walk[0].rows[0].kernels[0].clock) instructions are the clock's own",
	(["conversion, with notifier", "rmap-6.12", "folio-6.12", "folio-7.x"] | cells),
	(["instructions", (0, 1 | $walk[0].rows[0].kernels[.].value), $rest[0].rows[0].kernels[1].value] | cells),
	(["loads, stores", ($walk[0].rows[0].kernels[0, 1], $rest[0].rows[0].kernels[1] | "\(.loads), \(.stores)")] | cells),
	(["the page lookup, `get_user_pages_remote` and below", W("get_user_pages_remote"; 0, 1), V("get_user_pages_remote"; 1)] | cells),
	(["finding the PTE again: `rmap_walk_anon` without what is done to it; `folio_walk_start`",
		(W("rmap_walk_anon"; 0) - W("page_make_device_exclusive_one"; 0) + W("page_vma_mapped_walk"; 0)), W("folio_walk_start"; 1), V("folio_walk_start"; 1)] | cells),
	(["finding the VMA again, `mtree_load`", W("mtree_load"; 0, 1), V("mtree_load"; 1)] | cells),
	(["`ptep_clear_flush` and below", W("ptep_clear_flush"; 0, 1), V("ptep_clear_flush"; 1)] | cells),
	(["`folio_remove_rmap_ptes` and below", W("folio_remove_rmap_ptes"; 0, 1), V("folio_remove_rmap_ptes"; 1)] | cells),
	(["both notifier calls", ([W("__mmu_notifier_invalidate_range_start", "__mmu_notifier_invalidate_range_end"; 0)] | add),
		([W("__mmu_notifier_invalidate_range_start", "__mmu_notifier_invalidate_range_end"; 1)] | add),
		([V("__mmu_notifier_invalidate_range_start", "__mmu_notifier_invalidate_range_end"; 1)] | add)] | cells),
	([$walk[0].rows[0].functions[].self[2]] | "folio-6.12, \($walk[0].rows[0].delta)**: \(map(select(. < 0)) | -add) instructions go and \(map(select(. > 0)) | add) come"),
	walk_rows,
	"costs \(W("mtree_load"; 1)) with what it calls; without it the walk would save \(-$walk[0].rows[0].delta + W("mtree_load"; 1))",
	"folio-7.x, \($rest[0].rows[0].delta)**, the greatest",
	rest_rows,
	"of the \(-$rest[0].rows[0].delta), in `dex_convert`",
	sharer_rows,
	"| page-table lock and RCU | \(a_sharer_of(["_raw_spin_lock", "_raw_spin_unlock", "__rcu_read_lock", "__rcu_read_unlock"])) |",
	"| total | \($sharers[0].slopes[0].slope[0] | fixed(1)) |",
	bounce_rows,
	waiting_rows,
	($ladder[0] | "took \(.builds) builds and \(.boots) boots, because \([.commits[] | select(.same_kernel)] | length) of the \(.commits | length - 1) commits give the kernel of the commit before; \(if (.moved | length) == 1 then "one" else error("figures: ladder") end) row moved, by \([.commits[].rows[].change // 0 | select(. != 0)] | unique | if length == 1 then .[0] | signed(0) else error("figures: ladder") end)"),
	($bisection[0] | if .first_bad.commit == $ladder[0].moved[0] then "asked \(.steps | length) commits" else error("figures: bisect") end),
	# 12
	($plan[0].validation | map(.error_pct | fabs) | sort | "All \(length), with reads and folio-7.x, are off by \(.[-1] | fixed(2)) % at most, half of them by \(.[length / 2 | floor] | fixed(2)) % or less"),
	"that fault has \(a_sharer("no")) instructions more",
	($beside[0].validation | map(select(.frail | not)) as $told |
		"\($told | map(select(.holds)) | length) of \($told | length) held-out rates are within 10 % of what was measured, off by \($told | map(.error_pct | fabs) | max | fixed(1)) % at most; \(map(select(.frail)) | length) are frail and not predicted"),
	members_said, scale_rows,
	empty;

methodology
