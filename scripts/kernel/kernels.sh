#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Build or reuse the kernels that KERNELS names (default: the ladder).  `make kernels` runs this.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"

mapfile -t specs < <(kernels_or "$(ladder_specs)")
check_cache
exec "$DEX_TOP/scripts/kernel/kernel.sh" "${specs[@]}"
