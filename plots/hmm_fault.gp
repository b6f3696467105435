# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "hmm_fault"
load TABLES."/facts.gp"
TITLE = "Looking 16 pages up with hmm_range_fault(), by the driver's loop and by the kernel's"
XLABEL = UNIT." per page"
LOG = 1
load "plots/bars.gp"
