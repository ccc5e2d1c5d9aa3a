#!/bin/bash
# SPDX-License-Identifier: MIT
#
# gdb shows the right callers after each single instruction of calls through stubs: those of a thread's
# first call, and of a later one out of a callback.
set -u
command -v gdb >/dev/null || exit 77
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
host=$top_builddir/tests/abi/step_host
failures=0

# No startup shell, whose processes would be intercepted, too; no symbols from the network.
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
		# From caller_b on, step over nothing: the plain chain is known, whatever lies before caller_b.
		wanted = ["caller_b", "caller_a", "step_outer", "main"]
		callers = set(wanted)
		judged = stubs = wrong = 0
		for i in range($2):
		    gdb.execute("stepi", to_string=True)
		    frame, names = gdb.newest_frame(), []
		    where = gdb.solib_name(frame.pc()) or ""
		    text = gdb.execute("bt", to_string=True)
		    while frame is not None:
		        names.append(frame.name() or "?")
		        frame = frame.older()
		    judged += 1
		    stubs += "libstubcache" in where or "$work" in where
		    chain = [name for name in names if name in callers]
		    if names[0] == "caller_a":
		        break
		    if chain != wanted or "corrupt stack" in text:
		        wrong += 1
		        if wrong <= 10:
		            print("wrong callers at %#x (%s): %s" % (gdb.newest_frame().pc(), where, " ".join(names)))
		print("judged %d instructions, %d of ours, %d wrong" % (judged, stubs, wrong))
		end
		kill
		quit
	END
}

for rule in 'count=probe_*' 'time=probe_*'; do
	commands "$rule" 3000 >"$work/commands"
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
