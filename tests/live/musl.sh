#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs of musl's. Its loader takes LD_PRELOAD too, and does not find in musl what we need of glibc: then it is the
# loader that decides, and it ends the program with a word about each symbol, as it does with any preload made for glibc.
# (A musl whose loader takes us would run the program as ever, for nothing there is ours to find.) A program that is
# linked statically runs untouched. Nothing of ours is left behind.
set -u
: "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
type -P musl-gcc >/dev/null || { echo "no musl-gcc"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

printf '#include <stdio.h>\nint main(void) { puts("musl"); return 7; }\n' >"$work/small.c"
musl-gcc -o "$work/small" "$work/small.c" && musl-gcc -static -o "$work/static" "$work/small.c" || exit 99
# ours PROGRAM
ours()
{
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE='count=*' STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out \
		STUBCACHE_STATS=$work/stats "$1" 2>"$work/said"
	echo "status $?"
}

[ "$(ours "$work/static")" = "musl
status 7" ] || fail "a static program of musl's: $(ours "$work/static")"
[ -s "$work/said" ] && fail "a static program of musl's: $(cat "$work/said")"

got=$(ours "$work/small")
case $got in
"musl
status 7") echo "musl's loader runs the program without us: $(head -n 1 "$work/said")" ;;
*)
	# It ends the program, as it does with any preload whose symbols it lacks, and says which.
	grep -q "Error relocating .*libstubcache.so" "$work/said" || fail "a program of musl's: $got: $(cat "$work/said")"
	echo "musl's loader refuses: $(head -n 1 "$work/said")"
	;;
esac
[ -e "$work/cache" ] || [ -e "$work/out" ] || [ -e "$work/stats" ] && fail "something of ours was left"
[ "$failures" = 0 ]
