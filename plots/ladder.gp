# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "ladder"
load TABLES."/facts.gp"
HEIGHT = 140 + 33 * KERNELS + 22 * ladder_rows
TITLE = "What each step changed, in per cent of the first kernel's ".UNIT
KEYS = KERNELS
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set lmargin at screen 335.0 / WIDTH
set rmargin at screen 1 - 75.0 / WIDTH
set xlabel "per cent".(ladder_left_out ? \
	sprintf(" (not shown: %d rows with more than 60)", ladder_left_out) : "")
set key vertical maxrows 9
set tmargin at screen 1 - (54.0 + 18 * KEYS) / HEIGHT
set yrange [-ladder_rows + 0.4 : 0.6]
set y2range [-ladder_rows + 0.4 : 0.6]
set y2tics scale 0
set ytics scale 0
set grid noytics noy2tics
set arrow 1 from first 0, graph 0 to first 0, graph 1 nohead lc rgb "#404040"
half = 0.38
each = 2 * half / (KERNELS - 1)
last = KERNELS + 1
# A step begins where the one above it ended.
plot for [s = 1:KERNELS-1] DATA using (column(s + 1)):(-$0):(column(s + 1)):(column(s + 2)): \
		(-$0 + half - s * each):(-$0 + half - (s - 1) * each):ytic(1) \
		with boxxyerror lt s + 1 notitle, \
	for [s = 1:KERNELS-1] keyentry with boxes lt s + 1 title STEP[s], \
	DATA using (column(last)):(-$0):y2tic(sprintf("%+.1f %%", column(last))) axes x1y2 \
		with points pt 2 ps 0.7 lc rgb "#000000" title "together"
