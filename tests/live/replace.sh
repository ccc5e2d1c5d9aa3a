#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A replaced function is the replacement for whoever reaches it, cold and warm; the replacement reaches the originals;
# what cannot be had is said in one line, and the program runs with what it has. An object that has changed is used
# without a new image.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
live=$top_builddir/tests/live
lib=$live/.libs/libreplace.so
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# run RULES: the host's output is in $work/out, its complaints in $work/err, its start in $work/stats.
run()
{
	rm -rf "$work/records" "$work/stats"
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$1 STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/records \
		STUBCACHE_STATS=$work/stats "$live/replace_host" >"$work/out" 2>"$work/err"
	echo $? >"$work/status"
}

# gives RULES LINE...: with these rules, cold and warm, the host says each of these lines, and nobody complains.
gives()
{
	local rules=$1 state line

	shift
	for state in cold warm; do
		run "$rules"
		[ "$(cat "$work/status")" = 0 ] || fail "$rules, $state: exit status $(cat "$work/status")"
		[ -s "$work/err" ] && fail "$rules, $state: $(cat "$work/err")"
		for line; do
			grep -qxF -e "$line" "$work/out" || fail "$rules, $state: no '$line' in: $(cat "$work/out")"
		done
		[ "$state" = cold ] || grep -q '"state": *"warm"' "$work/stats" ||
			fail "$rules, $state: $(cat "$work/stats")"
	done
}

# leaves RULES LINE: with these rules, cold and warm, the program does as without us, and this one line is said.
leaves()
{
	local state

	for state in cold warm; do
		run "$1"
		cmp -s "$work/out" "$work/plain" || fail "$1, $state: $(diff "$work/plain" "$work/out")"
		[ "$(wc -l <"$work/err")" = 1 ] && grep -qF -e "$2" "$work/err" ||
			fail "$1, $state: not '$2' but: $(cat "$work/err")"
	done
}

# count FUNCTION: its calls, as the last run recorded them.
count()
{
	"$STUBCACHE_CMD" report --format=csv "$work/records" | awk -F, -v f="$1" '$1 == f { n += $4 } END { print n + 0 }'
}

"$live/replace_host" >"$work/plain" || fail "plain: exit status $?"
grep -qx 'called: +0' "$work/plain" || fail "plain: $(cat "$work/plain")"

gives "replace=probe_mix:with=$lib" 'called: +1000' 'by a pointer: +1000'
[ "$(count probe_mix)" = 3 ] || fail "replaced calls: $(count probe_mix) instead of 3"
gives "time=*;replace=probe_mix:with=$lib" 'called: +1000' 'by a pointer: +1000'
[ "$(count probe_mix)" = 3 ] || fail "replaced and timed calls: $(count probe_mix) instead of 3"
# What the replacement calls is not counted.
run 'count=*'
wanted="$(count probe_errno) $(count malloc)"
gives "replace=probe_mix:with=$lib:my_mix;count=*" 'called: +500'
got="$(count probe_errno) $(count malloc)"
[ "$got" = "$wanted" ] || fail "calls of the replacement are seen: $got instead of $wanted"
gives "replace=probe_mix_odd:with=$lib:my_odd" 'called: +0' 'found: +40'
gives "replace=open:with=$lib:my_open" 'open: no 76' 'called: +0'
gives "replace=printf:with=$lib:my_printf" '| values: 1 two 3.25 4.5 5' '| called: +0'
gives "replace=probe_mix:with=$lib;replace=probe_mix:with=$lib:my_mix" 'called: +1000'
gives "replace=probe_mix:with=$lib:from=libother*" 'called: +0'

leaves "replace=probe_mix:with=$work/none.so" \
	"rule 1 'replace=probe_mix:with=$work/none.so', column 19: cannot load the replacement: $work/none.so: "
leaves "count=*;replace=probe_mix:with=$lib:none" \
	"', column 19: the replacement does not define none"
# getpid is libc's, which the object needs.
leaves "replace=probe_mix:with=$lib:getpid" "the replacement does not define getpid"

cp "$lib" "$work/changes.so"
gives "replace=probe_mix:with=$work/changes.so" 'called: +1000'
rm "$work/changes.so"
cp "$live/.libs/libreplace_other.so" "$work/changes.so"
run "replace=probe_mix:with=$work/changes.so"
grep -qx 'called: +2000' "$work/out" || fail "a changed object: $(cat "$work/out")"
grep -q '"state": *"warm"' "$work/stats" || fail "a changed object: $(cat "$work/stats")"

[ "$failures" = 0 ] || exit 1
echo "replaced functions are replaced"
