# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "stay_or_migrate"
load TABLES."/facts.gp"
TITLE = "A visit of a device to a page and back: the kernel's side of staying and of migrating"
XLABEL = UNIT." per page"
load "plots/bars.gp"
