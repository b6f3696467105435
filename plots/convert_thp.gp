# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "convert_thp"
load TABLES."/facts.gp"
TITLE = "Converting pages of a large folio"
XLABEL = UNIT." per success"
LOG = 1
ROOM = 0.28
NOTE = "head, tail: that page; pages: one call a page; range: one call for all"
load "plots/bars.gp"
