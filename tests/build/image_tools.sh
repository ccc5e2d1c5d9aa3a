#!/bin/bash
# SPDX-License-Identifier: MIT
#
# An image as tools see it: nothing to warn about, one symbol a stub, its code, and how to unwind from it.

set -euo pipefail

: "${top_builddir:?}"
readelf=${READELF:-readelf}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0

fail() {
	printf '%s\n' "$*"
	failures=$((failures + 1))
}

# expect_line FILE PATTERN WHAT
expect_line() {
	grep -Eq -- "$2" "$1" || fail "$3: no line matches $2"
}

# quiet WHAT COMMAND...: runs it with its output in $dir/out; nothing may come on stderr
quiet() {
	local what=$1
	shift
	"$@" >"$dir/out" 2>"$dir/err" || fail "$what: exit status $?"
	[ ! -s "$dir/err" ] || fail "$what warns: $(cat "$dir/err")"
}

check_image() {
	local image=$1

	quiet readelf "$readelf" -aW "$image"
	! grep -i 'warning\|error\|corrupt' "$dir/out" || fail "readelf complains of $image"
	expect_line "$dir/out" 'FUNC +GLOBAL +DEFAULT +[0-9]+ open@libc.so.6@GLIBC_2.2.5$' symbols
	expect_line "$dir/out" ' 64 FUNC .* crc32@libz.so.1$' symbols
	[ "$(grep -c ' FUNC ' "$dir/out")" = 12 ] || fail 'symbols: not six in each of two tables'
	expect_line "$dir/out" 'Build ID: [0-9a-f]{40}$' notes
	expect_line "$dir/out" 'LOAD .* R E 0x' segments
	expect_line "$dir/out" 'LOAD .* RW  0x' segments
	! grep -E 'LOAD .* RWE' "$dir/out" || fail 'a segment is writable and executable'

	quiet unwinding "$readelf" -wF "$image"
	expect_line "$dir/out" '^[0-9a-f]+ exp +vexp +vexp +exp' unwinding

	if command -v objdump >/dev/null; then
		quiet objdump objdump -d "$image"
		expect_line "$dir/out" '<open@libc.so.6@GLIBC_2.2.5>:' code
		! grep '(bad)' "$dir/out" || fail 'code: not all of it can be decoded'
	fi
	if command -v gdb >/dev/null; then
		quiet gdb gdb -q -nx -batch -ex 'info functions ^read@' "$image"
		expect_line "$dir/out" '^0x[0-9a-f]+ +read@libc.so.6@GLIBC_2.2.5$' gdb
	fi
	if command -v eu-elflint >/dev/null; then
		# It knows no notes but its own.
		eu-elflint "$image" >"$dir/out" 2>&1 || true
		! grep -v "unknown object file note .* 'stubcache'\|^No errors" "$dir/out" || fail 'eu-elflint complains'
	fi
}

"$top_builddir/tests/unit/image_sample" "$dir/image.so"
"$top_builddir/tests/unit/image_sample" "$dir/clock.so" clock
check_image "$dir/image.so"
check_image "$dir/clock.so"
exit $((failures != 0))
