#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One revision of a series, measured: a task of scripts/engine/door.sh.
#
# usage: measure.sh --tree=DIR --out=DIR --cases="a b" --pages=N --memory=MiB COMMIT
#
# OUT is a directory that begin_series made; OUT/revisions/COMMIT.json appears there.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
for arg; do
	value=${arg#*=}
	case $arg in
	--tree=*) TREE=$value ;;
	--out=*) OUT=$value ;;
	--cases=*) cases=$value ;;
	--pages=*) PAGES=$value ;;
	--memory=*) MEMORY=$value ;;
	-*) die "measure.sh: unknown option $arg; see its head" ;;
	*) commit=$arg ;;
	esac
done
if [ -z "${TREE:-}" ] || [ ! -d "${OUT:-}/revisions" ] || [ -z "${cases:-}" ] || [ -z "${commit:-}" ]; then
	die "measure.sh: --tree, --out, --cases and a commit; see its head"
fi
. "$DEX_TOP/scripts/series/series.sh"
measure "$commit"
