#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Counts are exact, however a process ends, however many threads and children it has and whatever those load: each
# case says how often a function is called (probe_mix of libprobe.so, if it does not say otherwise), and the report
# must say the same.
set -uf
. "${0%/*}/../actions.sh"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
live=$top_builddir/tests/live
failures=0
function=probe_mix
libraries=libprobe.so

# count CALLS HOST [ARG]...: intercepted, the host makes CALLS calls of probe_mix in all its processes.
count()
{
	local wanted=$1 host=$2 rule got

	shift 2
	for rule in count=${function%_*}_* $(rules_for "${function%_*}_*@$libraries") $(rules_for '*'); do
		rm -rf "$work/out"
		LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$rule STUBCACHE_DIR=$work/cache \
			STUBCACHE_OUT=$work/out "$live/$host" "$@" >/dev/null 2>&1
		got=$("$STUBCACHE_CMD" report --format=json "$work/out" | calls_of "$function")
		if [ "$got" != "$wanted" ]; then
			echo "FAIL: $host $*, $rule: $function was called $wanted times, reported: $got"
			failures=$((failures + 1))
		fi
	done
} 2>/dev/null

# calls_of FUNCTION: the sum of "calls" over the entries of a report that name the function.
calls_of()
{
	tr -d ' \t\n' | grep -o '{[^{}]*"function":"'"$1"'"[^{}]*}' |
		sed 's/.*"calls":\([0-9]*\).*/\1/' | awk '{ sum += $1 } END { print sum + 0 }'
}

count 1 counted_loop.host 1
count 12345 counted_loop.host 12345
count 1000000 counted_loop.host 1000000
for end in sigkill abort _exit quick_exit exec; do
	count 54321 counted_loop.host 54321 "$end"
done
count 1234 fork_counts.host
# 64 threads at once, then 2,000 one after the other.
count 64002000 threads.host 64 1000000 2000
# In namespaces of dlmopen, once cold and once warm; however a process ends there.
count 20011 spaces_host calls 20001
count 20011 spaces_host calls 20001
for end in exit _exit quick_exit abort; do
	count 20011 spaces_host calls 20001 "$end"
done
count 10010 spaces_host fork 5000
count 410 spaces_host unseen
GLIBC_TUNABLES=glibc.rtld.optional_static_tls=20000 count 12010 spaces_host threads
# Six threads that load and unload three libraries, 500 times each: more than there are entries for modules.
function=heavy_sum
libraries='libheavy?.so'
count 3000 dlopen_threads.host

[ "$failures" = 0 ] || exit 1
echo "all counts are exact"
