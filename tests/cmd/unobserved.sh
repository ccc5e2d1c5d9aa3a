#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs into which we cannot be preloaded run as they do without us, and the report of whoever started them says how
# many there were, which, and why: statically linked, of another C library, of 32 bits, set-id, in another root, for
# another user, with too large an environment. So does the command, of the program that it runs.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}" "${top_builddir:?}"
export STUBCACHE_LIBRARY=$LIBSTUBCACHE LC_ALL=C
host=$top_builddir/tests/live/executes_host
ways="execve execv execvp execvpe execl execlp execle fexecve execveat posix_spawn posix_spawnp vfork"
chmod 755 "$work"

# Says what a program may see of us in LD_PRELOAD.
cat >"$work/small.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void)
{
	const char *preload = getenv("LD_PRELOAD");

	printf("LD_PRELOAD %s\n", !preload ? "none" : strstr(preload, "libstubcache") ? "with us" : preload);
	return 7;
}
C

# recorded DIR: "times reason program" a line, of all records.
recorded() {
	"$STUBCACHE_CMD" report --json "$1" >"$work/json"
	query "$work/json" 'map { "$_->{times} $_->{reason} " . ($_->{program} // "?") } @{$c->{unobserved}}'
}

# said DIR PATTERN: a line of the report's.
said() {
	"$STUBCACHE_CMD" report "$1" >/dev/null 2>"$work/said"
	grep -qF -- "$2" "$work/said" || { echo "report of $1 does not say '$2': $(cat "$work/said")"; failed=1; }
}

# ways_of PROGRAM REASON TEXT: executed in every way it does what it does without us, and is in the report.
ways_of() {
	local program=$1 reason=$2 text=$3 way out plain ours name

	for way in $ways; do
		out=$work/${program##*/}.$way
		plain=$("$host" "$way" "$program" 2>&1)
		ours=$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$out" -- "$host" "$way" "$program" 2>&1)
		same "${ours/with us/none}" "$plain" "$program by $way"
		name=$program
		[ "$way" = fexecve ] && name='(a descriptor)'
		same "$(recorded "$out")" "1 $reason $name" "$program by $way: in the report"
		said "$out" "1 process was not observed: $name ($text)"
		# Whoever has become another program was not killed.
		same "$("$STUBCACHE_CMD" report --by=process --format=csv "$out" 2>/dev/null | grep -c ,killed,)" 0 \
			"$program by $way: processes called killed"
	done
}

compile() {
	"${CC:-cc}" "$@" "$work/small.c" 2>/dev/null
}

compile -o "$work/usual"
same "$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/usual.out" -- "$host" execv "$work/usual")" \
	"LD_PRELOAD with us
ended with 7" "a usual program"
same "$(recorded "$work/usual.out")" "" "a usual program: in the report"

if compile -static -o "$work/static"; then
	ways_of "$work/static" static 'statically linked'
	# It may start others, which are followed.
	same "$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/kept" -- "$host" execv "$work/static")" \
		"LD_PRELOAD with us
ended with 7" "a static program keeps LD_PRELOAD"
else
	echo "skipped: no static programs here"
fi
compile -static-pie -o "$work/pie" && ways_of "$work/pie" static 'statically linked'
if type -P musl-gcc >/dev/null && CC=musl-gcc compile -o "$work/musl" && "$work/musl" >/dev/null; [ $? = 7 ]; then
	ways_of "$work/musl" loader 'made for another C library'
	printf '#! %s -x\n' "$work/musl" >"$work/script"
	chmod 755 "$work/script"
	ways="execve execvp posix_spawn" ways_of "$work/script" loader 'made for another C library'
	# Other preloads are the program's own business, wherever we stand among them; musl passes over what is not there.
	for list in "$LIBSTUBCACHE:/x.so:/y.so" "/x.so $LIBSTUBCACHE:/y.so" "/x.so:/y.so $LIBSTUBCACHE"; do
		same "$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/others" -- perl -e \
			'($ENV{LD_PRELOAD}, @program) = @ARGV; exec @program' "$list" "$work/musl")" "LD_PRELOAD /x.so:/y.so" "among '$list'"
	done
else
	echo "skipped: no programs of musl's"
fi
if compile -m32 -o "$work/narrow" && "$work/narrow" >/dev/null; [ $? = 7 ]; then
	ways_of "$work/narrow" machine '32-bit, or for another processor'
else
	echo "skipped: no 32-bit programs here"
fi

# What is not executed after all is no loss.
printf 'no program' >"$work/nothing"
chmod 755 "$work/nothing"
[ -e "$work/static" ] && cp "$work/static" "$work/denied" && chmod 644 "$work/denied"
for way in $ways; do
	for program in "$work/nothing" "$work/denied" "$work/absent"; do
		out=$work/failed.$way.${program##*/}
		plain=$("$host" "$way" "$program" 2>&1)
		same "$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$out" -- "$host" "$way" "$program" 2>&1)" "$plain" \
			"$program by $way"
		same "$(recorded "$out")" "" "$program by $way: in the report"
	done
done

# Several, found through PATH, by two processes: added up.
if [ -e "$work/static" ]; then
	PATH=$work:$PATH "$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/sum" -- \
		bash -c 'for i in 1 2 3; do static; done; bash -c "static; pie; exec static"' >/dev/null
	same "$(recorded "$work/sum" | sort)" "1 static $work/pie
