# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "ping_pong"
load TABLES."/facts.gp"
TITLE = "What a device still does on pages that a CPU writes to"
KEYS = KERNELS * ping_pong_series
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set xlabel "touches by the CPU, per page and million ".UNIT
set ylabel "atomics per 1000 ".UNIT
if (MODE eq "exact") { set yrange [0:*]; set xrange [-0.1:*] } else {
	set logscale y
	set format y "%g"
	set xrange [-0.1:4.6]
	set xlabel "touches by the CPU, per page and million ".UNIT." (a saturated CPU is off the picture)"
}
plot for [k = 1:KERNELS] for [s = 0:ping_pong_series-1] DATA index (k - 1) * ping_pong_series + s \
	using 1:2:3:4 with yerrorlines lt k lw width(k) dt s + 1 title columnheader(1)
