# SPDX-License-Identifier: MIT
# perl's own tests of the language and of its libraries, from its source. perl is built as most systems do, but with a
# libperl.so of its own, since the calls within it then go through slots, too.

perl_get()
{
	fetch_source perl "$SUITES_DIR/perl" || return
	build_once "$SUITES_DIR/perl" '
		./Configure -des -Dusethreads -Duseshrplib -Doptimize=-O2 -Dcc=gcc
		make -j2 test_prep'
}

# All of its manifest, but for those that examine its source, need tens of gigabytes, are of other systems, or measure.
perl_list()
{
	sed -n -E 's/^(\S+\.t)\s.*/\1/p' "$SUITES_DIR/perl/MANIFEST" |
		grep -vE '^(t/(porting|bigmem|win32|perf|japh|benchmark)/|os2/|vms/|cpan/Win32)' | sed 's|^t/||; t; s|^|../|'
}

perl_run()
{
	cd "$SUITES_DIR/perl/t" || return
	export LD_LIBRARY_PATH=$SUITES_DIR/perl
	timeout -k 10 1800 ./perl TEST -v "$1" >"$work/log" 2>&1
	echo "all	status $?"
	sed -n -E 's/^ok ([0-9]+).*# *skip.*/\1	skipped/Ip; t
		s/^ok ([0-9]+).*/\1	passed/p; s/^not ok ([0-9]+).*/\1	failed/p' "$work/log"
}
