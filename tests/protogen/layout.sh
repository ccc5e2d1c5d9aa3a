#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Structs and unions of 00-libc.h and 20-types.h have the sizes, alignments and offsets that the headers give them: one
# source that prints these is compiled with either.

set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prototypes=$top_builddir/prototypes

# Lines "struct stat|st_dev" of members at the first level that are no bit-fields, and "struct stat|".
members() {
	perl -ne '
		s/\[\[.*?\]\]//g;
		if (/^(typedef )?(struct|union)( \w+)? \{$/) { $type = $3 ? "$2$3" : ""; @found = (); $in = 1; }
		elsif ($in && /^\}.*?(\w*);$/) {
			$type ||= $1;
			print map { "$type|$_\n" } "", @found;
			$in = 0;
		} elsif ($in && /^\t[^\t}].*\{$/) { }
		elsif ($in && /^\t(?:[^\t}]|\}).*?\(\*(\w+)\)/) { push @found, $1; }
		elsif ($in && !/ : \d+;/ && /^\t[^\t].*?(\w+)(?:\[\d*\])*(?: __attribute__.*)?;$/) {
			push @found, $1 unless /^\t\} *;/;
		}' "$1"
}

# print_layout OUTPUT LIST DECLARATIONS: what the compiler makes of these declarations.
print_layout() {
	{
		cat "$3"
		echo '#undef main'
		echo 'int printf(const char *, ...); int main(void) {'
		while IFS='|' read -r type member; do
			if [ -z "$member" ]; then
				echo "printf(\"$type: %zu %zu\\n\", sizeof($type), _Alignof($type));"
			else
				echo "printf(\"$type.$member: %zu\\n\", __builtin_offsetof($type, $member));"
			fi
		done <"$2"
		echo 'return 0; }'
	} >"$1.c"
	"${CC%% *}" -std=gnu17 -D_GNU_SOURCE -w -o "$1.run" "$1.c" && "$1.run" >"$1"
}

compare() {
	[ -s "$work/list" ] || { echo "$1: no members found"; exit 1; }
	print_layout "$work/headers" "$work/list" <(
		cat "$top_builddir/src/protogen/headers.c"
		# Macros that are called as members are.
		sed 's/.*[|]//; /./!d; s/^/#undef /' "$work/list" | sort -u
	) || exit 1
	print_layout "$work/ours" "$work/list" "$2" || exit 1
	if ! diff "$work/headers" "$work/ours" >"$work/diff"; then
		echo "$1 has another layout than the headers (<):"
		head -40 "$work/diff"
		exit 1
	fi
	echo "$1: $(wc -l <"$work/list") sizes and offsets are the headers'"
}

# A typedef of the linker map's own (la_...) is made of vectors, which are arrays here. Three structs of Ethernet are packed
# in vain: nothing lies elsewhere for it, and the debug information does not say so.
members "$prototypes/00-libc.h" |
	grep -v '^La_x86_64_\|^|\|^struct \(ethhdr\|ether_header\|fddi_snap_hdr\)|$' >"$work/list"
sed 's/\[\[[^]]*\]\]//g' "$prototypes/00-libc.h" >"$work/libc.h"
compare 00-libc.h "$work/libc.h"

# The same with the structs that are declared again, in the place of the generated ones.
members "$prototypes/20-types.h" >"$work/list"
perl -0777 -pe 'BEGIN { open F, shift; local $/; $again = <F>; $again =~ s/\[\[.*?\]\]//g;
	while ($again =~ /^(struct \w+ \{.*?^\}[^\n]*;\n)/msg) { $new = $1; $new =~ /^(struct \w+)/; $bodies{$1} = $new; } }
	for my $tag (keys %bodies) { s/^$tag \{.*?^\}[^\n]*;\n/$bodies{$tag}/ms or die "no $tag\n"; }' \
	"$prototypes/20-types.h" "$work/libc.h" >"$work/again.h" || exit 1
compare 20-types.h "$work/again.h"
