#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage: seeds.sh DIRECTORY
# Makes inputs that are good: DIRECTORY/image of images and DIRECTORY/record of records, as our own programs write them.

set -eu
: "${LIBSTUBCACHE:?}" "${top_builddir:?}"
mkdir -p "$1/image" "$1/record" "$1/work"

"$top_builddir/tests/unit/image_sample" "$1/image/sample"
"$top_builddir/tests/unit/image_sample" "$1/image/sample-clock" clock
for action in count time stack trace; do
	for argument in '' load; do
		# Without an argument where there is none.
		env -i LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE="$action=*" STUBCACHE_DIR="$1/work/cache" \
			STUBCACHE_OUT="$1/work/out" "$top_builddir/tests/store/small_host" $argument >/dev/null || [ $? = 7 ]
	done
done
env -i LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='trace=*;stack=malloc' STUBCACHE_TRACE=stacks=4 STUBCACHE_DIR="$1/work/cache" \
	STUBCACHE_OUT="$1/work/out" "$top_builddir/tests/store/small_host" load >/dev/null || [ $? = 7 ]
# With portions of a client, too.
env -i LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='time=*' STUBCACHE_DIR="$1/work/cache" \
	STUBCACHE_CLIENTS="$top_builddir/tests/protocol/.libs/puppet_client.so,ro=16,rx=64,rw=8" \
	STUBCACHE_OUT="$1/work/out" "$top_builddir/tests/store/small_host" >/dev/null || [ $? = 7 ]
mv "$1"/work/cache/*.so "$1/image"
find "$1/work/out" -maxdepth 1 -type f -exec mv {} "$1/record" \;
perl "${0%/*}/shrink.pl" "$1/record"
rm -rf "$1/work"
