#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Hooks and closures of a client: nested, skipping, calling originals, over variadic functions, errno, exceptions, longjmp
# and threads, put off and passed by while an image is generated; cold and warm.
set -u
: "${LIBSTUBCACHE:?}" "${top_srcdir:?}"
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STUBCACHE_DIR=$work/cache STUBCACHE_STATS=$work/stats
tests=$top_srcdir/tests/live
flags="-std=gnu11 -O2 -Wall -Wextra -Werror -Wno-missing-declarations -fPIC -I$top_srcdir/include"
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

# shellcheck disable=SC2086 # words
{
	${CC:-cc} $flags -shared -o "$work/libtyped2.so" "$tests/typed_lib2.c" &&
		g++ -O2 -fPIC -shared -o "$work/libtyped.so" "$tests/typed_lib.cc" "$work/libtyped2.so" -Wl,-rpath,"$work" &&
		g++ -O2 -o "$work/host" "$tests/typed_host.cc" "$work/libtyped.so" "$work/libtyped2.so" -Wl,-rpath,"$work" &&
		${CC:-cc} $flags -shared -o "$work/client.so" "$tests/typed_client.c" -lffi &&
		${CC:-cc} $flags -shared -o "$work/plugin.so" "$tests/typed_plugin.c"
} || exit 1

cat >"$work/round" <<'T'
nested: -60
skipped: 2.5, EXDEV
errno: 6 6
environment: 0
variadic: 26.75
twice: 63
outer: 23
raw: 15
thrown: 42 -3
jumped: 42
by rule: 20
closed: 8 8
T

# run STATE PLUGIN RULES [ARGUMENTS]: of the client; PLUGIN is what its call gives while a hook runs.
run() {
	cat "$work/round" "$work/round" - >"$work/expected" <<T
threads: 0 wrong
interrupted: 10 1, then 2
plugin: $2
plugin, then: 12
T
	STUBCACHE=$3 STUBCACHE_CLIENTS=$work/client.so${4-} STUBCACHE_OUT=$work/records LD_PRELOAD=$LIBSTUBCACHE \
		"$work/host" "$work/plugin.so" ${confined-} >"$work/out" 2>"$work/err" </dev/null || fail "$1: exit status $?"
	grep -v '^during' "$work/out" | diff "$work/expected" - || fail "$1, $3"
	[ $# = 4 ] || [ ! -s "$work/err" ] || fail "$1: $(cat "$work/err")"
	tail -n 1 "$work/stats" | grep -q "\"state\":\"$1\"" || fail "not $1: $(tail -n 1 "$work/stats")"
}

# What comes while a hook runs is attached later, unless nothing has to be generated for it.
rules='client=typed_by_rule;time=typed_closed_timed'
run cold 5 "$rules"
grep -q '^during a generation: 0 of 3 calls seen$' "$work/out" || fail "calls in a generation: $(cat "$work/out")"
run warm 12 "$rules"
# A program that has a seccomp filter, of which nothing is forbidden that the gate needs: all is as before.
confined=confined
run warm 12 "$rules"
run cold 5 "$rules;count=typed_raw"
grep -q '^during a generation: 0 of 3 calls seen$' "$work/out" || fail "calls in a generation, confined: $(cat "$work/out")"
confined=
run cold 5 "$rules;trace=typed_*" # in the records; traced and hooked at once
run warm 12 "$rules;trace=typed_*"

# Hooks alone, without a rule of the user's, suffice; what cannot be registered is refused and said.
sed -i 's/^by rule: .*/by rule: 10/' "$work/round"
run cold 5 ''
run warm 12 ''
run cold 5 '' ,wrong # another argument, another key
[ "$(grep -c "^stubcache: client '$work/client.so': \(targets\|prototype\) '" "$work/err")" = 4 ] ||
	fail "what is refused is said: $(cat "$work/err")"

exit $failed
