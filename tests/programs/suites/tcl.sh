# SPDX-License-Identifier: MIT
# Tcl's own tests, from its source, with the installed tclsh.

tcl_get()
{
	if ! command -v tclsh; then
		echo "no tclsh (install tcl)"
		return 1
	fi
	fetch_source tcl8.6 "$SUITES_DIR/tcl"
}

# all.tcl's files.
tcl_list()
{
	(cd "$SUITES_DIR/tcl/tests" && ls *.test)
}

tcl_run()
{
	timeout -k 10 1200 tclsh "$SUITES_DIR/tcl/tests/$1" -verbose 'body error pass skip' >"$work/log" 2>&1
	echo "all	status $?"
	sed -n -E 's/^\+\+\+\+ (\S+) PASSED$/\1	passed/p; s/^==== (\S+) .*FAILED$/\1	failed/p' "$work/log"
}
