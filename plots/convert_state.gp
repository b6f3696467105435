# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "convert_state"
load TABLES."/facts.gp"
TITLE = "What the state of a page adds to its conversion"
XLABEL = UNIT." per page"
load "plots/bars.gp"
