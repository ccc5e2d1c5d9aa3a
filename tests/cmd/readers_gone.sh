#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Whoever reads what stubcache writes may go away at any time: the program runs on and ends as it does, and nothing
# stays behind. And whoever interrupts stubcache while it shows the rest need not wait for all of it.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}"
[ -e "$LIBSTUBCACHE" ] || exit 77
export STUBCACHE_LIBRARY=$LIBSTUBCACHE

# without DESCRIPTOR COMMAND...: a descriptor is a pipe that nobody reads.
without() {
	perl -e 'use POSIX; pipe(my $r, my $w); close $r; my $to = shift; POSIX::dup2(fileno($w), $to);
		$SIG{PIPE} = "DEFAULT"; exec @ARGV' "$@"
}

without 2 "$STUBCACHE_CMD" run -e 'trace=*' -- bash -c "exit 3"
same $? 3 "status of a program whose lines nobody reads"
no_leftovers
without 2 "$STUBCACHE_CMD" run -e 'trace=*' -- bash -c 'kill -TERM $$'
same $? 143 "status of one that a signal kills"
no_leftovers
without 2 "$STUBCACHE_CMD" run -c -e 'count=*' -- bash -c "exit 3"
same $? 3 "status of a program whose table nobody reads"
no_leftovers
same "$(without 2 "$STUBCACHE_CMD" run -e 'trace=*' -- perl -e '$SIG{PIPE} or print "default"')" default \
	"what the program does about a broken pipe"
same "$(without 1 "$STUBCACHE_CMD" explain -e 'count=*' -- bash -c 'exit 0' 2>&1)" "" "message of explain"
no_leftovers
without 1 "$STUBCACHE_CMD" cache warm -e 'count=*' bash 2>/dev/null
no_leftovers

# The program has ended, most of its lines are still to be shown, and their reader takes its time.
"${CC:-cc}" -o "$work/calls" -x c - <<'EOF'
#include <unistd.h>
int main(void) { for (int i = 0; i < 50000; i++) getppid(); return 3; }
EOF
mkfifo "$work/lines"
"$STUBCACHE_CMD" run -e 'trace=getppid' -o "$work/lines" "$work/calls" 2>"$work/errors" &
lines=$(perl -e 'my ($command, $path) = @ARGV; my ($n, $sent) = (0, 0);
	open my $file, "<", $path or die;
	while (sysread $file, my $bytes, 4096) {
		$n += ($bytes =~ tr/\n//);
		next if $sent;
		open my $children, "<", "/proc/$command/task/$command/children" or die;
		$sent = kill "TERM", $command if !readline $children; # it was waited for
	}
	print $n' $! "$work/lines")
wait $! 2>/dev/null
same $? 143 "status of an interrupted stubcache"
[ "$lines" -lt 50000 ] || { echo "all lines were shown although stubcache was interrupted"; failed=1; }
grep -q 'interrupted' "$work/errors" || { echo "nothing was said:"; cat "$work/errors"; failed=1; }
no_leftovers
exit $failed
