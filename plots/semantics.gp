# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "semantics"
load TABLES."/facts.gp"
TITLE = "What holds on which kernel, and what was observed"
KEYS = 2
HEIGHT = 130 + 15 * KERNELS + 20 * semantics_rows
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set datafile missing
set lmargin at screen (30 + 7.8 * semantics_letters) / WIDTH
set tmargin at screen 1 - 90.0 / HEIGHT
set bmargin at screen (FOOT + 15.0) / HEIGHT
set border 0
set xrange [0.85:KERNELS + 0.85]
set yrange [-semantics_rows + 0.45 : 0.55]
set ytics scale 0
unset xtics
do for [k = 1:KERNELS] {
	set label k name(k) at first k - 0.03, graph 1 left offset 0, 0.6
}
unset grid
holds(k, is) = stringcolumn(k + 2) eq (is ? "1" : "0") ? k : NaN
plot for [k = 1:KERNELS] DATA using (holds(k, 1)):(-$2):ytic(1) with points pt 7 ps 1.2 lc rgb "#0072b2" notitle, \
	for [k = 1:KERNELS] DATA using (holds(k, 0)):(-$2) with points pt 2 ps 1.4 lw 2.5 lc rgb "#d55e00" notitle, \
	for [k = 1:KERNELS] DATA using (k):(-$2):(stringcolumn(k + 3 * KERNELS + 2)) \
		with labels left offset 2, 0 font SMALL notitle, \
	keyentry with points pt 7 ps 1.2 lc rgb "#0072b2" title "holds", \
	keyentry with points pt 2 ps 1.4 lw 2.5 lc rgb "#d55e00" title "does not hold"
