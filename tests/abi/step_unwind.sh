#!/bin/bash
# SPDX-License-Identifier: MIT
#
# At every instruction of a call through a stub, from the call to the return, an unwinder in another
# process (libdw) finds the right callers: in both templates, on the slow path of a thread's
# first call, in hooks, when the log is full, and from a callback, with a frame stub among the callers.
set -u
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
abi=$top_builddir/tests/abi
failures=0

# step NAME PRELOAD: what went wrong is on stdout.
step()
{
	local status

	echo "$1:"
	"$abi/step_unwind" "$2" "$abi/step_host"
	status=$?
	[ "$status" = 77 ] && exit 77
	[ "$status" = 0 ] || failures=$((failures + 1))
}

export STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out
step plain ''
hooked='inject=*:retval=0:when=4294967296'
for rule in 'count=*' 'time=*' "inject=probe_mix:retval=5:when=1+2;inject=probe_errno:delay_exit=1ns;$hooked"; do
	export STUBCACHE=$rule
	step "$rule, cold" "$LIBSTUBCACHE"
	step "$rule, warm" "$LIBSTUBCACHE"
done
exit $((failures > 0))
