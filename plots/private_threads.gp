# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "private_threads"
load TABLES."/facts.gp"
TITLE = "Taking a page back from device-private memory, by threads at the same time"
XLABEL = UNIT." per write"
NOTE = "one: all threads write to one page; own: each to a page of its own"
load "plots/bars.gp"
