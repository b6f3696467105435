# SPDX-License-Identifier: MIT
# Tables of which function costs what: results/attribution, results/counts, results/series.

# A function's instructions, itself or with what it calls: on a row's first kernel (0), its second
# (1), and the difference (2).
def instructions($row; $name; $what; $k): [$row.functions[] | select(.function == $name)] | if . == [] then 0 else .[0][$what][$k] end;
def self($row; $name; $k): instructions($row; $name; "self"; $k);
def below($row; $name; $k): instructions($row; $name; "inclusive"; $k);

# Both steps of the ladder beside each other: the walk's attribution, and the rest's.
def table_conversion:
	.[0][0].rows[0] as $walk | .[1][0].rows[0] as $rest |
	(["conversion, with notifier", ladder] | head),
	([[$walk, 0], [$walk, 1], [$rest, 1]] as $columns |
		def of($text; f): [$text, ($columns[] as [$row, $k] | [$row, $k] | f)] | cells;
		def with_callees($names): . as [$row, $k] | [$names[] as $name | below($row; $name; $k)] | add;
		of("instructions"; .[0].kernels[.[1]].value),
		of("the clock's own, of a pair of stamps"; .[0].kernels[.[1]].clock),
		of("loads, stores"; .[0].kernels[.[1]] | "\(.loads), \(.stores)"),
		of("the page lookup, `get_user_pages_remote` and below"; with_callees(["get_user_pages_remote"])),
		of("finding the PTE again: `rmap_walk_anon` without what is done to it; `folio_walk_start`";
			. as [$row, $k] | below($row; "folio_walk_start"; $k) + below($row; "rmap_walk_anon"; $k) +
			below($row; "page_vma_mapped_walk"; $k) - below($row; "page_make_device_exclusive_one"; $k)),
		of("finding the VMA again, `mtree_load` and below"; with_callees(["mtree_load"])),
		of("`ptep_clear_flush` and below"; with_callees(["ptep_clear_flush"])),
		of("both notifier calls"; with_callees(["__mmu_notifier_invalidate_range_start", "__mmu_notifier_invalidate_range_end"])),
		of("`folio_remove_rmap_ptes` and below"; with_callees(["folio_remove_rmap_ptes"])));

# Functions together, on both kernels, and what is to be said of them; a line for all there are.
def functions($row; $names; $words): [($names | map("`\(.)`") | join(", ")),
	((0, 1) as $k | [$names[] as $name | self($row; $name; $k)] | add), $words] | cells;
def functions_head($kernels; $words): (["function itself", $kernels[], $words] | cells), "|---|--:|--:|---|";
def all_functions($row): [$row.functions[].self[2]] |
	[(add | signed(0)), (map(select(. < 0)) | -add), (map(select(. > 0)) | add)] as [$all, $go, $come] |
	["all", ((0, 1) as $k | [$row.functions[].self[$k]] | add), "\($all): \($go) go, \($come) come"] | cells;

def table_walk:
	.[0][0].rows[0] |
	functions_head([walks]; "what it does"),
	functions(.; ["page_vma_mapped_walk", "check_pte", "pte_offset_map_nolock"];
		"descends the page table, once more to learn that there is no second PTE; compares page frames"),
	functions(.; ["rmap_walk_anon", "anon_vma_interval_tree_iter_first", "__anon_vma_interval_tree_subtree_search"]; "looks for mappings"),
	functions(.; ["folio_lock_anon_vma_read", "down_read_trylock", "up_read"]; "the root lock"),
	functions(.; ["folio_not_mapped"]; "asks whether to stop"),
	functions(.; ["page_make_device_exclusive_one", "make_device_exclusive_range_rmap"];
		"the call and what is done to a PTE, with a control structure"),
	functions(.; ["folio_walk_range"]; "the same, in one function"),
	functions(.; ["folio_walk_start"]; "descends the page table once, under its lock"),
	functions(.; ["__pte_offset_map_lock", "vm_normal_page", "vma_pgtable_walk_begin", "vma_pgtable_walk_end"];
		"once for the page lookup, and once more for it"),
	functions(.; ["mtree_load"]; "`vma_lookup()`"),
	all_functions(.);

