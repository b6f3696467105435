# SPDX-License-Identifier: MIT
TABLES = ARG1
OUTPUT = ARG2
FORMAT = ARG3
NAME = "ping_pong_threads"
load TABLES."/facts.gp"
TITLE = "How often threads take pages from a device"
XLABEL = "device faults per 1000 touches"
NOTE = "pages: the same for all, or own; words: the device's, or other"
load "plots/bars.gp"
