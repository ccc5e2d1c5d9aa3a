#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A profiler that knows nothing of us names stubs, by the file that they are mapped from: on the start that makes
# the image, and on those that use it. objdump and readelf find nothing wrong with that file, and name all of it.
set -u
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
host=$top_builddir/tests/live/counted_loop.host
failures=0
unset STUBCACHE_PERSIST
export STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out HOME=$work

fail()
{
	echo "FAIL: $1"
	sed 's/^/	/' "$work/log"
	failures=$((failures + 1))
}

# quiet WHAT COMMAND...: succeeds, and warns of nothing.
quiet()
{
	local what=$1
	shift
	"$@" >"$work/log" 2>"$work/errors" || fail "$what: exit status $?"
	[ ! -s "$work/errors" ] || fail "$what: $(cat "$work/errors")"
	! grep -i 'warning\|error\|corrupt\|(bad)' "$work/log" || fail "$what complains"
}

# profile RULE STATE: where the loop's time goes must be known by name.
profile()
{
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$1 perf record -q -e cpu-clock -o "$work/data" "$host" 10000000 \
		>"$work/log" 2>&1 || fail "$1, $2: perf record"
	perf report --stdio -i "$work/data" --sort symbol,dso >"$work/log" 2>/dev/null
	grep -q 'probe_mix@libprobe.so ' "$work/log" || fail "$1, $2: no stub by name"
	! grep '\[\.\] 0x.*\(\.host-\|deleted\)' "$work/log" || fail "$1, $2: stubs without a name"
}

# examine IMAGE: as many functions in the code as there are symbols.
examine()
{
	local symbols code

	quiet "readelf $1" "${READELF:-readelf}" -aW "$1"
	quiet "readelf --dyn-syms $1" "${READELF:-readelf}" --dyn-syms -W "$1"
	symbols=$(grep -c ' FUNC .*@' "$work/log")
	command -v objdump >/dev/null || return
	quiet "objdump $1" objdump -d "$1"
	code=$(grep -c '^[0-9a-f]* <.*@.*>:$' "$work/log")
	[ "$symbols" -gt 0 ] && [ "$code" = "$symbols" ] || fail "$1: $symbols symbols, $code functions in the code"
	grep -q '<probe_mix@libprobe.so>:' "$work/log" || fail "$1: no stub of probe_mix"
}

for rule in 'count=*' 'time=*' 'count=*;time=probe_*'; do
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$rule "$host" 1 >/dev/null
done
for image in "$STUBCACHE_DIR"/*.so; do
	examine "$image"
done

if ! perf record -q -e cpu-clock -o "$work/data" true >/dev/null 2>&1; then
	[ "$failures" = 0 ] && echo 'perf cannot be used here' && exit 77
	exit 1
fi
rm -rf "$STUBCACHE_DIR"
for rule in 'count=*' 'time=*'; do
	profile "$rule" cold
	profile "$rule" warm
done

[ "$failures" = 0 ] || exit 1
echo 'perf, objdump and readelf name all stubs'
