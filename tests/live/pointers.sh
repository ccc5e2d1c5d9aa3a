#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Pointers of every kind, good and bad, pass through functions that are traced, each way in which a prototype lets them be
# followed: nothing faults, nothing differs, and what could not be read is marked.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}"
export STUBCACHE_PROTOTYPES=$top_srcdir/tests/live/pointers_prototypes.h

LIVE_RULES='trace=look_* trace=look_*;stack=look_*' "$BASH" "$top_srcdir/tests/live/compare.sh" \
	"$top_builddir/tests/live/pointers_host"
