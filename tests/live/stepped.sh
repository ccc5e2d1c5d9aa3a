#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A signal handler may come in after any instruction of a call that is recorded, while its thread takes the memory that it
# records in, too, and make recorded calls or fork. Every 97th instruction is tried, which is a prime number.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}"
failures=0

for what in calls forks; do
	LIVE_RULES='trace=probe_*' \
		"$BASH" "$top_srcdir/tests/live/compare.sh" "$top_builddir/tests/live/stepped_host" $what 97 ||
		failures=$((failures + 1))
done
# And every one of a call that finds all there.
LIVE_RULES='time=probe_* trace=probe_*' \
	"$BASH" "$top_srcdir/tests/live/compare.sh" "$top_builddir/tests/live/stepped_host" abandons ||
	failures=$((failures + 1))
exit $((failures > 0))