def table_rest:
	.[0][0].rows[0] |
	functions_head(["folio-6.12", "folio-7.x"]; "why"),
	functions(.; ["folio_walk_range", "make_device_exclusive_range", "make_device_exclusive"];
		"upstream's own: no array of pages, no loop, no dispatch"),
	functions(.; ["folio_remove_rmap_ptes", "__mod_node_page_state"]; "a device-exclusive entry keeps its page's mapcount"),
	functions(.; ["__pte_offset_map"]; "`!pmd_present()` instead of a decoded migration entry, no devmap bit"),
	functions(.; ["__pte_offset_map_lock", "pte_offset_map_lock"]; "the same under another name"),
	functions(.; ["flush_tlb_mm_range", "flush_tlb_func", "mm_needs_global_asid"];
		"a description on the stack; asks for a global ASID (INVLPGB)"),
	functions(.; ["vm_normal_page"]; "keeps the entry in memory, to print it if it is bad"),
	functions(.; ["__mmu_notifier_invalidate_range_start", "llist_reverse_order"]; "can finish in a second pass"),
	functions(.; ["mtree_load"]; "`vma_lookup()`"),
	all_functions(.);

# What a function costs for each sharer under the rmap walk: between the first row and the last.
def table_sharers:
	.[0][0] as $all | $all.rows as $rows |
	def of($text; $names): [$text, ([$names[] as $name | self($rows[-1]; $name; 0) - self($rows[0]; $name; 0)] | add /
		($rows[-1].params.sharers - $rows[0].params.sharers) | fixed(1))] | cells;
	def named($names): of($names | map("`\(.)`") | join(", "); $names);
	(["function", "instructions a sharer"] | head),
	named(["page_vma_mapped_walk", "check_pte", "pte_offset_map_nolock"]), named(["page_make_device_exclusive_one"]),
	named(["rmap_walk_anon"]), named(["__pte_offset_map"]),
	named(["anon_vma_interval_tree_iter_next", "__anon_vma_interval_tree_subtree_search"]),
	of("page-table lock and RCU"; ["_raw_spin_lock", "_raw_spin_unlock", "__rcu_read_lock", "__rcu_read_unlock"]),
	named(["folio_not_mapped"]),
	(["total", ($all.slopes[0].slope[0] | fixed(1))] | cells);

# Lockstep: what moved on one kernel in a row of counts.json, and rows that seeds share.
def moved: [.moved[].moved] | add // 0;
def root_moved: .moved["anon_vma root's rwsem"].moved // 0;
def seeds_of($against): [.[][0].rows[] | select(.params.against == $against)] | group_by(.params.members)[];
def over_seeds($k; f): map(.kernels[$k] | f) | add / length;

def table_bounce:
	(["members", "the root's lock, rmap-6.12, seed 1", "seed 2", "seed 3", "all lines, rmap-6.12, mean", "all lines, folio-6.12, mean"] | head),
	(seeds_of("siblings") | if all(.[].kernels[1]; root_moved == 0) then
		[.[0].params.members, (.[].kernels[0] | root_moved | fixed(2)), (over_seeds(0, 1; moved) | fixed(2))] | cells
		else error("the root's lock under the folio walk?") end);

def table_waiting:
	(["others in mprotect", "sleeps, rmap-6.12", "lines moved", "of them the root's lock", "sleeps, folio-6.12", "lines moved",
		"ticks from going to sleep to running again, rmap-6.12"] | head),
	(seeds_of("mprotect") | select(.[0].params.members > 1) |
		[.[0].params.members - 1, (over_seeds(0; .events.sleep), over_seeds(0; moved), over_seeds(0; root_moved),
			over_seeds(1; .events.sleep // 0), over_seeds(1; moved) | fixed(2)), (over_seeds(0; [.waits[].waited // 0] | add) | fixed(0))] | cells);

# A ladder and a bisection of the same commits.
def table_series:
	.[0][0] as $ladder | .[1][0] as $bisection |
	(["", "commits", "measured", "builds", "boots", "with the kernel of the one before", "moved"] | head),
	($ladder | ["`make ladder`", (.commits | length - 1), (.commits | length - 1), .builds, .boots, ([.commits[] | select(.same_kernel)] | length),
		"\(.moved | length), by \([.commits[].rows[].change // 0 | select(. != 0)] | unique | map(signed(0)) | join(", "))"] | cells),
	($bisection | ["`make bisect`", ($ladder.commits | length - 1), (.steps | length), .builds, .boots, "-",
		(if .first_bad.commit == $ladder.moved[0] then "the same" else error("bisect") end)] | cells);
