# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "convert_place"
load TABLES."/facts.gp"
TITLE = "A conversion, by the place of the region among the mappings"
KEYS = KERNELS
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set xlabel "place of the region among the mappings, from the lowest (4096 more lie above it)"
set ylabel UNIT." per page"
set logscale x 2
set xrange [0.8:6000]
set yrange [0:*]
plot for [k = 1:KERNELS] DATA index k - 1 using 1:2:3:4 with yerrorlines lt k lw width(k) title columnheader(1)
