#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Rules with from= choose callers; what the preload itself must see (dlopen, _exit) it sees from all of them.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
live=$top_builddir/tests/live
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# calls RULES HOST [ARG]...: the calls of probe_mix that were recorded.
calls()
{
	local rules=$1

	shift
	rm -rf "$work/out"
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$rules STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out \
		"$live/$1" "${@:2}" >/dev/null
	"$STUBCACHE_CMD" report --format=csv "$work/out" | awk -F, '$1 == "probe_mix" { n += $4 } END { print n + 0 }'
}

for turn in cold warm; do
	n=$(calls 'count=probe_mix:from=counted_loop*' counted_loop.host 1000)
	[ "$n" = 1000 ] || fail "$turn: by the program: 1000 calls, reported $n"
	n=$(calls 'count=probe_mix:from=libother*' counted_loop.host 1000)
	[ "$n" = 0 ] || fail "$turn: by nobody: reported $n calls"
	all=$(calls 'count=probe_mix:from=libplugin*;count=probe_mix' dlopen.host)
	plugin=$(calls 'count=probe_mix:from=libplugin*' dlopen.host)
	[ "$plugin" -gt 0 ] && [ "$plugin" -lt "$all" ] ||
		fail "$turn: by a library that came with dlopen: reported $plugin of $all calls"
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE='count=probe_mix:from=libother*' STUBCACHE_DIR=$work/cache \
		"$live/counted_loop.host" 10 _exit >/dev/null 2>"$work/err"
	grep -q ' calls of ' "$work/err" || fail "$turn: no summary at _exit: $(cat "$work/err")"
done

[ "$failures" = 0 ] || exit 1
echo "callers are told apart"
