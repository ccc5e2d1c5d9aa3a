#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The clients of examples/clients: the first run makes what they keep, the second makes nothing and finds it right;
# stubs whose padding one of them has changed still count.
set -u
. "${top_srcdir:?}/tests/protocol/lib.sh"
plain
examples=$top_builddir/examples/clients/.libs
list="$examples/ranges.so,-v:$examples/padding.so,-v"

# said WHAT PATTERN: standard error has it.
said() {
	grep -q -e "$2" "$work/err" || fail "$1: $(cat "$work/err")"
}

for rule in 'count=*' 'time=*'; do
	start "$list"
	expect_host "$rule, first" said
	expect_state "$rule, first" cold
	said "$rule, first" '^ranges: [1-9][0-9]* routines made, 0 found in the image, 0 wrong answers$'
	start "$list"
	expect_host "$rule, second" said
	expect_state "$rule, second" warm
	said "$rule, second" '^ranges: 0 routines made, [1-9][0-9]* found in the image, 0 wrong answers$'
	said "$rule, second" '^padding: [1-9][0-9]* cells of stubs, [1-9][0-9]* bytes of padding between them$'
	start "${list//,-v}"
	expect_host "$rule, without -v"
done
plain "$clients/client_plugin.so"
start "$list" "$clients/client_plugin.so"
expect_host "a plugin" said
start "$list" "$clients/client_plugin.so"
expect_host "a plugin, second" said
expect_state "a plugin, second" warm
said "a plugin, second" '^ranges: 0 routines made, 4 found in the image, 0 wrong answers$'
rm -rf "$work/records"
start "$list"
"${STUBCACHE_CMD:?}" report "$work/records" | grep -q 'puts@' || fail "patched stubs do not count"

exit $failed
