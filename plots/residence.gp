# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "residence"
load TABLES."/facts.gp"
TITLE = "What a device still does on pages that a CPU is put off from"
XLABEL = "atomics per 1000 ".UNIT
NOTE = "residence: none, fixed, or doubling; rate: touches per page and million, or as fast as the CPU can"
load "plots/bars.gp"
