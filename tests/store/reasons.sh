#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A changed library, rule, preload or engine makes a start cold, and STUBCACHE_STATS says which it was.
set -euo pipefail

: "${LIBSTUBCACHE:?}" "${CC:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# A program with a library of its own, and a copy of the preload and the engine that can be changed.
cat >"$work/lib.c" <<'C'
int answer(void) { return VALUE; }
C
cat >"$work/main.c" <<'C'
int answer(void);
int main(void) { return answer(); }
C
library() {
	$CC -shared -fPIC -Wl,--build-id -DVALUE="$1" -o "$work/libanswer.so" "$work/lib.c"
}
library 7
$CC -o "$work/program" "$work/main.c" -L"$work" -lanswer -Wl,-rpath,"$work"
mkdir "$work/ours"
cp "$LIBSTUBCACHE" "${LIBSTUBCACHE%/*}/libstubcache-engine.so" "$work/ours"

# expect WHAT STATE REASON STATUS [RULE]
expect() {
	local status=0 line
	: >"$work/stats"
	env LD_PRELOAD="$work/ours/libstubcache.so" STUBCACHE="${5:-count=answer}" STUBCACHE_DIR="$work/cache" \
		STUBCACHE_OUT="$work/out" STUBCACHE_STATS="$work/stats" "$work/program" || status=$?
	line=$(cat "$work/stats")
	if [ "$status" != "$4" ] || ! grep -q "\"state\":\"$2\"" <<<"$line" || ! grep -q "\"reason\":\"[^\"]*$3" <<<"$line"; then
		printf '%s: wanted %s, reason %s, status %s; status %s and\n%s\n' "$1" "$2" "$3" "$4" "$status" "$line"
		failures=$((failures + 1))
	fi
}

expect "the first start" cold 'no image for this program"' 7
expect "the second" warm '' 7
expect "another rule" cold 'rules differ"' 7 'time=answer'
expect "the first rule again" warm '' 7
library 9
expect "another build of the library" cold 'libanswer.so changed"' 9
expect "and again" warm '' 9
touch -d '1 hour ago' "$work/ours/libstubcache-engine.so"
expect "another engine" cold 'libstubcache-engine.so changed"' 9
expect "and again" warm '' 9
exit $((failures > 0))
