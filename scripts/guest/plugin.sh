#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which build of a plugin does this QEMU take?  Prints its path.
#
# usage: plugin.sh PREFIX        of PREFIX-1.so, PREFIX-2.so, ... by version of QEMU's interface
#
# QEMU is asked: a plugin with the argument probe=on says which versions are spoken and ends
# QEMU, and one of a version that is not is refused before that.
#
# Environment: QEMU.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

QEMU=${QEMU:-$(arch_fact qemu)}

probe() { timeout 20 "$QEMU" -machine none -display none -plugin "${1//,/,,},probe=on" </dev/null; }

[ $# -eq 1 ] || die "usage: plugin.sh PREFIX"
need_tool "$QEMU" "$(arch_fact qemu_package)"
need_tool jq
mapfile -t plugins < <(find "${1%/*}" -maxdepth 1 -name "${1##*/}-*.so" | sort -rV)
[ ${#plugins[@]} -gt 0 ] || die "$1-*.so: no such plugin; run make bench"
for plugin in "${plugins[@]}"; do
	if [ -n "$(probe "$plugin" 2>/dev/null | jq .cur 2>/dev/null)" ]; then
		printf '%s\n' "$plugin"
		exit 0
	fi
done
why=$(probe "${plugins[0]}" 2>&1 >/dev/null | tail -n 1)
versions=("${plugins[@]##*-}")
die "$QEMU takes no plugin of interface ${versions[-1]%.so} to ${versions[0]%.so}: ${why:-it says nothing}; give a QEMU that does (7.2 to 11.1 do)"
