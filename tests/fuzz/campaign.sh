#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A small campaign of recorded samples, a few of each row, that is quickly read and spoiled.
#
# usage: campaign.sh DIRECTORY
set -eu
shopt -s inherit_errexit

reference=$(cd "$(dirname "$0")/../.." && pwd)/results/reference
to=$1

mkdir -p "$to"
jq -c '.cases = ["control_clock", "convert_latency", "convert_range"] | .kernels |= map(select(.spec != "folio-7.x")) |
	.schedule |= map(select(.kernel != "folio-7.x"))' "$reference/plan.json" >"$to/plan.json"
for boot in $(jq -r '.schedule[].boot' "$to/plan.json"); do
	mkdir "$to/$boot"
	jq -c '.config.symbols = {A: "y"} | .dmesg = [] | .cpu.flags = "f" | .host.machine = null' \
		"$reference/$boot/run.json" >"$to/$boot/run.json"
	for name in control_clock convert_latency convert_range; do
		zcat "$reference/$boot/$name.json.gz" | jq -c '.results |= map(.ticks |= .[:16] | .gaps = null | .errors = null |
			.ok = (.ticks | length) * .pages_per_sample | .attempted = .ok)' >"$to/$boot/$name.json"
	done
done
