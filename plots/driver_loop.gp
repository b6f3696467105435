# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "driver_loop"
load TABLES."/facts.gp"
TITLE = "An atomic fault as drivers handle it"
XLABEL = UNIT." per page"
NOTE = "cure: the pages are looked up before the sequence is read"
load "plots/bars.gp"
