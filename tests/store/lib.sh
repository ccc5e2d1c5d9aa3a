# SPDX-License-Identifier: MIT
#
# What the tests share that start a small program under conditions that are not good. Sourced. Each start is one
# process; expect looks at what it left: the program's own output and status must be as without us, whatever happens
# to us.

set -u
: "${LIBSTUBCACHE:?}" "${top_builddir:?}"

umask 022
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
cache=$work/cache
host=$top_builddir/tests/store/small_host
launcher=()
cases=0
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

skip() {
	echo "skipped: $*"
	exit 77
}

# namespace COMMAND...: with mounts of its own; root there, if only there.
namespace() {
	if [ "$(id -u)" = 0 ]; then
		unshare -m --propagation private "$@"
	else
		unshare -Urm --propagation private "$@"
	fi
}

# In a script that needs mounts, first of all: starts it again in a namespace.
need_namespace() {
	[ -n "${IN_NAMESPACE:-}" ] && return
	namespace true 2>/dev/null || skip "mounts of our own are not allowed here"
	rm -rf "$work"
	trap - EXIT
	export IN_NAMESPACE=1
	namespace "$BASH" "$0"
	exit
}

# start [VARIABLE=VALUE]... [-- ARGUMENT...]: the host, under launcher.
start() {
	local variables=()

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	[ $# = 0 ] || shift
	arguments=("$@")
	rm -f "$work/stats"
	install -m 666 /dev/null "$work/stats" # whoever the host becomes
	"${launcher[@]}" env -i PATH="$PATH" LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='time=*' STUBCACHE_LOG=info \
		STUBCACHE_DIR="$cache" STUBCACHE_OUT="$work/records" STUBCACHE_STATS="$work/stats" \
		"${variables[@]}" "$host" "$@" >"$work/out" 2>"$work/err"
	status=$?
	cases=$((cases + 1))
}

# As a person reads them: value of "state" and "reason" in the only line of statistics.
field() {
	sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' "$work/stats"
}

# unharmed WHAT: the host wrote and returned what it does without us.
unharmed() {
	local wanted

	wanted=$("${launcher[@]}" "$host" "${arguments[@]}" 2>/dev/null)
	[ $? = "$status" ] || fail "$1: exit status $status"
	[ "$(cat "$work/out")" = "$wanted" ] || fail "$1: another output: $(cat "$work/out")"
}

# expect WHAT STATE REASON: and the state, an extended regular expression for the reason ("": there is none), which
# is also the only thing said on stderr (unless SILENT is set: then nothing is).
expect() {
	local said

	unharmed "$1"
	said=$(grep -c . "$work/err")
	[ "$(grep -c . "$work/stats")" = 1 ] || fail "$1: statistics: $(cat "$work/stats")"
	[ "$(field state)" = "$2" ] || fail "$1: state '$(field state)', not '$2' ($(field reason))"
	if [ -z "$3" ]; then
		[ -z "$(field reason)" ] || fail "$1: reason: $(field reason)"
	elif ! grep -Eq -- "$3" <<<"$(field reason)"; then
		fail "$1: reason '$(field reason)' does not match '$3'"
	fi
	if [ -z "$3" ] || [ -n "${SILENT:-}" ]; then
		[ "$said" = 0 ] || fail "$1: said: $(cat "$work/err")"
	elif [ "$said" != 1 ] || ! grep -Eq -- "$3" "$work/err"; then
		fail "$1: not one line that matches '$3': $(cat "$work/err")"
	fi
}

no_files() {
	local left

	left=$(find "$1" -mindepth 1 2>/dev/null)
	[ -z "$left" ] || fail "left in $1: $left"
}

finish() {
	[ "$failed" = 0 ] && echo "$cases starts, no harm done"
	exit "$failed"
}
