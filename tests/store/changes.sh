#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Hosts that change what they are after the start, and then load a library: another root, another user, no
# descriptors. With records in a file and without, cold and warm.

. "${0%/*}/lib.sh"

chmod 755 "$work"
mkdir -p "$work/root"

# number NAME: in the only line of statistics.
number() {
	sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p' "$work/stats"
}

# each ARGUMENT...: the host does so, under all four circumstances.
each() {
	local out time

	rm -rf "$cache" "$work/records"
	for out in "$work/records" ''; do
		for time in cold warm; do
			start STUBCACHE_OUT="$out" -- "$@"
			unharmed "$*, $time, records in '$out'"
			[ "$(grep -c . "$work/stats")" = 1 ] || fail "$*, $time: statistics: $(cat "$work/stats")"
			[ "$(number functions)" = $(($(number generated) + $(number resurrected))) ] ||
				fail "$*, $time: neither generated nor resurrected: $(cat "$work/stats")"
			[ -n "$out" ] || grep -q ' calls of ' "$work/err" || fail "$*, $time: no summary"
		done
		[ -z "$out" ] || "$STUBCACHE_CMD" report "$out" >"$work/report" || fail "$*: no report"
		rm -rf "$cache"
	done
	grep -q '[1-9].* puts@libc' "$work/report" || fail "$*: not in the report: $(cat "$work/report")"
}

each load
each close

# What is named relative to where the host was is not looked for where it goes.
mkdir "$work/there" "$work/here"
echo theirs >"$work/there/stats"
cp "$work/there/stats" "$work/theirs"
cd "$work/here" || exit 99
start STUBCACHE_DIR=cache STUBCACHE_STATS=stats -- directory "$work/there"
cd / || exit 99
unharmed "another directory"
cmp -s "$work/there/stats" "$work/theirs" || fail "another directory: its file was written to"
[ "$(ls "$work/there")" = stats ] || fail "another directory: files of ours: $(ls "$work/there")"
[ "$(grep -c . "$work/here/stats")" = 1 ] || fail "another directory: no statistics"
[ "$(ls "$work/here/cache")" ] || fail "another directory: no image"
if [ "$(id -u)" = 0 ]; then
	each chroot "$work/root"
	each user 65534
	no_files "$work/root"
	start STUBCACHE_DIR="$cache" -- user 65534
	[ -z "$(find "$cache" -user 65534)" ] || fail "another user: files of its own in our cache"
else
	echo "skipped: only root can change its root and its user"
fi
finish
