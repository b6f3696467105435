# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "contend_anon_vma"
load TABLES."/facts.gp"
HEIGHT = 620
TITLE = "Pages converted while others of the fork tree work"
KEYS = KERNELS
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
series = contend_anon_vma_series
columns = series > 1 ? 2 : 1
rows = (series + columns - 1) / columns
top = 1 - 75.0 / HEIGHT
bottom = (FOOT + 50.0) / HEIGHT
unset key
set multiplot
set logscale y
set yrange [contend_anon_vma_low / 1.3 : contend_anon_vma_high * 1.3]
set xrange [-0.3:*]
set autoscale xfixmax
set offsets 0, 0.3, 0, 0
set xtics 1
# Beside each other, or one's bars would hide another's.
beside(k) = 0.07 * (k - (KERNELS + 1) / 2.0)
do for [s = 0:series-1] {
	column = s % columns
	row = s / columns
	if (s == 0) { set key } else { unset key; unset label }
	set lmargin at screen 0.10 + column * 0.46
	set rmargin at screen 0.10 + column * 0.46 + 0.40
	set tmargin at screen top - (top - bottom) / rows * row - 0.03
	set bmargin at screen top - (top - bottom) / rows * (row + 1) + (row + 1 < rows ? 0.05 : 0)
	set xlabel (row + 1 == rows ? "others (bars: lowest and highest ".ONE_OF.")" : "")
	set ylabel (column == 0 ? "pages per million ".UNIT : "")
	set label 97 "against: ".contend_anon_vma_name[s + 1] at graph 0.5, 1.06 center
	plot for [k = 1:KERNELS] DATA index (k - 1) * series + s every ::1 \
		using ($1 + beside(k)):2:3:4 with yerrorlines lt k lw width(k) title name(k)
}
unset multiplot
