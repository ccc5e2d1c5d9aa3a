#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Traced printf and its relatives: every conversion, flag, width and length, through ..., through va_list, and as
# _FORTIFY_SOURCE has them. What is shown is what tests/live/printf_host.c passes.

. "${0%/*}/../cmd/lib.sh"
: "${LIBSTUBCACHE:?}" "${top_builddir:?}"
export STUBCACHE_LIBRARY=$LIBSTUBCACHE
[ -e "$top_builddir/prototypes/00-libc.h" ] || { echo "no prototypes were generated"; exit 77; }

# Format and values of each call through a stream, as they are written there.
streams=(
	'"%d %i %u %o %x %X\n", -1, 2, 4000000000, 010, 0xff, 0xabc'
	'"%hhd %hhu %hd %hu\n", -3, 250, -30000, 60000'
	'"%ld %lu %lld %llu\n", -5000000000, 6000000000, -9223372036854775808, 18446744073709551615'
	'"%jd %zu %td %zd\n", -7, 8, -9, -10'
	'"%+d % d %-6d|%06d %#x %#o %'\''d\n", 1, 2, 3, 4, 0x5, 06, 7000'
	'"%8d %.3d %8.3d %*d %.*d %*.*d\n", 1, 2, 3, 10, 4, 11, 5, 12, 13, 6'
	'"%c %c %lc\n", '\''a'\'', '\''\n'\'', 98'
	'"%s %10s %.2s %-5s| %.*s %.0s %s\n", "one", "two", "th", "four", 3, "fiv", "", NULL'
	'"%ls %S\n", L"wide", L"\u20ac"'
	'"%p %p\n", 0x1234, NULL'
	'"%d%n%%%d\n", 1, 0xADDRESS, 2'
	'"%m %d\n", 3'
	'"%2$s %1$d %3$*4$d\n", 1, 0xADDRESS, 3, 4'
	'"%f %e %g %a %F %E %G %A\n", 1.5, -22500000000.0, 1e-05, 0.5, 3.0, 1e+100, 1e+20, -1.0'
	'"%Lf %Lg %Le\n", 1.5, 1e+4000, -2.5'
	'"%f %f %f\n", inf, -inf, 0.1'
	'"%d %f %s %Lf %d %f\n", 1, 2.5, "three", 4.5, 5, 6.5'
	'"%f %f %f %f %f %f %f %f %f %f\n", 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.5'
	'"%d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7'
)
list='"%d %s %f %Lf %ld %c %x %f %d %d %d\n", [1, "two", 3.5, 4.5, 5, '\''6'\'', 0x7, 8.5, 9, 10, 11]'
wide='"%ls %d\n", [L"wide", 1]'

# wanted CHECK FLAG: the calls in their order; FLAG is what functions with _chk have besides.
wanted() {
	local chk=$1 flag=$2 size=$3 call

	for call in "${streams[@]}"; do
		printf '%s\n' "${chk:+__}fprintf$chk(STREAM, $flag$call)"
	done
	printf '%s\n' \
		"${chk:+__}printf$chk($flag\"%d %s\\n\", 1, \"printf\")" \
		"${chk:+__}dprintf$chk(1, $flag\"%d %s\\n\", 2, \"dprintf\")" \
		"${chk:+__}sprintf$chk(\"3 sprintf\", $flag$size\"%d %s\", 3, \"sprintf\")" \
		"${chk:+__}snprintf$chk(\"4 s\", 4, $flag$size\"%d %s\", 4, \"snprintf\")" \
		"${chk:+__}asprintf$chk(0xADDRESS, $flag\"%d %s\", 5, \"asprintf\")" \
		"${chk:+__}syslog$chk(LOG_DEBUG|LOG_USER, $flag\"%d %s\", 6, \"syslog\")" \
		"warnx(\"%d %s\", 7, \"warnx\")" \
		"${chk:+__}vsnprintf$chk(\"1 two 3.500000 4.500000 5 6 7 8.500000 9 10 11\\n\", 512, $flag$size$list)" \
		"${chk:+__}vfprintf$chk(STREAM, $flag$list)" \
		"${chk:+__}vasprintf$chk(0xADDRESS, $flag$list)" \
		"${chk:+__}vsnprintf$chk(\"wide 1\\n\", 512, $flag$size$wide)" \
		"${chk:+__}vfprintf$chk(STREAM, $flag$wide)" \
		"${chk:+__}vasprintf$chk(0xADDRESS, $flag$wide)" \
		"${chk:+__}vsnprintf$chk(\"none\\n\", 512, $flag$size\"none\\n\", [])" \
		"${chk:+__}vfprintf$chk(STREAM, $flag\"none\\n\", [])" \
		"${chk:+__}vasprintf$chk(0xADDRESS, $flag\"none\\n\", [])"
}

# seen HOST: the calls of a host, without results and with addresses replaced.
seen() {
	"$STUBCACHE_CMD" run -s 128 -e 'trace=*printf*,*syslog*,warnx:from=printf*_host' -o "$work/lines" \
		"$top_builddir/tests/live/$1" >/dev/null 2>&1 || echo "status $?"
	sed -E '/\+\+\+/d; s/^[0-9]+ +//; s/\) += [^=]*$/)/; s/^(_*v?fprintf[_chk]*\()0x[0-9a-f]+/\1STREAM/
		s/0x[0-9a-f]{6,}/0xADDRESS/g' "$work/lines"
}

wanted '' '' '' >"$work/wanted"
seen printf_host >"$work/seen"
diff "$work/wanted" "$work/seen" || { echo "passed (<) and shown (>) differ"; failed=1; }

# The compiler may use plain functions where a check is of no use, and headers of old C libraries have no __asprintf_chk.
wanted _chk '1, ' '512, ' | grep _chk >"$work/wanted"
seen printf_chk_host | grep _chk >"$work/seen"
[ -s "$work/seen" ] || { echo "no function with _chk was called"; failed=1; }
grep -vxFf "$work/wanted" "$work/seen" && { echo "these were not passed so"; failed=1; }
[ "$(wc -l <"$work/seen")" -ge 20 ] || { echo "too few calls with _chk: $(wc -l <"$work/seen")"; failed=1; }
exit $failed
