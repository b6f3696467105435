#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A table of README.md or METHODOLOGY.md, in Markdown, of files in results/.
#
# usage: table.sh NAME FILE...          without arguments: the names
#
# tables*.jq have a function for each name.  A FILE is JSON, packed or not; a directory is the
# comparison in it, and - what another program prints.
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/../../scripts/lib.sh"
library=$(cat "$(dirname "$0")"/{rows,tables*}.jq)

names=$(sed -n 's/^def table_\([a-z_]*\):.*/\1/p' <<<"$library" | sort)
[ $# -gt 0 ] || { printf '%s\n' "$names"; exit; }
grep -qxF -e "$1" <<<"$names" || die "$1: no such table; tests/docs/table.sh without arguments lists them"
[ $# -gt 1 ] || die "$1: of which files?"

name=$1 work=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-table.XXXXXX") given=() files=''
trap 'rm -rf "$work"' EXIT
shift
for file in "$@"; do
	[ ! -d "$file" ] || file=$file/compare.json.gz
	[ "$file" = - ] || [ -f "$file" ] || die "$file: no such file"
	zcat -f "$file" >"$work/$#"
	given+=(--slurpfile "f$#" "$work/$#")
	files+=${files:+, }\$f$#
	shift
done
jq -nr "${given[@]}" "$library [$files] | table_$name"
