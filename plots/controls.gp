# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "controls"
load TABLES."/facts.gp"
TITLE = "What the controls cost"
XLABEL = UNIT." (control_peer: per page)"
LOG = 1
load "plots/bars.gp"
