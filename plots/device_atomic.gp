# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "device_atomic"
load TABLES."/facts.gp"
TITLE = "What the software device needs for one atomic"
XLABEL = UNIT." per atomic"
NOTE = "the thread that asks is the engine; words: one, distinct, a page apart, random"
load "plots/bars.gp"
