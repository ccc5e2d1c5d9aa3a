#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The variables that the preload and the command know and those that the manual page describes are
# the same set.

set -euo pipefail

: "${top_srcdir:?}"
sources=("$top_srcdir/src/preload/config.c" "$top_srcdir"/src/cmd/*.c)
page=$top_srcdir/doc/stubcache.1

in_sources() {
	grep -oh '"STUBCACHE[A-Z_]*"' "${sources[@]}" | tr -d '"' | sort -u
}

# The page gives each variable an entry of its own: .It Ev NAME
in_page() {
	sed -n 's/^\.It Ev \(STUBCACHE[A-Z_]*\).*/\1/p' "$page" | sort -u
}

if ! difference=$(diff <(in_sources) <(in_page)); then
	echo "variables only in the sources (<) or only in $page (>):"
	echo "$difference"
	exit 1
fi
