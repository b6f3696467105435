# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "fault_back_state"
load TABLES."/facts.gp"
TITLE = "Taking a page back when something stands in its way"
XLABEL = UNIT." per touch"
LOG = 1
NOTE = "held: the driver keeps the folio locked meanwhile"
load "plots/bars.gp"
