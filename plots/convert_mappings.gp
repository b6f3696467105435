# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "convert_mappings"
load TABLES."/facts.gp"
TITLE = "A conversion in a process of many mappings"
KEYS = KERNELS
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set logscale x 2
set xlabel "mappings: the converted one and N more (N = 0, 64, 512, 4096)"
set ylabel UNIT." per page"
set xrange [0.8:6000]
set yrange [0:*]
plot for [k = 1:KERNELS] DATA index k - 1 using 1:2:3:4 with yerrorlines lt k lw width(k) title columnheader(1)
