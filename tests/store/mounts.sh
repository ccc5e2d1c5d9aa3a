#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Caches on file systems that are read-only, full or noexec, and processes without /proc: the host runs, intercepted
# from memory, and is told why in one line. Without memory files it runs as if we were not there.

. "${0%/*}/lib.sh"
need_namespace

mkdir -m 700 "$cache"
no_memory=$top_builddir/tests/store/memfd_launcher
"$no_memory" true || no_memory=

start
image=$(echo "$cache"/small_host-*.so)
cp "$image" "$work/image"
rm -f "$image"

mount --bind "$cache" "$cache" && mount -o remount,bind,ro "$cache" || skip "cannot mount"
start
expect "a read-only cache" cold "cache-read-only: cannot write to cache '$cache': Read-only file system"
start STUBCACHE_DIR="$cache/below"
expect "a read-only parent" cold "cache-no-directory: cannot use cache '$cache/below': Read-only file system"
start STUBCACHE_OUT="$cache" STUBCACHE_DIR="$work/other"
expect "a read-only directory of records" cold "cannot record in '$cache': Read-only file system"
umount "$cache"

# From no free page to more than an image needs: it fits, or there is nothing of it.
free=0
pages=$(($(stat -c %s "$work/image") / 4096 + 6))
mount -t tmpfs -o mode=700,size=$(((pages + 1) * 4096)) none "$cache" || skip "cannot mount a tmpfs"
while [ "$free" -le "$pages" ]; do
	rm -f "$cache"/*
	head -c $(((pages + 1 - free) * 4096)) /dev/zero >"$cache/ballast"
	start
	if [ -z "$(find "$cache" -name 'small_host-*')" ]; then
		expect "a cache with $free free pages" cold \
			"cache-full: cannot write to cache '$cache': No space left on device"
		[ "$(ls -A "$cache")" = ballast ] || fail "$free free pages: left $(ls -A "$cache")"
	else
		SILENT=1 expect "a cache with $free free pages" cold 'no image'
		start
		expect "a second start with $free free pages" warm ''
	fi
	free=$((free + 1))
done
rm -f "$cache"/*
head -c $((pages * 2 * 4096)) /dev/zero >"$cache/ballast" 2>/dev/null
start STUBCACHE_DIR="$work/other" STUBCACHE_OUT="$cache"
expect "a full disk for records" warm "cannot record in '$cache': No space left on device"
[ "$(ls -A "$cache")" = ballast ] || fail "a full disk for records: left $(ls -A "$cache")"
umount "$cache"

mount -t tmpfs -o mode=700,noexec none "$cache"
start
expect "a noexec mount, cold" cold 'cache-noexec: '
start
expect "a noexec mount, warm" warm 'cache-noexec: '
if [ -n "$no_memory" ]; then
	launcher=("$no_memory")
	start STUBCACHE_DIR=
	unharmed "no cache, no memory files"
	[ "$(field state)" = off ] || fail "no cache, no memory files: $(cat "$work/stats")"
	grep -q 'no memory file: Operation not permitted' <<<"$(field reason)" ||
		fail "no cache, no memory files: reason: $(field reason)"
	[ "$(grep -c 'no memory file' "$work/err")" = 1 ] || fail "no memory files: said: $(cat "$work/err")"
	rm -f "$cache"/*
	start
	unharmed "noexec, no memory files"
	[ "$(field state)" = off ] || fail "noexec, no memory files: $(cat "$work/stats")"
	[ "$(grep -c 'no memory file' "$work/err")" = 1 ] || fail "noexec, no memory files: said: $(cat "$work/err")"
	start STUBCACHE_DIR="$work/other"
	expect "a cache, no memory files" warm ''
	start STUBCACHE_DIR="$work/other" -- load
	unharmed "a cache, no memory files, something loaded"
	launcher=()
fi
umount "$cache"

cp "$host" "$work/host" # umount may hide what a bind mount shows of the tree
if umount -l /proc 2>/dev/null || mount -t tmpfs none /proc 2>/dev/null; then
	SILENT=1
	start
	expect "no /proc, cold" cold 'no image'
	SILENT=
	start
	expect "no /proc, warm" warm ''
	start -- load
	unharmed "no /proc, something loaded"
else
	echo "skipped the part without /proc: it cannot be unmounted"
fi
finish
