#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Names of programs and files may be in any encoding: JSON stays valid, has all of them, and says them in the same way
# everywhere.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}"
[ -e "$LIBSTUBCACHE" ] || exit 77
export STUBCACHE_LIBRARY=$LIBSTUBCACHE

cd "$work" || exit 99
odd=$'p\xff-\xc3\xa9'
json='p\xff-\xe9' # as characters
cp "$(command -v bash)" "$odd"

# says FILE EXPRESSION: of the JSON in the file; expects that it is the name, at the end of a path.
says() {
	perl -MJSON::PP -e 'local $/; open my $file, "<", $ARGV[0] or die; my $c = decode_json(<$file>); my $name = eval $ARGV[1];
		die "$ARGV[1]: not so" if !defined $name || $name !~ /'"$json"'\z/' "$@" || failed=1
}

"$STUBCACHE_CMD" run -d records -e 'trace=*;time=*' -- "./$odd" -c 'exit 0' 2>/dev/null
"$STUBCACHE_CMD" report --json --by=program records >o.json
says o.json '$c->{by_program}[0]{program}'
says o.json '$c->{processes}[0]{program}'
"$STUBCACHE_CMD" report --json --events records | tail -1 >o.json
says o.json '$c->{program}'
"$STUBCACHE_CMD" explain --json -e 'count=getpid' -- "./$odd" -c 'exit 0' | head -1 >o.json
says o.json '$c->{program}'
"$STUBCACHE_CMD" cache show --json "$(basename "$(ls cache/*.so)")" >o.json
says o.json '(grep { $_->{kind} eq "module" && $_->{name} =~ /^p/ } @{$c->{components}})[0]{name}'
says o.json '(grep { $_->{name} =~ /^p/ } @{$c->{modules}})[0]{name}'
STUBCACHE_DIR=$work/$odd "$STUBCACHE_CMD" cache path --json >o.json
says o.json '$c->{user}'
mkdir dir
cp "$(ls cache/*.so)" "dir/$odd"
"$STUBCACHE_CMD" cache verify --json "./dir/$odd" >o.json
says o.json '$c->[0]{name}'
echo 'int odd_function(int a);' >"$odd.h"
mv "$odd.h" "dir/$odd"
"$STUBCACHE_CMD" proto show --json -P "dir/$odd" odd_function >o.json
says o.json '$c->[0]{file}'
exit $failed
