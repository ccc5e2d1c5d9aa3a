# SPDX-License-Identifier: MIT
#
# What the scripts beside this one share: other programs' servers and builds, plain, with everything that they reach timed
# and no images yet (cold), and again (warm), compared case by case. Sourced; each script says what its cases are.
#
# From the environment, each optional but LIBSTUBCACHE:
#   LIBSTUBCACHE    the preload, absolute path
#   STUBCACHE_CMD   the command, which is then to read the records
#   SERVERS_RULE    what to intercept; default: time=*
#   SERVERS_KEEP    a directory for what differed
set -u
export LC_ALL=C # for join and comm
: "${LIBSTUBCACHE:?names the preload under test}"

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
rule=${SERVERS_RULE:-time=*}
ulimit -c 0
umask 022
work=$(mktemp -d) || exit 99
area=$work/area # of whom the servers run as
run=$area/run   # always the same path, and empty at first
failures=0
mode=plain
# Before a command, for compare_processes. What strace itself does with its child comes before execve, and is not seen.
traced=(strace -f --seccomp-bpf -qq -e trace=fork,vfork,clone,clone3,execve -o "$run/calls")
as_user=() # how to become that user
reaper= # what runs the server that was started last
adopt=  # --leave-orphans for a server that is to find that its parent is init

exec {output}>&1 # what cases are written to is another

kill_servers()
{
	local running

	running=$(jobs -p)
	[ -z "$running" ] || kill $running 2>/dev/null
	wait
	reaper=
}

trap 'kill_servers; rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP
chmod 755 "$work"

# as_nobody: from here on servers run as nobody, if we are root.
as_nobody()
{
	[ "$(id -u)" = 0 ] || return 0
	as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${as_user[@]}" test -r "$LIBSTUBCACHE" || { echo "left out: $0 (nobody cannot read $LIBSTUBCACHE)"; exit 77; }
}

# needs COMMAND...: what is not installed is said, and the suite left out.
needs()
{
	local command

	for command in "$@"; do
		type -P "$command" >/dev/null || { echo "left out: ${0##*/} (there is no $command)"; exit 77; }
	done
}

fail()
{
	echo "FAIL: $*" >&"$output"
	failures=$((failures + 1))
}

# note TEXT: something measured that is no case.
note()
{
	echo "$suite, $mode: $*" >&"$output"
}

# until_so COMMAND...: until it succeeds; fails if the server has ended meanwhile, or it takes very long.
until_so()
{
	local tries=0

	until "$@" >/dev/null 2>&1; do
		# Its last words may be what is waited for.
		[ -z "$reaper" ] || kill -0 "$reaper" 2>/dev/null || { "$@" >/dev/null 2>&1; return; }
		[ $((tries += 1)) -lt 1500 ] || { fail "$suite, $mode: in vain until: $*"; return 1; }
		sleep 0.02
	done
}

# intercept COMMAND...: runs it plainly, or intercepted, as $mode says, as the user. In place of this shell.
intercept()
{
	local environment=(HOME="$run" TMPDIR="$run" TZ=UTC LC_ALL=C)

	if [ "$mode" != plain ]; then
		environment+=(LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE="$rule" STUBCACHE_DIR="$area/cache"
			STUBCACHE_OUT="$area/$mode.records" STUBCACHE_STATS="$area/$mode.stats" STUBCACHE_FOLLOW=1)
	fi
	cd "$run" && exec "${as_user[@]}" /usr/bin/python3 "$here/reaper.py" $adopt "$area/$mode.used" \
		env "${environment[@]}" "$@"
}

# started COMMAND...: a server, in the background, which adds to $run/log; its process id is in $server, what waits for it
# in $reaper.
started()
{
	rm -f "$area/$mode.used.pid"
	intercept "$@" >>"$run/log" 2>&1 </dev/null &
	reaper=$!
	until_so test -e "$area/$mode.used.pid" || return
	server=$(cat "$area/$mode.used.pid")
}

# ended [PREFIX]: waits for the server and all that it left behind, and says how it ended.
ended()
{
	wait "$reaper"
	echo "${1:-}ended	status $?"
	reaper=
}

# foreground COMMAND...: the same with what is to end by itself.
foreground()
{
	(intercept "$@") 2>>"$run/log" </dev/null
}

