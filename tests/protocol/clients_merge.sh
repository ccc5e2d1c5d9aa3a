#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What comes while the program runs: clients are asked about each module once, merge what is published with what they
# know, and keep what they have of modules that the merging process never loaded.
set -u
. "${top_srcdir:?}/tests/protocol/lib.sh"
plugin=$clients/client_plugin.so
plugin2=$clients/client_plugin2.so
base=ro=100,rx=70,rw=20,abandoned
A=$(puppet A $base)
B=$(puppet B $base,fickle=$work/fickle)
log=info

plain "$plugin"
start "$A" "$plugin"
expect_host "a plugin"
expect_journal "a later module is asked for when it comes, and no module that an image in use has" \
	'size ro' < <(cat <<'J'
A size ro client_host aligned 0
A size ro libc.so.6 aligned 0
A size ro ld-linux-x86-64.so.2 aligned 0
A size ro client_plugin.so aligned 0
A size ro client_host aligned 0
A size ro libc.so.6 aligned 0
A size ro ld-linux-x86-64.so.2 aligned 0
A size ro client_plugin.so aligned 0
J
)
[ "$(grep -n 'superseded' "$journal" | head -1 | cut -d: -f1)" -gt \
	"$(grep -n ' persist ' "$journal" | tail -1 | cut -d: -f1)" ] ||
	fail "the older image was abandoned before the new one was complete"
expect_journal "the older image of the merge is superseded, exactly where it was accepted" superseded <<'J'
A abandoned client_host superseded
A abandoned libc.so.6 superseded
A abandoned ld-linux-x86-64.so.2 superseded
J
start "$A" "$plugin"
expect_state "the next" warm
expect_journal "the next: resurrected when it comes" client_plugin <<'J'
A resurrect ro client_plugin.so r--p right
A resurrect rx client_plugin.so r-xp right
A resurrect rw client_plugin.so rw-p right
J
expect_journal "the next: its routine runs" exit <<'J'
A exit generated none resurrected some routines right r-xp
J

# Another plugin, in a process that does not load the first: what the client has of the first stays.
start "$A" "$plugin2"
expect_state "another plugin" merged
! grep -q 'client_plugin.so' "$journal" || fail "a module that is not loaded was asked for"
plain "$plugin" "$plugin2"
start "$A" "$plugin" "$plugin2"
expect_host "both"
expect_state "both" warm
expect_journal "both: nothing is lost, nothing generated" 'client_plugin2\?.so r\|exit' <<'J'
A resurrect ro client_plugin.so r--p right
A resurrect rx client_plugin.so r-xp right
A resurrect rw client_plugin.so rw-p right
A resurrect ro client_plugin2.so r--p right
A resurrect rx client_plugin2.so r-xp right
A resurrect rw client_plugin2.so rw-p right
A exit generated none resurrected some routines right r-xp
J

# One that was unloaded before the merge.
rm -rf "$cache"
plain "$plugin" close
start "$A" "$plugin" close
expect_host "unloaded"
start "$A" "$plugin" close
expect_state "unloaded, the next" warm
expect_journal "unloaded, the next: what the file had, not what the process made of it" 'client_plugin.so' <<'J'
A resurrect ro client_plugin.so r--p right
A resurrect rx client_plugin.so r-xp right
A resurrect rw client_plugin.so rw-p right
J

# One that is unloaded and comes again finds what was persisted, not what it has written meanwhile.
start "$A" "$plugin" close "$plugin"
expect_state "loaded again" warm
expect_journal "loaded again: rw is as it was in the file" 'client_plugin.so' <<'J'
A resurrect ro client_plugin.so r--p right
A resurrect rx client_plugin.so r-xp right
A resurrect rw client_plugin.so rw-p right
A resurrect ro client_plugin.so r--p right
A resurrect rx client_plugin.so r-xp right
A resurrect rw client_plugin.so rw-p right
J

# One that knows no func_abandoned, as DynamoRIO's do, takes the older image for the one in use.
rm -rf "$cache"
plain "$plugin"
start "$(puppet A ro=100,rx=70,rw=20)" "$plugin"
expect_host "pointers kept from a merge"
expect_journal "pointers kept from a merge are good in the exit event" exit <<'J'
A exit generated some resurrected some routines right r-xp
J

# A client that does not merge costs its own merge.
rm -rf "$cache"
start "$A:$B"
expect_state "before the merge" cold
echo merge >"$work/fickle"
start "$A:$B" "$plugin"
expect_state "a refused merge" merged \
	"a client did not merge: resurrect-refused (client 2, section ro of module 'client_host')"
expect_journal "a refused merge: the other one has merged" 'abandoned' <<'J'
A abandoned client_host superseded
A abandoned libc.so.6 superseded
A abandoned ld-linux-x86-64.so.2 superseded
J
start "$A:$B" "$plugin"
expect_state "after a refused merge" warm
expect_journal "after a refused merge: both have all" exit <<'J'
B exit generated none resurrected some routines right r-xp
A exit generated none resurrected some routines right r-xp
J

# What a callback loads is put off until the callback has come back, and then it is taken in.
rm -rf "$cache"
plain "$plugin"
start "$(puppet A $base,load=$plugin2)" "$plugin"
expect_host "loading in a callback"
[ "$(grep -n 'size ro client_plugin2' "$journal" | head -1 | cut -d: -f1)" -gt \
	"$(grep -n 'resurrect rw client_plugin.so' "$journal" | head -1 | cut -d: -f1)" ] ||
	fail "what a callback loaded was not put off, or not taken in"
grep -q '"slots"' "$work/stats" || fail "no statistics"

# Every way to end: exit events once a process, after the merge.
for how in return _exit quick_exit abort fork; do
	rm -rf "$cache"
	start "$A" "$plugin" "$how"
	[ "$(tail -1 "$journal" | cut -d' ' -f2)" = exit ] || fail "$how: the exit event is not the last"
	processes=1
	[ "$how" = fork ] && processes=2
	[ "$(grep -c ' exit ' "$journal")" = $processes ] || fail "$how: $(grep -c ' exit ' "$journal") exit events"
	[ "$how" = abort ] || grep -q superseded "$journal" || fail "$how: nothing was merged"
done
exit $failed
