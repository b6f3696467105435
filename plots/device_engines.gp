# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "device_engines"
load TABLES."/facts.gp"
TITLE = "Atomics of the software device's engines together"
XLABEL = "64-bit additions per 1000 ".UNIT
NOTE = "engines=0: the thread that asks; words: one, distinct, a page apart, random"
load "plots/bars.gp"