# client COMMAND...: plainly, as the user.
client()
{
	(cd "$run" && exec "${as_user[@]}" env HOME="$run" TMPDIR="$run" TZ=UTC "$@")
}

# used MODE: seconds of processor time that what was intercepted took, children included.
used()
{
	[ -e "$area/$1.used" ] || { echo -; return; }
	awk '{ sum += $2 + $3 } END { printf "%.1f", sum }' "$area/$1.used"
}

fresh()
{
	rm -rf "$run"
	"${as_user[@]}" mkdir -p "$run"
}

# cases_of FUNCTION: its lines, each once. A case is a line: a name, a tab, how it ended.
cases_of()
{
	fresh
	"$1" >"$area/said"
	kill_servers
	sort -u "$area/said"
	cp "$run/log" "$area/$mode.log" 2>/dev/null
}

# compare_processes [PROGRAM]: as many records (of programs that end in that) as processes that strace saw. Its own, where
# it is intercepted, too, is not traced.
compare_processes()
{
	local seen recorded

	[ "$mode" != plain ] && [ -n "${STUBCACHE_CMD:-}" ] || return 0
	seen=$(python3 "$here/processes.py" "$run/calls" "${1:-}")
	recorded=$("$STUBCACHE_CMD" report --by=process --format=csv "$area/$mode.records" 2>/dev/null | sed 1d |
		cut -d, -f3 | grep -v '/strace$' | grep -c -- "${1:-}\$")
	note "$seen processes, $recorded records"
	[ "$seen" = "$recorded" ] || fail "$suite, $mode: $seen processes, $recorded of them with a record"
}

# Lines of $mode that no plain run has said, and cases that only the last plain run has.
differences()
{
	comm -13 "$area/plain.cases" "$area/$mode.cases" | sed 's/^/ours alone: /'
	join -t '	' -v 1 "$area/plain.last" "$area/$mode.cases" | sed 's/^/plain alone: /'
}

plainly()
{
	local mode=plain

	cases_of "$1" >"$area/plain.last"
	sort -u -o "$area/plain.cases" "$area/plain.last" "$area/plain.cases"
}

# check_report: the records of this mode can be read, and what they say of calls that were lost is shown.
check_report()
{
	[ -n "${STUBCACHE_CMD:-}" ] || return 0
	if ! "$STUBCACHE_CMD" report --by=process --format=csv "$area/$mode.records" \
			>"$area/$mode.report" 2>"$area/$mode.notes"; then
		fail "$suite, $mode: cannot read the records"
	elif [ "$(wc -l <"$area/$mode.report")" -lt 2 ]; then
		fail "$suite, $mode: nothing was recorded"
	fi
	sed "s/^/$suite, $mode: the report says: /" "$area/$mode.notes"
}

# The last of a mode's differences, and where its output is kept.
show_differences()
{
	fail "$suite, $mode: differs from plain"
	cat "$area/differences"
	tail -n 20 "$area/$mode.log"
	[ -z "${SERVERS_KEEP:-}" ] || cp "$area/$mode.log" "$SERVERS_KEEP/${suite// /_}.$mode.log"
}

# compare SUITE FUNCTION: in an area of its own: plain, cold and warm, and a line of what came of it. Where something
# differs, more plain runs are to show whether it is the case that does not always end in the same way.
compare()
{
	local again total=0

	suite=$1
	rm -rf "$area"
	mkdir "$area"
	[ ${#as_user[@]} = 0 ] || chown 65534:65534 "$area"
	: >"$area/plain.cases"
	plainly "$2"
	plain=$(used plain)
	[ -s "$area/plain.last" ] || fail "$suite, plain: no cases"
	for mode in cold warm; do
		cases_of "$2" >"$area/$mode.cases"
		[ -s "$area/$mode.stats" ] || fail "$suite, $mode: nothing was intercepted"
		for again in 1 2 3; do
			[ -n "$(differences)" ] || break
			plainly "$2"
		done
		differences >"$area/differences"
		[ ! -s "$area/differences" ] || show_differences
		total=$((total + $(wc -l <"$area/differences")))
		check_report
	done
	printf '%-24s %6d cases %3d differences   processor time, s: plain %s, cold %s, warm %s\n' "$suite" \
		"$(wc -l <"$area/warm.cases")" "$total" "$plain" "$(used cold)" "$(used warm)"
}

finish()
{
	[ "$failures" = 0 ] || { echo "failures: $failures"; exit 1; }
}
