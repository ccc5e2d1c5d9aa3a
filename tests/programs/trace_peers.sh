#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `stubcache run -e 'trace=*@libc.so.6'` says of real programs, call by call beside ltrace and strace on the same
# programs: trace_peers.py tells what is compared, and how.
set -u

: "${STUBCACHE_CMD:?}" "${LIBSTUBCACHE:?}" "${top_srcdir:?}" "${top_builddir:?}"
export STUBCACHE_LIBRARY=$LIBSTUBCACHE LC_ALL=C.UTF-8 TZ=UTC PYTHONHASHSEED=0 PYTHONMALLOC=malloc GIT_OPTIONAL_LOCKS=0
unset STUBCACHE LD_PRELOAD
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export STUBCACHE_DIR=$work/cache HOME=$work
mkdir -m 700 "$STUBCACHE_DIR"
failures=0
compared=0

if [ ! -e "$top_builddir/prototypes/00-libc.h" ]; then
	echo "no prototypes were generated"
	exit 77
fi

mkdir -p "$work/run/etc"
echo hello >"$work/run/etc/hosts"
printf '%s\n' pear apple fig >"$work/run/etc/fruit"
ln -s hosts "$work/run/etc/link"

# as PEER NAME COMMAND...: two runs in the same surroundings, and what comes of them.
as() {
	local peer=$1 name=$2

	shift 2
	(cd "$work/run" && "$STUBCACHE_CMD" run -s 256 -o "$work/records/" -e 'trace=*@libc.so.6' -- "$@") \
		>"$work/out.ours" 2>"$work/err.ours" </dev/null
	"$STUBCACHE_CMD" report -s 256 --events --json "$work/records" >"$work/calls" 2>"$work/errors" ||
		{ echo "FAIL: $name: cannot read the records"; cat "$work/errors"; failures=$((failures + 1)); }
	rm -rf "$work/records"
	rm -f "$work/run"/{archive.tar,file,socket}
	case $peer in
	ltrace) (cd "$work/run" && ltrace -f -s 256 -o "$work/log" "$@") ;;
	strace) (cd "$work/run" && strace -f -k -s 256 -o "$work/log" "$@") ;;
	esac >"$work/out.theirs" 2>"$work/err.theirs" </dev/null
	cmp -s "$work/out.ours" "$work/out.theirs" || { echo "FAIL: $name prints something else"; failures=$((failures + 1)); }
	echo "$name:"
	if ! python3 "$top_srcdir/tests/programs/trace_peers.py" "$peer" "$top_builddir/prototypes/10-constants.h" \
		"$work/calls" "$work/log"; then
		echo "FAIL: $name beside $peer"
		failures=$((failures + 1))
	fi
	compared=$((compared + 1))
	rm -f "$work/run"/{archive.tar,file,socket}
}

# works COMMAND...: whether this peer is here, and may trace.
works() {
	command -v "$1" >/dev/null && "$@" >/dev/null 2>&1 && [ -s "$work/probe" ]
}

git init -q "$work/run/git" && echo text >"$work/run/git/file" && git -C "$work/run/git" add file &&
	git -C "$work/run/git" -c user.name=a -c user.email=a@example.org -c commit.gpgsign=false commit -q -m first || exit 99

if works ltrace -o "$work/probe" ls /; then
	as ltrace ls ls -l etc
	as ltrace cat cat etc/fruit /nonexistent
	as ltrace git git -C git status
	as ltrace formats "$top_builddir/tests/programs/formats"
else
	echo "ltrace is not here, or may not trace"
fi
if works strace -k -o "$work/probe" true && grep -q 'libc.so.6(' "$work/probe"; then
	as strace ls ls -l etc
	as strace cat cat etc/fruit /nonexistent
	as strace git git -C git status
	as strace tar tar -c -f archive.tar etc
	as strace sort sort etc/fruit
	as strace sockets /usr/bin/python3 -S -c '
import socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
client.sendall(b"question")
peer.recv(100)
local = socket.socket(socket.AF_UNIX)
local.bind("socket")
'
	as strace calls "$top_builddir/tests/programs/system_calls"
else
	echo "strace is not here, may not trace, or knows no stacks"
fi
if [ "$compared" = 0 ]; then
	echo "neither ltrace nor strace can trace here"
	exit 77
fi
[ "$failures" = 0 ] || exit 1
