# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "convert_range"
load TABLES."/facts.gp"
TITLE = "A range call looks its pages up at once"
KEYS = KERNELS * convert_range_series
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set logscale x 2
set xlabel "pages a range"
set ylabel UNIT." per page"
set xrange [0.9:570]
set yrange [0:*]
plot for [k = 1:KERNELS] for [s = 0:convert_range_series-1] DATA index (k - 1) * convert_range_series + s \
	using 1:2:3:4 with yerrorlines lt k lw width(k) dt s + 1 title columnheader(1)
