# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "convert_shared"
load TABLES."/facts.gp"
TITLE = "What each process costs that shares the mapping"
KEYS = KERNELS * convert_shared_series
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set logscale xy
set format y "%.0s%c"
set xlabel "processes of the fork tree (the converting one and its children)"
set ylabel UNIT." per page"
set label 1 "behind: the children's mappings are in front of the converting one" at graph 0.02, 0.94 font SMALL
set label 2 "first: they are behind it" at graph 0.02, 0.88 font SMALL
set xrange [0.9:1200]
set yrange [*<1000:*]
plot for [k = 1:KERNELS] for [s = 0:convert_shared_series-1] DATA index (k - 1) * convert_shared_series + s \
	using 1:2:3:4 with yerrorlines lt k lw width(k) dt s + 1 title columnheader(1)
