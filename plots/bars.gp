# SPDX-License-Identifier: MIT
# Bars beside each other, a row a group of them, for the scripts that load it.  They say TITLE
# and XLABEL, and may say what the rows' names mean (NOTE), that the axis is logarithmic (LOG: it
# begins at a decade below the smallest value, so that a bar's end means something and its length
# does not), and what share of the axis is room for what is read behind the longest bar (ROOM).
if (!exists("LOG")) LOG = 0
if (!exists("NOTE")) NOTE = ""
if (!exists("ROOM")) ROOM = 0.14
if (MODE ne "exact") { NOTE = NOTE.(NOTE eq "" ? "" : "; ")."lines: lowest and highest ".ONE_OF }
below = NOTE eq "" ? 0 : 18
KEYS = KERNELS
rows = value(NAME."_rows")
HEIGHT = 150 + below + 15 * KERNELS + rows * (13 * KERNELS + 8)
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
# What is missing has a text, too, and gnuplot would leave that out.
set datafile missing
set lmargin at screen (30 + 7.8 * value(NAME."_letters")) / WIDTH
wide = 0.84 / KERNELS
lane(at, k) = -at - (k - (KERNELS + 1) / 2.0) * wide
end(c) = stringcolumn(c) eq "NaN" ? base : column(c) < base ? base : column(c)
low = value(NAME."_low")
high = value(NAME."_high")
base = LOG ? 10 ** floor(log10(low / 1.5)) : 0
top = LOG ? high * (high / base) ** (ROOM / (1 - ROOM)) : high > 0 ? high / (1 - ROOM) : 1
if (LOG) { set logscale x }
set format x (LOG ? "%.0s%c" : "%.7g")
set label 96 XLABEL at graph 0.5, screen (FOOT + below + 8.0) / HEIGHT center
set label 97 NOTE at screen 0.5, (FOOT + 6.0) / HEIGHT center font SMALL
set bmargin at screen (FOOT + 52.0 + below) / HEIGHT
set xtics out scale 0.6
set xrange [base:top]
set yrange [-rows + 0.45 : 0.55]
set ytics scale 0
set grid noytics
plot for [k = 1:KERNELS] DATA using (column(k + 2)):(lane($2, k)):(base):(column(k + 2)): \
		(lane($2, k) - 0.46 * wide):(lane($2, k) + 0.46 * wide) with boxxyerror lt k notitle, \
	for [k = 1:KERNELS] DATA using (MODE eq "exact" ? NaN : column(k + 2)):(lane($2, k)): \
		(column(k + KERNELS + 2)):(column(k + 2 * KERNELS + 2)) \
		with xerrorbars lc rgb "#000000" lw 1 ps 0 notitle, \
	for [k = 1:KERNELS] DATA using (end(k + 2 * KERNELS + 2)):(lane($2, k)): \
		(stringcolumn(k + 3 * KERNELS + 2)) with labels left offset 0.5, 0 font SMALL notitle, \
	for [k = 1:KERNELS] keyentry with boxes lt k title name(k), \
	DATA using (base):(-$2):ytic(1) with dots lc rgb "#ffffff" notitle
