#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Another preload that looks for the next definition by RTLD_NEXT, before ours in LD_PRELOAD and after
# it, and two of them, one on each side: they see the same calls as without us.
set -u
compare=$top_srcdir/tests/live/compare.sh
other=$top_builddir/tests/live/.libs/libinterposer.so
host=$top_builddir/tests/live/interposed.host

LIVE_BEFORE=$other "$BASH" "$compare" "$host" || exit 1
LIVE_AFTER=$other "$BASH" "$compare" "$host" || exit 1
LIVE_BEFORE=$other LIVE_AFTER=${other%.so}_next.so "$BASH" "$compare" "$host" || exit 1
