# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "convert_thp"
load TABLES."/facts.gp"
HEIGHT = 620
TITLE = "Converting pages of a large folio"
KEYS = KERNELS
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
wide = 0.8 / KERNELS
at(row, k) = row + (k - (KERNELS + 1) / 2.0) * wide
name(k) = word(KERNEL[k], 1)[:strlen(word(KERNEL[k], 1))-1]
set xrange [-0.6:convert_thp_rows - 0.4]
set xtics scale 0
set grid noxtics
split = (FOOT + 180.0) / HEIGHT
set multiplot
set bmargin at screen split + 15.0 / HEIGHT
set logscale y
set yrange [1000:*]
set format y "%.0s%c"
set format x ""
set ylabel UNIT." per success"
plot for [k = 1:KERNELS] DATA using (at($0, k)):(column(k + 1)):(wide * 0.92) with boxes lt k title name(k), \
	for [k = 1:KERNELS] DATA using (at($0, k)):(column(k + 1)):(sprintf("%.0f", column(k + 1))) \
		with labels rotate by 90 left offset 0, 0.3 font ",8" notitle
unset label
unset key
unset logscale y
set tmargin at screen split
set bmargin at screen (FOOT + 75.0) / HEIGHT
set yrange [0:100]
set ytics 50
set format y "%g"
set ylabel "success, %"
set xtics rotate by 20 right font ",11"
plot for [k = 1:KERNELS] DATA using (at($0, k)):(column(KERNELS + k + 1)):(wide * 0.92) with boxes lt k, \
	DATA using 0:(0):xtic(1) with dots lc rgb "#ffffff"
unset multiplot
