# SPDX-License-Identifier: MIT
# The picture of a distribution, for the scripts that load it: the axis of shares is
# stretched towards 1, so that p50, p90, p99 and p99.9 are equally far from each other, and
# ends at p99.99: all samples together are drawn there.
series = value(NAME."_series")
KEYS = KERNELS * series
load "plots/style.gp"
DATA = TABLES."/".NAME.".dat"
low = value(NAME."_low")
high = value(NAME."_high")

set yrange [0:0.9999]
set nonlinear y via -log10(1 - y) inverse 1 - 10 ** -y
set ytics ("0" 0, "p50" 0.5, "p90" 0.9, "p99" 0.99, "p99.9" 0.999, "p99.99" 0.9999)
set ylabel "share of samples up to there"
set xlabel UNIT.sprintf(" per page (the largest sample is %.0f)", value(NAME."_most"))
if (value(NAME."_log")) { set logscale x }
set xrange [low - (high - low) * 0.05 : high + (high - low) * 0.05]
plot for [k = 1:KERNELS] for [s = 0:series-1] DATA index 2 * ((k - 1) * series + s) \
		using 1:($2 < 1 ? $2 : 0.9999) with steps lt k lw width(k) dt s + 1 title columnheader(1), \
	for [k = 1:KERNELS] for [s = 0:series-1] DATA index 2 * ((k - 1) * series + s) + 1 \
		using 1:2 every ::1 with points lt k ps 0.6 + 0.3 * (KERNELS - k) notitle
