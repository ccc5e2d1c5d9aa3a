#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A rule may name a library by its soname or by its file, also for a function that only dlsym reveals.
set -euo pipefail

: "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}" "${CC:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

$CC -shared -fPIC -Wl,-soname,libnamed.so.1 -o "$work/libother.so" -x c - <<'C'
int only_by_name(int x) { return x + 1; }
C
$CC -o "$work/host" -x c - -ldl <<'C'
#include <dlfcn.h>
int main(int argc, char **argv)
{
	int (*function)(int) = (int (*)(int))dlsym(dlopen(argv[argc - 1], RTLD_NOW), "only_by_name");
	int sum = 0;

	for (int i = 0; i < 7; i++)
		sum += function(i);
	return sum != 28;
}
C
for rule in only_by_name '*@libother.so' '*@libnamed.so.1'; do
	for start in cold warm; do
		rm -rf "$work/out"
		LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=count=$rule STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out \
			"$work/host" "$work/libother.so" 2>"$work/said"
		if ! "$STUBCACHE_CMD" report --format=csv "$work/out" | grep -q '^only_by_name,libnamed.so.1,,7,'; then
			echo "FAIL: count=$rule, $start:"
			"$STUBCACHE_CMD" report --format=csv "$work/out"
			failures=$((failures + 1))
		fi
	done
done
exit $((failures > 0))
