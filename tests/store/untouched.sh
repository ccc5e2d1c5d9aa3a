#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs that a preload must not touch: those without a loader, and those with more rights than who starts them
# (setuid, setgid, capabilities), even where the administrator preloads us into everything. They run, read nothing from
# us and write nothing for us.

. "${0%/*}/lib.sh"

chmod 755 "$work"
mkdir -m 777 "$work/wide"

# silent WHAT: the host ran, and we left nothing.
silent() {
	unharmed "$1"
	[ ! -s "$work/err" ] || fail "$1: said: $(cat "$work/err")"
	[ ! -s "$work/stats" ] || fail "$1: statistics: $(cat "$work/stats")"
	[ ! -e "$cache" ] || fail "$1: a cache was made"
	no_files "$work/wide"
}

printf '#include <stdio.h>\nint main(void) { puts("unharmed"); return 7; }\n' >"$work/static.c"
for way in -static -static-pie; do
	if ${CC:-cc} "$way" -o "$work/static" "$work/static.c" 2>/dev/null; then
		host=$work/static
		start STUBCACHE_OUT="$work/wide/records"
		silent "a program linked with $way"
	else
		echo "skipped: nothing can be linked with $way"
	fi
done

if [ "$(id -u)" != 0 ]; then
	echo "skipped: only root can make programs setuid to others"
	finish
fi
host=$work/small_host
other=(setpriv --reuid 65534 --regid 65534 --clear-groups)
cp "$(type -P id)" "$work/id"
chmod 4755 "$work/id"
if [ "$("${other[@]}" "$work/id" -u)" != 0 ]; then
	echo "skipped: setuid has no effect in '$work'"
	finish
fi

# privileged WHAT: a setuid host, a setgid one and one with a capability, started by another user with LD_PRELOAD or
# without.
privileged() {
	local mode

	for mode in 4755 2755 capability; do
		cp "$top_builddir/tests/store/small_host" "$host"
		if [ "$mode" != capability ]; then
			chmod "$mode" "$host"
		elif ! chmod 755 "$host" || ! PATH=$PATH:/usr/sbin:/sbin setcap cap_net_raw+ep "$host" 2>"$work/why"; then
			echo "skipped: a program with a capability: $(cat "$work/why")"
			continue
		fi
		: >"$work/stats"
		chmod 666 "$work/stats"
		launcher=("${other[@]}")
		start STUBCACHE_OUT="$work/wide/records" STUBCACHE_DIR="$work/wide/cache" "$@"
		silent "a program of mode $mode, $*"
		launcher=()
	done
}

# ld.so drops the preload, for it has a slash, and says nothing of it.
privileged LD_PRELOAD="$LIBSTUBCACHE"

# With /etc/ld.so.preload it is mapped all the same: then it is we who must see what the program is.
if [ -z "${IN_NAMESPACE:-}" ]; then
	if ! namespace true 2>/dev/null; then
		echo "skipped: no /etc/ld.so.preload of our own without mounts of our own"
		finish
	fi
	[ "$failed" = 0 ] || exit 1
	IN_NAMESPACE=1 namespace "$BASH" "$0"
	exit
fi
mkdir "$work/etc"
cp /etc/ld.so.cache "$work/etc"
install -m 755 "$LIBSTUBCACHE" "$work/libstubcache.so"
echo "$work/libstubcache.so" >"$work/etc/ld.so.preload"
mount --bind "$work/etc" /etc
chmod 755 "$host"
start LD_PRELOAD= STUBCACHE=
silent "preloaded into everything"
"$BASH" -c 'grep -q libstubcache /proc/self/maps' || fail "/etc/ld.so.preload has no effect here"
privileged LD_PRELOAD=
finish
