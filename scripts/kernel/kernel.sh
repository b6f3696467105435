#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Build kernels for measurement, or reuse them from the cache.
#
# usage: kernel.sh [--json] [--built=FILE] [SPEC...]      (default: the ladder)
#
# What a SPEC is: kernel/spec.sh.  What happens to it: spec.sh reads it, source.sh makes its source a
# git tree named by content, build.sh makes that a kernel kept by content; distro.sh takes kernels that
# are built already.  Each prints JSON, and nothing is shared but that.
#
# Prints `spec<TAB>bzImage<TAB>build-tree`, or with --json one JSON object a line: {"spec", "cmdline",
# "source", "tree", "packages"} and what build.sh prints.  FILE gets the spec of each kernel that was
# not in the cache and had to be built.
#
# Environment: DEXBENCH_CACHE, DEXBENCH_MIRROR, CC, LLVM, CONFIG, DEBUG, JOBS (kernel/build.sh), UPDATE=1
# (look for newer packages).
set -eu
shopt -s inherit_errexit
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

HERE=$DEX_TOP/scripts/kernel
ladder_names() { grep -v '^#' "$DEX_TOP/kernels/ladder.tsv" | cut -f1; }

# of_source ASKED BUILT-LIST: from source to kernel.
of_source() {
	local source built

	source=$("$HERE/source.sh" "$1") || exit
	built=$("$HERE/build.sh" --spec="$(jq -r .spec <<<"$1")" --source="$source" ${2:+--built="$2"}) || exit
	jq -c '{source, tree, packages}' <<<"$source" | jq -c --argjson built "$built" '. + $built'
}

# prepare SPEC BUILT-LIST: one kernel's JSON.
prepare() {
	local asked found

	asked=$("$HERE/spec.sh" "$1") || exit
	case $(jq -r .kind <<<"$asked") in
	package | tree) found=$(of_source "$asked" "$2") || exit ;;
	*)
		jq -e '.patches == []' <<<"$asked" >/dev/null || die "$1: this kernel is built already, and no patch can be put on it"
		found=$("$HERE/distro.sh" "$(jq -r .base <<<"$asked")") || exit
		;;
	esac
	jq -c '{spec, cmdline}' <<<"$asked" | jq -c --argjson found "$found" '. + $found'
}

as_json=0 built_list=''
while [[ ${1:-} == -* ]]; do
	case $1 in
	--json) as_json=1 ;;
	--built=*) built_list=${1#*=} ;;
	*) die "kernel.sh: unknown option $1; usage: kernel.sh [--json] [--built=FILE] [SPEC...]" ;;
	esac
	shift
done
need_tool jq
# shellcheck disable=SC2046 # one word a name
[ $# -gt 0 ] || set -- $(ladder_names)
for arg; do
	kernel=$(prepare "$arg" "$built_list") || exit
	if [ "$as_json" = 1 ]; then
		printf '%s\n' "$kernel"
	else
		jq -r '[.spec, .bzimage, .build_tree] | @tsv' <<<"$kernel"
	fi
done
