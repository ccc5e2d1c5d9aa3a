#!/bin/bash
# SPDX-License-Identifier: MIT
#
# dlsym gives a program a label in a library's code of which the symbol does not say that it is a function. It is not
# intercepted, and STUBCACHE_LOG=info says why.
set -u
: "${LIBSTUBCACHE:?}"
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/records STUBCACHE='count=*@libplain.so'
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

cat >"$work/plain.S" <<'S'
	.globl plain_label
plain_label:
	mov $5, %eax
	ret
	.section .note.GNU-stack, "", @progbits
S
cat >"$work/host.c" <<'C'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	void *handle = dlopen(argv[argc - 1], RTLD_NOW);
	int (*label)(void) = (int (*)(void))dlsym(handle, "plain_label");

	printf("%d\n", label());
	return 0;
}
C
"${CC:-cc}" -shared -nostdlib -o "$work/libplain.so" "$work/plain.S" && "${CC:-cc}" -o "$work/host" "$work/host.c" || exit 99
for turn in cold warm; do
	out=$(STUBCACHE_LOG=info LD_PRELOAD=$LIBSTUBCACHE "$work/host" "$work/libplain.so" 2>"$work/err")
	[ "$out" = 5 ] || fail "$turn: $out"
	grep -q "not intercepted: 'plain_label' is no function by its symbol$" "$work/err" || fail "$turn: $(cat "$work/err")"
done
exit $failed
