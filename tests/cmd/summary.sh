#!/bin/bash
# SPDX-License-Identifier: MIT
#
# With the real preload: run -c sums up the whole process tree, killed processes included, in one
# table; report shows kept records by function, process and program, in text, json and csv.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}"
[ -e "$LIBSTUBCACHE" ] || exit 77
export STUBCACHE_LIBRARY=$LIBSTUBCACHE

tree='kill -9 $$'
"$STUBCACHE_CMD" run -c -e 'time=*' bash -c "bash -c '$tree'; /bin/true; echo out" >"$work/stdout" 2>"$work/table"
same $? 0 "status"
same "$(cat "$work/stdout")" out "standard output"
grep -q '^% self *calls' "$work/table" || { echo "no table:"; cat "$work/table"; failed=1; }
grep -q ' 100.00 \|^100.00 .* total$' "$work/table" || { echo "no total line"; failed=1; }
grep -q ' getpid@libc.so.6\| fork@libc.so.6\| malloc@libc.so.6' "$work/table" || { echo "no names"; cat "$work/table"; failed=1; }

"$STUBCACHE_CMD" run -e 'time=*' -o "$work/out" bash -c "bash -c '$tree'; /bin/true; true" 2>"$work/errors"
expect 0 '@libc.so.6$' report "$work/out"
expect 0 ' ended +.*/true$' report --by=process "$work/out"
expect 0 ' killed ' report --by=process "$work/out"
expect 0 ' 1 .*/true$' report --by=program "$work/out"
expect 0 '^function,library,version,calls' report --format=csv "$work/out"
"$STUBCACHE_CMD" report --json "$work/out" >"$work/json" || { echo "no json"; failed=1; }
perl -MJSON::PP -e 'local $/; my $r = decode_json(<>);
	exit !(grep { $_->{library} eq "libc.so.6" && $_->{calls} > 0 && $_->{total_ns} >= $_->{self_ns} } @{$r->{functions}})' \
	"$work/json" || { echo "json says nothing of libc"; failed=1; }

# A record that was cut is named, the others are still shown.
victim=$(ls "$work/out"/*.record | head -1)
truncate -s 100 "$victim"
expect 1 "cannot read record '${victim##*/}': it is too short" report "$work/out"
expect 1 '@libc.so.6$' report "$work/out"

# Without images, functions are numbers.
rm -rf "$work/out/images"
expect 1 'images are missing or damaged' report "$work/out"

# The table of one process: only what was asked for has columns, and a name of any length ends its line.
long=$(printf '%600s' | tr ' ' f)
echo "void $long(void) { } void short_name(void) { }" | ${CC:-cc} -w -shared -fPIC -o "$work/liblong.so" -x c -
echo "void $long(void); void short_name(void); int main(void) { $long(); short_name(); short_name(); }" |
	${CC:-cc} -w -o "$work/long" -x c - -x none -L"$work" -llong -Wl,-rpath,"$work"
"$STUBCACHE_CMD" run -e 'count=*@liblong.so' "$work/long" 2>"$work/table"
same "$(sed -n 2,3p "$work/table")" "% calls      calls function
  66.66          2 short_name@liblong.so" "a table of counts"
grep -q ': 3 calls of 2 functions$' "$work/table" || { echo "not 3 calls of 2:"; cat "$work/table"; failed=1; }
same "$(wc -l <"$work/table")" 4 "lines of the table"
"$STUBCACHE_CMD" run -e 'time=short_name' "$work/long" 2>"$work/table"
same "$(sed -n 2p "$work/table" | cut -c1-30)" "% self    total ms     self ms" "the head of a table of times"
no_leftovers
exit $failed
