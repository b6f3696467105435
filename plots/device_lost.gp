# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "device_lost"
load TABLES."/facts.gp"
TITLE = "Updates that are lost where a page is not exclusive"
XLABEL = "lost updates per million increments"
load "plots/bars.gp"
