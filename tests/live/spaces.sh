#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is loaded into namespaces of dlmopen does and answers what it does without us, cold and warm. Each has a libc
# with thread-local storage of its own, of which ld.so gets back little when they close in another order than they came
# in: so it is given more than four namespaces' worth.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"

export LIVE_LAUNCHER='env GLIBC_TUNABLES=glibc.rtld.optional_static_tls=20000'
exec "$top_srcdir/tests/live/compare.sh" "$top_builddir/tests/live/spaces_host"
