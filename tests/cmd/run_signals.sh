#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Signals sent to stubcache reach the program; what the program sends to its parent does not come back.

. "${0%/*}/lib.sh"
use_empty_preload

# start SIGNAL: a program that says so and exits 3 when it gets the signal. Ready once the pipe opens.
for signal in HUP TERM USR1 USR2 WINCH CONT ALRM INT QUIT; do
	mkfifo "$work/ready"
	# The background jobs of a script ignore INT and QUIT, which perl undoes for the test.
	perl -e '$SIG{INT} = $SIG{QUIT} = "DEFAULT"; exec @ARGV' "$STUBCACHE_CMD" run -e 'count=*' \
		perl -e '$SIG{$ARGV[0]} = sub { exit 3 }; open F, ">", $ARGV[1]; close F; while (1) { select undef, undef, undef, 10 }' \
		"$signal" "$work/ready" &
	: <"$work/ready"
	kill -$signal $!
	wait $!
	same $? 3 "program sent SIG$signal"
	rm "$work/ready"
done

# Killed through us: TERM without a handler ends both by TERM.
mkfifo "$work/ready"
"$STUBCACHE_CMD" run -e 'count=*' -o "$work/out" sh -c ': >"$1"; exec sleep 100' - "$work/ready" &
: <"$work/ready"
kill -TERM $!
wait $! 2>/dev/null
same $? 143 "status after TERM was passed on"
rm "$work/ready"

# A nohup'ed run and its program both ignore HUP.
expect 0 '^still here$' run -e 'count=*' sh -c 'trap "" HUP; kill -HUP $$; echo still here'

# A signal from the program itself (kill 0, kill $PPID) is not sent back to it.
expect 0 '^once$' run -e 'count=*' sh -c 'trap "echo again" USR1; kill -USR1 $PPID; echo once'
same "$("$STUBCACHE_CMD" run -e 'count=*' sh -c 'trap "echo again" USR1; kill -USR1 $PPID; echo once' 2>&1)" once \
	"a signal to the parent"
no_leftovers
exit $failed
