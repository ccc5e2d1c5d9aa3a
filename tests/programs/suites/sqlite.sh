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

# The files that veryquick.test would run.
sqlite_list()
{
	cd "$work" &&
		echo 'set argv0 [lindex $argv 0]
			set argv {}
			source [file join [file dirname $argv0] permutations.test]
			array set veryquick $testspec(veryquick)
			foreach file [lsort $veryquick(-files)] { puts "file [file normalize [file join $testdir $file]]" }
			exit' >list.tcl &&
		"$SUITES_DIR/sqlite/testfixture" list.tcl "$SUITES_DIR/sqlite/test/veryquick.test" |
		sed -n "s|^file $SUITES_DIR/sqlite/||p"
}

sqlite_run()
{
	timeout -k 10 1800 "$SUITES_DIR/sqlite/testfixture" "$SUITES_DIR/sqlite/$1" >"$work/log" 2>&1
	echo "all	status $?"
	sed -n -E 's/^(\S+)\.\.\. Ok$/\1	passed/p; s/^! (\S+) (expected|got):.*/\1	failed/p
		s/^([0-9]+ errors) out of.*/end	\1/p' "$work/log" | sed 's/	0 errors/	passed/'
}
