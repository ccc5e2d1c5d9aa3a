#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs built with sanitizers do under us what they do without us, when nothing is wrong with them and when something
# is: the same finding, the same exit status. A run time that wants to be the first library is told that it is not.
set -u
: "${LIBSTUBCACHE:?}"
. "${0%/*}/../actions.sh"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
ulimit -c 0
failures=0
cases=0

# What each finding is called; lines with addresses, numbers of processes and frames are of no interest.
finding='^[a-z].*|SUMMARY: [A-Za-z]*: [a-z-]*|runtime error: [a-z ]*'

# run NAME ENVIRONMENT... -- ARGUMENT: leaves $work/NAME.
run()
{
	local name=$1 environment=()

	shift
	while [ "$1" != -- ]; do
		environment+=("$1")
		shift
	done
	env ASAN_OPTIONS=verify_asan_link_order=0 "${environment[@]}" "$work/host" "$2" >"$work/said" 2>&1
	echo "status $?" >>"$work/said"
	grep -oE "$finding" "$work/said" | sort >"$work/$name"
} 2>/dev/null

fail()
{
	echo "FAIL: $*"
	diff "$work/plain" "$work/ours" | head -n 5
	tail -n 3 "$work/said"
	failures=$((failures + 1))
}

# examine WHAT ARGUMENT: plain, cold, warm.
examine()
{
	local rule state

	run plain -- "$2"
	for rule in $(rules_for '*'); do
		for state in cold warm; do
			run ours "LD_PRELOAD=$LIBSTUBCACHE" "STUBCACHE=$rule" "STUBCACHE_DIR=$work/cache" \
				"STUBCACHE_OUT=$work/out" -- "$2"
			cases=$((cases + 1))
			cmp -s "$work/plain" "$work/ours" || fail "$1, $2, $rule, $state"
		done
	done
	rm -rf "$work/cache" "$work/out"
}

for compiler in g++ clang++; do
	for sanitizer in address undefined thread leak; do
		if ! "$compiler" -w -g -O1 -fsanitize="$sanitizer" -o "$work/host" "${0%/*}/sanitized.cc" -pthread \
			2>/dev/null || ! "$work/host" none >/dev/null 2>&1; then
			echo "not here: $compiler -fsanitize=$sanitizer"
			continue
		fi
		for what in none overflow leak race undefined; do
			examine "$compiler -fsanitize=$sanitizer" "$what"
		done
	done
done
[ "$cases" -gt 0 ] || { echo "no sanitizers here"; exit 77; }
[ "$failures" = 0 ] && echo "$cases runs, each as without us"
