#!/bin/bash
# SPDX-License-Identifier: MIT
#
# suites.sh [SUITE | SUITE:FILE]...: other programs' own test suites, plain and with everything that they reach timed,
# compared test by test. Each file of a suite is run plain, with an empty cache (cold) and again (warm). A test that
# fails plain, too, is named, and is no failure of ours; one that differs with us, but not each time, is shown, and
# counted as `once`: on a loaded machine what is given a second or two does so. A suite that cannot be had is said and
# left out; the exit status is 77 if that leaves none. Each suite is a file of suites/, which suites/README describes.
#
# `make check-programs` runs all of them, which takes hours; quick_suites.sh, in `make check`, a few small ones.
#
# From the environment, each optional but LIBSTUBCACHE:
#   LIBSTUBCACHE    the preload, absolute path
#   SUITES_DIR      where sources are fetched to and built, and stay; default: suites in the build directory
#   SUITES_KEEP     a directory for the logs of what differs
#   SUITES_ROUNDS   how often a file is run with us; default 2
#   SUITES_RULE     default time=*
set -u
export LC_ALL=C # for join and comm
: "${LIBSTUBCACHE:?names the preload under test}"

here=$(dirname "$(realpath "$0")")
rule=${SUITES_RULE:-time=*}
rounds=${SUITES_ROUNDS:-2}
SUITES_DIR=$(realpath -m "${SUITES_DIR:-${top_builddir:-.}/suites}")
work=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
chmod 755 "$work"
export here work SUITES_DIR
export STUBCACHE_TRACE=${STUBCACHE_TRACE:-buffer=4M} # what does not fit is dropped, so that disks stay empty
ulimit -c 0
failures=0
declare -A files cases differing once cpu wall
declare -a taken=() absent=()

