# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "dax"
load TABLES."/facts.gp"
TITLE = "Pins and mappings of anonymous and of persistent memory"
XLABEL = UNIT." per page of a region of 512"
LOG = 1
load "plots/bars.gp"
