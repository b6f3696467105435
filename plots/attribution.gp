# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "attribution"
load TABLES."/facts.gp"
HEIGHT = 155 + 15 * KERNELS + 20 * attribution_rows
TITLE = ATTRIBUTED
KEYS = 2
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
set lmargin at screen 330.0 / WIDTH
set rmargin at screen 1 - 60.0 / WIDTH
set xlabel "instructions more or less in each function itself, per sample"
set yrange [-attribution_rows + 0.4 : 0.6]
set y2range [-attribution_rows + 0.4 : 0.6]
set format x "%.0s%c"
set y2tics scale 0
set ytics scale 0
set grid noytics noy2tics
set arrow 1 from first 0, graph 0 to first 0, graph 1 nohead lc rgb "#404040"
plot DATA using 2:(-$0):(0):2:(-$0 - 0.35):(-$0 + 0.35):ytic(1) with boxxyerror lt 2 notitle, \
	DATA using ($2 > 0 ? $2 : NaN):(-$0):(0):2:(-$0 - 0.35):(-$0 + 0.35) with boxxyerror lt 1 notitle, \
	keyentry with boxes lt 2 title "fewer", keyentry with boxes lt 1 title "more", \
	DATA using 2:(-$0):y2tic(sprintf("%+g", $2)) axes x1y2 with dots lc rgb "#404040" notitle
