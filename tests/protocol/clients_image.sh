#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Portions of clients in a real image: cold, then warm in any number of processes; which images are whose; and what the
# pages may do.
set -u
. "${top_srcdir:?}/tests/protocol/lib.sh"
plain
only=only=client_host
A=$(puppet A ro=100,rx=70,rw=20,patch,abandoned,$only)
B=$(puppet B ro=5,rx=3,rw=4,$only)

start "$A:$B"
expect_host "cold"
expect_state "cold" cold
expect_journal "last registered first, sections in file order, the word shared by a client's registrations" \
	client_host <<'J'
B size ro client_host aligned 0
A size ro client_host aligned 0
B size rx client_host aligned 1
A size rx client_host aligned 1
B size rw client_host aligned 2
A size rw client_host aligned 2
B persist ro client_host 3
A persist ro client_host 3
B persist rx client_host 3
A persist rx client_host 3
B persist rw client_host 3
A persist rw client_host 3
B resurrect ro client_host r--p right
A resurrect ro client_host r--p right
B resurrect rx client_host r-xp right
A resurrect rx client_host r-xp right
B resurrect rw client_host rw-p right
A resurrect rw client_host rw-p right
J
warm() {
	expect_state "$1" warm
	expect_host "$1"
	expect_journal "$1: nothing is generated, and the routines run" . <<'J'
A main 1 registered
B main 2 registered
B resurrect ro client_host r--p right
A resurrect ro client_host r--p right
B resurrect rx client_host r-xp right
A resurrect rx client_host r-xp right
B resurrect rw client_host rw-p right
A resurrect rw client_host rw-p right
B exit generated none resurrected some routines right r-xp
A exit generated none resurrected some routines right r-xp
J
}
start "$A:$B"
warm "warm"
start "$A:$B"
warm "warm again: rw was private"
launcher=("$top_builddir/tests/live/mdwe_launcher")
start "$A:$B"
[ "$(cat "$work/status")" = 77 ] || warm "under PR_SET_MDWE"
launcher=()
STUBCACHE_DIR=$cache "${STUBCACHE_CMD:?}" cache verify >"$work/verify" || fail "verify: $(cat "$work/verify")"
STUBCACHE_DIR=$cache "$STUBCACHE_CMD" cache show client_host >"$work/show"
for line in 'client    *[0-9a-f]*  puppet_client2.so' 'client 2, ro at 0x[0-9a-f]*, 5 bytes' \
	'client 1, rx at 0x[0-9a-f]*, 70 bytes'; do
	grep -q "^ *$line$" "$work/show" || fail "cache show does not say: $line"
done

# What an image is for: these clients, in this order, with these arguments, of this build.
start "$B:$A"
expect_state "another order" cold 'puppet_client.so changed'
start "$B:$A"
expect_state "another order again" warm
start "$A"
expect_state "one less" cold
start "$(puppet A ro=101,rx=70,rw=20,patch,abandoned,$only):$B"
expect_state "other arguments" cold 'puppet_client.so changed'
cp "$puppet" "$work/client.so"
other="$work/client.so,journal=$journal,name=A,ro=9,$only"
start "$other"
expect_state "a client elsewhere" cold
start "$other"
expect_state "a client elsewhere again" warm
objcopy --remove-section .note.gnu.build-id "$puppet" "$work/client.so"
start "$other"
expect_state "another build at the same path" cold 'client.so changed'
start "$A:$B"
expect_state "the first ones again" warm

# A byte of any portion of a client is changed: rejected before any callback sees it, made anew, right again.
rm -rf "$cache"
start "$A"
for section in ro rx rw; do
	for where in first last; do
		read -r offset size < <(STUBCACHE_DIR=$cache "$STUBCACHE_CMD" cache show client_host |
			sed -n "s/^ *client 1, $section at \(0x[0-9a-f]*\), \([0-9]*\) bytes$/\1 \2/p")
		[ "$where" = first ] || offset=$((offset + size - 1))
		image=$(images)
		chmod u+w "$image"
		printf 'Z' | dd of="$image" bs=1 seek=$((offset)) conv=notrunc status=none
		chmod u-w "$image"
		STUBCACHE_DIR=$cache "$STUBCACHE_CMD" cache verify >"$work/verify" && fail "verify likes a changed byte"
		grep -q checksum "$work/verify" || fail "verify does not name the reason: $(cat "$work/verify")"
		start "$A"
		expect_host "the $where byte of $section"
		expect_state "the $where byte of $section" cold checksum
		[ "$(sed -n 2p "$journal")" = "A size ro client_host aligned 0" ] ||
			fail "a callback saw the $where byte of $section changed"
		start "$A"
		expect_state "after the $where byte of $section" warm
	done
done
exit $failed
