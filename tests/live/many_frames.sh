#!/bin/bash
# SPDX-License-Identifier: MIT
#
# As many frames as a rule may ask for take no more of the program's stack than few do.
set -u
: "${top_srcdir:?}" "${LIBSTUBCACHE:?}"
export LIVE_RULES='stack=*:depth=512 trace=* inject=*:retval=0:when=4294967296:at=0123456789abcdef:depth=512'
export STUBCACHE_TRACE=buffer=4M,stacks=512

exec "$BASH" "$top_srcdir/tests/live/compare.sh" small_stacks.host
