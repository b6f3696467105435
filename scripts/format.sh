#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Format the C files, or say which of them are not.  Versions of clang-format disagree, so there is one.
#
# usage: format.sh [--check|--which]     (make format; --which prints the program)
set -eu
. "$(dirname "$0")/lib.sh"
FORMAT=14

cd "$DEX_TOP"
for program in "clang-format-$FORMAT" clang-format ''; do
	case $("$program" --version 2>/dev/null || true) in *"version $FORMAT."*) break ;; esac
done
[ -n "$program" ] ||
	die "the format is that of clang-format $FORMAT, here is $(clang-format --version 2>/dev/null || echo none); install clang-format-$FORMAT"
case $* in
'') options=(-i) ;;
--check) options=(--dry-run --Werror) ;;
--which)
	echo "$program"
	exit
	;;
*) die "usage: format.sh [--check|--which]" ;;
esac
git ls-files -z -co --exclude-standard '*.c' '*.h' '*.cc' | xargs -0r "$program" "${options[@]}"
