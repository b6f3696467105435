# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "migrate_private"
load TABLES."/facts.gp"
TITLE = "What moving pages to device-private memory costs the kernel, without the copy"
KEYS = KERNELS * migrate_private_series
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set logscale xy
set format y "%.0s%c"
set xlabel "processes that share the mapping (the migrating one and its children)"
set ylabel UNIT." per page"
set xrange [0.9:400]
set yrange [*<1000:*]
plot for [k = 1:KERNELS] for [s = 0:migrate_private_series-1] DATA index (k - 1) * migrate_private_series + s \
	using 1:2:3:4 with yerrorlines lt k lw width(k) dt s + 1 title columnheader(1)
