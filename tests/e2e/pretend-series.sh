# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Series of commits over a kernel.sh and a boot.sh that only pretend: for whoever asks of the logic of
# scripts/series/, and needs no kernel for it.

series=$scratch/series
tree=$series/tree
mkdir -p "$series"

# A copy of the scripts with two of them replaced.  A tree's kernel is its file `cost`: what
# a conversion takes, or how the kernel fails.
pretend() {
	mkdir -p "$series"/top/{bench,scripts/{campaign,kernel,guest}}
	cp scripts/campaign/company.sh "$series/top/scripts/campaign/"
	cp scripts/kernel/git.sh "$series/top/scripts/kernel/"
	cp scripts/lib.sh "$series/top/scripts/"
	cp -r scripts/series scripts/engine "$series/top/scripts/"
	ln -s "$DEX_TOP/build" "$DEX_TOP/results" "$series/top/"
	recorded
	ln -s "$RECORDED"/*-rmap-6.12 "$series/top/recorded"
	cat >"$series/top/scripts/kernel/kernel.sh" <<-'EOF'
		#!/usr/bin/env bash
		set -eu
		. "$(dirname "$0")/../lib.sh"
		built=${2#--built=} spec=$3 tree=${3#tree:}
		cost=$(git -C "${tree%@*}" show "${tree##*@}:cost")
		[ "$cost" != broken ] || die "$spec: the kernel did not build"
		echo "$spec" >>"$DEX_TOP/builds"
		echo "$spec" >"$built"
		sleep "$(cat "$DEX_TOP/delay" 2>/dev/null || echo 0)"
		jq -nc --arg spec "$spec" --arg cost "$cost" '{spec: $spec, key: "key\($cost)", cost: $cost}'
	EOF
	cat >"$series/top/scripts/guest/boot.sh" <<-'EOF'
		#!/usr/bin/env bash
		set -eu
		. "$(dirname "$0")/../lib.sh"
		for arg; do
			case $arg in
			--kernel=*) cost=$(jq -r .cost <<<"${arg#*=}") ;;
			--cases=*) cases=${arg#*=} ;;
			--out=*) out=${arg#*=} ;;
			esac
		done
		[ "$cost" != panics ] || { leave_reason "the boot failed: it panics"; exit 1; }
		echo "$cost" >>"$DEX_TOP/boots"
		mkdir "$out"
		cd "$DEX_TOP/recorded"
		cp run.json "$out/"
		for case in $cases; do
			jq --arg cost "$cost" '.results[].ticks |= map($cost | tonumber? // 0) |
				if $cost == "skips" then .results[] |= . + {skipped: "no device", ticks: [], ok: 0, attempted: 0}
				else . end' "$case.json" >"$out/$case.json"
		done
	EOF
	chmod +x "$series"/top/scripts/{kernel/kernel,guest/boot}.sh
}

# commits COST...: a tree with a commit each; the first is tagged good, the last bad.
commits() {
	local cost n=0

	rm -rf "$tree"
	mkdir -p "$tree/mm"
	git -C "$tree" init -q
	for cost; do
		n=$((n + 1))
		echo "$cost" >"$tree/cost"
		echo "$n" >"$tree/mm/rmap.c"
		git -C "$tree" add -A
		git -C "$tree" -c user.name=x -c user.email=x@x commit -q -m "number $n"
	done
	git -C "$tree" tag -f bad >/dev/null
	git -C "$tree" tag -f good "HEAD~$((n - 1))" >/dev/null
}

# in_series SCRIPT OUT [VAR=VALUE...]
in_series() {
	local script=$1 out=$2

	shift 2
	rm -f "$series/top/builds" "$series/top/boots"
	env TREE="$tree" GOOD=good BAD=bad BASE=good TIP=bad CASE=convert_latency PARAMS=notifier=yes \
		CASES=convert_latency OUT="$out" "$@" "$series/top/scripts/series/$script.sh"
}
