#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs built with sanitizers do under us what they do without us, when nothing is wrong with them and when something
# is: the same output, the same exit status, and of each finding the same text, with the same lines of the program. A run
# time that wants to be the first library is told that it is not, and one that looks for callers by frame pointers, which
# end at a frame stub, to use unwind tables.
set -u
: "${LIBSTUBCACHE:?}"
. "${0%/*}/../actions.sh"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
ulimit -c 0
failures=0
cases=0

# What it says, without what differs from run to run (addresses, numbers of processes and threads, who came first, what lies
# around in memory), and of stacks only what is of the program: behind a frame stub there is one line more, for the stub.
text()
{
	sed -E 's/0x[0-9a-f]+/ADDRESS/g; s/==[0-9]+==/==PID==/g; s/\b[pt]id=[0-9]+/id/g; s/\bT[0-9]+\b/T/g
		s/\(BuildId: [0-9a-f]*\)//; s/, (running|finished)/, there/; s/^( *)Previous write/\1Write/' |
		sed -E '/^(  |=>)ADDRESS:/d; /^ *#[0-9]+ /{ /sanitized[a-z_]*\.(cc|c)/!d; s/#[0-9]+/#/ }'
}

# run NAME ENVIRONMENT... -- ARGUMENT: leaves $work/NAME.
run()
{
	local name=$1 environment=()

	shift
	while [ "$1" != -- ]; do
		environment+=("$1")
		shift
	done
	env ASAN_OPTIONS=verify_asan_link_order=0:fast_unwind_on_malloc=0 LSAN_OPTIONS=fast_unwind_on_malloc=0 \
		"${environment[@]}" "$work/host" "$2" >"$work/said" 2>&1
	echo "status $?" >>"$work/said"
	text <"$work/said" >"$work/$name"
} 2>/dev/null

fail()
{
	echo "FAIL: $*"
	diff "$work/plain" "$work/ours" | head -n 5
	tail -n 3 "$work/said"
	failures=$((failures + 1))
}

# examine WHAT ARGUMENT: plain, cold under each rule, and warm under the first.
examine()
{
	local rule state states='cold warm'

	run plain -- "$2"
	for rule in $(rules_for '*'); do
		for state in $states; do
			run ours "LD_PRELOAD=$LIBSTUBCACHE" "STUBCACHE=$rule" "STUBCACHE_DIR=$work/cache" \
				"STUBCACHE_OUT=$work/out" -- "$2"
			cases=$((cases + 1))
			cmp -s "$work/plain" "$work/ours" || fail "$1, $2, $rule, $state"
		done
		states=cold
	done
	rm -rf "$work/cache" "$work/out"
}

# build COMPILER SANITIZER SOURCE
build()
{
	"$1" -w -g -O1 -fno-omit-frame-pointer -fsanitize="$2" -o "$work/host" "${0%/*}/$3" -pthread 2>/dev/null &&
		"$work/host" none >/dev/null 2>&1 && return
	echo "not here: $1 -fsanitize=$2"
	return 1
}

# findings SANITIZER: what it is to find, and nothing wrong.
findings()
{
	case $1 in
	address) echo none overflow freed twice leak ;;
	undefined) echo none undefined ;;
	thread) echo none race ;;
	leak) echo none leak ;;
	esac
}

for compiler in g++ clang++; do
	for sanitizer in address undefined thread leak; do
		build "$compiler" "$sanitizer" sanitized.cc || continue
		for what in $(findings "$sanitizer"); do
			examine "$compiler -fsanitize=$sanitizer" "$what"
		done
	done
done
if build clang memory sanitized_memory.c; then
	for what in none uninitialized; do
		examine "clang -fsanitize=memory" "$what"
	done
fi
[ "$cases" -gt 0 ] || { echo "no sanitizers here"; exit 77; }
[ "$failures" = 0 ] && echo "$cases runs, each as without us"
