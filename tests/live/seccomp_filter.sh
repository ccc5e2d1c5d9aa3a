#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A program that confines itself by a seccomp filter runs as without us, whatever the filter does with what it forbids
# and however it is set: no system call of ours hits it. What that costs the record is counted, and said with the
# reason; where the filter allows what we need, or was not taken, nothing is lost.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
ulimit -c 0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
host=$top_builddir/tests/live/seccomp_filter_host
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# recorded RULE HOW ACTION: runs it; its report is $work/report and $work/said, its calls $work/lines.
recorded()
{
	rm -rf "$work/out"
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$1 STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out \
		"$host" "$2" "$3" >"$work/stdout" || fail "$1 $2 $3: exit status $?"
	"$STUBCACHE_CMD" report --json "$work/out" >"$work/report"
	"$STUBCACHE_CMD" report "$work/out" 2>"$work/said" >/dev/null
	"$STUBCACHE_CMD" report --events "$work/out" >"$work/lines" 2>"$work/lines_said"
}

# all_counted WHAT: each call of probe_mix is in the report, or is among those that were lost.
all_counted()
{
	python3 - "$work/report" "$(sed -n 's/^calls: //p' "$work/stdout")" <<-'END' || fail "$1"
		import json, sys

		report = json.load(open(sys.argv[1]))
		counted = sum(row["calls"] for row in report["functions"] if row["function"] == "probe_mix")
		lost = sum(process["lost"] for process in report["processes"])
		made = int(sys.argv[2])
		if counted > made or counted + lost < made:
		    print("made %d, counted %d, lost %d" % (made, counted, lost))
		    sys.exit(1)
		# Most calls are timed, too: the room that this takes was made before.
		untimed = sum(process["untimed"] for process in report["processes"])
		if untimed * 4 > made:
		    print("made %d, not timed %d" % (made, untimed))
		    sys.exit(1)
	END
}

# What a filter does with what it forbids is the kernel's, however it was set.
for what in 'prctl kill' 'prctl trap' 'seccomp kill' 'seccomp errno' 'refused kill' 'mild trap'; do
	# shellcheck disable=SC2086
	"$BASH" "$top_srcdir/tests/live/compare.sh" "$host" $what >"$work/compared" ||
		{ cat "$work/compared"; fail "$what"; }
done

for how in prctl seccomp; do
	for rule in 'count=*' 'time=*' 'trace=*' 'stack=*'; do
		recorded "$rule" $how kill
		all_counted "$rule, $how"
		grep -q '"confined": "filter"' "$work/report" || fail "$rule, $how: the report does not know"
		case $rule in
		count*) ;;
		*) grep -q 'seccomp' "$work/said" || { cat "$work/said"; fail "$rule, $how: no reason is given"; } ;;
		esac
	done
done

# What is allowed is done: nothing is lost where nothing of ours is forbidden.
for how in refused mild; do
	recorded 'trace=*' $how kill
	all_counted "trace, $how"
	[ "$(grep -c 'getenv("STRING_IN_THE_HEAP")' "$work/lines")" = 3 ] || fail "$how: strings are missing"
	grep 'missing\|seccomp' "$work/said" "$work/lines_said" && fail "$how: something was lost"
done
exit $((failures > 0))
