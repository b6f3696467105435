# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "fault_back_threads"
load TABLES."/facts.gp"
TITLE = "Taking a page back, by threads that did not convert it"
XLABEL = UNIT." per write"
NOTE = "other: one thread; all: one of each core at the same time"
load "plots/bars.gp"
