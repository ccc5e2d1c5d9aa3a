#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The variables that the preload reads and those that the manual page describes are the same set.

set -euo pipefail

: "${top_srcdir:?}"
table=$top_srcdir/src/preload/config.c
page=$top_srcdir/doc/stubcache.1

in_table() {
	grep -o '"STUBCACHE[A-Z_]*"' "$table" | tr -d '"' | sort -u
}

# The page gives each variable an entry of its own: .It Ev NAME
in_page() {
	sed -n 's/^\.It Ev \(STUBCACHE[A-Z_]*\).*/\1/p' "$page" | sort -u
}

if ! difference=$(diff <(in_table) <(in_page)); then
	echo "variables only in $table (<) or only in $page (>):"
	echo "$difference"
	exit 1
fi
