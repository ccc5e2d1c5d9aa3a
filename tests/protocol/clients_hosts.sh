#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A client with portions in every section changes nothing for a host: environ, arguments and names, constructors and
# their order, threads, allocators, dlopen in many threads, fork, exceptions; cold and warm. Its callbacks never run on
# two threads at once (it would say so). Two descriptors are kept for what clients print, far above those that hosts
# use.
set -u

: "${LIBSTUBCACHE:?}" "${top_srcdir:?}" "${top_builddir:?}"
clients=$top_builddir/tests/protocol/.libs
failed=0

STUBCACHE_CLIENTS=$clients/puppet_client.so,name=A,ro=100,rx=70,rw=20,patch,abandoned:$clients/puppet_client2.so
export STUBCACHE_CLIENTS
for host in start constructors own_malloc dlopen dlopen_threads title exceptions thread_ends processes; do
	bash "$top_srcdir/tests/live/compare.sh" "$top_builddir/tests/live/$host.host" || failed=1
done
exit $failed
