# SPDX-License-Identifier: MIT
#
# What the scripts share that start a real program with clients. Sourced. A case is one start; what the clients saw is
# in the journal, which expect_journal compares line by line, in order.

set -u
: "${LIBSTUBCACHE:?}" "${top_builddir:?}"

umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cache=$work/cache
host=$top_builddir/tests/protocol/client_host
clients=$top_builddir/tests/protocol/.libs
puppet=$clients/puppet_client.so
puppet2=$clients/puppet_client2.so
journal=$work/journal
rule='count=*'
launcher=()
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

# A client that does as it is told: puppet NAME [ARGUMENT]... Two objects, A and B: one would be loaded once.
puppet() {
	local object=$puppet IFS=,

	[ "$1" = B ] && object=$puppet2
	echo "$object,journal=$journal,name=$*"
}

# start CLIENTS [ARGUMENT...]: the host; clients are joined by :. It leaves $work/out, err, status, stats and journal.
start() {
	local list=$1

	shift
	rm -f "$work/stats"
	: >"$work/journal"
	{
		${launcher[@]+"${launcher[@]}"} env LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE="$rule" \
			STUBCACHE_CLIENTS="$list" STUBCACHE_DIR="$cache" STUBCACHE_OUT="$work/records" STUBCACHE_STATS="$work/stats" \
			STUBCACHE_LOG="${log:-error}" "$host" "$@" >"$work/out" 2>"$work/err" </dev/null
		echo $? >"$work/status"
	} 2>/dev/null
}

# expect_state WHAT STATE [REASON]: of the last start.
expect_state() {
	grep -q "\"state\":\"$2\"" "$work/stats" || fail "$1: not $2: $(cat "$work/stats")"
	[ $# -lt 3 ] || grep -q "\"reason\":\"[^\"]*$3" "$work/stats" || fail "$1: another reason: $(cat "$work/stats")"
	[ -z "$(find "$cache" -name '.*' -type f 2>/dev/null)" ] || fail "$1: a temporary file is left"
}

# expect_journal WHAT [GREP-PATTERN]: the journal (its lines that match) is what comes from stdin.
expect_journal() {
	local difference

	difference=$(diff - <(grep -e "${2:-}" "$journal")) || fail "$1: the journal (wanted <, found >):
$difference"
}

# The host itself is as it is without us; its standard error is what comes from stdin, when a second argument says so.
expect_host() {
	[ "$(cat "$work/status")" = 0 ] || fail "$1: exit status $(cat "$work/status"): $(cat "$work/err")"
	diff "$work/plain" "$work/out" >"$work/difference" || fail "$1: another output: $(cat "$work/difference")"
	[ $# -gt 1 ] || [ ! -s "$work/err" ] || fail "$1: something was said: $(cat "$work/err")"
}

# The plain run that expect_host compares with: plain [ARGUMENT...]
plain() {
	env -u LD_PRELOAD "$host" "$@" >"$work/plain" </dev/null
}

images() {
	find "$cache" -name '*.so' -type f 2>/dev/null | sort
}
