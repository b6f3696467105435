# SPDX-License-Identifier: MIT
# What the numbers in README.md and METHODOLOGY.md are computed from: names for the values
# in results/, and how they are written.  figures-claims.jq, which is read behind this, has
# the sentences; figures.sh gives the files.

# Rows lie by their names, "kernel: case a=1 b=x metric"; the samples' own have no metric.
def row($table; $kernel; $name): $table["\($kernel): \($name)"] //
	error("figures: no row \($kernel): \($name)");
def value($table; $kernel; $name): row($table; $kernel; $name).value //
	error("figures: no value of \($kernel): \($name)");

# The reference: rmap-6.12, folio-6.12, folio-7.x.
def R($name): value($ref[0]; "rmap-6.12"; $name);
def F($name): value($ref[0]; "folio-6.12"; $name);
def S($name): value($ref[0]; "folio-7.x"; $name);
# The parallel campaign.
def PR($name): value($par[0]; "rmap-6.12"; $name);
def PF($name): value($par[0]; "folio-6.12"; $name);

# What a case says that exact mode resolves of its samples, or of its metrics; per cent.
def resolution($case; $metrics): [$reference[0].rows[] |
	select(.case == $case and (.metric | startswith("median_") | not) == $metrics).resolution_pct] | unique |
	if length == 1 then .[0] | tostring else error("figures: no resolution of \($case)") end;

# An attribution's row: instructions of a function itself (self) or with what it calls
# (inclusive), on the first kernel (0), the second (1), and the difference (2).
def instructions($table; $name; $what; $k): [$table.functions[] | select(.function == $name)] |
	if . == [] then 0 else .[0][$what][$k] end;
def self($table; $name; $k): instructions($table; $name; "self"; $k);
def below($table; $name; $k): instructions($table; $name; "inclusive"; $k);

def fixed($n): # "12.30"
	pow(10; $n) as $p | (if . < 0 then "-" else "" end) as $sign | (fabs * $p | round) as $v |
	if $n == 0 then "\($sign)\($v)" else
	"\($sign)\($v / $p | floor).\(($v % $p) + $p | tostring | .[1:])" end;
def grouped: # "12,300"
	fixed(0) | if length < 5 then . else (.[:-3] | tonumber | grouped) + "," + .[-3:] end;
def signed($n): if . > 0 then "+" + fixed($n) else fixed($n) end;
def table: # as the tables have it: whole if it is
	if . == round then tostring else fixed(2) end;
def cells: map(if type == "string" then . else table end) | "| " + join(" | ") + " |";
def figure: # three digits at least, as tables of noisy values have it
	if . == 0 then "0" elif fabs < 10 then fixed(2) elif fabs < 100 then fixed(1) else fixed(0) end;
