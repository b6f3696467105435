# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "convert_latency"
load TABLES."/facts.gp"
TITLE = "Making one page exclusive: all samples"
load "plots/ecdf.gp"
