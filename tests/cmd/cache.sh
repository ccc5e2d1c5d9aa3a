#!/bin/bash
# SPDX-License-Identifier: MIT
#
# cache on directories that are empty, missing, damaged, or not ours to use.

. "${0%/*}/lib.sh"
key=0123456789abcdef0123456789abcdef

expect 0 "^$work/cache\$" cache path
expect 0 "\"user\": \"$work/cache\"" cache path --json
expect 0 'in 0 images' cache ls
expect 0 '^\[\]$' cache ls --json
expect 0 '^0 good, 0 bad$' cache verify
expect 0 '^0 files removed' cache clear
env -u HOME -u XDG_CACHE_HOME -u STUBCACHE_DIR "$STUBCACHE_CMD" cache path 2>"$work/errors"
same $? 1 "path without a directory"

mkdir -m 700 "$work/cache"
head -c 5000 /dev/zero >"$work/cache/program-$key.so"
chmod 444 "$work/cache/program-$key.so"
expect 0 "program +program-$key.so\$" cache ls
expect 0 "\"key\": \"$key\"" cache ls --json
expect 1 "^program-$key.so: .*checksum" cache verify
expect 1 "^0 good, 1 bad\$" cache verify "program-$key"
expect 1 '"good": false' cache verify --json
expect 1 'cannot use .*checksum' cache show program
expect 1 "no image 'x'" cache verify x
cp "$work/cache/program-$key.so" "$work/cache/programme-$key.so"
expect 1 "'program' is the beginning of 2 images" cache show program

chmod 666 "$work/cache/programme-$key.so"
expect 1 "^programme-$key.so: .*writable" cache verify programme
rm -f "$work/cache/programme-$key.so"
ln -s "program-$key.so" "$work/cache/link-$key.so" # no image: only plain files are
expect 1 "no image 'link'" cache verify link
expect 0 'in 1 image$' cache ls
rm "$work/cache/link-$key.so"

expect 0 'removed' cache prune --limit=1G
[ -e "$work/cache/program-$key.so" ] || { echo "prune below the limit removed an image"; failed=1; }
: >"$work/cache/notes.txt"
expect 0 'removed' cache clear
same "$(ls "$work/cache")" "notes.txt" "after clear"

# A directory that cannot be used is neither empty nor cleared.
chmod 777 "$work/cache"
for command in ls verify prune clear; do
	expect 1 "cannot use cache '$work/cache': others may write it" cache $command
	STUBCACHE_DIR=$work/$(printf '%300s' | tr ' ' x) expect 1 'cannot use cache .*: File name too long' cache $command
done

for command in ls show verify warm prune clear path; do
	expect 0 '^Usage: stubcache cache' cache $command --help
done
exit $failed
