#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Injected faults: which calls they hit, counted by each thread for itself, and what the program sees of them; cold and
# warm alike.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
host=$top_builddir/tests/live/inject_host
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# run RULES ARGUMENT...: the host's output.
run()
{
	local rules=$1

	shift
	rm -rf "$work/records" "$work/stats"
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$rules STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/records \
		STUBCACHE_STATS=$work/stats "$host" "$@" 2>&1
}

# says WANTED RULES ARGUMENT...: cold and warm.
says()
{
	local wanted=$1 rules=$2 state got

	shift 2
	for state in cold warm; do
		got=$(run "$rules" "$@")
		[ "$got" = "$wanted" ] || fail "$rules, $*, $state: '$got' instead of '$wanted'"
	done
	grep -q '"state": *"warm"' "$work/stats" || fail "$rules: $(head -n 1 "$work/stats")"
}

# line WANTED RULES ARGUMENT...: the output has this line, cold and warm.
line()
{
	local wanted=$1 rules=$2 state

	shift 2
	for state in cold warm; do
		run "$rules" "$@" >"$work/got"
		grep -qxF -e "$wanted" "$work/got" || fail "$rules, $*, $state: no '$wanted' in: $(cat "$work/got")"
	done
}

[ "$("$host" pattern 10)" = .......... ] || fail "plain: $("$host" pattern 10)"

# Which calls. inject_strace.sh has more forms of when.
says EEEEEEEEEE inject=fchdir:error=ENOENT pattern 10
says EEEEEEEEEE inject=fchdir:error=2 pattern 10
says ..E....... inject=fchdir:error=ENOENT:when=3 pattern 10
says .E..E..E.. inject=fchdir:error=ENOENT:when=2+3 pattern 10
says .......... inject=fchdir:error=ENOENT:prob=0 pattern 10
says EEEEEEEEEE inject=fchdir:error=ENOENT:prob=100% pattern 10
# The first rule that fires decides; all count.
says .?.E.?.E.? 'inject=fchdir:error=ENOENT:when=4+4;inject=fchdir:retval=3:when=2+2' pattern 10
# Other functions are counted for themselves.
says ..E....... 'inject=fchdir,getppid,fopen:error=ENOENT:when=3' pattern 10
says .......... 'inject=fchdir:error=ENOENT:from=libother*;count=*' pattern 10
says "raise 0 9" 'inject=raise:retval=9:from=libprobe*;count=raise' callers
says "raise 9 0" 'inject=raise:retval=9:from=inject_host;time=raise' callers

# Each thread counts for itself, and so does a forked child.
says "$(yes .E..E..E.. | head -n 8)" inject=fchdir:error=ENOENT:when=2+3 threads 10
says "$(printf '%s\n' .E..E..E.. .E..E..E.. ..........)" inject=fchdir:error=ENOENT:when=2..8+3 fork 10

# Chance is the same in each run of the same seed, and another for each thread and seed.
chances()
{
	run "inject=fchdir:error=ENOENT:prob=0.3:seed=$1" threads 400
}
first=$(chances 1)
[ "$(chances 1)" = "$first" ] || fail "chance: two runs of one seed differ"
[ "$(chances 2)" != "$first" ] || fail "chance: two seeds give the same"
[ "$(sort -u <<<"$first" | wc -l)" = 8 ] || fail "chance: threads have the same"
hits=$(tr -dc E <<<"$first" | wc -c)
[ "$hits" -gt 800 ] && [ "$hits" -lt 1120 ] || fail "chance: $hits of 3200 instead of 960"
[ "$(run inject=fchdir:error=ENOENT:prob=30% threads 400)" = "$(chances 0)" ] ||
	fail "chance: the default seed is not 0"
STUBCACHE_LOG=info run inject=fchdir:error=ENOENT:prob=0.5:seed=77 pattern 1 | grep -q "rule 1 '.*': seed 77" ||
	fail "chance: the seed is not told"

# What the program sees. ENOMEM is 12.
plain=$("$host" results)
says "$plain" 'inject=*:error=ENOMEM:when=1000000' results
line 'malloc NULL 12' inject=malloc:error=ENOMEM results
line 'fopen NULL 12' inject=fopen:error=ENOMEM results
line 'pthread_mutex_lock 12 0' inject=pthread_mutex_lock:error=ENOMEM results
line 'write -1 12' inject=write:error=ENOMEM:when=1 results
line 'write 42 0' inject=write:retval=42:when=1 results
line 'write -2 12' inject=write:retval=-2:error=ENOMEM:when=1 results
line 'probe_call 7 0 not called' inject=probe_call:retval=7 results
line 'probe_call 6 0 called' inject=probe_call:delay_enter=1:delay_exit=1us results

# Signals come before the call, delays are waited for whatever interrupts them.
says '.E........ 4' 'inject=fchdir:signal=SIGUSR1:when=3+2;inject=fchdir:error=ENOENT:when=2' signals 10
says 'EEEE...... 4' 'inject=fchdir:signal=USR1:error=ENOENT:when=1..4' signals 10
says 'jumped 1000 of 1000' inject=fchdir:signal=USR1 jumps 1000
[ "$("$host" delay)" = 'at once' ] || echo "plain: late"
says late inject=fchdir:delay_enter=50ms delay
says late inject=fchdir:delay_exit=50000 delay
says late inject=fchdir:error=EIO:delay_exit=50000000ns delay

# Calls are counted, those that were not made included.
run 'inject=fchdir:error=ENOENT:when=2+3' threads 100 >"$work/got"
n=$("$STUBCACHE_CMD" report --format=csv "$work/records" | awk -F, '$1 == "fchdir" { print $4 }')
[ "$n" = 800 ] || fail "800 calls, reported: $n"

[ "$failures" = 0 ] || exit 1
echo "faults hit the calls they are meant for"
