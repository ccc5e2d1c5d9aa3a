#!/bin/bash
# SPDX-License-Identifier: MIT
#
# suites.sh [SUITE]...: other programs' own test suites, plain and with everything that they reach timed, compared test
# by test, SUITE_ROUNDS times over (default 3; the first finds no images). A test that fails plain, too, is listed, and
# is no failure of ours. Suites: python (Debian's libpython3-testsuite), tcl (the directory `tests` of Tcl's sources,
# which SUITE_TCL names). What is not installed is said and left out.
#
# SUITE_KEEP is a directory for the logs of what differs. It takes half an hour; `make check-programs` runs it, `make check` does not.
set -u
export LC_ALL=C # for join and comm
: "${LIBSTUBCACHE:?names the preload under test}"

python_suites=(
	test_ctypes
	test_faulthandler
	test_fork1
	test_mmap
	test_multiprocessing_fork
	test_signal
	test_ssl
	test_subprocess
	test_threading
)
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
ulimit -c 0
failures=0

# Runs of a suite print a line a test: its name, a tab, how it ended.
run_python()
{
	rm -f "$work/junit.xml"
	timeout -k 10 1000 /usr/bin/python3 -m test --timeout 600 --junit-xml "$work/junit.xml" "$1" >"$work/log" 2>&1
	echo "all	status $?"
	[ ! -e "$work/junit.xml" ] || /usr/bin/python3 "$here/junit_lines.py" "$work/junit.xml"
}

run_tcl()
{
	cd "$work/directory" || return
	timeout -k 10 300 tclsh "$SUITE_TCL/$1" -verbose 'body error pass skip' >"$work/log" 2>&1
	echo "all	status $?"
	sed -n -E 's/^\+\+\+\+ (\S+) (PASSED)$/\1\t\2/p; s/^==== (\S+) .*(FAILED)$/\1\t\2/p' "$work/log"
}

intercepted()
{
	rm -rf "$work/records"
	env LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='time=*' STUBCACHE_DIR="$work/cache" STUBCACHE_OUT="$work/records" \
		STUBCACHE_STATS="$work/stats" "$@"
}

# plainly KIND NAME: adds what a plain run says to what plain runs of this suite have said before.
plainly()
{
	bash -c "run_$1 $2" | sort -u >"$work/last"
	sort -u -o "$work/plain" "$work/last" "$work/plain"
}

# Lines of ours that no plain run has said, and tests that only the last plain run has.
differences()
{
	comm -13 "$work/plain" "$work/ours" | sed 's/^/ours alone: /'
	join -t '	' -v 1 "$work/last" "$work/ours" | sed 's/^/plain alone: /'
}

# once KIND NAME ROUND: plain and intercepted, and what differs. Where something does, more plain runs are to show
# whether it is the test that does not always end in the same way.
once()
{
	local kind=$1 name=$2 round=$3 again

	export -f "run_$kind"
	export work here SUITE_TCL
	rm -f "$work/stats"
	: >"$work/plain"
	mkdir -p "$work/directory"
	plainly "$kind" "$name"
	intercepted bash -c "run_$kind $name" | sort -u >"$work/ours"
	cp "$work/log" "$work/ours.log"
	if [ ! -s "$work/stats" ]; then
		echo "FAIL: $name, round $round: nothing was intercepted"
		failures=$((failures + 1))
	fi
	for again in 1 2 3; do
		[ -n "$(differences)" ] || break
		plainly "$kind" "$name"
	done
	grep -vE '	(passed|PASSED|status 0|skipped)' "$work/plain" | sed "s/^/$name, round $round: plain, too: /"
	if [ -z "$(differences)" ]; then
		echo "$name, round $round: the same, $(wc -l <"$work/ours") lines"
		return
	fi
	echo "FAIL: $name, round $round: differs from plain"
	differences
	tail -n 40 "$work/ours.log"
	[ -z "${SUITE_KEEP:-}" ] || cp "$work/ours.log" "$SUITE_KEEP/$name.$round.log"
	failures=$((failures + 1))
}

# kind_of NAME: which suite a file belongs to, as run_ names it.
kind_of()
{
	case $1 in
	*.test) echo tcl ;;
	*) echo python ;;
	esac
}

names=()
if /usr/bin/python3 -c 'import test.test_fork1' 2>/dev/null; then
	names+=("${python_suites[@]}")
else
	echo "left out: python (install libpython3-testsuite)"
fi
if command -v tclsh >/dev/null && [ -f "${SUITE_TCL:-}/basic.test" ]; then
	names+=($(cd "$SUITE_TCL" && echo *.test))
else
	echo "left out: tcl (SUITE_TCL does not name the directory 'tests' of its sources)"
	SUITE_TCL=
fi
[ $# = 0 ] || names=("$@")
if [ ${#names[@]} = 0 ]; then
	exit 77
fi

for round in $(seq "${SUITE_ROUNDS:-3}"); do
	for name in "${names[@]}"; do
		once "$(kind_of "$name")" "$name" "$round"
	done
done
if [ "$failures" -gt 0 ]; then
	echo "failures: $failures"
	exit 1
fi
echo "every suite ended as without us"
