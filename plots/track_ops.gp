# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "track_ops"
load TABLES."/facts.gp"
TITLE = "Trackers of written pages over exclusive and ordinary pages"
XLABEL = UNIT." per page of a region of 512"
LOG = 1
load "plots/bars.gp"
