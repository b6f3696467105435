# shellcheck shell=bash disable=SC2154 # scripts/check.sh's names
# SPDX-License-Identifier: MIT
# Campaigns whose kernels and boots are pretended.  Sourced by parts that look at what is around a boot.

top=$scratch/top

# A copy of the scripts with two of them replaced; `behave` says how boots end.  QEMU is a sleep
# whose number is in `qemu`; an obstinate one does not listen.
pretend() {
	mkdir -p "$top"
	chmod a+x "$all_scratch" "$scratch"
	cp -r scripts kernels "$top/"
	ln -s "$DEX_TOP/build" "$DEX_TOP/results" "$top/"
	ln -s "$RECORDED" "$top/recorded"
	cat >"$top/scripts/kernel/kernel.sh" <<-'END'
		#!/usr/bin/env bash
		set -eu
		. "$(dirname "$0")/../lib.sh"
		[ ! -e "$DEX_TOP/slow-kernel" ] || sleep 100 &
		wait
		shift
		for spec; do
			jq -c --arg spec "$spec" '.kernels[] | select(.spec == "rmap-6.12") | .spec = $spec |
				del(.same_as) + {bzimage: "/x", build_tree: "/y"}' "$DEX_TOP/recorded/plan.json"
		done
	END
	cat >"$top/scripts/guest/boot.sh" <<-'END'
		#!/usr/bin/env bash
		set -eu
		. "$(dirname "$0")/../lib.sh"
		for arg; do
			case $arg in
			--out=*) out=${arg#*=} ;;
			--label=*) label=${arg#*=} ;;
			--cases=*) cases=${arg#*=} ;;
			--kernel=*) kernel=${arg#*=} ;;
			--probe-kvm) [ ! -e "$DEX_TOP/no-kvm" ] || { cat "$DEX_TOP/no-kvm"; exit 1; }; exit 0 ;;
			esac
		done
		echo x >>"$DEX_TOP/tries"
		work=$out.part.$$
		behave=$(cat "$DEX_TOP/behave")
		case $behave in
		nothing) exit 1 ;;
		crash) kill -9 $$ ;;
		refuse) die "the module does not build" ;;
		esac
		mkdir "$work"
		trap 'rm -rf "$work"' EXIT
		trap 'kill $qemu 2>/dev/null; exit 130' INT TERM
		timeout --foreground "$(cat "$DEX_TOP/delay")" bash -c "$([ "$behave" != obstinate ] || echo "trap '' TERM;")"'
			echo $$ >>"$1/qemu"; exec sleep 100' - "$DEX_TOP" &
		qemu=$!
		wait $qemu || true
		cp "$DEX_TOP"/recorded/*-rmap-6.12/* "$work/"
		for f in "$work"/*.json; do
			[[ " run $cases status " == *" $(basename "$f" .json) "* ]] || rm "$f"
		done
		jq -c --argjson kernel "$kernel" --arg arm "$label" --arg version "$("$DEX_TOP/build/dexbench" --version | cut -d' ' -f2-)" \
			--arg qemu "$(qemu-system-x86_64 --version | head -n 1)" '.dexbench = $version | .host.qemu = $qemu |
			.host.label = $arm | .host.kernel = ($kernel | del(.bzimage, .build_tree, .same_as))' "$work/run.json" >"$work/new"
		mv "$work/new" "$work/run.json"
		mv -T "$work" "$out"
	END
	chmod +x "$top"/scripts/{kernel/kernel,guest/boot}.sh
	mkdir -p "$top/machine/proc" "$top/machine/dev"
	mkdir -p "$top/machine/run/lock"
	chmod 1777 "$top/machine/run/lock"
	: >"$top/machine/dev/kvm"
	: >"$top/qemu"
	echo '0.10 0.20 0.30 1/200 3000' >"$top/machine/proc/loadavg"
}

# ab HOW DELAY OUT [VAR=VALUE...]: a campaign of such boots, started by $by.  Bash ignores signals in
# what it starts in the background, and nohup does; so they are given back.
by=()
ab() {
	local out=$3

	echo "$1" >"$top/behave"
	echo "$2" >"$top/delay"
	: >"$top/tries"
	shift 3
	env --default-signal=HUP,INT,TERM DEXBENCH_SYSROOT="$top/machine" DEXBENCH_CACHE="$top/cache" OUT="$out" KERNELS=rmap-6.12 CASES=convert_latency \
		AA=no SEED=1 "$@" "${by[@]}" "$top/scripts/campaign/ab.sh"
}
