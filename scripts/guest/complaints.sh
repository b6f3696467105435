#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a guest's kernel said of itself that it should not have to say.
#
# usage: complaints.sh DIRECTORY     (of a boot: console.log, dmesg.txt)
#
# Prints such lines; none: all is well.  That memory runs out is asked for (bench/tests/fuzz/module):
# the one trace that the kernel shows with it is none.
set -eu

[ $# -eq 1 ] || { echo "dexbench: error: usage: complaints.sh DIRECTORY" >&2; exit 2; }
cat "$1"/console.log "$1"/dmesg.txt 2>/dev/null | awk '
	/invoked oom-killer:|vmalloc error:|page allocation failure:/ { asked = 1 }
	asked && /Call Trace:/ { asked = 0; next }
	/BUG:|WARNING:|KASAN|KCSAN|INFO: (possible|task|rcu)|Oops|[Bb]ad page|page_table_check|Call Trace:|FAULT_FLAG_|UBSAN|blocked for more than|Kernel panic|tasks refusing to freeze/'
