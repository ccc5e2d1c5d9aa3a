#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a host gets when it is given libstubcache.so: no library but libc, no symbol but those of the
# export list, a stub area that takes no space in the file, and our constructor before all others.

set -euo pipefail

: "${LIBSTUBCACHE:?}" "${top_srcdir:?}"
readelf=${READELF:-readelf}
map=$top_srcdir/src/preload/libstubcache.map
failures=0

# expect WHAT WANTED FOUND
expect() {
	if [ "$2" != "$3" ]; then
		printf '%s\n  wanted: %s\n  found:  %s\n' "$1" "$2" "$3"
		failures=$((failures + 1))
	fi
}

# The names in the global sections of the version script.
listed_exports() {
	tr '\n\t' '  ' <"$map" | sed 's:/\*[^*]*\*/::g; s/global://g; s/local:[^}]*//g' |
		tr '{};' '\n' | awk 'NF == 1 && !/^ *STUBCACHE_/ { print $1 }' | sort -u
}

actual_exports() {
	"$readelf" -W --dyn-syms "$LIBSTUBCACHE" |
		awk '$5 ~ /GLOBAL|WEAK/ && $7 ~ /^[0-9]+$/ { sub(/@.*/, "", $8); print $8 }' | sort -u
}

dynamic=$("$readelf" -W -d "$LIBSTUBCACHE")

expect "NEEDED of the preload" "libc.so.6" \
	"$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' <<<"$dynamic" | paste -sd ' ')"
expect "exported symbols" "$(listed_exports | paste -sd ' ')" "$(actual_exports | paste -sd ' ')"
expect "flags of the dynamic section" "INITFIRST NODELETE" \
	"$(sed -n 's/.*(FLAGS_1).*Flags: *//p' <<<"$dynamic" | tr ' ' '\n' | sort | paste -sd ' ')"
expect "text relocations" "" "$(grep -F TEXTREL <<<"$dynamic" || true)"
expect "run path" "" "$(grep -E 'RPATH|RUNPATH' <<<"$dynamic" || true)"
expect "type of .stubarea" "NOBITS" \
	"$("$readelf" -W -S "$LIBSTUBCACHE" | sed -n 's/.* \.stubarea  *\([A-Z]*\) .*/\1/p')"
expect "segments both writable and executable" "" \
	"$("$readelf" -W -l "$LIBSTUBCACHE" | grep -E '^ +(LOAD|GNU_STACK) .* RWE ' || true)"

# The engine is loaded before libc's constructor has run: NEEDing libc would make dlopen run that with nothing.
engine=${LIBSTUBCACHE%/*}/libstubcache-engine.so
expect "NEEDED of the engine" "" "$("$readelf" -W -d "$engine" | grep -F NEEDED || true)"
expect "what the engine takes from the host's libc, beyond plain string functions" "" \
	"$("$readelf" -W --dyn-syms "$engine" | awk '$7 == "UND" && $8 != "" { print $8 }' |
		grep -vE '^(mem(chr|cmp|cpy|move|set)|str(chr|cmp|cpy|len|ncmp|nlen|pbrk|rchr|spn)|v?snprintf|getauxval|__errno_location|sigabbrev_np|strerror(desc|name)_np)$' || true)"

# What is loaded for hooks of clients.
expect "NEEDED of what calls by prototype" "libc.so.6 libffi.so" \
	"$("$readelf" -W -d "${LIBSTUBCACHE%/*}/libstubcache-typed.so" |
		sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sed 's/libffi\.so\..*/libffi.so/' | sort | paste -sd ' ')"

# What is loaded for stacks: libunwind and what a module cannot do without. What it exports is its entry alone.
unwind=${LIBSTUBCACHE%/*}/libstubcache-unwind.so
expect "NEEDED of the unwinder" "libc.so.6 libunwind-x86_64.so.8" \
	"$("$readelf" -W -d "$unwind" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | paste -sd ' ')"
expect "symbols that the unwinder exports" "sc_unwind_entry" \
	"$("$readelf" -W --dyn-syms "$unwind" |
		awk '$5 ~ /GLOBAL|WEAK/ && $7 ~ /^[0-9]+$/ { print $8 }' | sort -u | paste -sd ' ')"

exit $((failures > 0))
