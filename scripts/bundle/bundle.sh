#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A campaign as one archive, which runs where there is neither this tree nor a compiler nor a network.
# `make bundle` runs this.
#
# The plan is that of `make ab` with the same variables; kernels are built or taken from the cache here, and
# each initramfs is packed by the same boot.sh that would boot it.  In the archive:
#
#   run            the door: scripts/bundle/runner.sh, which starts guests by the same boot.sh
#   manifest.json  what there is, with the SHA-256 of every file (results/schema/bundle.v1.json); the bundle's
#                  name is the SHA-256 of this file
#   SHA256SUMS     the same sums, and the manifest's, as sha256sum reads them
#   plan.json      what the results' directory gets
#   kernels.jsonl, kernels/KEY/{image,initramfs}
#   host/, bin/, build/   programs that boot.sh calls and dex-compare, with their libraries; in lockstep mode
#                  the emulator, which is part of what is measured
#
# Environment: OUT (an archive: .tar.zst, .tar.gz or .tar), and of make ab KERNELS, CASES, FULL, MODE, ROWS,
# BOOTS, RUNS, PAGES, AA, RETRIES, PRIMARY, LOCKSTEP, CPUS, MEMORY, SEED, COUNTERS.
set -eu
shopt -s extglob
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

BUILD=$DEX_TOP/build
HERE=$DEX_TOP/scripts
. "$HERE/engine/door.sh"
. "$HERE/campaign/plan.sh"
. "$HERE/campaign/selection.sh"
. "$HERE/campaign/company.sh"
. "$HERE/bundle/pieces.sh"

# compressed: standard input, as the name of $OUT says.
compressed() {
	case $OUT in
	*.zst) zstd -q -10 --long=27 ;;
	*.gz) gzip -n ;;
	*) cat ;;
	esac
}

# check_question: what a bundle cannot be.
check_question() {
	[ -n "${OUT:-}" ] || die "OUT is missing; make bundle OUT=campaign.tar.zst KERNELS=\"rmap-6.12 folio-6.12\""
	[[ ${OUT##*/} == [A-Za-z0-9_]*.tar?(.zst|.gz) ]] ||
		die "OUT=$OUT: give an archive's name, OUT=campaign.tar.zst (or .tar.gz, .tar where nodes have no zstd)"
	[ ! -e "$OUT" ] || die "OUT=$OUT exists; a bundle is written once, choose another name"
	[ "${BOOTS:-}" != auto ] || die "BOOTS=auto: a pilot runs on the machine that it is for; give the bundle a number of boots"
	[ -z "${ENGINE:-}" ] || die "ENGINE=$ENGINE: a bundle brings a runner of its own; queue campaign/run N, or make ab ENGINE=$ENGINE"
	[ -z "${PERF:-}" ] || die "PERF=$PERF: a bundle brings no profiler; make ab PERF=record has it"
}

# pack NAME: the directory $scratch/NAME becomes $OUT, whole or not at all.
pack() {
	rm -f "$OUT".part.*
	part=$(mktemp "$OUT.part.XXXXXX") || die "OUT=$OUT: cannot write there"
	tar -C "$scratch" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - "$1" |
		compressed >"$part" || die "OUT=$OUT: cannot write it; is the disk full (df -h ${OUT%/*})?"
	chmod "$(printf %o $((0666 & ~0$(umask))))" "$part"
	mv -T "$part" "$OUT"
}

unpack_command() { case $OUT in *.zst) echo "tar --zstd -xf" ;; *.gz) echo "tar -xzf" ;; *) echo "tar -xf" ;; esac; }

check_question
check_input
select_cases "$MODE" "$ROWS" "${FULL:-}" "${CASES:-}"
select_primary "$MODE" "${PRIMARY:-}"
specs=$(kernels_or "$(ladder_specs)")
different "$specs"
usable "OUT=$OUT" "$(dirname "$OUT")" "choose another OUT"
end_on_signals log "interrupted; nothing was left, kernels that were built are kept"
resolve_emulator "${LOCKSTEP:-}"
resolve_kernels "$specs"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-bundle.XXXXXX")
part=''
trap 'rm -rf "$scratch" ${part:+"$part"}' EXIT
name=$(basename "$OUT")
name=$(safe_name "${name%.tar*}")
top=$scratch/$name
mkdir "$top"
# What its host is like says the machine that boots.
OUT=$top write_plan null "$primary" null
bundle_kernels "$top"
bundle_programs "$top"
bundle_manifest "$top"
pack "$name"
log "$OUT: bundle $(digest <"$top/manifest.json"), $(jq '.schedule | length' "$top/plan.json") boots; elsewhere: $(unpack_command) ${OUT##*/} && $name/run --all"
