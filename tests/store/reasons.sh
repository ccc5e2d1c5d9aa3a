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

# A program without a build-id is known by its file, whatever it is started by: a script that names it, or ld.so.
interpreter() {
	$CC -Wl,--build-id=none -Wl,-z,lazy -o "$work/interpreter" -x c - <<<"$1"
}
loader=$(readelf -p .interp "$work/program" | sed -n 's/.* \(\/.*\)/\1/p')
printf '#!%s\n' "$work/interpreter" >"$work/script"
chmod +x "$work/script"
for way in "$work/script" "$loader $work/interpreter"; do
	interpreter '#include <stdlib.h>
		#include <stdio.h>
		int main(void) { printf("%d\n", atoi("7")); return 0; }'
	for state in cold warm; do
		env LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='count=*' STUBCACHE_DIR="$work/other" STUBCACHE_OUT="$work/out" \
			STUBCACHE_STATS="$work/stats.$state" $way >"$work/printed"
		if [ "$(cat "$work/printed")" != 7 ] || ! grep -q "\"state\":\"$state\"" "$work/stats.$state"; then
			printf '%s: not %s\n%s\n' "$way" "$state" "$(cat "$work/printed" "$work/stats.$state")"
			failures=$((failures + 1))
		fi
	done
	interpreter '#include <stdlib.h>
		#include <stdio.h>
		#include <string.h>
		int main(void) { puts("another"); free(strdup(getenv("PATH"))); return 0; }'
	if [ "$(env LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='count=*' STUBCACHE_DIR="$work/other" \
		STUBCACHE_OUT="$work/out" $way)" != another ]; then
		echo "$way: an image of another program was used"
		failures=$((failures + 1))
	fi
	rm -rf "$work/other" "$work"/stats.*
done

# All scripts of an interpreter are one program: the second one's first start is warm.
for state in cold warm; do
	printf '#!/bin/sh -e\necho $0 $1\n' >"$work/script.$state"
	chmod +x "$work/script.$state"
	printed=$(env LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='count=*' STUBCACHE_DIR="$work/scripts" STUBCACHE_OUT="$work/out" \
		STUBCACHE_STATS="$work/stats.$state" "$work/script.$state" argument)
	if [ "$printed" != "$work/script.$state argument" ] || ! grep -q "\"state\":\"$state\"" "$work/stats.$state"; then
		printf 'a script of the same interpreter: not %s: %s\n%s\n' "$state" "$printed" "$(cat "$work/stats.$state")"
		failures=$((failures + 1))
	fi
done
exit $((failures > 0))
