#!/bin/bash
# SPDX-License-Identifier: MIT
#
# compare.sh COMMAND [ARG]...: runs a command plain, then with everything that it reaches intercepted: with an empty
# cache (cold) and again (warm), under each rule, and once more as an unprivileged user. Stdout, stderr and exit status
# must be the plain run's each time; in a warm run no process, children included, may generate anything or load the
# engine; and what was recorded must be readable.
#
# Each run starts in an empty directory, which is HOME and TMPDIR as well, and always has the same path.
#
# The scripts beside this one print what programs did. They run themselves through this one: see HACKING.
#
# From the environment, each optional but LIBSTUBCACHE:
#   LIBSTUBCACHE    the preload, absolute path
#   STUBCACHE_CMD   the command, which is then to read the records
#   PROGRAM_RULES   rules to try, separated by blanks; default: each of actions.sh with *
#   PROGRAM_GROWS   the program looks up more than one run can add to the image: warm runs need not be warm
#   PROGRAM_KEEP    keep the temporary directory and say where it is
set -u
. "${BASH_SOURCE[0]%/*}/../actions.sh"

if [ $# -lt 1 ]; then
	echo "usage: compare.sh COMMAND [ARG]..." >&2
	exit 2
fi
: "${LIBSTUBCACHE:?names the preload under test}"
# Its engine lies beside it.
if [ ! -e "$LIBSTUBCACHE" ]; then
	echo "cannot find the preload '$LIBSTUBCACHE'" >&2
	exit 99
fi

nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
ulimit -c 0
work=$(mktemp -d) || exit 99
if [ -n "${PROGRAM_KEEP:-}" ]; then
	echo "kept: $work"
else
	trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
fi
chmod 755 "$work"
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# run NAME ENVIRONMENT... -- COMMAND...: as `launcher` says; leaves $area/NAME.{out,err,status}.
run()
{
	local name=$1 environment=(
		HOME="$area/run" LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin PROGRAM=1 TMPDIR="$area/run" TZ=UTC
	)

	shift
	while [ "$1" != -- ]; do
		environment+=("$1")
		shift
	done
	shift
	rm -rf "$area/run"
	# env last: what starts the command is not intercepted.
	"${launcher[@]}" mkdir -p "$area/run"
	(
		cd "$area/run" || exit 99
		exec "${launcher[@]}" env -i "${environment[@]}" "$@"
	) >"$area/$name.out" 2>"$area/$name.err" </dev/null
	echo $? >"$area/$name.status"
} 2>/dev/null # a shell's own words about a child that died of a signal

# same NAME WHAT: what this run left must be what the plain one left.
same()
{
	cmp -s "$area/plain.$2" "$area/$1.$2" && return
	fail "$1: another $2 than plain"
	diff "$area/plain.$2" "$area/$1.$2" | head -n 40
}

# complain NAME FILE WHAT PATTERN: lines of FILE without PATTERN are failures.
complain()
{
	grep -v "$4" "$2" | head -n 3 | sed 's/ *$//' >"$work/bad"
	[ -s "$work/bad" ] || return
	fail "$1: $3"
	cat "$work/bad"
}

check_warm()
{
	[ -z "${PROGRAM_GROWS:-}" ] || return 0
	[ -s "$area/$1.stats" ] || fail "$1: nothing in STUBCACHE_STATS"
	complain "$1" "$area/$1.stats" "not every start was warm" '"state":"warm"'
	complain "$1" "$area/$1.stats" "something was generated" '"generated":0,'
	complain "$1" "$area/$1.stats" "the engine was loaded" '"engine_loaded":false'
}

check_records()
{
	[ -n "${STUBCACHE_CMD:-}" ] || return
	if ! "$STUBCACHE_CMD" report --format=csv "$area/$1.records" >"$work/report" 2>&1; then
		fail "$1: cannot read the records"
		tail -n 5 "$work/report"
	elif [ "$(wc -l <"$work/report")" -lt 2 ]; then
		fail "$1: nothing was recorded"
	fi
}

# compare RULE COMMAND...: cold and warm, against the plain run in the same area.
compare()
{
	local rule=$1 cache state name

	shift
	cache=$area/cache-${rule%%=*}
	for state in cold warm; do
		name=${rule%%=*}-$state
		run "$name" LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE="$rule" STUBCACHE_DIR="$cache" \
			STUBCACHE_OUT="$area/$name.records" STUBCACHE_STATS="$area/$name.stats" -- "$@"
		same "$name" out
		same "$name" err
		same "$name" status
		if [ "$state" = warm ]; then
			check_warm "$name"
			check_records "$name"
		fi
	done
}

# compare_all WHO "RULES" COMMAND...: in an area of their own.
compare_all()
{
	local rules=$2 rule

	area=$work/$1
	shift 2
	"${launcher[@]}" mkdir -p "$area"
	run plain -- "$@"
	if [ "$(cat "$area/plain.status")" = 77 ]; then
		cat "$area/plain.out"
		exit 77
	fi
	if [ "$(cat "$area/plain.status")" != 0 ]; then
		fail "plain: exit status $(cat "$area/plain.status")"
		tail -n 20 "$area/plain.out" "$area/plain.err"
	fi
	for rule in $rules; do
		compare "$rule" "$@"
	done
}

set -f
launcher=()
compare_all self "${PROGRAM_RULES:-$(rules_for '*')}" "$@"
if [ "$(id -u)" = 0 ] && "${nobody[@]}" test -r "$LIBSTUBCACHE" 2>/dev/null; then
	launcher=("${nobody[@]}")
	mkdir -m 1777 "$work/user"
	compare_all user/nobody "${PROGRAM_RULES:-time=*}" "$@"
fi

if [ "$failures" -gt 0 ]; then
	echo "failures: $failures"
	exit 1
fi
echo "the same, plain, cold and warm"
