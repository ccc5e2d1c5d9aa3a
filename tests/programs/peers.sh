#!/bin/bash
# SPDX-License-Identifier: MIT
#
# peers.sh [HOST]...: the hosts of tests/live, programs with allocators of their own and one that is built with sanitizers,
# under the tools that others would use on them and under us: a table of whether output and exit status are as without any,
# and otherwise how they differ. For doc/peers.md; `make check-peers` runs it. It fails when a host differs under us.
#
# A cell: "same" and how many times the processor's time that it takes without (where that is twice or more, and 50 ms); or
# "other output", "status N" for another exit status, "signal N", "no end" after PEERS_SECONDS (60). Each tool writes what it found to a
# file. What the host writes to standard error is not compared: tools write there, too.
set -u
: "${top_builddir:?}" "${top_srcdir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
ulimit -c 0
cd "$work" || exit 99
export STUBCACHE_LIBRARY=$LIBSTUBCACHE STUBCACHE_DIR=$work/cache STUBCACHE_TRACE=buffer=4M LC_ALL=C
seconds=${PEERS_SECONDS:-60}
all=(plain ltrace uftrace fiu-run perf-trace count time trace)
peers=()
declare -A passed
failed=0

# under PEER COMMAND...
under()
{
	local peer=$1

	shift
	case $peer in
	plain) "$@" ;;
	ltrace) ltrace -f -o "$work/ltrace.found" -- "$@" ;;
	uftrace) uftrace record --force --no-pager -d "$work/uftrace.found" -- "$@" ;;
	fiu-run) fiu-run -x "$@" ;;
	perf-trace) perf trace -o "$work/perf.found" -- "$@" ;;
	*) "$STUBCACHE_CMD" run -e "$peer=*" -d "$work/found" -- "$@" ;;
	esac
}

usable()
{
	case $1 in
	perf-trace) under "$1" true >/dev/null 2>&1 ;;
	ltrace | uftrace | fiu-run) type -P "$1" >/dev/null && under "$1" true >/dev/null 2>&1 ;;
	esac
}

# try PEER COMMAND...: leaves output and status, and in `took` the processor's time of all, in ms.
try()
{
	local peer=$1 TIMEFORMAT='%U %S' ended=0

	shift
	# All of a tree is ended when its time is over: a group of its own, by timeout.
	{ time timeout -k 5 "$seconds" "$BASH" -c "$(declare -f under); work=$work STUBCACHE_CMD=$STUBCACHE_CMD; under \"\$@\"" \
		under "$peer" "$@" >"$work/$peer.out" 2>/dev/null </dev/null; } 2>"$work/times" || ended=$?
	echo $ended >"$work/$peer.status"
	took=$(awk 'NF == 2 { print int(($1 + $2) * 1000) }' "$work/times" | tail -n 1)
	rm -rf "$work"/*found*
}

# cell PEER: how the last run compares with the plain one, which took `plain_took`.
cell()
{
	local status plain

	status=$(cat "$work/$1.status")
	plain=$(cat "$work/plain.status")
	if [ "$status" = 124 ]; then
		echo "no end"
	elif [ "$status" -gt 128 ] && [ "$status" != "$plain" ]; then
		echo "signal $((status - 128))"
	elif [ "$status" != "$plain" ]; then
		echo "status $status"
	elif ! cmp -s "$work/plain.out" "$work/$1.out"; then
		echo "other output"
	elif [ "$took" -ge 50 ] && [ "$took" -ge $((2 * plain_took)) ]; then
		echo "same, $((took / (plain_took ? plain_took : 1))) times"
	else
		echo same
	fi
}

# row NAME COMMAND...
row()
{
	local name=$1 line peer what

	shift
	try plain "$@"
	plain_took=$took
	[ "$(cat "$work/plain.status")" != 77 ] || return
	line="| $name |"
	for peer in "${peers[@]}"; do
		try "$peer" "$@"
		what=$(cell "$peer")
		line+=" $what |"
		case $what in
		same*) passed[$peer]=$((${passed[$peer]:-0} + 1)) ;;
		*) case $peer in count | time | trace) failed=1 ;; esac ;;
		esac
	done
	rows=$((${rows:-0} + 1))
	echo "$line"
}

for peer in "${all[@]:1}"; do
	case $peer in
	count | time | trace) peers+=("$peer") ;;
	*) if usable "$peer"; then peers+=("$peer"); else echo "not here: $peer"; fi ;;
	esac
done
printf '| host |'
printf ' %s |' "${peers[@]}"
printf '\n|---|'
printf -- '---|%.0s' "${peers[@]}"
echo

if [ $# -gt 0 ]; then
	for host; do
		row "$host" "$top_builddir/tests/live/$host.host"
	done
else
	for host in "$top_builddir"/tests/live/*.host; do
		name=${host##*/}
		row "${name%.host}" "$host"
	done
	libraries=/usr/lib/$(${CC:-cc} -print-multiarch)
	for name in libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2; do
		[ -e "$libraries/$name" ] && "${CC:-cc}" -O1 -o "$work/linked" "$top_srcdir/tests/live/allocations.c" -pthread \
			-Wl,--no-as-needed "$libraries/$name" && row "linked with ${name%%.so*}" "$work/linked"
	done
	for sanitizer in address undefined thread; do
		clang++ -w -O1 -fsanitize=$sanitizer -o "$work/sanitized" "$top_srcdir/tests/programs/sanitized.cc" -pthread \
			2>/dev/null && row "clang -fsanitize=$sanitizer" "$work/sanitized" none
	done
fi
line="| the same, of $rows |"
for peer in "${peers[@]}"; do
	line+=" ${passed[$peer]:-0} |"
done
echo "$line"
exit $failed
