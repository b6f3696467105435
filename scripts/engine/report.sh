#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What comes after the last boot of a campaign that a queue works off: the comparison, if every boot
# of the plan is there.  Whoever waits for the campaign shows it; who does not finds it.
#
# usage: report.sh OUT
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

[ $# -eq 1 ] || die "usage: report.sh OUT"
while IFS= read -r boot; do
	[ -e "$1/$boot" ] || { log "$1: boot $boot is not there, so nothing is compared"; exit 0; }
done < <(jq -r '.schedule[].boot' "$1/plan.json")
rc=0
"$DEX_TOP/build/dex-compare" --write "$1" >/dev/null || rc=$?
[ "$rc" -ne 2 ]
