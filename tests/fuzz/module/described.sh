#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a request passes, in one form from two files: is dexbench.txt what the headers say?
#
# usage: described.sh HEADER... DEXBENCH.TXT
#
# Prints requests with the structure that each passes and how, and each structure's fields with
# their bits, in order; what the two files say differently is shown as diff does.  Exit status: diff's.
set -eu

# _IO... of the header; the structures of the samples and entries are memory, and no arguments.
of_header() {
	awk '
		/^#define DEX_IOC_/ {
			how = $3; sub(/\(.*/, "", how); type = "0"
			if (match($0, /struct dex_[a-z]+/)) type = substr($0, RSTART + 7, RLENGTH - 7)
			print "request", $2, type, how == "_IOWR" ? "inout" : how == "_IOW" ? "in" : "none"
		}
		/^struct dex_[a-z]+ \{/ && $2 !~ /sample|entry/ { name = $2; next }
		/^};/ { name = "" }
		name != "" {
			sub(/;.*/, ""); bits = $1 ~ /32/ ? 32 : $1 ~ /64/ ? 64 : $2
			field = $1 == "struct" ? $3 : $2; sub(/\[.*/, "", field)
			print "field", name, field, bits
		}' "$@" | sort -s -k 1,2
}

of_description() {
	awk '
		/^ioctl\$/ {
			match($0, /DEX_IOC_[A-Z]+/); request = substr($0, RSTART, RLENGTH)
			if (match($0, /ptr\[[a-z]+, dex_[a-z]+/)) {
				split(substr($0, RSTART + 4, RLENGTH - 4), part, ", ")
				print "request", request, part[2], part[1]
			} else
				print "request", request, "0", "none"
		}
		/^dex_[a-z]+ \{/ { name = $1; next }
		/^}/ { name = "" }
		name != "" {
			line = $0; sub(/^[ \t]*[a-z_]+[ \t]+/, "", line)
			print "field", name, $1, line ~ /^dex_/ ? line : line ~ /64/ ? 64 : line ~ /int32/ ? 32 : line
		}' "$1" | sort -s -k 1,2
}

[ $# -ge 2 ] || { echo "dexbench: error: usage: described.sh HEADER... DEXBENCH.TXT" >&2; exit 2; }
diff -u <(of_header "${@:1:$#-1}") <(of_description "${@: -1}")
