#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs under us under valgrind's memcheck: they do the same, and memcheck finds nothing in us, cold and warm, and no
# memory of ours that is lost. Both runs are under valgrind, whose long double has 64 bits. What it says of our unwind
# rules ("unhandled DW_OP_ opcode": it knows no DW_OP_dup) is no finding.
set -u
: "${LIBSTUBCACHE:?}" "${top_builddir:?}"
. "${0%/*}/../actions.sh"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failures=0
cases=0

type -P valgrind >/dev/null || { echo "no valgrind"; exit 77; }
valgrind -q true 2>/dev/null || { echo "valgrind does not run here: $(valgrind -q true 2>&1 | head -n 1)"; exit 77; }

# checked LOG COMMAND...: children that do not execute anything are looked at, too.
checked()
{
	valgrind -q --suppressions="${0%/*}/valgrind.supp" --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=99 --log-file="$1" "${@:2}" </dev/null
}

# examine COMMAND...
examine()
{
	local rule state

	checked "$work/log" "$@" >"$work/plain" 2>&1
	for rule in $(rules_for '*'); do
		for state in cold warm; do
			LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$rule STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out \
				checked "$work/log" "$@" >"$work/ours" 2>&1
			status=$?
			cases=$((cases + 1))
			if [ "$status" != 0 ] || ! cmp -s "$work/plain" "$work/ours"; then
				echo "FAIL: $*, $rule, $state: status $status"
				diff "$work/plain" "$work/ours" | head -n 3
				head -n 12 "$work/log"
				failures=$((failures + 1))
			fi
		done
	done
	rm -rf "$work/cache" "$work/out"
}

examine true
examine "$top_builddir/tests/live/counted_loop.host" 20000
examine "$top_builddir/tests/live/types.host"
examine "$top_builddir/tests/live/fork_counts.host"
examine "$top_builddir/tests/live/copies.host"
examine ls -1 /
[ "$failures" = 0 ] && echo "$cases runs: as without us, and nothing found"
