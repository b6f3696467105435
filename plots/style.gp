# SPDX-License-Identifier: MIT
# What all pictures have in common.  A script puts its arguments aside, says TITLE and
# how many entries its key has (KEYS), may say WIDTH and HEIGHT in pixels, loads this, and
# draws; nothing in here or there calculates a result.
#
#   gnuplot -d -c plots/NAME.gp TABLES OUTPUT svg|png
#
# TABLES is a directory that dex-compare --dat wrote; facts.gp in it says the mode, the
# unit and the kernels.

load TABLES."/facts.gp"
name(k) = word(KERNEL[k], 1)[:strlen(word(KERNEL[k], 1))-1]
if (!exists("WIDTH")) WIDTH = 800
if (!exists("HEIGHT")) HEIGHT = 500

# The name keeps an SVG's identifiers from being those of another one.
if (FORMAT eq "svg") {
	set terminal svg size WIDTH,HEIGHT dynamic noenhanced name NAME \
		font "DejaVu Sans,Arial,sans-serif,13" background "#ffffff"
} else {
	set terminal pngcairo size 2*WIDTH,2*HEIGHT noenhanced fontscale 2 linewidth 2 pointscale 2 \
		font "DejaVu Sans,10" background "#ffffff"
}
set output OUTPUT
# What stands beside marks: pixels in an SVG, points in a PNG.
SMALL = FORMAT eq "svg" ? ",11" : ",9"
set encoding utf8

# Okabe and Ito's colours ("Color Universal Design", 2008), the darkest first, each
# with a point of its own: told apart without colours as well.
set linetype 1 lc rgb "#d55e00" lw 2.2 pt 7 ps 0.8
set linetype 2 lc rgb "#0072b2" lw 2.2 pt 5 ps 0.8
set linetype 3 lc rgb "#009e73" lw 2.2 pt 9 ps 1.0
set linetype 4 lc rgb "#cc79a7" lw 2.2 pt 13 ps 1.0
set linetype 5 lc rgb "#56b4e9" lw 2.2 pt 11 ps 1.0
set linetype 6 lc rgb "#e69f00" lw 2.2 pt 4 ps 0.8
set linetype 7 lc rgb "#000000" lw 2.2 pt 6 ps 0.8
set linetype cycle 7
# Where kernels have the same value the earlier ones show beside the later, thinner ones.
width(k) = 2.2 + 1.0 * (KERNELS - k)
set dashtype 2 (7, 4)
set dashtype 3 (2, 3)

set border 3 lw 1 lc rgb "#404040"
set tics nomirror
set grid lc rgb "#c8c8c8" lw 0.7 dt solid
set style fill solid 0.85 noborder
set datafile missing "NaN"

# Above: the title, then the key in two columns, or one row of three.
set label 98 TITLE at screen 0.5, 1 - 20.0 / HEIGHT center \
	font (strlen(TITLE) > 62 ? ",12" : ",15")
set key at screen 0.5, 1 - 36.0 / HEIGHT center top horizontal maxcols (KEYS > 3 ? 2 : 3) Left reverse samplen 2.5
set tmargin at screen 1 - (54.0 + 18 * (KEYS > 3 ? (KEYS + 1) / 2 : 1)) / HEIGHT

# Below: kernels and their versions.
SHOWN = KERNELS < 5 ? KERNELS : 5
FOOT = 22 + 15 * SHOWN
do for [k = 1:SHOWN] {
	set label 100 + k KERNEL[k] at screen 10.0 / WIDTH, (FOOT - 15.0 * k) / HEIGHT \
		font ",10" textcolor rgb "#505050" noenhanced
}
set label 100 "mode ".MODE at screen 1 - 10.0 / WIDTH, (FOOT - 15.0) / HEIGHT right \
	font ",10" textcolor rgb "#505050"
set bmargin at screen (FOOT + 52.0) / HEIGHT
set lmargin at screen 85.0 / WIDTH
set rmargin at screen 1 - 30.0 / WIDTH
