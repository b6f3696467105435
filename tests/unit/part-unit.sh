# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# The unit tests.

for t in tests/unit/test_*.c; do
	t=$(basename "$t" .c)
	check "unit: $t" "build/tests/$t"
done
check "simulated campaigns: verdicts are right as often as they say" build/tests/check_stats --quick
