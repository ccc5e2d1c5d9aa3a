#!/bin/bash
# SPDX-License-Identifier: MIT
#
# suites.sh [SUITE]...: other programs' own test suites, plain and with everything that they reach timed, compared test
# by test, SUITE_ROUNDS times over (default 3; the first finds no images). A test that fails plain, too, is listed, and
# is no failure of ours. Suites: python (Debian's libpython3-testsuite), tcl (the directory `tests` of Tcl's sources,
# which SUITE_TCL names). What is not installed is said and left out.
#
# It takes a quarter of an hour; `make check-programs` runs it, `make check` does not.
set -u
: "${LIBSTUBCACHE:?names the preload under test}"

python_suites=(
	test_ctypes
	test_faulthandler
	test_fork1
	test_mmap
	test_multiprocessing_fork
	test_signal
	test_sqlite3
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
	/usr/bin/python3 -m test --timeout 600 --junit-xml "$work/junit.xml" "$1" >"$work/log" 2>&1
	echo "all	status $?"
	/usr/bin/python3 "$here/junit_lines.py" "$work/junit.xml"
}

run_tcl()
{
	LC_ALL=C tclsh "$SUITE_TCL/$1" -verbose 'body error start pass skip' -singleproc 1 >"$work/log" 2>&1
	echo "all	status $?"
	sed -n -E 's/^\+\+\+\+ (\S+) (PASSED)$/\1\t\2/p; s/^==== (\S+) .*(FAILED)$/\1\t\2/p' "$work/log"
}

intercepted()
{
	rm -rf "$work/records"
	env LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='time=*' STUBCACHE_DIR="$work/cache" STUBCACHE_OUT="$work/records" \
		STUBCACHE_STATS="$work/stats" "$@"
}

# once KIND NAME ROUND: plain and intercepted, and what differs.
once()
{
	local kind=$1 name=$2 round=$3

	export -f "run_$kind"
	export work here SUITE_TCL
	bash -c "run_$kind $name" | sort >"$work/plain"
	cp "$work/log" "$work/plain.log"
	# Only the suite is to be intercepted, and what it starts.
	intercepted bash -c "run_$kind $name" | sort >"$work/ours"
	grep -vE '	(passed|PASSED|status 0|skipped)' "$work/plain" | sed "s/^/$name, round $round: plain, too: /"
	if cmp -s "$work/plain" "$work/ours"; then
		echo "$name, round $round: the same, $(wc -l <"$work/plain") lines"
		return
	fi
	echo "FAIL: $name, round $round: differs from plain"
	diff "$work/plain" "$work/ours"
	tail -n 40 "$work/log"
	[ -z "${SUITE_KEEP:-}" ] || cp "$work/log" "$SUITE_KEEP/$name.$round.log"
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
