#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A lazily bound call of a library that came with dlopen goes where ld.so would have bound it, which depends on what
# else was loaded and with which flags. All runs share one cache: what one has learned must not mislead another.
set -u
: "${top_builddir:?}" "${LIBSTUBCACHE:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
host=$top_builddir/tests/live/scopes_host
failures=0

# same ARG...: the host says what it says without us.
same()
{
	local plain ours

	plain=$("$host" "$@")
	ours=$(LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$rule STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out "$host" "$@")
	if [ "$plain" != "$ours" ]; then
		printf 'FAIL: %s, %s\n  plain: %s\n  ours:  %s\n' "$rule" "$*" "$plain" "$ours"
		failures=$((failures + 1))
	fi
}

for rule in 'count=*' 'time=scope_*'; do
	for turn in 1 2; do
		same l:scope_user_linked
		same g:scope1 l:scope_user_linked
		same g:scope1 d:scope_user_linked
		same g:scope1 l:scope_user
		same g:scope2 g:scope1 l:scope_user
		same g:scope2 l:scope_user
		same g:scope1 g:scope2 l:scope_user
	done
done

[ "$failures" = 0 ] || exit 1
echo "lazy calls go where they would go"
