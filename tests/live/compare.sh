#!/bin/bash
# SPDX-License-Identifier: MIT
#
# compare.sh HOST [ARG]...: runs a program plain, then intercepted with an empty cache (cold), then
# again (warm), under each rule, and demands the same stdout, stderr and exit status every time, and of
# the warm run that it generated nothing and never loaded the engine.
#
# From the environment, each optional but LIBSTUBCACHE:
#   LIBSTUBCACHE    the preload, absolute path
#   LIVE_RULES      rules to try, separated by blanks; default: each of actions.sh with *
#   LIVE_BEFORE     a preload to put before ours, in every run
#   LIVE_AFTER      a preload to put after ours, in every run
#   LIVE_LAUNCHER   a program to start the host by, in every run
#   LIVE_PLAIN      a file that the plain run's stdout must equal
#   LIVE_KEEP       keep the temporary directory and say where it is
set -u
. "${BASH_SOURCE[0]%/*}/../actions.sh"

if [ $# -lt 1 ]; then
	echo "usage: compare.sh HOST [ARG]..." >&2
	exit 2
fi
: "${LIBSTUBCACHE:?names the preload under test}"
if [ ! -e "$LIBSTUBCACHE" ]; then
	echo "cannot find the preload '$LIBSTUBCACHE'" >&2
	exit 99
fi

case $1 in
*/*) host=$1 ;;
*) host=${top_builddir:-.}/tests/live/$1 ;;
esac
shift
work=$(mktemp -d) || exit 99
if [ -n "${LIVE_KEEP:-}" ]; then
	echo "kept: $work"
else
	trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
fi
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# preloads OURS: the value of LD_PRELOAD, ours (or nothing) between the other two.
preloads()
{
	local list="${LIVE_BEFORE:-} $1 ${LIVE_AFTER:-}"

	echo $list
}

# run NAME ARG...: the host, with what `environment` holds; its traces are $work/NAME.{out,err,status}.
run()
{
	local name=$1

	shift
	# A shell's own words about a child that died of a signal would come between: env runs the host.
	env "${environment[@]}" ${LIVE_LAUNCHER:-} "$host" "$@" \
		>"$work/$name.out" 2>"$work/$name.err" </dev/null
	echo $? >"$work/$name.status"
} 2>/dev/null

# same NAME WHAT: what this run left must be what the plain one left.
same()
{
	cmp -s "$work/plain.$2" "$work/$1.$2" && return
	fail "$1: another $2 than plain"
	diff "$work/plain.$2" "$work/$1.$2" | head -n "${LIVE_LINES:-20}"
}

# Every process of a warm run must say that it was warm.
check_warm()
{
	local name=$1 stats=$2

	if [ ! -s "$stats" ]; then
		fail "$name: nothing in STUBCACHE_STATS"
		return
	fi
	grep -v '"state": *"warm"' "$stats" | head -n 3 | sed "s/^/$name: not warm: /" >"$work/bad"
	grep -v '"generated": *0[,}]' "$stats" | head -n 3 | sed "s/^/$name: generated: /" >>"$work/bad"
	grep -v '"engine_loaded": *false' "$stats" | head -n 3 | sed "s/^/$name: engine: /" >>"$work/bad"
	if [ -s "$work/bad" ]; then
		fail "$name: not a warm start"
		cat "$work/bad"
	fi
}

environment=(-u LD_PRELOAD)
list=$(preloads '')
[ -n "$list" ] && environment=("LD_PRELOAD=$list")
run plain "$@"
if [ "$(cat "$work/plain.status")" = 77 ]; then
	cat "$work/plain.out"
	exit 77
fi
if [ "$(cat "$work/plain.status")" != "${LIVE_STATUS:-0}" ]; then
	fail "plain: exit status $(cat "$work/plain.status")"
	cat "$work/plain.out" "$work/plain.err"
fi
if [ -n "${LIVE_PLAIN:-}" ] && ! diff "$LIVE_PLAIN" "$work/plain.out"; then
	fail "plain: not as $LIVE_PLAIN says"
fi

for rule in ${LIVE_RULES:-$(rules_for '*')}; do
	number=${number:-0}
	number=$((number + 1))
	for state in cold warm; do
		name=${rule%%=*}$number-$state
		environment=(
			"LD_PRELOAD=$(preloads "$LIBSTUBCACHE")"
			"STUBCACHE=$rule"
			"STUBCACHE_DIR=$work/cache$number"
			"STUBCACHE_OUT=$work/$name.records"
			"STUBCACHE_STATS=$work/$name.stats"
		)
		run "$name" "$@"
		same "$name" out
		same "$name" err
		same "$name" status
		[ "$state" = warm ] && check_warm "$name" "$work/$name.stats"
	done
done

if [ "$failures" -gt 0 ]; then
	echo "${host##*/}: failures: $failures"
	exit 1
fi
echo "${host##*/}: the same, plain, cold and warm"
