#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run ends as the program ends: status, signal, 127 and 126 as a shell has them; it leaves nothing
# behind, hands its own arguments to nobody, and takes none of the program's.

. "${0%/*}/lib.sh"
use_empty_preload
ulimit -c 0

for status in 0 1 2 7 126 127 128 255; do
	"$STUBCACHE_CMD" run -c sh -c "exit $status" 2>/dev/null
	same $? $status "status of a program that exits $status"
done
for signal in HUP INT QUIT ABRT KILL USR1 PIPE ALRM TERM SEGV; do
	number=$(kill -l $signal)
	# A shell of its own, so that its report of the death is caught, too.
	bash -c '"$@"; exit $?' - "$STUBCACHE_CMD" run -c sh -c "kill -$signal \$\$" 2>/dev/null
	same $? $((128 + number)) "status after SIG$signal"
done

expect 127 "cannot run 'no-such-program': No such file or directory" run -c no-such-program
: >"$work/plain"
expect 126 "cannot run '$work/plain': Permission denied" run -c "$work/plain"
expect 126 'cannot run' run -c "$work"

# Options behind the program's name belong to the program, "--" ends ours.
expect 0 '^-c --help$' run -e 'count=*' echo -c --help
expect 0 '^-- -e$' run -e 'count=*' -- echo -- -e

# The environment of the program; rules are joined, an earlier preload stays behind ours.
expect 0 '^count=a;time=b$' run -e count=a -e time=b sh -c 'echo "$STUBCACHE"'
expect 0 '^time=\*$' run -c sh -c 'echo "$STUBCACHE"'
STUBCACHE=count=x expect 0 '^count=x$' run -c sh -c 'echo "$STUBCACHE"'
STUBCACHE=count=x expect 0 '^count=x$' run sh -c 'echo "$STUBCACHE"'
cp "$work/empty.so" "$work/other.so"
LD_PRELOAD=$work/other.so expect 0 "^$work/empty.so:$work/other.so\$" run -c sh -c 'echo "$LD_PRELOAD"'

cd "$work" || exit 99
: >rules
STUBCACHE_DIR=cache STUBCACHE_RULES=rules expect 0 "^$PWD/cache $PWD/rules\$" \
	run -e 'count=*' sh -c 'cd /; echo "$STUBCACHE_DIR $STUBCACHE_RULES"'
STUBCACHE_CLIENTS=./a.so,./b:c.so:/d.so:e/f.so, expect 0 "^$PWD/./a.so,./b:c.so:/d.so:$PWD/e/f.so,\$" \
	run -e 'count=*' sh -c 'cd /; echo "$STUBCACHE_CLIENTS"'

# An output directory is made, kept, and absolute for programs that change directory.
cd "$work" && expect 0 "^$work/kept\$" run -e 'count=*' -o kept sh -c 'cd /; echo "$STUBCACHE_OUT"'
[ -d "$work/kept" ] || { echo "no output directory"; failed=1; }
expect 2 "cannot (make|use) directory" run -c -o "$work/plain/x" true
expect 2 "cannot use directory '$work/plain': Not a directory" run -c -o "$work/plain" true
expect 0 'nothing was recorded' run -c true

# Descriptors and standard input are the program's alone.
same "$(echo text | "$STUBCACHE_CMD" run -e 'count=*' cat)" text "standard input"
same "$("$STUBCACHE_CMD" run -e 'count=*' sh -c 'ls -1 /proc/self/fd | wc -l')" "$(sh -c 'ls -1 /proc/self/fd | wc -l')" \
	"open descriptors"
# An ignored SIGCHLD does not lose the status, and stays ignored for the program.
same "$(perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' "$STUBCACHE_CMD" run -e 'count=*' \
	sh -c 'grep ^SigIgn /proc/$$/status; exit 5'; echo $?)" \
	"$(perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' sh -c 'grep ^SigIgn /proc/$$/status; exit 5'; echo $?)" \
	"with SIGCHLD ignored"
no_leftovers
exit $failed
