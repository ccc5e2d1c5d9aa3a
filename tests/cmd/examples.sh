#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The examples do what they say, as a newcomer would call them.
set -euo pipefail

: "${STUBCACHE_CMD:?}" "${top_srcdir:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STUBCACHE_DIR=$work/cache STUBCACHE_CMD LC_ALL=C
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

# Replacements, built as their comments say.
for name in elsewhere malloc_limit; do
	${CC:-cc} -shared -fPIC -Wall -Wextra -Werror -I "$top_srcdir/include" -o "$work/$name.so" \
		"$top_srcdir/examples/replacements/$name.c" || fail "$name.c: does not compile"
done
mkdir "$work/etc"
echo "another file" >"$work/etc/passwd"
for turn in cold warm; do
	got=$(ELSEWHERE=$work "$STUBCACHE_CMD" run -o "$work/elsewhere" \
		-e "replace=open,open64:with=$work/elsewhere.so:elsewhere_open" -- cat /etc/passwd 2>&1) || fail "cat: $?"
	[ "$got" = "another file" ] || fail "elsewhere.c, $turn: $got"
	# opendir takes 32 KiB.
	got=$(MALLOC_LIMIT=20000 "$STUBCACHE_CMD" run -o "$work/limit" \
		-e "replace=malloc:with=$work/malloc_limit.so" -- ls /etc 2>&1) && fail "malloc_limit.c: ls is content"
	grep -q 'Cannot allocate memory' <<<"$got" || fail "malloc_limit.c, $turn: $got"
	MALLOC_LIMIT=20000 "$STUBCACHE_CMD" run -o "$work/limit" -e "replace=malloc:with=$work/malloc_limit.so" \
		-- true || fail "malloc_limit.c, $turn: true: $?"
done
exit $((failures > 0))
