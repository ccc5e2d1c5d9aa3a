#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A program that the terminal stops is seen as stopped by the shell that started stubcache, and goes
# on with it.

. "${0%/*}/lib.sh"
use_empty_preload

set -m
"$STUBCACHE_CMD" run -e 'count=*' sh -c 'kill -TSTP $$; echo went on' >"$work/output" &
wait $!
same $? $((128 + $(kill -l STOP))) "status while stopped"
same "$(cat "$work/output")" "" "output while stopped"
kill -CONT %1
wait $!
same $? 0 "status at the end"
same "$(cat "$work/output")" "went on" "output at the end"
no_leftovers
exit $failed
