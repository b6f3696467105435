#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Spoil COUNT directories of results by SEED, and say what became of them; see mutated.py.
#
# usage: mutated.sh COUNT SEED
set -eu

here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-hostile.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
"$here/campaign.sh" "$scratch/base"
mkdir "$scratch/room"
cd "$here/../.."
python3 -B "$here/mutated.py" "$scratch/base" "$scratch/room" "$1" "$2"
