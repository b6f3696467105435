# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "fault_back_private"
load TABLES."/facts.gp"
TITLE = "Taking a page back from device-private memory, from user space: all samples"
load "plots/ecdf.gp"
