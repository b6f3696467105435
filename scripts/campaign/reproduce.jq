# SPDX-License-Identifier: MIT
# For reproduce.sh: what moved between two campaigns with one plan, recorded and run again.

# packages_of: of a kernel of a plan, {name: version}; older plans have the source alone.
def packages_of:
	if (.packages // [] | length) > 0 then .packages | map({(.package): .version}) | add
	else (.source | capture("^(?<name>linux-(source|image)-[^_]+)_(?<version>.+?)([+](walk|patch)-.*)?$")
		| {(.name): .version}) // {} end;

# pins: of a plan, for DEXBENCH_PINNED.
def pins: [.kernels[] | packages_of | to_entries[] | "\(.key)=\(.value)"] | unique;

# The kernels of two plans side by side, by spec.
def pairs($old; $new): $old.kernels[] | . as $was | {spec, was: ., is: ($new.kernels[] | select(.spec == $was.spec))};

def package_moves($old; $new):
	[pairs($old; $new) | .spec as $spec | (.was | packages_of) as $was | (.is | packages_of) as $is |
		$was | keys_unsorted[] | select($is[.] != $was[.]) |
		{name: ., was: $was[.], is: ($is[.] // "none"), spec: $spec}] | group_by(.name)[] |
	{specs: map(.spec), text: "package \(.[0].name): recorded \(.[0].was), now \(.[0].is) (\(map(.spec) | join(", ")))"};

# Of other sources what it is called is the version.
def source_moves($old; $new):
	pairs($old; $new) | select((.was | packages_of) == {} and .was.source != .is.source) |
	{specs: [.spec], text: "source of \(.spec): recorded \(.was.source), now \(.is.source)"};

def compiler_moves($old; $new):
	[pairs($old; $new) | select(.was.compiler != .is.compiler)] | group_by(.was.compiler, .is.compiler)[] |
	{specs: map(.spec), text: "compiler: recorded \(.[0].was.compiler), now \(.[0].is.compiler) (\(map(.spec) | join(", ")))"};

# Who runs a campaign without its boots (only their table) says nothing of QEMU.
def qemu_moves($old; $new; $was; $is):
	select($was != "" and $is != "" and $was != $is) | {specs: ($old.kernels | map(.spec)), text: "QEMU: recorded \($was), now \($is)"};

# moves: {specs, text} each.
def moves($old; $new; $was; $is):
	package_moves($old; $new), source_moves($old; $new), compiler_moves($old; $new), qemu_moves($old; $new; $was; $is);

# The same versions, but configured otherwise: a difference of ours, and the reason for those of the rows.
def configured($old; $new):
	pairs($old; $new) | select(.was.config_hash != .is.config_hash) |
	"configuration of \(.spec): recorded \(.was.config_hash), now \(.is.config_hash)";

# A kernel's value stands in a row for each of those it is compared with.
def by_name:
	map({("\(.case) \(.params | to_entries | map("\(.key)=\(.value)") | join(" ")) \(.metric) \(.kernel)"): {kernel, value}}) | add // {};

# rows: {kernel, text} of each whose value differs or that only one of two tables has.
def rows($old; $new):
	($old.rows | by_name) as $was | ($new.rows | by_name) as $is |
	($was + $is | keys_unsorted[]) as $name | $was[$name].value as $a | $is[$name].value as $b | select($a != $b) |
	{kernel: ($was[$name] // $is[$name]).kernel, text: ("\($name): recorded \($a), now \($b)" +
		if $a != null and $b != null then ", \(($b - $a) * 1000 | round / 1000)" else "" end)};

# report: {status, lines} from everything.
def report($old; $new; $old_table; $new_table; $was; $is; $archive):
	[moves($old; $new; $was; $is)] as $moves | [rows($old_table; $new_table)] as $rows |
	($moves | map(.specs[]) | unique) as $moved | ($old_table.rows | by_name | length) as $all |
	[$rows[] | select(.kernel | IN($moved[]) | not)] as $unmoved |
	{status: (if $moves != [] then 3 elif $rows != [] then 1 else 0 end),
	 lines: ([$moves[].text] + [configured($old; $new)] + [$rows[].text] +
		if $rows == [] then ["all \($all) values are equal"] else ["\($rows | length) of \($all) values differ"] end +
		if $moves == [] then [] else [
			"other versions than recorded" +
			if $rows == [] then "" else ": \($rows | length - ($unmoved | length)) of these are of kernels that moved, \($unmoved | length) are not" end +
			if any($moves[].text; startswith("package ")) then
				"; DEXBENCH_MIRROR=\($archive) make reproduce looks for the recorded packages where Debian keeps old ones" else "" end] end)};
