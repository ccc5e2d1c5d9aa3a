#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every input that a fuzzer once found to be interesting, the seeds, and some thousands made of them by changing bytes:
# the readers of images, records, rules and globs keep to what their headers promise.

set -u
: "${top_srcdir:?}" "${top_builddir:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0

# replay TARGET ARGUMENT...
replay() {
	local target=$1

	shift
	printf '%s: ' "$target"
	"$top_builddir/tests/fuzz/replay_$target" "$@" || failed=1
}

bash "$top_srcdir/tests/fuzz/seeds.sh" "$work" || exit 99
replay image "$work"/image/*
replay load "$work"/image/*
replay record "$work"/record/*
replay events "$work"/record/*
replay calls "$work"/record/*.small
replay proto -l "$top_srcdir/tests/fuzz/corpus/proto.txt"
replay rules -l "$top_srcdir/tests/fuzz/corpus/rules.txt"
replay glob -l "$top_srcdir/tests/fuzz/corpus/glob.txt"
exit "$failed"
