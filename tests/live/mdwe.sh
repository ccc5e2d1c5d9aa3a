#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Under PR_SET_MDWE no memory can become executable after it was writable: everything works all the same.
set -u
launcher=$top_builddir/tests/live/mdwe_launcher
status=0

for host in maps calls dlopen processes; do
	LIVE_LAUNCHER=$launcher "$BASH" "$top_srcdir/tests/live/compare.sh" \
		"$top_builddir/tests/live/$host.host" || status=$?
	[ "$status" = 77 ] && break
done
exit "$status"
