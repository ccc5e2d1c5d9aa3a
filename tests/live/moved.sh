#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A call that a coroutine has begun on another thread is not taken for one of the thread that it returns on.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=trace=probe_call STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out \
	"$top_builddir/tests/live/moved_host" || exit 1
"$STUBCACHE_CMD" report --events --indent "$work/out" >"$work/lines" || exit 1
# The coroutine's comes first and is 101 (0x65), the thread's own is 201 and is called when that is not known yet.
first=$(grep -n '= 0x65$' "$work/lines" | cut -d : -f 1)
second=$(grep -n '= 0xc9$' "$work/lines" | cut -d : -f 1)
resumed=$(grep -c 'resumed>.*= 0x65$' "$work/lines")
if [ -z "$first" ] || [ -z "$second" ] || [ "$first" -ge "$second" ] || [ "$resumed" != 1 ]; then
	echo "FAIL: the calls are:"
	cat "$work/lines"
	exit 1
fi
