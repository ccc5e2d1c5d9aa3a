#!/bin/bash
# SPDX-License-Identifier: MIT
#
# man and its helpers: they confine themselves by libseccomp, decompress and convert behind the filter, and execute groff's
# programs behind it, too. What they print is what they print without us, and what that costs the record is said. Not by
# compare.sh: behind the filter no file can be made, so that not every start can be warm.
set -u
: "${top_srcdir:?}" "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
. "$top_srcdir/tests/actions.sh"
command -v man >/dev/null && man --version >/dev/null 2>&1 || { echo "no man"; exit 77; }
ulimit -c 0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

printf '.TH A 1\n.SH NAME\na \\- does \\fBnothing\\fR\n.TS\nl l.\none\ttwo\n.TE\n' >a.1
gzip -n a.1
export MANWIDTH=78 MANPATH=$work LC_ALL=C

read_pages()
{
	for page in a.1.gz missing.1; do
		man -P cat -l "$page"
		echo "$page: $?"
	done
	zcat a.1.gz | man -l - | tail -n 3
	man -t -l a.1.gz | grep -c '^%%Page'
}

read_pages >plain.out 2>plain.err
grep -q 'does nothing' plain.out || { cat plain.out plain.err; echo "man shows nothing here"; exit 77; }
for rule in $(rules_for '*'); do
	for state in cold warm; do
		LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=$rule STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/$rule-$state \
			read_pages >ours.out 2>ours.err
		diff plain.out ours.out || fail "$rule, $state: other pages"
		diff plain.err ours.err || fail "$rule, $state: other words on stderr"
		"$STUBCACHE_CMD" report --json "$work/$rule-$state" >report || fail "$rule, $state: nothing was recorded"
		grep -q '"confined": "filter"' report || fail "$rule, $state: nobody has confined itself"
	done
done
exit $((failures > 0))
