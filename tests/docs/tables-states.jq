# SPDX-License-Identifier: MIT
# Tables of what else mm does to an exclusive page: make sweep, and the cases beside it.

# make sweep: what became of it, and of the first page of a huge folio, exclusive before.
def table_sweep:
	def words: . as $s | ([.rows[] | select(.order == 9 and .page == "first")] | first) as $row |
		if .verdict == "skipped" then "-" elif $row == null then .verdict
		else "\(.verdict): \($row.exclusive_after), \($row.page_faults)" + (if $row.errno != 0 then ", errno \($row.errno)" else "" end) end;
	.[0][0] as $sweep | [$sweep.kernels[].spec] as $kernels |
	(["what happens"] + $kernels | head),
	($sweep.states | map(.state) | reduce .[] as $s ([]; if index($s) then . else . + [$s] end) | .[] as $state |
		["`\($state)`"] + [$kernels[] as $kernel | [$sweep.states[] | select(.state == $state and .kernel == $kernel)] | first | words] | cells);

# The same on the ladder, by the page of a huge folio that was exclusive: exclusive pages afterwards,
# faults of a write to that page, errno.
def table_states:
	rows_of(0) as $rows |
	def outcome($kernel; $state; $page): "states state=\($state) order=9 page=\($page)" as $name |
		if $rows["\($kernel): \($name) exclusive_after"].value == null then "-"
		else [value($rows; $kernel; $name + (" exclusive_after", " page_faults", " errno"))] |
			"\(.[0]), \(.[1])" + (if .[2] != 0 then ", errno \(.[2])" else "" end) end;
	(["what happens", ladder, "folio-6.12, middle", "folio-7.x, middle"] | head),
	($rows | keys_unsorted[] | capture("^rmap-6.12: states state=(?<state>[a-z_]+) order=9 page=first$").state as $state |
		["`\($state)`", outcome(ladder; $state; "first"), outcome("folio-6.12", "folio-7.x"; $state; "middle")] |
		select(.[1:] | any(. != "-")) | cells);

# What one exclusive page of 512 adds to an operation on the region, huge folios; where nothing sleeps and it is not refused.
def table_states_cost:
	rows_of(0) as $rows |
	def name($state; $page): "states state=\($state) order=9 page=\($page)";
	(["instructions, a region", ladder, "one exclusive: rmap-6.12", "folio-6.12", "folio-7.x"] | head),
	($rows | keys_unsorted[] | capture("^rmap-6.12: states state=(?<state>[a-z_]+) order=9 page=first$").state as $state |
		[ladder as $kernel | $rows["\($kernel): \(name($state; "none"))"].value] as $none |
		[ladder as $kernel | $rows["\($kernel): \(name($state; "first"))"].value] as $first |
		select($none + $first | any(. != null and . > 1)) |
		["`\($state)`"] + ($none + $first | map(if . == null then "-" else fixed(0) end)) | cells);

# A conversion by the place of the region among the mappings.
def table_place:
	rows_of(0) as $rows |
	(["mappings below the region", ladder, "the walk"] | head),
	($rows | keys_unsorted[] | capture("^rmap-6.12: convert_place below=(?<below>[0-9]+)$").below as $below |
		on_ladder($rows; "convert_place below=\($below)") as $values | [$below] + $values + [$values[:2] | change] | cells);
