#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Campaigns on programs that are not ours: each call site is reached again in the run that is to make it fail, what is
# reported is what the commands reproduce, and sort notices every failure to write or to close.

. "${0%/*}/../cmd/lib.sh"
: "${LIBSTUBCACHE:?}"
[ -e "$LIBSTUBCACHE" ] || exit 77
export STUBCACHE_LIBRARY=$LIBSTUBCACHE LC_ALL=C HOME=$work
ulimit -c 0
cd "$work" || exit 99

for n in {1..3000}; do echo $((n * 7919 % 3001)); done >numbers
"$STUBCACHE_CMD" campaign -j 2 --json -o sort -e 'inject=fwrite_unlocked,fclose,fflush@libc.so.6:error=EIO' -- \
	sort -S 20k -T . numbers >sort.json 2>errors
same $? 0 "status of a campaign on sort"
same "$(cat errors)" "" "errors of a campaign on sort"
same "$(query sort.json '$c->{complete} && $c->{sites} > 10 ? "complete" : "not"')" complete "a campaign on sort"
same "$(query sort.json '$c->{runs} - $c->{counts}{handled}')" 0 "failures to write that sort does not notice"

command -v sqlite3 >/dev/null || exit $failed
"$STUBCACHE_CMD" campaign -j 2 --json --max-runs=60 -o sqlite -e 'inject=malloc,realloc@libc.so.6:error=ENOMEM' -- \
	sqlite3 :memory: 'create table t(a); insert into t values (3), (1), (2); select a from t order by a;' \
	>sqlite.json 2>errors
[ $? -le 1 ] || { echo "a campaign on sqlite3:"; cat errors; failed=1; }
same "$(query sqlite.json '"$c->{runs} runs, $c->{counts}{q(not-reached)} not reached"')" \
	"60 runs, 0 not reached" "runs of sqlite3"
same "$(query sqlite.json '$c->{counts}{handled} > 10 ? "noticed" : "not noticed"')" noticed \
	"memory that sqlite3 did not get"

# The command of a run, and its end as a shell says it.
mkdir bin
ln -s "$STUBCACHE_CMD" bin/stubcache
export STUBCACHE_LOG=quiet STUBCACHE_OUT=$work/reproduced
while read -r run; do
	command=$(query sqlite.json "map { \$_->{command} } grep { \$_->{run} == $run } @{\$c->{results}}")
	wanted=$(query sqlite.json "map { \$_->{exit} // 128 + \$_->{signal} }
		grep { \$_->{run} == $run } @{\$c->{results}}")
	PATH=$work/bin:$PATH bash -c "$command" >out 2>&1
	same $? "$wanted" "status of: $command"
done < <(query sqlite.json 'map { $_->{run} } grep { !$_->{timeout} } @{$c->{results}}[0..7]')
exit $failed
