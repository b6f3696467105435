#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which compiler builds a kernel, or the modules of one that is there.
#
# usage: toolchain.sh kernel           from CC and LLVM of the environment
#        toolchain.sh module TREE      what the build tree TREE was built with, or a line that says what is missing
#
# Prints {"cc": command of one or more words, "llvm": LLVM= as kbuild takes it, "text": what
# the compiler calls itself, "linker": likewise}.  The text is what the kernel's own
# CONFIG_CC_VERSION_TEXT holds, so that `ccache gcc` and gcc are the same compiler.
#
# Environment: CC (default: gcc, or clang with LLVM), LLVM (1, -19, or a directory that ends in /).
set -eu
shopt -s inherit_errexit
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

need_tool jq

# text_of COMMAND: its name and version; a compiler that does not run has none.
text_of() {
	local words text

	read -ra words <<<"$1"
	text=$(LC_ALL=C "${words[@]}" --version 2>/dev/null | head -n 1)
	[ -n "$text" ] && printf '%s\n' "${text//#/}"
}

# llvm_tool LLVM NAME: how kbuild calls it.
llvm_tool() {
	case $1 in
	*/) printf '%s%s\n' "$1" "$2" ;;
	-*) printf '%s%s\n' "$2" "$1" ;;
	*) printf '%s\n' "$2" ;;
	esac
}

check_llvm() {
	local tool name

	[[ $1 == 1 || $1 =~ ^-[0-9]+$ || $1 == */ ]] ||
		die "LLVM=$1: give 1, -19 (clang-19), or a directory that ends in /"
	for tool in clang ld.lld llvm-ar llvm-nm llvm-objcopy llvm-objdump llvm-readelf llvm-strip; do
		name=$(llvm_tool "$1" "$tool")
		command -v "$name" >/dev/null 2>&1 ||
			die "LLVM=$1: $name: not found; install clang, lld and llvm of one version, or choose another with LLVM=-VERSION"
	done
}

# describe CC LLVM LINKER
describe() {
	jq -nc --arg cc "$1" --arg llvm "$2" --arg text "$(text_of "$1")" --arg linker "$(text_of "$3")" \
		'{cc: $cc, llvm: $llvm, text: $text, linker: $linker}'
}

for_kernel() {
	local llvm=${LLVM:-} cc linker=ld

	[ "$llvm" != 0 ] || llvm=''
	cc=${CC:-gcc}
	if [ -n "$llvm" ]; then
		check_llvm "$llvm"
		cc=${CC:-$(llvm_tool "$llvm" clang)}
		linker=$(llvm_tool "$llvm" ld.lld)
	fi
	text_of "$cc" >/dev/null ||
		die "CC=$cc: '$cc --version' fails, so this is no compiler that can be run; give one, as CC=gcc-12 or CC=\"ccache gcc\""
	describe "$cc" "$llvm" "$linker"
}

# symbol TREE NAME: of the tree's configuration.
symbol() { sed -n "s/^CONFIG_$2=\"\?\([^\"]*\)\"\?\$/\1/p" "$1/.config"; }

# fits COMMAND TEXT KIND MAJOR: it calls itself TEXT, or is at least of that kind and major version.
fits() {
	local words

	[ "$(text_of "$1")" = "$2" ] && return
	read -ra words <<<"$1"
	"${words[@]}" -dM -E -x c /dev/null 2>/dev/null | awk -v clang="$([ "$3" != clang ] || echo 1)" -v major="$4" '
		$2 == "__clang__" { is_clang = 1 }
		$2 == "__clang_major__" { clang_major = $3 }
		$2 == "__GNUC__" { gnu = $3 }
		END { exit !(clang ? is_clang && clang_major == major : !is_clang && gnu == major) }'
}

for_module() {
	local tree=$1 text kind=gcc version major llvm=${LLVM:-} cc candidates

	[ -r "$tree/.config" ] || die "$tree: no kernel build tree (no .config in it)"
	text=$(symbol "$tree" CC_VERSION_TEXT)
	version=$(symbol "$tree" GCC_VERSION)
	if [ "$(symbol "$tree" CC_IS_CLANG)" = y ]; then
		kind=clang
		version=$(symbol "$tree" CLANG_VERSION)
	fi
	major=$((${version:-0} / 10000))
	candidates=(${CC:+"$CC"} "$kind" "$kind-$major" "$(arch_fact compiler_prefix)$kind-$major" "/usr/lib/llvm-$major/bin/$kind")
	for cc in "${candidates[@]}"; do
		fits "$cc" "$text" "$kind" "$major" || continue
		if [ "$kind" = clang ] && [ -z "$llvm" ] && [ "$(symbol "$tree" LD_IS_LLD)" = y ]; then
			case $cc in
			*/*) llvm=${cc%clang} ;;
			clang-*) llvm=${cc#clang} ;;
			*) llvm=1 ;;
			esac
		fi
		[ -z "$llvm" ] || check_llvm "$llvm"
		describe "$cc" "$llvm" "$(if [ -n "$llvm" ]; then llvm_tool "$llvm" ld.lld; else echo ld; fi)"
		return
	done
	die "$tree was built by '$text'; its modules need $kind $major, and there is none: install $kind-$major, or give CC="
}

case ${1:-} in
kernel) for_kernel ;;
module) for_module "${2:-}" ;;
*) die "toolchain.sh: kernel, or module TREE" ;;
esac
