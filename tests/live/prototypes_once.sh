#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A program that looks up many functions that no prototype describes, traced: the prototype files are read for the first
# of them and not again, also when the image holds what the program had at its start.
set -u
: "${LIBSTUBCACHE:?}" "${CC:?}"
command -v strace >/dev/null || { echo "strace is not installed"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failures=0

strace -qq -o "$work/trace" true 2>/dev/null || { echo "strace may not trace here"; exit 77; }
for n in {1..20}; do
	echo "int looked_up_$n(void) { return $n; }"
done >"$work/lib.c"
cat >"$work/host.c" <<'TEXT'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	int sum = 0;

	for (int n = 1; library && n <= atoi(argv[2]); n++) {
		char name[32];
		int (*function)(void);

		snprintf(name, sizeof(name), "looked_up_%d", n);
		function = (int (*)(void))dlsym(library, name);
		sum += function ? function() : 1000;
	}
	printf("%d\n", sum);
	return 0;
}
TEXT
$CC -shared -fPIC -o "$work/lib.so" "$work/lib.c" && $CC -o "$work/host" "$work/host.c" -ldl || exit 99

# opened NUMBER: how often prototype files are opened by a run that looks up so many functions.
opened()
{
	local said

	said=$(strace -qq -o "$work/calls" -e trace=openat -E LD_PRELOAD="$LIBSTUBCACHE" -E STUBCACHE='trace=*' \
		-E STUBCACHE_DIR="$work/cache" -E STUBCACHE_OUT="$work/records" -E STUBCACHE_PERSIST="$persist" \
		"$work/host" "$work/lib.so" "$1")
	[ "$said" = $(($1 * ($1 + 1) / 2)) ] || echo "the program said '$said'"
	grep -cE '"[^"]*prototypes/[^"]*\.h"' "$work/calls"
}

# Without images first; then with one that knows what the program has at its start, and nothing of the library.
LD_PRELOAD=$LIBSTUBCACHE STUBCACHE='trace=*' STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/records \
	"$work/host" >"$work/start" || exit 99
for persist in off ro; do
	one=$(opened 1)
	many=$(opened 20)
	if [ "$one" = "$many" ] && [ "$one" -gt 0 ]; then
		continue
	fi
	echo "FAIL: persist $persist: prototype files were opened for one function: $one; for twenty: $many"
	failures=$((failures + 1))
done
[ "$failures" = 0 ] || exit 1
echo "prototype files are read once a process"
