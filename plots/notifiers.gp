# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "notifiers"
load TABLES."/facts.gp"
TITLE = "What each further device costs that watches the same page"
KEYS = KERNELS * notifiers_series
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set xlabel "interval notifiers on the page, none of them of whoever converts"
set ylabel UNIT." per page"
set xrange [0:9]
set yrange [0:*]
plot for [k = 1:KERNELS] for [s = 0:notifiers_series-1] DATA index (k - 1) * notifiers_series + s \
	using 1:2:3:4 with yerrorlines lt k lw width(k) dt s + 1 title columnheader(1)
