#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Users that really are others: what root or the user owns is used, what anybody else owns is not, in the directory of
# the user as in that of the system; and nobody's home gets a directory of another's.

. "${0%/*}/lib.sh"

one=65534
two=65533
user=(setpriv --reuid "$one" --regid "$one" --clear-groups)
expected='cannot use cache'

chmod 755 "$work"
if [ "$(id -u)" != 0 ]; then
	# What root owns can be read without being root.
	start STUBCACHE_DIR=/usr STUBCACHE_OUT=
	unharmed "root's directory"
	grep -q 'cache-read-only: ' <<<"$(field reason)" || fail "root's directory: $(field reason)"
	start STUBCACHE_DIR= HOME=/usr
	unharmed "root's home"
	grep -q 'cache-no-directory: .*Operation not permitted' <<<"$(field reason)" ||
		fail "root's home: $(field reason)"
	echo "not as root: without the files of a third user"
	finish
fi
"${user[@]}" "$top_builddir/tests/store/small_host" >/dev/null 2>&1
[ $? = 7 ] || skip "another user cannot run programs from here"
cp "$LIBSTUBCACHE" "${LIBSTUBCACHE%/*}/libstubcache-engine.so" "$work" 2>/dev/null
LIBSTUBCACHE=$work/libstubcache.so

# as_user [VARIABLE=VALUE]...: a start of the first user's, who has no records.
as_user() {
	launcher=("${user[@]}")
	start STUBCACHE_OUT= "$@"
	launcher=()
}

# is WHAT STATE REASON: as expect, but for what a summary adds to stderr.
is() {
	unharmed "$1"
	[ "$(field state)" = "$2" ] || fail "$1: state '$(field state)', not '$2' ($(field reason))"
	grep -Eq -- "$3" <<<"$(field reason)" || fail "$1: reason '$(field reason)' does not match '$3'"
}

install -d -m 700 -o "$one" "$cache"
as_user
is "their own directory" cold 'no image'
image=$(echo "$cache"/small_host-*.so)
name=${image##*/}
as_user
is "their own image" warm '^$'

chown "$two" "$image"
as_user
is "a third user's image" cold 'cache-file-owner'
as_user
is "after a third user's image" warm '^$'
chown 0 "$image"
as_user
is "root's image" warm '^$'

chown "$one" "$image"
for mode in 700 755; do
	chown "$two" "$cache"
	chmod "$mode" "$cache"
	as_user
	is "a third user's directory of mode $mode" cold "cache-directory-owner: $expected '$cache': owned by uid $two"
done
chown 0 "$cache"
as_user
is "their image in root's directory" warm '^$'
chown "$two" "$image"
as_user
is "a third user's image in root's directory" cold 'cache-file-owner.*cache-read-only'
chown "$one" "$image"
chmod 1777 "$cache"
as_user
is "a directory like /tmp" cold 'cache-directory-writable'
chmod 700 "$cache"
as_user
is "root's closed directory" cold 'cache-error: .*Permission denied'

# The layer of the system.
install -d -m 755 "$work/system"
install -m 444 "$image" "$work/system/$name"
install -d -m 700 -o "$one" "$work/own"
as_user STUBCACHE_DIR="$work/own" STUBCACHE_SYSTEM_DIR="$work/system"
is "root's layer" warm '^$'
chown "$two" "$work/system/$name"
as_user STUBCACHE_DIR="$work/own" STUBCACHE_SYSTEM_DIR="$work/system"
is "a third user's image in the layer" cold 'cache-file-owner|no image'
rm -f "$work/own/"*
chown "$two" "$work/system"
as_user STUBCACHE_DIR="$work/own" STUBCACHE_SYSTEM_DIR="$work/system"
is "a third user's layer" cold 'cache-directory-owner|no image'
[ "$(ls "$work/system")" = "$name" ] || fail "a third user's layer: was written to"

# root with the HOME of a user, as sudo may leave it.
install -d -m 755 -o "$one" "$work/home"
start STUBCACHE_OUT= STUBCACHE_DIR= HOME="$work/home"
is "root in a user's home" cold 'cache-no-directory: .*Operation not permitted'
[ ! -e "$work/home/.cache" ] || fail "root in a user's home: made $(find "$work/home" | tail -n 1)"
as_user STUBCACHE_DIR= HOME="$work/home"
is "the user in their home" cold 'no image'
as_user STUBCACHE_DIR= HOME="$work/home"
is "the user in their home again" warm '^$'
start STUBCACHE_OUT= STUBCACHE_DIR= HOME="$work/home"
is "root in a user's home with a cache" cold 'cache-directory-owner'

# A host that becomes another user on its way, and is then to merge.
install -d -m 700 "$work/roots"
start STUBCACHE_OUT= STUBCACHE_DIR="$work/roots"
before=$(cksum "$work/roots"/*)
start STUBCACHE_OUT= STUBCACHE_DIR="$work/roots" -- user "$one"
unharmed "a host that gives up being root"
[ "$before" = "$(cksum "$work/roots"/*)" ] || fail "a host that gives up being root: changed root's cache"
finish
