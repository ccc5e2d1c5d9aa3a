#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The examples do what they say, as a newcomer would call them.
set -euo pipefail

: "${STUBCACHE_CMD:?}" "${top_srcdir:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STUBCACHE_DIR=$work/cache STUBCACHE_CMD
failures=0

fail() {
	printf '%s\n' "$*"
	failures=$((failures + 1))
}

for rules in "$top_srcdir"/examples/*.rules; do
	STUBCACHE_RULES=$rules "$STUBCACHE_CMD" run -o "$work/${rules##*/}" -- ls -l /etc >"$work/out" 2>"$work/err" ||
		fail "$rules: exit status $?"
	[ -s "$work/err" ] && fail "$rules: $(cat "$work/err")"
	[ "$("$STUBCACHE_CMD" report --format=csv "$work/${rules##*/}" | wc -l)" -gt 2 ] || fail "$rules: selects too little"
done

status=0
bash "$top_srcdir/examples/slowest.sh" -n 3 sh -c 'ls /etc; exit 5' >"$work/out" 2>"$work/err" || status=$?
[ "$status" = 5 ] || fail "slowest.sh: exit status $status, not 5"
[ "$(grep -cE '^[0-9]+ [0-9]+ [^ ]+ [^ ]+$' "$work/err")" = 3 ] || fail "slowest.sh: $(cat "$work/err")"
cmp -s "$work/out" <(ls /etc) || fail "slowest.sh: another output"
exit $((failures > 0))
