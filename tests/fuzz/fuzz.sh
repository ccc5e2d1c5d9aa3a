#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make fuzz: each target under libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer, for FUZZ_SECONDS (60)
# each, those of FUZZ_TARGETS (all). Inputs that reach something new are kept in tests/fuzz/found/TARGET, those that
# break something in tests/fuzz/broken. Sources come from Makefile.am, relative to the source tree.

set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${FUZZ_SHARED:?}" "${FUZZ_CPPFLAGS:?}"
clang=${FUZZ_CC:-clang}
seconds=${FUZZ_SECONDS:-60}
objects=$top_builddir/tests/fuzz/objects
found=$top_builddir/tests/fuzz/found
broken=$top_builddir/tests/fuzz/broken
flags=(-g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
failed=0

# compile SOURCE: its object's path.
compile() {
	local object=$objects/${1//\//-}.o

	# Word splitting is meant: these are lists of arguments.
	# shellcheck disable=SC2086
	"$clang" -std=gnu11 -D_GNU_SOURCE= $FUZZ_CPPFLAGS "${flags[@]}" \
		-fsanitize=address,undefined,fuzzer-no-link -c -o "$object" "$top_srcdir/$1" >&2 || return 1
	echo "$object"
}

# sources LIST: without headers.
sources() {
	printf '%s\n' $1 | grep -v '\.h$' | sort -u
}

# run TARGET: libFuzzer's last lines say how many inputs there were.
run() {
	local target=$1 own=FUZZ_$1 libraries=FUZZ_LIBS_$1 source list=()

	for source in $(sources "${!own}"); do
		list+=("$(compile "$source")") || return 1
	done
	# shellcheck disable=SC2086
	"$clang" -fsanitize=address,undefined,fuzzer -o "$objects/fuzz_$target" "${list[@]}" "${shared[@]}" ${!libraries:-} || return 1
	mkdir -p "$found/$target"
	cp "$work/$target"/* "$found/$target"
	"$objects/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -max_len=65536 \
		-artifact_prefix="$broken/$target-" "$found/$target" >"$objects/$target.log" 2>&1
	status=$?
	sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/'"$target"': \1 inputs in \2 s/p' "$objects/$target.log"
	[ "$status" = 0 ] || tail -n 40 "$objects/$target.log"
	return "$status"
}

echo 'int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return data && size > 9; }' |
	"$clang" -x c -fsanitize=address,undefined,fuzzer -o /dev/null - 2>/dev/null || {
	echo "cannot link a fuzz target: needs clang with libFuzzer (Debian: clang and libclang-rt-dev)"
	exit 1
}
mkdir -p "$objects" "$found" "$broken"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
bash "$top_srcdir/tests/fuzz/seeds.sh" "$work" || exit 99
ln -s image "$work/load"
ln -s record "$work/calls"
ln -s record "$work/events"
for target in proto rules glob; do
	mkdir "$work/$target"
	n=0
	while IFS= read -r line; do
		printf '%s' "${line//\\n/$'\n'}" >"$work/$target/$((n++))"
	done <"$top_srcdir/tests/fuzz/corpus/$target.txt"
done
shared=()
for source in $(sources "$FUZZ_SHARED"); do
	shared+=("$(compile "$source")") || exit 1
done
for target in ${FUZZ_TARGETS:-image load record events calls proto rules glob}; do
	run "$target" || failed=1
done
exit "$failed"
