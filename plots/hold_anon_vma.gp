# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "hold_anon_vma"
load TABLES."/facts.gp"
TITLE = "How long a conversion holds the anon_vma root lock"
KEYS = KERNELS * hold_anon_vma_series
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set xlabel "children that share the mapping"
set ylabel UNIT." under the lock, per page"
set xrange [-1:66]
set yrange [-500:*]
plot for [k = 1:KERNELS] for [s = 0:hold_anon_vma_series-1] DATA index (k - 1) * hold_anon_vma_series + s \
	using 1:2:3:4 with yerrorlines lt k lw width(k) dt s + 1 title columnheader(1)
