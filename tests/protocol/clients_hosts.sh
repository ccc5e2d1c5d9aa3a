#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A client with portions in every section changes nothing for a host: environ, arguments and names, constructors and
# their order, threads, allocators, dlopen in many threads, fork, exceptions, signals, coroutines, small stacks; cold
# and warm. Its callbacks never run on two threads at once (it would say so). Two descriptors are kept for what clients
# print, far above those that hosts use, or in the upper half of the few that they may have.
set -u

: "${LIBSTUBCACHE:?}" "${top_srcdir:?}" "${top_builddir:?}"
clients=$top_builddir/tests/protocol/.libs
failed=0

STUBCACHE_CLIENTS=$clients/puppet_client.so,name=A,ro=100,rx=70,rw=20,patch,abandoned:$clients/puppet_client2.so
export STUBCACHE_CLIENTS
for host in start constructors own_malloc dlopen dlopen_threads title exceptions thread_ends processes signals \
	coroutines small_stack_exit; do
	bash "$top_srcdir/tests/live/compare.sh" "$top_builddir/tests/live/$host.host" || failed=1
done

# numbers LIMIT: the descriptors of a program that may have LIMIT, but for those in the upper half.
numbers() {
	(
		ulimit -n "$1"
		ls /proc/self/fd | awk -v most="$1" '$1 < most / 2'
	)
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for limit in 24 32 40 1000; do
	plain=$(numbers $limit)
	for time in cold warm; do
		seen=$(LD_PRELOAD=$LIBSTUBCACHE STUBCACHE='count=*' STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/records \
			numbers $limit)
		[ "$seen" = "$plain" ] || {
			echo "FAIL: $limit descriptors, $time: $plain became $seen"
			failed=1
		}
	done
done
exit $failed
