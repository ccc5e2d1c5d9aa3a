#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Reports of stacks: folded, as pprof's profile and by caller; names from debug information in the file and beside it,
# from symbols, and from nothing; inlined functions; a file that is another than the one that ran.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# contains WHAT FILE REGEX
contains()
{
	grep -qE -- "$3" "$2" || fail "$1: no line like '$3' in: $(head -n 20 "$2")"
}

cat >"$work/host.c" <<'C'
#include <stdlib.h>
#define NOINLINE __attribute__((noinline))
volatile unsigned long sink;
static inline __attribute__((always_inline)) void inlined(const char *text)
{
	sink += strtoul(text, NULL, 10);
}
NOINLINE void mangled(void) __asm__("_ZN5outer4workEi");
NOINLINE void mangled(void)
{
	inlined("1");
	sink++;
}
NOINLINE static void twice(void)
{
	mangled();
	mangled();
}
int main(void)
{
	twice();
	mangled();
	sink += strtoul("2", NULL, 10);
	return 0;
}
C

# build FLAGS...: $work/host, with a build-id of its own each time.
build()
{
	${CC:-cc} -O1 -fno-optimize-sibling-calls -Wl,--build-id=sha1 "$@" -o "$work/host" "$work/host.c" || exit 99
}

record()
{
	rm -rf "$work/out"
	LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=stack=strtoul STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out "$work/host" ||
		fail "exit status $?"
}

# report NAME OPTION...: its output in $work/NAME, what it says besides in $work/NAME.err.
report()
{
	local name=$1

	shift
	"$STUBCACHE_CMD" report "$@" "$work/out" >"$work/$name" 2>"$work/$name.err" || fail "report $*: exit status $?"
}

build -g
record
report folded --format=folded
contains "through twice" "$work/folded" ';main;twice;outer::work\(int\)?;inlined;strtoul 2$|;main;twice;(mangled|outer::work);inlined;strtoul 2$'
contains "from main" "$work/folded" ';main;strtoul 1$'
grep -vqE '^.+ [0-9]+$' "$work/folded" && fail "a line that flamegraph.pl would not take: $(cat "$work/folded")"
[ "$(awk '{ n += $NF } END { print n }' "$work/folded")" = 4 ] || fail "not 4 calls: $(cat "$work/folded")"
report time --format=folded --metric=time
contains "time" "$work/time" ';main;strtoul [1-9][0-9]*$'

report csv --by=caller --format=csv
contains "caller in csv" "$work/csv" '^"strtoul","libc.so.6","GLIBC_2.2.5","inlined","host",3,0,[0-9.]+$'
contains "caller in csv" "$work/csv" '^"strtoul","libc.so.6","GLIBC_2.2.5","main","host",1,0,[0-9.]+$'
report json --by=caller --format=json
python3 - "$work/json" <<'PYTHON' || fail "callers in json: $(cat "$work/json")"
import json, sys
rows = json.load(open(sys.argv[1]))["callers"]
assert [(r["function"], r["caller"], r["caller_library"], r["calls"]) for r in rows] == [
    ("strtoul", "inlined", "host", 3), ("strtoul", "main", "host", 1)], rows
PYTHON
report text --by=caller
contains "caller as text" "$work/text" ' 3 +0 .*strtoul@libc.so.6, inlined@host$'

# As pprof's own description of profiles has it.
report profile --format=pprof
gzip -t <"$work/profile" || fail "not compressed by gzip"
if command -v protoc >/dev/null; then
	gunzip <"$work/profile" | protoc --proto_path="$top_srcdir/tests/cmd" --decode=perftools.profiles.Profile \
		pprof.proto >"$work/decoded" || fail "protoc cannot decode the profile"
	grep -qE '^ *[0-9]+: ' "$work/decoded" && fail "fields that pprof does not know: $(grep -E '^ *[0-9]+: ' "$work/decoded")"
	for word in calls count bytes time nanoseconds inlined main strtoul "$work/host"; do
		contains "strings" "$work/decoded" "^string_table: \"$word\"$"
	done
	contains "lines" "$work/decoded" '^    line: 6$'
	contains "build-id" "$work/decoded" "^string_table: \"$(readelf -n "$work/host" | sed -n 's/.*Build ID: //p')\"$"
	[ "$(grep -c '^sample {' "$work/decoded")" = 4 ] || fail "not 4 samples: $(cat "$work/decoded")"
fi
if command -v go >/dev/null; then
	GOCACHE=$work/go HOME=$work go tool pprof -top -nodecount=100 "$work/profile" >"$work/top" 2>"$work/top.err" ||
		fail "go tool pprof: $(cat "$work/top.err")"
	contains "pprof's total" "$work/top" 'accounting for 4, 100% of 4 total'
	contains "pprof's leaf" "$work/top" '^ +4 +100% +100% +4 +100% +strtoul$'
	contains "pprof's caller" "$work/top" '^ +0 .* 3 75.00% +inlined( \(inline\))?$'
	contains "pprof's program" "$work/top" '^File: host$'
fi

# Debug information beside the file.
build -g
objcopy --only-keep-debug "$work/host" "$work/host.debug"
strip --strip-all "$work/host"
objcopy --add-gnu-debuglink="$work/host.debug" "$work/host"
record
report split --format=folded
contains "debug information beside the file" "$work/split" ';main;twice;.*;inlined;strtoul 2$'

# Symbols alone: no inlined functions, and names of other languages as people write them.
build
record
report symbols --format=folded
contains "symbols" "$work/symbols" ';main;twice;outer::work(\(int\))?;strtoul 2$'
report raw --format=folded --no-demangle
contains "as the linker has it" "$work/raw" ';main;twice;_ZN5outer4workEi;strtoul 2$'

# Nothing at all.
strip --strip-all "$work/host"
record
report stripped --format=folded
contains "no names" "$work/stripped" '(;host\+0x[0-9a-f]+){3};strtoul 1$'

# Another file than the one that ran.
build -g
record
build -g -DOTHER=1 -O2
report other --format=folded
contains "another file" "$work/other" ';host\+0x[0-9a-f]+;strtoul 1$'
[ "$(grep -c "'$work/host' is not the file that was used" "$work/other.err")" = 1 ] ||
	fail "not said once that the file is another: $(cat "$work/other.err")"
rm "$work/host"
report gone --format=folded
contains "no file" "$work/gone" ';host\+0x[0-9a-f]+;strtoul 1$'

# What has no stacks says so.
rm -rf "$work/out"
LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=count=strtoul STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out ls / >/dev/null
"$STUBCACHE_CMD" report --format=folded "$work/out" >"$work/none" 2>"$work/none.err" && fail "no stacks, and status 0"
contains "no stacks" "$work/none.err" 'no stacks in'

[ "$failures" = 0 ] || exit 1
echo "stacks are reported in every form"
