#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every function that a header of the C library declares and a library of it exports has a prototype. Which those are is
# found out in another way than protogen's: the compiler lists what each header of libc6-dev declares by itself.

set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prototypes=$top_builddir/prototypes

"${CC%% *}" -fsyntax-only -aux-info "$work/probe" -x c - <<<'int probe(int);' 2>/dev/null && [ -s "$work/probe" ] || {
	echo "this compiler does not list what headers declare (-aux-info)"
	exit 77
}

headers() {
	if command -v dpkg >/dev/null && dpkg -L libc6-dev >/dev/null 2>&1; then
		dpkg -L libc6-dev | sed -n 's,^/usr/include/\(x86_64-linux-gnu/\)\?\([^/]*\(/[^/]*\)\?\.h\)$,\2,p' |
			grep -v '^bits/\|^gnu/\|^finclude/'
	else
		grep -v '^#' "$top_srcdir/data/prototypes/headers"
	fi
}

declared_by() {
	"${CC%% *}" -w -fsyntax-only -aux-info "$work/listed" "$@" -x c - <<<"#include <$header>" 2>/dev/null &&
		sed -n 's,^/\* /[^ ]* \*/ extern .*[ *]\([A-Za-z_0-9]*\) (.*,\1,p' "$work/listed"
}

for header in $(headers); do
	declared_by -D_GNU_SOURCE
	declared_by -D_GNU_SOURCE -O2 -D_FORTIFY_SOURCE=2
done | sort -u >"$work/declared"

for library in c.so.6 m.so.6 resolv.so.2 anl.so.1; do
	path=$("${CC%% *}" -print-file-name=lib$library)
	[ -e "$path" ] && "$READELF" --wide --dyn-syms "$path"
done | awk '$4 ~ /FUNC/ && $5 ~ /GLOBAL|WEAK/ && $7 != "UND" { sub(/@.*/, "", $8); print $8 }' | sort -u >"$work/exported"

functions_of() {
	"$STUBCACHE_CMD" proto show --json | sed -n 's/^  "name": "\(.*\)",$/\1/p' | sort -u
}
sed -n '/^\(\[\[.*\]\] \)\?[A-Za-z_][^{]*(.*);$/p' "$prototypes/00-libc.h" | grep -v '^typedef' |
	perl -ne 's/\[\[.*?\]\] //g; print "$1\n" if /^[^(]*?(?:\(\*)?\b(\w+)\(/' | sort -u >"$work/generated"
functions_of >"$work/known"

comm -12 "$work/declared" "$work/exported" >"$work/wanted"
comm -23 "$work/wanted" "$work/generated" >"$work/missing"
comm -13 "$work/declared" "$work/exported" >"$work/undeclared"
echo "declared and exported: $(wc -l <"$work/wanted"), generated: $(wc -l <"$work/generated"), known with annotations:" \
	"$(wc -l <"$work/known")"
echo "exported, but declared by no header: $(wc -l <"$work/undeclared"), of which annotations know" \
	"$(comm -12 "$work/undeclared" "$work/known" | wc -l):"
comm -23 "$work/undeclared" "$work/known" | tr '\n' ' ' | fold -s -w 120
echo
[ "$(wc -l <"$work/wanted")" -gt 2000 ] || { echo "hardly anything is declared: the test is wrong"; exit 1; }
if [ -s "$work/missing" ]; then
	echo "declared and exported, but not generated:"
	cat "$work/missing"
	exit 1
fi
