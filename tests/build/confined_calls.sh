#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Each system call that is made inside of programs is known to confine.c: one that is not is never made once a program has
# a seccomp filter, whatever that allows.
set -euo pipefail
: "${top_srcdir:?}"
cd "$top_srcdir/src"

# Names that the files use, without those that mean none.
names() {
	grep -hoE 'SYS_[a-z][a-z0-9_]*' "$@" | sort -u
}

mapfile -t files < <(find preload common engine typed unwind x86_64 -name '*.[chS]' ! -name 'confine.c' | sort)
made=$(names "${files[@]}")
known=$(names preload/confine.c)
[ "$(wc -l <<<"$made")" -gt 40 ] || { echo "only these were found: $made"; exit 1; }
unknown=$(comm -23 <(echo "$made") <(echo "$known"))
[ -z "$unknown" ] || { echo "not in src/preload/confine.c:" $unknown; exit 1; }
idle=$(comm -13 <(echo "$made") <(echo "$known"))
[ -z "$idle" ] || { echo "in src/preload/confine.c, and never made:" $idle; exit 1; }
