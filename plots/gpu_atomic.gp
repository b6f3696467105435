# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "gpu_atomic"
load TABLES."/facts.gp"
TITLE = "Atomic adds of the device, by the kind of memory"
KEYS = 4
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
wide = 0.2
array WHICH[4] = ["one word, CPU idle", "one word, CPU adds, too", "distinct words, CPU idle", "distinct words, CPU adds, too"]
set key maxcols 2
set logscale y
set format y "%.0s%c"
set xtics scale 0 rotate by 15 right font ",11"
set xrange [-0.6:5.6]
set grid noxtics
set ylabel UNIT
plot for [c = 1:4] DATA using ($0 + (c - 2.5) * wide):(column(c + 1)):(wide * 0.92) with boxes lt c title WHICH[c], \
	DATA using 0:2:xtic(1) with dots lc rgb "#ffffff" notitle
