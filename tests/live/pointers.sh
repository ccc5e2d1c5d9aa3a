#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Pointers of every kind, good and bad, pass through functions that are traced, each way in which a prototype lets them be
# followed: nothing faults, nothing differs, and what could not be read is marked.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
export STUBCACHE_PROTOTYPES=$top_srcdir/tests/live/pointers_prototypes.h
host=$top_builddir/tests/live/pointers_host
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failures=0

LIVE_RULES='trace=look_* trace=look_*;stack=look_*' "$BASH" "$top_srcdir/tests/live/compare.sh" "$host" || failures=1

STUBCACHE='trace=look_*' STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/records STUBCACHE_TRACE=buffer=256M \
	LD_PRELOAD=$LIBSTUBCACHE "$host" >/dev/null || failures=1
"$STUBCACHE_CMD" report --events "$work/records" >"$work/lines" || failures=1

# has LINE: a line that is matched by this.
has()
{
	grep -qE "^$1\$" "$work/lines" || { echo "no line '$1'"; failures=1; }
}

has 'look_text\(NULL\) += 0'
has 'look_text\(0x1 /\* unreadable \*/\) += 1'
has 'look_text\(0xffffffffffffffff /\* unreadable \*/\) += 1'
has 'look_text\(0x8000000000000000 /\* unreadable \*/\) += 1'
has 'look_text\("xxxxx"\.\.\. /\* unreadable \*/\) += 1' # it has no end, and its page has one
has 'look_text\("x{32}"\.\.\.\) += 1'
has 'look_text\("a string"\) += 1'
has 'look_bytes\("xxxxx"\.\.\. /\* unreadable \*/, [0-9]+\) += 1'
has 'look_bytes\(0xffffffff81000000 /\* unreadable \*/, [0-9]+\) += 1'
has 'look_list\(0x[0-9a-f]+ /\* unreadable \*/\) += 1'
has 'look_pair\(0x1 /\* unreadable \*/\) += 1'
has 'look_list_of\("%s %\*s %f %s", \["a string", 7, .*, 2\.5, "a string"\]\) += 1'
has 'look_returned\(0x[0-9a-f]+\) += "a string"'
exit $failures
