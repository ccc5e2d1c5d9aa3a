#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A parallel build as a kernel's: make -j2, makes below it, shells, gcc, as, ar, ld, of some hundred C files
# (build_tree.sh), under `stubcache run`. Compared: every file that was made, what was printed, exit statuses also of a
# build that fails; and there is one record for each program that the kernel saw being executed and each process forked.
. "$(dirname "$0")/common.sh"
: "${STUBCACHE_CMD:?names the command under test}"
needs make gcc strace
directories=${SERVERS_DIRECTORIES:-10}
files=${SERVERS_FILES:-20}

# made: a build in a fresh tree; what came of it as cases.
made()
{
	(cd "$run" && bash "$here/build_tree.sh" "$directories" "$files") || return
	building make -j2 >"$work/said" 2>&1
	echo "build	status $?, $(sha256sum <"$work/said")"
	building make -j2 -k broken >"$work/said" 2>&1
	echo "broken build	status $?, $(tr -d '0-9' <"$work/said" | sha256sum)"
	building make -j2 >"$work/said" 2>&1
	echo "built again	status $?, $(sha256sum <"$work/said")"
	cat "$work/said" >>"$run/log"
	echo "program	$(cd "$run" && ./program)"
	(cd "$run" && find . -type f ! -name calls ! -name log -print0 | xargs -0 sha256sum) | sed -E 's/(\S+) +(.*)/\2\t\1/'
}

# building COMMAND...: as `made` says; the processor time is of all processes.
building()
{
	local prefix=()

	[ "$mode" = plain ] ||
		prefix=("$STUBCACHE_CMD" run -d "$area/$mode.records" -e "$rule" --)
	(cd "$run" && exec /usr/bin/python3 "$here/reaper.py" "$area/$mode.used" env HOME="$run" TMPDIR="$run" TZ=UTC \
		STUBCACHE_DIR="$area/cache" STUBCACHE_STATS="$area/$mode.stats" "${prefix[@]}" "$@" </dev/null)
}

whole()
{
	made
	[ "$mode" != warm ] || all_warm
}

# In a warm run nothing is generated, in no process.
all_warm()
{
	local cold

	cold=$(grep -vc '"state":"warm"' "$area/warm.stats")
	note "$(wc -l <"$area/warm.stats") programs started, $cold of them not warm"
	[ "$cold" = 0 ] || fail "$suite, warm: $cold starts were not warm"
}

# Below run, so that what is traced has its environment; the same number of processes as plain, and a record for each.
processes()
{
	(cd "$run" && bash "$here/build_tree.sh" 4 5) || return
	building "${traced[@]}" make -j2 >"$work/said" 2>&1
	echo "build	status $?"
	echo "processes	$(python3 "$here/processes.py" "$run/calls")"
	compare_processes
}

set -f
for action in ${SERVERS_ACTIONS:-time=* count=*@* trace=open*}; do
	rule=$action
	compare "build, $action" whole
done
rule='time=*'
compare 'build, processes' processes
finish
