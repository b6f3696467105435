# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "fault_back_state"
load TABLES."/facts.gp"
TITLE = "Taking a page back when something stands in its way"
KEYS = KERNELS
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
wide = 0.8 / KERNELS
at(row, k) = row + (k - (KERNELS + 1) / 2.0) * wide
name(k) = word(KERNEL[k], 1)[:strlen(word(KERNEL[k], 1))-1]
set xtics scale 0
set xrange [-0.6:fault_back_state_rows - 0.4]
set grid noxtics
set logscale y
set format y "%.0s%c"
set yrange [500:*]
set ylabel UNIT." per touch"
set xlabel "held: the driver keeps the folio locked meanwhile"
plot for [k = 1:KERNELS] DATA using (at($0, k)):(column(k + 1)):(wide * 0.92) with boxes lt k title name(k), \
	for [k = 1:KERNELS] DATA using (at($0, k)):(column(k + 1)):(sprintf("%.0f", column(k + 1))) \
		with labels rotate by 90 left offset 0, 0.4 font ",9" notitle, \
	DATA using 0:(500):xtic(1) with dots lc rgb "#ffffff" notitle
