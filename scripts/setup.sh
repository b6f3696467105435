#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a step needs and this machine lacks: tools, headers and libraries are tried, whatever
# brought them (scripts/tools.tsv).
#
# usage: setup.sh [--install-nothing] [STEP...]    (default: build run)
#
#   compare   dex-compare and dex-plan          build     those and dexbench
#   run       boots of the kernels that KERNELS or TREE asks for: boot, and kernel (building one)
#             unless all are image:, and deb (fetching packages) where one is neither image: nor tree:
#   check     any test                              unit, static, formats, xml, browser, install,
#                                                   modules, gpu, gdb, junit, slurm   some of them
#   perf, plots, emulator, dax (guests of kernels/dax.config)
#
# On Debian what is missing is installed if we are root, unless told not to; otherwise one line has the command.
# Nothing else of the system is touched.  DEXBENCH_SYSROOT is put before /etc/os-release, for tests.
set -eu
. "$(dirname "$0")/lib.sh"

TOOLS=$DEX_TOP/scripts/tools.tsv
read -ra CC <<<"${CC:-gcc}"
read -ra CXX <<<"${CXX:-g++}"
scratch=$(mktemp "${TMPDIR:-/tmp}/dexbench.XXXXXX")
trap 'rm -f "$scratch"' EXIT

IFS=$'\t' read -ra FAMILIES < <(sed -n 's/^=family\t-\t//p' "$TOOLS")
IFS=$'\t' read -ra INSTALL < <(sed -n 's/^=install\t-\t//p' "$TOOLS")

# family: its number; none on a system that none of them is like.
family() {
	local release=${DEXBENCH_SYSROOT:-}/etc/os-release id word i pattern
	local -a patterns

	[ -r "$release" ] || release=${DEXBENCH_SYSROOT:-}/usr/lib/os-release
	id=$(sed -n 's/^ID\(_LIKE\)\{0,1\}=//p' "$release" 2>/dev/null | tr -d "\"'" | xargs)
	for word in $id; do
		for i in "${!FAMILIES[@]}"; do
			read -ra patterns <<<"${FAMILIES[i]}"
			for pattern in "${patterns[@]}"; do
				# shellcheck disable=SC2053 # a pattern
				[[ $word != $pattern ]] || { echo "$i"; return; }
			done
		done
	done
}

# compiles C-HEADERS OPTION...: headers are separated by commas.
compiles() {
	local headers=${1//,/ }

	# shellcheck disable=SC2086 # a list
	{ [ -z "$headers" ] || printf '#include <%s>\n' $headers; echo 'int main(void) { return 0; }'; } |
		"${CC[@]}" -w -x c - -x none -o "$scratch" "${@:2}"
}

# compiles_cxx HEADER OPTION...: a header of C++ that compiles takes a second, so it is only read.
compiles_cxx() {
	"${CXX[@]}" -E -x c++ - -o /dev/null <<<"#include <$1>" &&
		"${CXX[@]}" -x c++ - -x none -o "$scratch" "${@:2}" <<<'int main() { return 0; }'
}

# has KIND WHAT...: here.
has() {
	local kind=$1 any

	shift
	case $kind in
	command) command -v "$1" ;;
	any) for any; do command -v "$any" && return; done; return 1 ;;
	gnu) "$1" --version | grep GNU ;;
	static) command -v "$1" && ! readelf -lW "$(command -v "$1")" | grep INTERP ;;
	compiler) if [ "$1" = c ]; then compiles ''; else compiles_cxx new; fi ;;
	c) compiles "$1" "-l$2" ;;
	c++) compiles_cxx "$1" "-l$2" ;;
	library) compiles '' "-l$1" ;;
	pkgconfig) pkg-config --exists "$1" ;;
	file) [ -r "$1" ] ;;
	font) find /usr/share/fonts /usr/local/share/fonts "${HOME:-/}/.fonts" "${HOME:-/}/.local/share/fonts" -name "$1" | grep . ;;
	python) /usr/bin/python3 -c "import $1" ;;
	perl) perl "-M$1" -e 1 ;;
	*) die "scripts/tools.tsv: $kind: no such probe" ;;
	esac >/dev/null 2>&1
}

