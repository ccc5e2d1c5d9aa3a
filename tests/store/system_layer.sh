#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a program learns on top of an image of the system layer is merged into the user's directory, and found there
# by the next run; the system's is never written.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir -m 700 "$work/system" "$work/user"

# start DIRECTORY ARG...: the line of statistics of one run.
start()
{
	local directory=$1

	shift
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE='count=*' STUBCACHE_DIR=$directory STUBCACHE_SYSTEM_DIR=$work/system \
		STUBCACHE_STATS=$work/stats STUBCACHE_OUT=$work/out "$top_builddir/tests/live/scopes_host" "$@" >/dev/null
	tail -n 1 "$work/stats"
}

# expect STATE LINE
expect()
{
	[[ $2 == *"\"state\":\"$1\""* ]] || {
		echo "FAIL: expected $1: $2"
		exit 1
	}
}

expect cold "$(start "$work/system")"
before=$(cksum "$work"/system/*)
expect warm "$(start "$work/user")"
[ -z "$(ls "$work/user")" ] || { echo "FAIL: a warm start wrote: $(ls "$work/user")"; exit 1; }
expect merged "$(start "$work/user" l:scope_user_linked)"
expect warm "$(start "$work/user" l:scope_user_linked)"
[ "$before" = "$(cksum "$work"/system/*)" ] || { echo "FAIL: the system's directory was written"; exit 1; }
echo "additions to a system's image are the user's"
