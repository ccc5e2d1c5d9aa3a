#!/bin/bash
# SPDX-License-Identifier: MIT
#
# 3,000,000 exceptions and 3,000,000 longjmps past frame stubs, cold and warm, leave the memory where it
# was. By hand: throws_memory.sh COUNT.
set -u
LIVE_RULES='time=*' exec "$BASH" "$top_srcdir/tests/live/compare.sh" \
	"$top_builddir/tests/live/throws_memory_host" "${1:-3000000}"
