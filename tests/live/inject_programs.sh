#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Faults in real programs: they take them as errors of the system, and the same way cold and warm.
set -u
: "${top_builddir:?}" "${STUBCACHE_CMD:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failures=0
export STUBCACHE_DIR=$work/cache LC_ALL=C

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# run RULE PROGRAM...: what it says, and how it ends.
run()
{
	"$STUBCACHE_CMD" run -o "$work/out" -e "$@" 2>&1 </dev/null
	echo "status $?"
}

# says WANTED RULE PROGRAM...: cold and warm.
says()
{
	local wanted=$1 state got

	shift
	for state in cold warm; do
		got=$(run "$@")
		[ "$got" = "$wanted" ] || fail "$*, $state: '$got' instead of '$wanted'"
	done
}

# same RULE PROGRAM...: whatever comes of it, warm is as cold.
same()
{
	local first second

	first=$(run "$@")
	second=$(run "$@")
	[ "$first" = "$second" ] || fail "$*: '$first', then '$second'"
}

echo text >"$work/file"
says "text
status 0" inject=read:error=EIO:when=1000 cat "$work/file"
says "cat: $work/file: Input/output error
status 1" inject=read:error=EIO:when=1 cat "$work/file"
says "cat: $work/file: Permission denied
status 1" inject=open,open64,openat,openat64:error=EACCES cat "$work/file"
# In a child, which begins to count anew.
says "cat: $work/file: Input/output error
cat: $work/file: Input/output error
status 1" inject=read:error=EIO:when=1:from=cat bash -c "cat $work/file; cat $work/file"

for call in 1 10 100 500 2000; do
	same inject=malloc:error=ENOMEM:when=$call+ bash -c 'for i in 1 2 3; do x=$x$i; done; echo $(echo $x)'
	command -v sqlite3 >/dev/null || continue
	same inject=malloc,realloc:error=ENOMEM:when=$call sqlite3 :memory: \
		'create table a(x); insert into a values(1),(2); select sum(x) from a;'
done
if command -v sqlite3 >/dev/null; then
	got=$(run inject=malloc:error=ENOMEM:when=100+ sqlite3 :memory: 'select 1;')
	grep -q 'out of memory' <<<"$got" || fail "sqlite3 without memory: $got"
fi

[ "$failures" = 0 ] || exit 1
echo "programs take faults for the system's"
