# SPDX-License-Identifier: MIT
# sqlite's own tests, from its source, with its testfixture, which is tclsh with sqlite in it: those of veryquick.

sqlite_get()
{
	local config

	config=$(ls /usr/lib/tcl8.6/tclConfig.sh /usr/lib/tclConfig.sh 2>/dev/null | head -n 1)
	if [ -z "$config" ]; then
		echo "no tclConfig.sh (install tcl-dev)"
		return 1
	fi
	fetch_source sqlite3 "$SUITES_DIR/sqlite" || return
	build_once "$SUITES_DIR/sqlite" "
		./configure -q --with-tcl='$(dirname "$config")' CFLAGS=-O2
		make -j2 testfixture"
}

# Of those that veryquick.test runs, the first file of each subject: without old text search, random expressions, what
# takes minutes, and what only runs others.
sqlite_list()
{
	(cd "$SUITES_DIR/sqlite" && ls test/*.test ext/{rtree,expert,recover}/*.test) |
		grep -E '/[a-z0-9]*[a-z]1?\.test$' |
		grep -vE 'malloc|ioerr|fault|bigfile|_err|rnd|rand|fuzz|win32|speed|slow|big|walthread|atof1|avtrans|recovercorrupt' |
		grep -vE '/(fts[12]|fts3[a-z]{1,2}\.)' |
		grep -vE '/(all|async|full|quick|veryquick|extraquick|memleak|permutations|soak|fts3|rtree|session|rbu)\.test'
}

sqlite_run()
{
	timeout -k 10 1800 "$SUITES_DIR/sqlite/testfixture" "$SUITES_DIR/sqlite/$1" >"$work/log" 2>&1
	echo "all	status $?"
	sed -n -E 's/^(\S+)\.\.\. Ok$/\1	passed/p; s/^! (\S+) (expected|got):.*/\1	failed/p
		s/^([0-9]+ errors) out of.*/end	\1/p' "$work/log" | sed 's/	0 errors/	passed/'
}