# needs STEP...: rows of the table, one a line.
needs() {
	local step

	for step; do
		awk -F'\t' -v step="$step" '!/^#/ && $1 == step { print; n++ } END { exit !n }' "$TOOLS" ||
			die "setup.sh: no step '$step'; one of: run $(awk -F'\t' '!/^[#=]/ { print $1 }' "$TOOLS" | uniq | xargs)"
	done
}

# steps_of STEP: those of the table that it stands for.
steps_of() {
	local specs

	case $1 in
	build) echo compare build ;;
	run)
		specs=${TREE:+tree:$TREE}
		specs=${specs:-$(kernels_or "$(ladder_specs)")}
		echo boot
		! grep -qv '^image:' <<<"$specs" || echo kernel
		! grep -qvE '^(image|tree):' <<<"$specs" || echo deb
		;;
	*) echo "$1" ;;
	esac
}

# missing FAMILY: rows of standard input that are not here, nor known not to be there.
missing() {
	local row probe
	local -a word column

	while IFS= read -r row; do
		IFS=$'\t' read -ra column <<<"$row"
		[ -z "$1" ] || [ "${column[2 + $1]}" != - ] || continue
		IFS=' ' read -ra word <<<"${column[1]}"
		has "${word[@]}" || printf '%s\n' "$row"
	done
}

# name_of PROBE: as one says it.
name_of() {
	local -a word

	read -ra word <<<"$1"
	case ${word[0]} in
	compiler) [ "${word[1]}" = c ] && echo "${CC[*]} (CC)" || echo "${CXX[*]} (CXX)" ;;
	gnu) echo "GNU ${word[1]}" ;;
	static) echo "a static ${word[1]}" ;;
	any) printf '%s\n' "${word[*]:1}" | sed 's/ / or /g' ;;
	c | c++) echo "${word[1]##*,} with lib${word[2]}" ;;
	library) echo "${word[1]#:}" ;;
	*) echo "${word[1]}" ;;
	esac
}

names_of() { cut -f2 | while IFS= read -r probe; do name_of "$probe"; done | sort -u | paste -sd, | sed 's/,/, /g'; }
packages_of() { cut -f$((3 + $1)) | sort -u | xargs; }

# install_on_debian PACKAGE...
install_on_debian() {
	local setup_log=$DEX_CACHE/setup.log

	check_cache
	log "installing $*"
	# shellcheck disable=SC2086 # words
	DEBIAN_FRONTEND=noninteractive bash -c "apt-get update && ${INSTALL[0]} $*" >"$setup_log" 2>&1 ||
		die "packages could not be installed: $(grep -m1 '^E:' "$setup_log" || echo "apt-get failed") (see $setup_log); without a network, install elsewhere: $*"
}

may_install=1
if [ "${1:-}" = --install-nothing ]; then
	may_install=''
	shift
fi
[ $# -gt 0 ] || set -- build run
steps=$(for step; do steps_of "$step"; done | xargs -n 1 | awk '!seen[$0]++')
# shellcheck disable=SC2086 # one word a step
table=$(needs $steps)
family=$(family)
rows=$(missing "$family" <<<"$table")
[ -n "$rows" ] || exit 0
[ -n "$family" ] ||
	die "missing: $(names_of <<<"$rows"); install them, by the names that this system has for Debian's $(packages_of 0 <<<"$rows")"
packages=$(packages_of "$family" <<<"$rows")
if [ -z "$may_install" ] || [ "$family" -ne 0 ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	die "missing: $(names_of <<<"$rows"); as root: ${INSTALL[family]} $packages"
fi
# shellcheck disable=SC2086 # one word a package
install_on_debian $packages
rows=$(missing "$family" <<<"$rows")
[ -z "$rows" ] || die "still missing, though $(packages_of "$family" <<<"$rows") is installed: $(names_of <<<"$rows")"