for part in "$here"/suites/*.sh; do
	. "$part"
done

# run PREFIX... -- WHAT KIND NAME: one file of a suite, which says a line a test (name, tab, how it ended), in a process
# of its own that PREFIX starts. Leaves these lines, sorted, in $work/WHAT, and adds what it took to cpu and wall.
run()
{
	local prefix=() TIMEFORMAT='%3U %3S %3R' user system real kind

	while [ "$1" != -- ]; do
		prefix+=("$1")
		shift
	done
	kind=$3
	rm -rf "$work/directory"
	mkdir -p "$work/directory" "$work/tmp"
	{
		time PATH=/usr/sbin:/usr/bin:/sbin:/bin TMPDIR="$work/tmp" "${prefix[@]}" bash -c '
			. "$here/suites/$0.sh"
			cd "$work/directory" && "$0_run" "$1"' "$kind" "$4" >"$work/lines" 2>"$work/noise" </dev/null
	} 2>"$work/times"
	sort -u -o "$work/$2" "$work/lines"
	chmod -R u+w "$work/tmp"
	rm -rf "$work/tmp"
	read -r user system real < <(tail -n 1 "$work/times" | tr -d .)
	cpu[$kind:$2]=$((${cpu[$kind:$2]:-0} + 10#$user + 10#$system))
	wall[$kind:$2]=$((${wall[$kind:$2]:-0} + 10#$real))
}

# run_ours WHAT KIND NAME: the same, intercepted.
run_ours()
{
	# Those that give up their rights in between write there, too.
	rm -rf "$work/records" "$work/stats"
	mkdir -m 1777 "$work/records"
	install -m 666 /dev/null "$work/stats"
	run env STUBCACHE_FOLLOW=1 LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE="$rule" STUBCACHE_DIR="$work/cache" STUBCACHE_OUT="$work/records" \
		STUBCACHE_STATS="$work/stats" -- "$@"
	[ -s "$work/stats" ] || fail "$2:$3, $1: nothing was intercepted"
}

# fail WHAT: counted, and said.
fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# Lines of ours that no plain run has said, and tests that only the last plain run has.
differences()
{
	comm -13 "$work/said" "$work/$1" | sed 's/^/ours alone: /'
	join -t '	' -v 1 "$work/last" "$work/$1" | sed 's/^/plain alone: /'
}

# compare WHAT KIND NAME: what our run has said, against the plain ones. Where something differs, more plain runs are to
# show whether it is the test that does not always end in the same way, and more of ours whether it is so each time.
compare()
{
	local again log=$work/log.$1

	for again in 1 2 3; do
		[ -n "$(differences "$1")" ] || return 0
		run -- last "$2" "$3"
		sort -u -o "$work/said" "$work/last" "$work/said"
	done
	differences "$1" | sort >"$work/found"
	[ -s "$work/found" ] || return 0
	[ -z "${SUITES_KEEP:-}" ] || cp "$log" "$SUITES_KEEP/$2-${3//\//-}.$1.log"
	cp "$work/found" "$work/lasting"
	for again in 1 2; do
		run_ours again "$2" "$3"
		differences again | sort | comm -12 - "$work/lasting" >"$work/both"
		mv "$work/both" "$work/lasting"
	done
	once[$2]=$((${once[$2]:-0} + $(comm -23 "$work/found" "$work/lasting" | wc -l)))
	differing[$2]=$((${differing[$2]:-0} + $(wc -l <"$work/lasting")))
	if [ -s "$work/lasting" ]; then
		fail "$2:$3, $1: differs from plain"
	else
		echo "$2:$3, $1: differed from plain, but not when it was run again"
	fi
	head -n 40 "$work/found"
	tail -n 40 "$log"
}

# compare_file KIND NAME: plain, cold and warm.
compare_file()
{
	local round what

	run -- plain "$1" "$2"
	cp "$work/plain" "$work/last"
	cp "$work/plain" "$work/said"
	files[$1]=$((${files[$1]:-0} + 1))
	cases[$1]=$((${cases[$1]:-0} + $(wc -l <"$work/plain")))
	rm -rf "$work/cache"
	what=cold
	for ((round = 1; round <= rounds; round++)); do
		rm -f "$work/log"
		run_ours "$what" "$1" "$2"
		cp "$work/log" "$work/log.$what"
		compare "$what" "$1" "$2"
		what=warm
	done
	grep -vE '	(passed|status 0|skipped)' "$work/said" | sed "s|^|$1:$2: plain, too: |"
	echo "$1:$2: $(wc -l <"$work/plain") lines compared"
}

seconds()
{
	printf '%d.%d' $((${1:-0} / 1000)) $((${1:-0} % 1000 / 100))
}

# The table of all that was run; times are of all processes that were waited for.
print_table()
{
	local kind what

	echo "CPU and wall time in seconds, with $rule"
	printf '%-10s %6s %8s %11s %5s' suite files cases differences once
	printf ' %9s' cpu:plain cpu:cold cpu:warm all:plain all:cold all:warm
	echo
	for kind in "${taken[@]}"; do
		[ -n "${files[$kind]:-}" ] || continue
		printf '%-10s %6d %8d %11d %5d' "$kind" "${files[$kind]}" "${cases[$kind]}" "${differing[$kind]:-0}" \
			"${once[$kind]:-0}"
		for what in plain cold warm; do
			printf ' %9s' "$(seconds "${cpu[$kind:$what]:-0}")"
		done
		for what in plain cold warm; do
			printf ' %9s' "$(seconds "${wall[$kind:$what]:-0}")"
		done
		echo
	done
}

# take KIND: whether it can be had. It is asked once.
take()
{
	case " ${taken[*]} / ${absent[*]} " in
	*" $1 "*/*) return 0 ;;
	*/*" $1 "*) return 1 ;;
	esac
	mkdir -p "$SUITES_DIR"
	if ! "$1_get" >"$work/get" 2>&1; then
		echo "left out: $1: $(tail -n 1 "$work/get")"
		absent+=("$1")
		return 1
	fi
	taken+=("$1")
}

# main [SUITE | SUITE:FILE]...: a function, so that whoever edits this file does not disturb those who run it.
main()
{
	local wanted kind name names

	for wanted in "$@"; do
		kind=${wanted%%:*}
		if ! declare -F "${kind}_get" >/dev/null; then
			echo "no such suite: $kind"
			exit 2
		fi
		take "$kind" || continue
		names=("${wanted#*:}")
		[ "$kind" != "$wanted" ] || mapfile -t names < <("${kind}_list")
		for name in "${names[@]}"; do
			compare_file "$kind" "$name"
		done
	done
	if [ ${#taken[@]} = 0 ]; then
		echo "no suite could be had"
		exit 77
	fi
	print_table
	if [ "$failures" -gt 0 ]; then
		echo "failures: $failures"
		exit 1
	fi
	echo "every suite ended as without us"
	exit
}

trap 'print_table; exit 130' INT TERM
[ $# -gt 0 ] || set -- bash coreutils perl python sqlite tcl
main "$@"
