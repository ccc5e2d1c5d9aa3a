#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every reason for which something of a client, or an image, is rejected has a name; every name is documented; and every
# one that a client can cause is caused by a test.
set -euo pipefail

: "${top_srcdir:?}"
failures=0

missing() {
	printf '%s: %s\n' "$1" "$2"
	failures=$((failures + 1))
}

# The protocol's, in their order: number and word.
names() {
	sed -n 's/^\t\[\(SC_PERSIST_[A-Z_]*\)\] = "\([a-z-]*\)",$/\1 \2/p' "$top_srcdir/src/common/persist_reason.c"
}

[ "$(names | wc -l)" -ge 14 ] || missing "src/common/persist_reason.c" "fewer reasons than there were"
while read -r constant word; do
	[ "$word" = ok ] && continue
	number=$(sed -n "s/^\t$constant = \([0-9]*\),.*/\1/p" "$top_srcdir/src/common/persist.h")
	grep -q "^| $number | $word |" "$top_srcdir/doc/persistence.md" || missing doc/persistence.md "$number $word"
	grep -qr -e "$word" -e "$constant" "$top_srcdir/tests/protocol" --include='clients_[^r]*.sh' \
		--include='clients_refuse.sh' --include='test_*.c' || missing tests/protocol "nothing causes $word"
done < <(names)

# Those of loading clients.
words=$(grep -oh '"client-[a-z-]*' "$top_srcdir/src/preload/clients.c" | tr -d '"' | sort -u)
[ -n "$words" ]
for word in $words; do
	grep -q "^| $word |" "$top_srcdir/doc/persistence.md" || missing doc/persistence.md "$word"
done

# Those of the file, before any client sees it.
words=$(sed -n '/^static const char \*check(/,/^}/s/.*"\([a-z-]*\)".*/\1/p' "$top_srcdir/src/common/image.c"
	sed -n 's/.*why = "\([a-z-]*\)".*/\1/p' "$top_srcdir/src/preload/image_load.c")
[ -n "$words" ]
for word in $words; do
	grep -q "^| .*\b$word\b.* |" "$top_srcdir/doc/image-format.md" || missing doc/image-format.md "$word"
done
exit $((failures > 0))
