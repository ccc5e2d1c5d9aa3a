#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Caches that may not or cannot be used: the host runs, intercepted from memory, and is told why in one line.

. "${0%/*}/lib.sh"

refused='cannot use cache'

start STUBCACHE_DIR=
expect "nothing set" cold 'cache-no-directory: no directory for the cache'
start STUBCACHE_DIR= HOME=relative XDG_CACHE_HOME=relative
expect "relative homes" cold 'cache-no-directory: no directory for the cache'
start STUBCACHE_DIR= HOME="$work/nobody"
expect "a home that does not exist" cold "cache-no-directory: $refused '$work/nobody/.cache/stubcache': No such file or directory"
[ ! -e "$work/nobody" ] || fail "a home that does not exist: was made"
mkdir "$work/home"
SILENT=1
start STUBCACHE_DIR= HOME="$work/home"
expect "a new home" cold 'no image for this program'
start STUBCACHE_DIR= HOME="$work/home"
expect "a home with an image" warm ''
start STUBCACHE_PERSIST=off
expect "no persistence" cold 'no image'
start STUBCACHE_PERSIST=ro
expect "read only, nothing there" cold 'no image'
[ ! -e "$cache" ] || fail "read only: a directory was made"
start
expect "a new directory" cold 'no image'
start STUBCACHE_PERSIST=ro
expect "read only, an image there" warm ''
SILENT=

for mode in 770 707 777 1777; do
	chmod "$mode" "$cache"
	start
	expect "a directory of mode $mode" cold "cache-directory-writable: $refused '$cache': others may write it"
done
chmod 700 "$cache"
image=$(echo "$cache"/small_host-*.so)
for mode in 664 646; do
	chmod "$mode" "$image"
	start
	expect "an image of mode $mode" cold 'cache-file-writable'
	SILENT=1 start
	SILENT=1 expect "after an image of mode $mode" warm ''
done

rm -f "$image"
mkfifo -m 600 "$image"
start
expect "a FIFO for an image" cold 'cache-file-not-regular'
ln -sf /etc/passwd "$image"
start
expect "a link for an image" cold 'cache-file-not-regular'
[ -L "$image" ] && fail "a link for an image: is still there"
rm -f "$image"
mkdir "$image"
start
unharmed "a directory for an image"
grep -q 'cache-file-not-regular' <<<"$(field reason)" || fail "a directory for an image: reason: $(field reason)"
rmdir "$image"

: >"$work/plain"
start STUBCACHE_DIR="$work/plain"
expect "a file for a directory" cold "cache-not-directory: $refused '$work/plain': not a directory"
ln -s "$cache" "$work/link"
start STUBCACHE_DIR="$work/link"
expect "a link for a directory" cold 'cache-not-directory'
long=$(printf '%05000d' 0)
start STUBCACHE_DIR="/$long"
expect "a path that does not fit" cold 'cache-no-directory'
start STUBCACHE_LIMIT=4K
expect "an image larger than the limit" cold "cache-full: .*the image exceeds STUBCACHE_LIMIT"
no_files "$cache"

if [ "$(id -u)" = 0 ]; then
	chown 65534 "$cache"
	start
	expect "another user's directory" cold "cache-directory-owner: $refused '$cache': owned by uid 65534"
	chown 0 "$cache"
	SILENT=1 start
	chown 65534 "$image"
	start
	expect "another user's image" cold 'cache-file-owner'
else
	start STUBCACHE_DIR=/root/stubcache
	expect "root's directory" cold 'cache-.*Permission denied'
	chmod 500 "$cache"
	start
	expect "a directory without permission to write" cold 'cache-read-only: .*Permission denied'
fi
finish
