#!/bin/bash
# SPDX-License-Identifier: MIT
#
# gdb shows the right callers after each single instruction of calls through stubs: from a thread's first
# call on, and again out of a callback. Where much of ours runs (hooks), after every 53rd or 211th,
# which are prime numbers.
set -u
command -v gdb >/dev/null || exit 77
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
host=$top_builddir/tests/abi/step_host
failures=0

# commands RULE STRIDE. No startup shell, whose processes would be intercepted, too; no symbols from the network.
commands()
{
	cat <<-END
		set startup-with-shell off
		set debuginfod enabled off
		set pagination off
		set confirm off
		set print frame-arguments none
		set print address off
		set auto-load safe-path /
		set breakpoint pending on
		set environment LD_PRELOAD $LIBSTUBCACHE
		set environment STUBCACHE $1
		set environment STUBCACHE_DIR $work/cache
		set environment STUBCACHE_OUT $work/out
		handle SIGTRAP nopass
		run
		break caller_b
		continue
		python
		import gdb
		wanted = ["caller_b", "caller_a", "step_outer", "main"]
		judged = stubs = wrong = 0

		def judge():
		    global judged, stubs, wrong
		    frame, names = gdb.newest_frame(), []
		    where = gdb.solib_name(frame.pc()) or ""
		    text = gdb.execute("bt", to_string=True)
		    while frame is not None:
		        names.append(frame.name() or "?")
		        frame = frame.older()
		    if names[0].startswith("caller_") and names[0] != "caller_b":
		        return False
		    judged += 1
		    stubs += "libstubcache" in where
		    if [name for name in names if name in wanted] != wanted or "corrupt stack" in text:
		        wrong += 1
		        if wrong <= 10:
		            print("wrong callers (%s): %s" % (where, " ".join(names)))
		    return True

		# caller_b is stopped at twice: called by caller_a, and by its callback behind a frame stub.
		# No step leads past where it returns to.
		for window in range(2):
		    gdb.Breakpoint("*%#x" % gdb.newest_frame().older().pc(), temporary=True)
		    while judge():
		        gdb.execute("stepi $2", to_string=True)
		    if window == 0:
		        gdb.execute("continue", to_string=True)
		print("judged %d instructions, %d of ours, %d wrong" % (judged, stubs, wrong))
		end
		kill
		quit
	END
}

for rule in 'count=probe_*' 'time=probe_*' \
	'inject=probe_mix:retval=5:when=1+2;inject=probe_errno:delay_exit=1ns' \
	'trace=probe_*' 'stack=probe_*'; do
	case $rule in
	inject*) stride=53 ;;
	trace* | stack*) stride=211 ;;
	*) stride=1 ;;
	esac
	commands "$rule" $stride >"$work/commands"
	env -u STUBCACHE gdb -nx -q -batch -x "$work/commands" "$host" >"$work/log" 2>&1 </dev/null
	if grep -qi 'ptrace: operation not permitted\|compiled without python' "$work/log"; then
		exit 77
	fi
	summary=$(grep '^judged' "$work/log")
	echo "$rule: $summary"
	if ! [[ $summary =~ ^judged\ [0-9]+\ instructions,\ ([0-9]+)\ of\ ours,\ 0\ wrong$ ]] ||
		[ "${BASH_REMATCH[1]}" -lt 20 ]; then
		grep -v '^\[' "$work/log" | tail -n 30
		failures=$((failures + 1))
	fi
done
exit $((failures > 0))
