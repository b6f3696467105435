# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "break_even"
load TABLES."/facts.gp"
TITLE = "When migrating a page to the device and back beats sharing it"
KEYS = 2 * KERNELS
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set logscale xy
set format y "%.0s%c"
set format x "%g"
set xlabel "touches by the CPU, per page and million ".UNIT
set ylabel "cost of both migrations, ".UNIT
set label 1 "sharing is better" at graph 0.97, 0.92 right font ",13"
set label 2 "migrating is better" at graph 0.03, 0.06 font ",13"
set label 3 "thick: an atomic is free in the device's memory" at graph 0.97, 0.84 right font SMALL
set label 4 "thin: it costs as much there as here" at graph 0.97, 0.78 right font SMALL
plot for [s = 0:1] for [k = 1:KERNELS] DATA index s * KERNELS + k - 1 using 1:12 \
		with lines lt k lw width(k) dt s + 1 title name(k).(s ? ", 64 sharers" : ", no sharers"), \
	for [s = 0:1] for [k = 1:KERNELS] DATA index s * KERNELS + k - 1 using 1:11 \
		with lines lt k dt s + 1 lw 1 notitle