5 static $work/static" "several"
	said "$work/sum" "6 processes were not observed: "
	said "$work/sum" "$work/static (statically linked, 5 times)"
	# Where lines or a table are shown, that is said below them.
	"$STUBCACHE_CMD" run -e trace=puts -- bash -c "$work/static; true" >/dev/null 2>"$work/said"
	grep -qF "1 process was not observed: $work/static (statically linked)" "$work/said" ||
		{ echo "run, of lines: $(cat "$work/said")"; failed=1; }
	"$STUBCACHE_CMD" run -c -e 'count=*' -- bash -c "$work/static; true" >/dev/null 2>"$work/said"
	grep -qF "1 process was not observed: $work/static (statically linked)" "$work/said" ||
		{ echo "run -c: $(cat "$work/said")"; failed=1; }
fi

# So is it below lines and stacks of a report.
if [ -e "$work/static" ]; then
	"$STUBCACHE_CMD" run -e 'trace=puts' -e 'stack=malloc@libc.so.6' -d "$work/forms" -- bash -c "$work/static; true" >/dev/null
	for form in --events --format=folded --by=caller --format=chrome; do
		"$STUBCACHE_CMD" report $form "$work/forms" 2>&1 >/dev/null |
			grep -qF "1 process was not observed: $work/static (statically linked)" ||
			{ echo "report $form does not say it"; failed=1; }
	done
fi

# A large environment is added to, but in a child of vfork, where that would take too much of its parent's stack.
same "$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/large" -- "$host" large "$work/usual")" \
	"LD_PRELOAD with us
ended with 7" "a large environment"
same "$(recorded "$work/large")" "" "a large environment: in the report"
plain=$("$host" large_vfork "$work/usual")
same "$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/larger" -- "$host" large_vfork "$work/usual")" "$plain" \
	"a large environment by vfork"
same "$(recorded "$work/larger")" "1 environment $work/usual" "a large environment by vfork: in the report"
said "$work/larger" "(by vfork, with an environment of more than 2000 variables without us)"

# Behind a seccomp filter that would be our death, and then the program's.
plain=$("$host" confined "$work/usual")
if [ "$plain" != "ended with 77" ]; then
	same "$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/confined" -- "$host" confined "$work/usual")" "$plain" \
		"behind a filter"
	same "$(recorded "$work/confined")" "1 confined $work/usual" "behind a filter: in the report"
	said "$work/confined" "(confined by a seccomp filter that forbids system calls of ours)"
fi

# With less room than our library takes, and with enough.
small='ulimit -v 40000; exec "$0"'
same "$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/room" -- bash -c "$small" "$work/usual" 2>&1)" \
	"$(bash -c "$small" "$work/usual")" "with little address space"
same "$(recorded "$work/room")" "1 memory $work/usual" "with little address space: in the report"
said "$work/room" "(limited to less address space than libstubcache.so takes)"
same "$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/rooms" -- bash -c "${small/40000/400000}" "$work/usual" 2>&1)" \
	"LD_PRELOAD with us" "with enough address space"

# More rights than the user's; and a user who cannot read our library.
user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if [ "$(id -u)" = 0 ] && "${user[@]}" test -r "$LIBSTUBCACHE" && "${user[@]}" test -x "$host"; then
	mkdir -m 777 "$work/user"
	for mode in 4755 2755; do
		install -m "$mode" "$work/usual" "$work/mode$mode"
		plain=$("${user[@]}" "$host" execv "$work/mode$mode")
		same "$(STUBCACHE_DIR=$work/user/cache TMPDIR=$work/user "${user[@]}" "$STUBCACHE_CMD" run \
			-e 'count=*@libc.so.6' -d "$work/user/$mode" -- "$host" execv "$work/mode$mode" 2>&1)" "$plain" "mode $mode"
		same "$(recorded "$work/user/$mode")" "1 rights $work/mode$mode" "mode $mode: in the report"
		said "$work/user/$mode" "$work/mode$mode (gets other rights than its user: set-id, or capabilities)"
		# Of its own user it is a program like any other.
		"$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/own$mode" -- "$host" execv "$work/mode$mode" >/dev/null
		same "$(recorded "$work/own$mode")" "" "mode $mode, of its own user: in the report"
	done
	mkdir -m 700 "$work/closed"
	cp "$LIBSTUBCACHE" "${LIBSTUBCACHE%/*}"/libstubcache-engine.so "$work/closed" 2>/dev/null
	command=(perl -e '$) = "65534 65534"; $( = 65534; $< = $> = 65534; exec "ls", "-d", "/"')
	same "$(STUBCACHE_LIBRARY=$work/closed/libstubcache.so "$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -d "$work/denies" \
		-- "${command[@]}" 2>&1)" / "a user who cannot read the library"
	same "$(recorded "$work/denies" | sed 's/ [^ ]*$//')" "1 root" "a user who cannot read the library: in the report"
else
	echo "skipped: not root, or what was built is not for other users"
fi

# The program that the command itself runs: said before it begins, and its status is the command's.
for program in static musl narrow; do
	[ -x "$work/$program" ] || continue
	ours=$("$STUBCACHE_CMD" run -e 'count=*' -d "$work/run.$program" -- "$work/$program" 2>"$work/said")
	same $? 7 "status of run $program"
	same "${ours/with us/none}" "LD_PRELOAD none" "output of run $program"
	grep -qE "^stubcache: cannot observe '$work/$program': " "$work/said" || { echo "run $program: $(cat "$work/said")"; failed=1; }
	same "$(wc -l <"$work/said")" 1 "lines about $program"
	same "$(recorded "$work/run.$program" | grep -c "^1 .* $work/$program$")" 1 "run $program: in the report"
	expect 2 "cannot observe '$work/$program'" explain -e 'count=*' "$work/$program"
	expect 2 "cannot observe '$work/$program'" cache warm -e 'count=*' "$work/$program"
done
no_leftovers
exit $failed
