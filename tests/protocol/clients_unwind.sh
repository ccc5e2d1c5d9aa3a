#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A C++ exception passes through a routine that a client keeps in rx, from the mapped image, also under PR_SET_MDWE.
set -u
. "${top_srcdir:?}/tests/protocol/lib.sh"
host=$top_builddir/tests/protocol/cfi_host
client=$clients/cfi_client.so

plain
[ "$(tail -1 "$work/plain")" = directly ] || fail "plain: $(cat "$work/plain")"
sed -i 's/directly/through the routine/' "$work/plain"
rule='time=*'
start "$client"
expect_host "cold"
expect_state "cold" cold
start "$client"
expect_host "warm"
expect_state "warm" warm
launcher=("$top_builddir/tests/live/mdwe_launcher")
start "$client"
if [ "$(cat "$work/status")" != 77 ]; then
	expect_host "under PR_SET_MDWE"
	expect_state "under PR_SET_MDWE" warm
fi
exit $failed
