#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is annotated by hand has the types that the installed headers declare: the compiler is given both. Variants
# ([[case(...)]]) have other parameters by intention and are left out.

set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prototypes=$top_builddir/prototypes

compiles() {
	"${CC%% *}" -std=gnu2x -D_GNU_SOURCE -fsyntax-only -Wno-attributes -Wno-deprecated-declarations -x c "$1" \
		>"$work/messages" 2>&1
}

echo 'enum [[flags]] e { A [[mask(3)]] }; [[error(-1)]] int f(int x [[flags(e)]]) [[fd]];' >"$work/probe.c"
if ! compiles "$work/probe.c"; then
	echo "this compiler does not read attributes in brackets"
	exit 77
fi

# 20-types.h declares structs again, which C does not allow: layout.sh compares those. errno and others are macros.
annotations() {
	local file

	for file in "$prototypes"/20-*.h; do
		case $file in
		*-types.h) ;;
		*) perl -0777 -pe 's/^\[\[[^;]*?case\(.*?;\n//msg' "$file" ;;
		esac
	done
}

{
	cat "$top_builddir/src/protogen/headers.c"
	printf '#undef %s\n' errno basename strerror_r
	annotations
} >"$work/types.c"
if ! compiles "$work/types.c"; then
	echo "annotations do not have the types of the headers:"
	grep -E 'error|note' "$work/messages" | head -40
	exit 1
fi

# Each of the three must be noticed.
for wrong in 'int read(int fd, void *buf, size_t n);' 'int close(long fd);' 'int isatty(int fd, ...);'; do
	{ cat "$work/types.c"; echo "$wrong"; } >"$work/wrong.c"
	if compiles "$work/wrong.c"; then
		echo "not noticed: $wrong"
		exit 1
	fi
done

# What is generated is C.
sed 's/\[\[[^]]*\]\]//g' "$prototypes/00-libc.h" >"$work/libc.c"
if ! compiles "$work/libc.c"; then
	echo "00-libc.h does not compile:"
	head -20 "$work/messages"
	exit 1
fi
