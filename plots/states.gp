# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "states"
load TABLES."/facts.gp"
TITLE = "What else happens to a huge page of which one page is exclusive"
XLABEL = UNIT." for a region of 512 pages"
LOG = 1
load "plots/bars.gp"
