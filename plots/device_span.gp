# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "device_span"
load TABLES."/facts.gp"
TITLE = "A device fault that takes more pages than the device uses"
KEYS = KERNELS * device_span_series
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set logscale xy
set format y "%.0s%c"
set xlabel "pages that one device fault takes"
set ylabel UNIT." per device fault"
set label 1 "between two faults the CPU touches" at graph 0.02, 0.94 font SMALL
set label 2 "word: the device's page; all: all other pages before it" at graph 0.02, 0.88 font SMALL
set xrange [0.9:600]
plot for [k = 1:KERNELS] for [s = 0:device_span_series-1] DATA index (k - 1) * device_span_series + s \
	using 1:2:3:4 with yerrorlines lt k lw width(k) dt s + 1 title columnheader(1)
