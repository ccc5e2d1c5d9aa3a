#!/bin/bash
# SPDX-License-Identifier: MIT
#
# cache warm makes a program's image without running the program: nothing is printed or done, and the next run of it
# is warm, finds all its stubs, and makes none.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}"
[ -e "$LIBSTUBCACHE" ] || exit 77
export STUBCACHE_LIBRARY=$LIBSTUBCACHE
rule='time=*@libc.so.6'

# state FILE: "state generated resurrected engine_loaded" of its first process
state() {
	perl -MJSON::PP -e 'my $p = decode_json(scalar <STDIN>);
		printf "%s %d %d %s\n", $p->{state}, $p->{generated}, $p->{resurrected}, $p->{engine_loaded} ? 1 : 0' <"$1"
}

# warms PROGRAM ARGUMENT...: a run of it with these arguments is warm after "cache warm PROGRAM".
warms() {
	local program=$1 made output plain now
	shift
	rm -rf "$STUBCACHE_DIR"
	output=$("$STUBCACHE_CMD" cache warm -e "$rule" "$program" "$@" 2>&1)
	same $? 0 "warming $program"
	made=$(sed -nE 's/^.*: cold, ([0-9]+) generated, 0 resurrected, [0-9]+ slots, .*/\1/p' <<<"$output")
	same "$(wc -l <<<"$output")" 1 "lines of output of warming $program"
	if [ -z "$made" ] || [ "$made" -lt 10 ]; then
		echo "warming $program: $output"
		failed=1
		return
	fi
	plain=$("$program" "$@" 2>&1)
	rm -f "$work/stats"
	now=$(LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$rule STUBCACHE_OUT=$work/out STUBCACHE_STATS=$work/stats \
		"$program" "$@" 2>&1)
	same "$now" "$plain" "output of $program"
	same "$(state "$work/stats")" "warm 0 $made 0" "the run of $program after warming"
	expect 0 "^.*$program: warm, 0 generated, $made resurrected" cache warm -e "$rule" "$program" "$@"
	rm -rf "$work/out"
}

# A program by its name in PATH; what is found there may be a script that starts another.
for program in git python3 bash perl; do
	path=$(command -v "$program") || continue
	if [ "$(head -c 4 "$path")" != $'\x7fELF' ]; then
		path=/usr/bin/$program
		[ "$(head -c 4 "$path" 2>/dev/null)" = $'\x7fELF' ] || continue
	fi
	warms "$path" --version
done
PATH=$(dirname "$(command -v cat)"):$PATH warms cat /dev/null

# Nothing is done: neither the constructors' work nor main.
expect 0 'cold' cache warm -e "$rule" touch "$work/touched"
[ ! -e "$work/touched" ] || { echo 'cache warm ran the program'; failed=1; }

expect 2 'no rule is given' cache warm cat
expect 2 'needs a program' cache warm -e "$rule"
expect 127 'cannot run' cache warm -e "$rule" /nonexistent/program
no_leftovers
exit $failed
