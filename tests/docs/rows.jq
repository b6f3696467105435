# SPDX-License-Identifier: MIT
# What tables are made of: rows of a comparison by their names, and how values are written.
# Read in front of tables*.jq.  A table gets a list of files, each a list of the values in it.

# Of a file's first value, the rows by their names, "kernel: case a=1 b=x metric"; the samples' own
# have no metric, and the A/A arm is no kernel of its own.
def rows_of($n): [.[$n][0].rows[] | {key: "\(.kernel): \([.case, (.params | to_entries[] | "\(.key)=\(.value)"),
	(.metric | select(startswith("median_") | not))] | join(" "))", value: .}] | from_entries;
def row($rows; $kernel; $name): $rows["\($kernel): \($name)"] // error("no row \($kernel): \($name)");
def value($rows; $kernel; $name): row($rows; $kernel; $name).value | if . == null then error("no value of \($kernel): \($name)") else . end;

def walks: "rmap-6.12", "folio-6.12";
def ladder: walks, "folio-7.x";
# A row's values on each kernel of the ladder.
def on_ladder($rows; $name): [ladder as $kernel | value($rows; $kernel; $name)];

# ping_pong's, by the CPU's touches.
def rates: "none", "0.0625", "0.25", "0.5", "1", "2", "4", "saturated";
def pingpong($rate; $sharers): "ping_pong rate=\($rate) touch=write sharers=\($sharers)";

def fixed($n): # "12.30"
	pow(10; $n) as $p | (if . < 0 then "-" else "" end) as $sign | (fabs * $p | round) as $v |
	if $n == 0 then "\($sign)\($v)" else
	"\($sign)\($v / $p | floor).\(($v % $p) + $p | tostring | .[1:])" end;
def grouped: # "12,300"
	fixed(0) | if length < 5 then . else (.[:-3] | tonumber | grouped) + "," + .[-3:] end;
def signed($n): if . > 0 then "+" + fixed($n) else fixed($n) end;
def plain: # whole if it is
	if . == round then tostring else fixed(2) end;
def figure: # three digits at least, as tables of noisy values have it
	if . == 0 then "0" elif fabs < 10 then fixed(2) elif fabs < 100 then fixed(1) else fixed(0) end;
def change: # of two values, as a difference
	if .[0] == .[1] then "same" else .[1] - .[0] | if . == round then signed(0) else signed(2) end end;
def percent: # likewise
	if .[0] == .[1] then "same" elif .[0] == 0 then "-" else "\(100 * (.[1] / .[0] - 1) | signed(1)) %" end;

# Markdown: a line of cells, numbers as they are; a head whose first column is text.
def cells: map(if type == "number" then plain else . end) | "| " + join(" | ") + " |";
def head: cells, "|---|" + ([.[1:][] | "--:|"] | add);
