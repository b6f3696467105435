# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "effects"
load TABLES."/facts.gp"
HEIGHT = 185 + 15 * KERNELS + 15 * effects_rows
TITLE = "Ratios to ".word(KERNEL[1], 1)[:strlen(word(KERNEL[1], 1))-1]." with 95 % intervals over boots"
KEYS = KERNELS
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set lmargin at screen 380.0 / WIDTH
set key vertical maxrows 9
set tmargin at screen 1 - (54.0 + 18 * KERNELS) / HEIGHT
set logscale x
set format x "%g"
set xrange [effects_low / 1.1 : effects_high * 1.1]
set xlabel "ratio (filled: a verdict; open: inconclusive)"
set yrange [-effects_rows + 0.4 : 0.6]
set ytics scale 0 font ",10"
set grid noytics
set arrow 1 from first 1, graph 0 to first 1, graph 1 nohead lc rgb "#404040"
shift(k) = (k - (KERNELS - 2) / 2.0) * 0.4
plot for [k = 0:KERNELS-2] DATA index k every ::1 using 2:(-$0 - shift(k)):3:4:ytic(1) \
		with xerrorbars lt k + 2 lw 1.2 pt 6 ps 0 title KERNEL[k + 2], \
	for [k = 0:KERNELS-2] DATA index k every ::1 using 2:(-$0 - shift(k)):(6 + $5) \
		with points lt k + 2 ps 0.9 pt variable notitle
