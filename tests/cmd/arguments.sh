#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Help goes to stdout with status 0, wrong arguments to stderr with status 2 and the nearest name;
# every message is one line that begins "stubcache: ", in lower case, without a full stop.

. "${0%/*}/lib.sh"
use_empty_preload

expect 0 '^Usage: stubcache COMMAND' --help
expect 0 '^Usage: stubcache run' run --help
expect 0 '^Usage: stubcache report' report --help
expect 0 '^Usage: stubcache explain' explain --help
expect 0 '^Usage: stubcache campaign' campaign --help
expect 0 '^Usage: stubcache cache' cache --help
expect 0 '^Usage: stubcache cache' cache ls --help
expect 0 '^stubcache [0-9]' --version

expect 2 'a command is needed$'
expect 2 "unknown command 'rnu': did you mean 'run'\?" rnu
expect 2 "unknown command 'frobnicate'$" frobnicate
expect 2 "unrecognized option '--frobnicate'" --frobnicate
expect 2 "unknown cache command 'lss': did you mean 'ls'\?" cache lss
expect 2 "unknown format 'jsn': did you mean 'json'\?" report --format=jsn .
expect 1 "no records in '.'" report --format=trace .
expect 2 'calls have the formats text, json and chrome' report --events --format=csv .
expect 2 "invalid depth 'x'" report --events --depth=x .
expect 2 "invalid time '1h'" run --longer-than=1h true
expect 2 "invalid string limit '-1'" run -s -1 true
expect 2 "unknown colour 'alway': did you mean 'always'" run --color=alway true
expect 1 "no records in '.'" report --by=caller .
expect 2 "unknown metric 'byte': did you mean 'bytes'\?" report --metric=byte .
expect 2 "unknown column 'totl': did you mean 'total'\?" report --sort=totl .
expect 2 'report needs a directory' report
expect 2 'report takes one directory' report a b
expect 2 'a program to run is needed' run -c
expect 2 "unrecognized option '--stat=x'|doesn't allow" run --stat=x true
expect 2 "rule 'tme=\*', column 1: .*did you mean 'time'" run -e 'tme=*' true
expect 0 "nothing was recorded: 'true' may be statically linked" run true
expect 2 'no rule is given' explain true
expect 2 'no rule is given' cache warm true
expect 2 "cannot use limit '1x'" cache prune --limit=1x
expect 2 'belongs to cache prune' cache clear --limit=1
expect 2 "unexpected argument 'x'" cache ls x
expect 2 'cache show takes one image' cache show
expect 1 'cannot read .*No such file' report "$work/none"
mkdir "$work/empty"
expect 1 'no records in' report "$work/empty"
expect 1 "no image 'nothing'" cache show nothing

STUBCACHE_LIBRARY=$work/nothing.so expect 2 "cannot use STUBCACHE_LIBRARY '$work/nothing.so'" run -c true
cp "$work/empty.so" "$work/with space.so"
STUBCACHE_LIBRARY="$work/with space.so" expect 2 'spaces and colons' run -c true

while read -r line; do
	if ! grep -Eq '^stubcache: [^A-Z].*[^.]$' <<<"$line"; then
		echo "not the form of a message: $line"
		failed=1
	fi
done < <("$STUBCACHE_CMD" rnu 2>&1; "$STUBCACHE_CMD" run -e 'tme=*' true 2>&1; "$STUBCACHE_CMD" report /none 2>&1)

if [ -e /dev/full ] && "$STUBCACHE_CMD" --help >/dev/full 2>"$work/errors"; then
	echo "a full disk passes for success"
	failed=1
fi
no_leftovers
exit $failed
