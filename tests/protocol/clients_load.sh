#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Loading: arguments and ids; what cannot be used is one line that names it, and costs nobody else anything.
set -u
. "${top_srcdir:?}/tests/protocol/lib.sh"
plain

# one_line WHAT PATTERN: standard error is one line, and matches.
one_line() {
	[ "$(wc -l <"$work/err")" = 1 ] && grep -q -e "$2" "$work/err" || fail "$1: $(cat "$work/err")"
}

# library NAME [FLAG]...: a shared object from the source on standard input.
library() {
	local name=$1

	shift
	${CC:?} -shared -fPIC "$@" -I"$top_srcdir/include" -o "$work/$name.so" -x c - || fail "cannot build $name"
}

start "$(puppet A):$(puppet B)"
expect_host "two clients"
expect_journal "ids in their order, arguments, path and base" main <<'J'
A main 1 registered
B main 2 registered
J

start "::$(puppet A)::"
expect_host "empty entries"
expect_journal "empty entries are none" main <<'J'
A main 1 registered
J

start "$work/nothing.so:$(puppet B)"
expect_host "a client that is not there" said
one_line "a client that is not there" "^stubcache: client-not-loaded: cannot use client '$work/nothing.so': "
expect_state "a client that is not there" cold "client-not-loaded: "
expect_journal "the others keep their ids" main <<'J'
B main 2 registered
J

echo 'int nothing_in_particular;' | library no_entry
start "$work/no_entry.so"
expect_host "no entry" said
one_line "no entry" "^stubcache: client-no-entry: cannot use client '$work/no_entry.so': it defines no dr_client_main$"

# The entry of an object that it NEEDs is not its own.
echo 'void dr_client_main(void) { __builtin_trap(); }' | library entry
echo 'int nothing_in_particular;' | library needs_entry -Wl,--no-as-needed "$work/entry.so" -Wl,-rpath,"$work"
start "$work/needs_entry.so"
expect_host "an entry of another" said
one_line "an entry of another" client-no-entry

library missing <<'C'
#include <dr_api.h>
void dr_insert_clean_call(void);
DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	dr_insert_clean_call();
}
C
start "$work/missing.so"
expect_host "what is not offered" said
one_line "what is not offered does not load" "client-not-loaded: .*dr_insert_clean_call"
if echo '#include <dr_api.h>
void f(void) { dr_insert_clean_call(0); }' |
	$CC -Werror=implicit-function-declaration -I"$top_srcdir/include" -c -o /dev/null -x c - 2>/dev/null; then
	fail "what is not offered compiles"
fi

start "$(puppet A ro=8,crash=main):$(puppet B)"
expect_host "a crash in its start" said
one_line "a crash in its start" "^stubcache: client-crashed: client '$puppet' crashed in dr_client_main: SIGSEGV$"
expect_state "a crash in its start: as if it were not listed" warm "client-crashed: '$puppet' crashed in dr_client_main"
expect_journal "what it has registered is gone, its exit event, too" . <<'J'
A main 1 registered
B main 2 registered
B exit generated none resurrected none routines none ----
J

# Where libc's locks or heap may be broken the program ends, as it would anywhere else.
for how in abort libc; do
	start "$(puppet A crash=$how)"
	[ "$(cat "$work/status")" -gt 128 ] || fail "crash in $how: the program went on"
	one_line "crash in $how" "^stubcache: client-crashed: client '$puppet' crashed in dr_client_main: SIG"
done

library crashing <<'C'
static __attribute__((constructor)) void start(void) { *(volatile int *)0 = 0; }
void dr_client_main(void) { }
C
start "$work/crashing.so"
one_line "a crash in a constructor" \
	"^stubcache: client-crashed: client '$work/crashing.so' crashed in its constructors: SIGSEGV$"

start "$(puppet A exit-in=main)"
[ "$(cat "$work/status")" = 3 ] || fail "exit in dr_client_main: status $(cat "$work/status")"

# Without rules clients are loaded: they may hook functions. But nothing is intercepted for others.
rule=
start "$(puppet A)"
expect_host "no rules"
expect_state "no rules" off
start ""
expect_host "neither rules nor clients"
[ ! -e "$work/stats" ] || fail "neither rules nor clients: $(cat "$work/stats")"

exit $failed
