#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a record has no room for is in the report, as text and as JSON, and its number is right: what is there and what is
# said to be missing are together what the program did. By a limit to the size of files, a full disk, an empty root, and
# a small buffer for single calls. Of those that are killed nothing is missing, and that they were killed is said.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}" "${top_builddir:?}"
export STUBCACHE_LIBRARY=$LIBSTUBCACHE LC_ALL=C
live=$top_builddir/tests/live
calls=20000

# sum DIR MEMBER: of all processes.
sum() {
	"$STUBCACHE_CMD" report --json "$1" >"$work/json" 2>"$work/said"
	query "$work/json" "my \$n = 0; \$n += \$_->{$2} for @{\$c->{processes}}; \$n"
}

# counted DIR: calls of probe_mix that are in a row.
counted() {
	"$STUBCACHE_CMD" report --format=csv "$1" 2>"$work/said" | awk -F, '$1 == "probe_mix" { n += $4 } END { print n + 0 }'
}

# says DIR NUMBER TEXT: the report, with the number or, where that is 0, not at all.
says() {
	"$STUBCACHE_CMD" report "$1" >/dev/null 2>"$work/said"
	[ "$2" = 0 ] || grep -q -- "$2 $3" "$work/said" || { echo "report of $1: no '$2 $3': $(cat "$work/said")"; failed=1; }
	[ "$2" != 0 ] || ! grep -q -- "$3" "$work/said" || { echo "report of $1: $(cat "$work/said")"; failed=1; }
}

# A small buffer for single calls. Each has two events.
STUBCACHE_TRACE=buffer=64K "$STUBCACHE_CMD" run -d "$work/buffer" -e trace=probe_mix -- "$live/counted_loop.host" $calls \
	>/dev/null
dropped=$(sum "$work/buffer" events_dropped)
lines=$("$STUBCACHE_CMD" report --events "$work/buffer" 2>/dev/null | grep -c '^probe_mix')
[ "$dropped" -gt 0 ] || { echo "a small buffer: nothing was dropped"; failed=1; }
same $((dropped + 2 * lines)) $((2 * calls)) "a small buffer: events in lines, and dropped"
says "$work/buffer" "$dropped" "events of traced calls found no room and are missing"
"$STUBCACHE_CMD" report --events "$work/buffer" 2>&1 >/dev/null | grep -q "$dropped events" ||
	{ echo "a small buffer: not said below lines"; failed=1; }

# A limit to the size of files: stacks and times find no room. The counts were there from the start.
(ulimit -f 40; "$STUBCACHE_CMD" run -d "$work/limit" -e stack=probe_mix -- "$live/counted_loop.host" $calls >/dev/null)
same "$(counted "$work/limit")" $calls "a limit to files: calls"
stackless=$(sum "$work/limit" stackless)
stacks=$("$STUBCACHE_CMD" report --format=folded "$work/limit" 2>/dev/null | awk '{ n += $NF } END { print n + 0 }')
same $((stackless + stacks)) $calls "a limit to files: calls in stacks, and in none"
says "$work/limit" "$stackless" "calls are in no stack"
untimed=$(sum "$work/limit" untimed)
says "$work/limit" "$untimed" "calls were counted but could not be timed"
unreturned=$("$STUBCACHE_CMD" report --format=csv "$work/limit" 2>/dev/null | awk -F, '$1 == "probe_mix" { print $6 }')
same "$untimed" "$unreturned" "a limit to files: calls without a time"

# A full disk: what a second thread counts has no room.
if [ "$(id -u)" = 0 ] && unshare -m --propagation private true 2>/dev/null; then
	mkdir "$work/disk"
	cat >"$work/full" <<-'SH'
		mount -t tmpfs -o size=256k none "$work/disk"
		"$STUBCACHE_CMD" run -d "$work/disk/out" -e time=probe_mix -- bash -c \
			'exec 9>"$0/filler"; dd if=/dev/zero bs=4k >&9 2>/dev/null; exec "$@"' "$work/disk" "$@" >"$work/full.said" 2>&1
		rm "$work/disk/filler"
		cp -r "$work/disk/out" "$work/full.out"
	SH
	export work
	unshare -m --propagation private "$BASH" "$work/full" "$live/counted_loop.host" $calls
	# The program that could make no record at all says so itself: nobody else knows.
	grep -q "cannot record in '$work/disk/out': No space left on device; counts are kept in memory" "$work/full.said" ||
		{ echo "a full disk: $(cat "$work/full.said")"; failed=1; }
else
	echo "skipped: no mounts of our own"
fi

# An empty root: the record cannot grow, children cannot make any.
mkdir -m 755 "$work/empty"
if chroot "$work/empty" /none 2>&1 | grep -q 'No such file'; then
	"$STUBCACHE_CMD" run -d "$work/root" -e count=probe_mix -- "$live/chroot_host" "$work/empty" >/dev/null
	lost=$(sum "$work/root" lost)
	same $(($(counted "$work/root") + lost)) 2000 "an empty root: calls in rows, and lost"
	says "$work/root" "$lost" "calls are in no row"
	"$STUBCACHE_CMD" report --json "$work/root" >"$work/json"
	same "$(query "$work/json" 'map { "$_->{times} $_->{reason}" } @{$c->{unobserved}}')" "2 fork" "an empty root: children"
	says "$work/root" 2 "processes were not observed: by .*chroot_host (child of fork that could make no record"
else
	echo "skipped: no other root for us"
fi

# Killed: all calls are there, and the report says how it ended.
for how in sigkill abort; do
	"$STUBCACHE_CMD" run -d "$work/$how" -e time=probe_mix -- "$live/counted_loop.host" $calls $how >/dev/null 2>&1
	same "$(counted "$work/$how")" $calls "$how: calls"
	"$STUBCACHE_CMD" report --json "$work/$how" >"$work/json"
	same "$(query "$work/json" 'map { $_->{state} } @{$c->{processes}}')" killed "$how: state"
	same "$(sum "$work/$how" lost) $(sum "$work/$how" untimed)" "0 0" "$how: losses"
done

# One that is at an end has no losses, and nothing is said.
"$STUBCACHE_CMD" run -d "$work/whole" -e 'time=*' -e 'stack=probe_mix' -- "$live/counted_loop.host" $calls >/dev/null
"$STUBCACHE_CMD" report "$work/whole" >/dev/null 2>"$work/said"
same "$(cat "$work/said")" "" "without losses"
exit $failed
