#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Functions of random prototypes, hooked and as closures: whatever a client reads, changes, calls itself or passes on, the
# program gets what it would without us; and libffi, by its own classification, calls the original alike.
# TYPED_PROTOTYPES functions (200), TYPED_SEED.
set -u
: "${LIBSTUBCACHE:?}" "${top_srcdir:?}"
count=${TYPED_PROTOTYPES:-200}
seed=${TYPED_SEED:-1}
batch=$((count < 800 ? count / 2 : 400))
which=libffi # and all, in turn
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STUBCACHE_DIR=$work/cache STUBCACHE_PROTOTYPES=$work/prototypes.h STUBCACHE_LOG=error
failed=0
done=0

compile() {
	local flags="-std=gnu11 -O1 -w -Wno-psabi -fPIC -I$work -I$top_srcdir/include"

	# shellcheck disable=SC2086 # words
	(cd "$work" && "${CC%% *}" $flags -shared -o lib.so lib.c &&
		"${CC%% *}" $flags -o host host.c "$work/lib.so" -Wl,-rpath,"$work" &&
		"${CC%% *}" $flags -shared -o client.so looks.c "$top_srcdir/tests/live/typed_prototypes_client.c" -lffi)
}

# run WHAT EXPECTED
run() {
	STUBCACHE_CLIENTS=$work/client.so,$1 STUBCACHE_OUT=$work/records STUBCACHE_STATS=$work/stats \
		LD_PRELOAD=$LIBSTUBCACHE "$work/host" >"$work/out" 2>"$work/err" </dev/null ||
		{ echo "FAIL: $1: the program ended otherwise: $?"; failed=1; }
	if ! cmp -s "$work/out" "$2" || [ -s "$work/err" ]; then
		echo "FAIL: $1, seed $seed: $(cat "$work/err")"
		diff "$2" "$work/out" | head -n 12
		sed -n "s/^\(.*\bf$(diff "$2" "$work/out" | sed -n '/^</{s/^< \([0-9]*\) .*/\1/p;q}')(.*\)/\1/p" \
			"$work/prototypes.h"
		failed=1
	fi
}

while [ "$done" -lt "$count" ]; do
	now=$((count - done < batch ? count - done : batch))
	python3 "$top_srcdir/tests/live/typed_prototypes.py" "$work" "$seed" "$now" "$which" || exit 1
	compile || exit 1
	"$work/host" >"$work/plain"
	CHANGE=1 "$work/host" >"$work/changed"
	run look "$work/plain"
	run change "$work/changed"
	if [ "$which" = libffi ]; then
		run ffi "$work/plain"
		run closure "$work/plain"
		run both "$work/changed"
	fi
	run change "$work/changed" # warm
	grep -q '"state":"warm"' "$work/stats" || { echo "FAIL: not warm: $(cat "$work/stats")"; failed=1; }
	[ "$(sed -n 's/.*"functions":\([0-9]*\).*/\1/p' "$work/stats" | tail -n 1)" = "$now" ] ||
		{ echo "FAIL: not all functions: $(cat "$work/stats")"; failed=1; }
	rm -rf "$work/records" "$work/cache" "$work/stats"
	done=$((done + now))
	seed=$((seed + 1))
	[ "$which" = all ] && which=libffi || which=all
done
[ "$failed" = 1 ] || echo "$done prototypes, hooked and as closures, equal to plain calls and to libffi's"
exit $failed
