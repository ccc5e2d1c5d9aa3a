#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A signal at any instruction of ours between a caller and its target, or back: its handler finds the callers, by
# libgcc; or makes intercepted calls, and returns or jumps away. Nothing of it changes a result, a register, errno or
# the signal mask, loses a count or an event, or makes memory grow.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
ulimit -c 0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
abi=$top_builddir/tests/abi
functions=probe_mix,probe_mix_odd,probe_call,probe_errno,registers_probe,getenv
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# step WHEN STRIDE NAME HANDLER [threads]: with STUBCACHE as it is exported.
step()
{
	local when=$1 stride=$2 name="$3, $4 ${5:-}, every $2 instructions" status

	rm -rf "$work/out"
	STUBCACHE_OUT=$work/out "$abi/step_signals" "$when" "$stride" "$LIBSTUBCACHE" "$abi/step_signals_host" "${@:4}" \
		>"$work/said" 2>&1
	status=$?
	[ "$status" = 77 ] && exit 77
	echo "$name: $(grep '^memory\|windows' "$work/said" | tr '\n' ' ')"
	grep ': [0-9]* right' "$work/said"
	[ "$status" = 0 ] || { cat "$work/said"; fail "$name"; return; }
	grep -q ' [1-9][0-9]* signals' "$work/said" || fail "$name: nothing was shown"
	"$STUBCACHE_CMD" report --json "$work/out" >"$work/report"
	"$STUBCACHE_CMD" report --events --json "$work/out" >"$work/events" 2>"$work/losses"
	python3 - "$work" <<-'END' || fail "$name: counts"
		import collections, json, os, sys

		work = sys.argv[1]
		report = json.load(open(work + "/report"))
		counted = collections.Counter()
		for row in report["functions"]:
		    counted[row["function"]] += row["calls"]
		lost = sum(process["lost"] for process in report["processes"])
		dropped = sum(process["events_dropped"] for process in report["processes"])
		events = collections.Counter()
		for line in open(work + "/events") if os.environ["STUBCACHE"].startswith("trace") else ():
		    events[json.loads(line).get("function")] += 1
		said = [line.split() for line in open(work + "/said") if line.startswith("calls ")]
		right = not lost
		for _, name, least, most in said:
		    if name in counted and not int(least) <= counted[name] <= int(most):
		        print("%s: %s to %s calls, %d counted" % (name, least, most, counted[name]))
		        right = False
		    if events and name in counted and not int(least) - dropped <= events[name] <= int(most):
		        print("%s: %s to %s calls, %d in events, %d dropped" % (name, least, most, events[name], dropped))
		        right = False
		sys.exit(not right)
	END
}

export STUBCACHE_DIR=$work/cache STUBCACHE

# passes NAME EACH ONCE JUMP [EACH ONCE]: their strides, primes; the last two where each window is on a new thread,
# and ten times as much runs. STEP_SIGNALS is a stride for all of them (HACKING).
passes()
{
	[ -n "${STEP_SIGNALS:-}" ] && set -- "$1" "$STEP_SIGNALS" "$STEP_SIGNALS" "$STEP_SIGNALS" \
		"$STEP_SIGNALS" "$STEP_SIGNALS"
	step each "$2" "$1" unwind
	step once "$3" "$1" calls
	step jump "$4" "$1" jumps
	[ $# -gt 4 ] || return 0
	step each "$5" "$1" unwind threads
	step once "$6" "$1" calls threads
}

${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -I"$top_srcdir/include" -shared -o "$work/client.so" \
	"$top_srcdir/tests/abi/step_client.c" -lffi || exit 1

STUBCACHE=count=$functions
passes count 1 3 3 11 61
STUBCACHE=time=$functions
passes time 1 13 29 11 211
STUBCACHE=trace=$functions
passes trace 3 97 211 131 1999
STUBCACHE=stack=$functions
passes stack 13 307 997
STUBCACHE="inject=$functions:delay_exit=1ns:when=1+2"
passes inject 13 211 997
STUBCACHE="replace=probe_mix:with=$top_builddir/tests/live/.libs/libreplace.so"
passes replace 1 3 7
STUBCACHE=count=probe_errno
export STUBCACHE_CLIENTS=$work/client.so
passes client 13 307 997
exit $((failures > 0))
