#!/bin/sh
# SPDX-License-Identifier: MIT
# The bundle's own door, `run` in it: what follows needs bash.
here=$(cd "${0%/*}" && pwd) || exit 2
command -v bash >/dev/null || {
	echo "dexbench: error: bash: not found; a bundle needs it and QEMU (Debian: apt-get install bash)" >&2
	exit 2
}
exec bash "$here/scripts/bundle/runner.sh" "$@"
