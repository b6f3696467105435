# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "contend_threads"
load TABLES."/facts.gp"
TITLE = "Pages that threads of one process convert together"
KEYS = KERNELS
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set xlabel "threads, a core each (bars: lowest and highest ".ONE_OF.")"
set ylabel "pages per million ".UNIT.", all threads"
set xtics 1
set xrange [0.8:*]
set autoscale xfixmax
set offsets 0, 0.2, 0, 0
set yrange [0:*]
# Beside each other, or one's bars would hide another's.
beside(k) = 0.02 * (k - (KERNELS + 1) / 2.0)
plot for [k = 1:KERNELS] DATA index k - 1 using ($1 + beside(k)):2:3:4 with yerrorlines lt k lw width(k) title columnheader(1)
