#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs as other linkers and other options make them: without DT_GNU_HASH, with relative relocations packed, without
# RELRO, without section headers, with segments 2 MiB apart, by gold and lld.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${LIBSTUBCACHE:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
libraries=$top_builddir/tests/live/.libs
failures=0
cases=0

# link WHAT FLAG...: the host that tries each way to call, linked so, if the linker can.
link()
{
	if ! ${CC:-cc} -std=gnu11 -D_GNU_SOURCE= -O1 -o "$work/host" "$top_srcdir/tests/live/calls_host.c" -L"$libraries" \
		-Wl,-rpath,"$libraries" -lifunc -lprobe "${@:2}" 2>/dev/null || ! "$work/host" >/dev/null 2>&1; then
		echo "not here: $1"
		return 1
	fi
	echo "$1:"
}

try()
{
	cases=$((cases + 1))
	"$BASH" "$top_srcdir/tests/live/compare.sh" "$work/host" || failures=$((failures + 1))
}

link "no GNU hash" -Wl,--hash-style=sysv && try
link "both hashes, eager" -Wl,--hash-style=both -Wl,-z,now && try
link "packed relative relocations" -Wl,-z,pack-relative-relocs && try
link "no RELRO" -Wl,-z,norelro && try
link "huge pages" -Wl,-z,max-page-size=0x200000 -Wl,-z,separate-code && try
link "one segment" -Wl,-z,noseparate-code -no-pie -fno-pie && try
link "own definitions first" -rdynamic -Wl,-Bsymbolic && try
link "gold" -fuse-ld=gold && try
link "gold, at a fixed address" -fuse-ld=gold -no-pie -fno-pie && try
link "lld" -fuse-ld=lld && try
link "lld, packed" -fuse-ld=lld -Wl,--pack-dyn-relocs=relr && try
if link "no section headers"; then
	${OBJCOPY:-objcopy} --strip-all "$work/host"
	# e_shoff, and e_shentsize to e_shstrndx.
	dd if=/dev/zero of="$work/host" bs=1 seek=40 count=8 conv=notrunc status=none
	dd if=/dev/zero of="$work/host" bs=1 seek=58 count=6 conv=notrunc status=none
	try
fi
[ "$cases" -gt 3 ] || failures=$((failures + 1))
[ "$failures" = 0 ]
