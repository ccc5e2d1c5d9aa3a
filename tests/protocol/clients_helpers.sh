#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What include/dr_api.h offers does what it says: in dr_client_main, in callbacks, and at the end of a program that has
# closed its standard output. It compiles as C++, too.
set -u
. "${top_srcdir:?}/tests/protocol/lib.sh"

mkdir "$work/files"
start "$clients/helpers_client.so,$work/files"
[ "$(tail -1 "$work/out")" = "helpers right" ] || fail "$(cat "$work/out" "$work/err")"
expect_state "helpers" cold
[ ! -s "$work/err" ] || fail "$(cat "$work/err")"

# cat closes its standard output before the exit events.
host=$(type -P cat)
rm -rf "$work/files"/*
start "$clients/helpers_client.so,$work/files" /dev/null
[ "$(cat "$work/out")" = "helpers right" ] || fail "standard output was closed: $(cat "$work/out" "$work/err")"

cat >"$work/client.cc" <<'C'
#include "dr_api.h"
static size_t size(void *, void *, size_t, void **) { return 0; }
static bool persist(void *, void *, file_t, void *) { return true; }
static bool resurrect(void *, void *, byte **) { return true; }
DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	dr_register_persist_rx(size, persist, resurrect);
	dr_printf("client %u of %d arguments, " PIFX "\n", id, argc, (ptr_uint_t)dr_get_client_base(id) & 0xfff);
}
C
if ${CXX:-c++} -shared -fPIC -fvisibility=hidden -Wall -Werror -I"$top_srcdir/include" -o "$work/client.so" \
	"$work/client.cc"; then
	start "$work/client.so,a b" /dev/null
	[ "$(cat "$work/out")" = "client 1 of 2 arguments, 0x0" ] || fail "a client in C++: $(cat "$work/out" "$work/err")"
else
	fail "dr_api.h is no C++"
fi
exit $failed
