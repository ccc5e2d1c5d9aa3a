#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Hosts with closed, reused and foreign descriptors: we write into nothing that is theirs, keep nothing of theirs open,
# wait for nobody who reads, and die of nobody who does not.

. "${0%/*}/lib.sh"

# bare ARGUMENT...: as start, but the caller redirects.
bare() {
	env -i PATH="$PATH" LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='time=*' STUBCACHE_LOG=info STUBCACHE_DIR="$cache" \
		STUBCACHE_OUT="$out" STUBCACHE_STATS="$work/stats" "$host" "$@"
}

# ended WHAT: the host returned what it does.
ended() {
	local status=$?

	cases=$((cases + 1))
	[ "$status" = 7 ] || fail "$1: exit status $status"
}

for out in "$work/records" ''; do
	for time in cold warm; do
		bare </dev/null >/dev/null 2>&-
		ended "no stderr, $time"
		bare 2>&- >&- <&-
		ended "nothing open, $time"
		bare load >/dev/null 2>&- <&-
		ended "no stdin, no stderr, $time"
		greeting=$(bare load 2>/dev/null <&-)
		ended "no stdin, $time"
		[ "$greeting" = unharmed ] || fail "no stdin, $time: output '$greeting'"
		bare reuse "$work/theirs" >/dev/null 2>&-
		ended "a file for a closed stderr, $time"
		[ "$(cat "$work/theirs")" = mine ] || fail "a file for a closed stderr: $(cat "$work/theirs")"
		bare reuse "$work/theirs" >/dev/null 2>"$work/err"
		ended "a file for stderr, $time"
		[ "$(cat "$work/theirs")" = mine ] || fail "a file for stderr: $(cat "$work/theirs")"
		bare reuse "$work/theirs" >/dev/null 2>&- <&-
		ended "a file in other places, $time"
		[ "$(cat "$work/theirs")" = mine ] || fail "a file in other places: $(cat "$work/theirs")"
		bare close >/dev/null 2>"$work/err"
		ended "all closed, $time"
		if [ -z "$out" ] && ! grep -q 'calls of' "$work/err"; then
			fail "all closed, $time: no summary: $(cat "$work/err")"
		fi
	done
	rm -rf "$cache"
done

# A stderr that nobody reads, or will ever read.
out=
mkfifo "$work/pipe"
exec 3<>"$work/pipe" 4>"$work/pipe"
exec 3<&-
for time in cold warm; do
	bare load >/dev/null 2>&4
	ended "a stderr without a reader, $time"
done
exec 3<>"$work/pipe"
dd if=/dev/zero bs=4096 count=1024 oflag=nonblock >&4 2>/dev/null
bare load >/dev/null 2>&4
ended "a stderr that is full"
exec 3<&- 4<&-

# Whoever waits for a program's output to end does not wait for its daemon.
mkfifo "$work/held"
exec 3<>"$work/held"
exec 4< <(bare daemon 2>&1 <"$work/held" 3<&-)
timeout 20 cat <&4 >"$work/out"
[ $? = 0 ] || fail "a daemon: its starter waits for it"
exec 3<&- 4<&-
cases=$((cases + 1))

# Where we are told to write and cannot: said, and no harm.
: >"$work/plain"
mkfifo "$work/unread"
for stats in "$work/missing/stats" "$work" "$work/unread"; do
	start STUBCACHE_STATS="$stats"
	unharmed "statistics to '$stats'"
	grep -q "cannot write statistics to '$stats': " "$work/err" || fail "statistics to '$stats': not said"
done
SILENT=1 start
for records in "$work/missing/records" "$work/plain" "$work/plain/records"; do
	start STUBCACHE_OUT="$records"
	expect "records to '$records'" warm "cannot record in '$records': .*; counts are kept in memory"
done
mkdir -m 500 "$work/closed"
if [ "$(id -u)" != 0 ]; then
	start STUBCACHE_OUT="$work/closed"
	expect "records to a closed directory" warm "cannot record in '$work/closed': Permission denied"
	start STUBCACHE_STATS="$work/closed/stats"
	grep -q "cannot write statistics.*: Permission denied" "$work/err" || fail "statistics to a closed directory"
fi
finish
