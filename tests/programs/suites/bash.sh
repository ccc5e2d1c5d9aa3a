# SPDX-License-Identifier: MIT
# bash's own tests, from its source, with the installed bash. Each says what differs from what it expects.

bash_get()
{
	fetch_source bash "$SUITES_DIR/bash" || return
	build_once "$SUITES_DIR/bash" '
		cp config.h.in config.h # that they are there is what a test wants of them
		cp version.c version.h
		for helper in printenv recho xcase zecho; do
			${CC:-cc} -w -I. -Iinclude -o tests/$helper support/$helper.c
		done'
}

bash_list()
{
	(cd "$SUITES_DIR/bash/tests" && echo run-*) | tr ' ' '\n' | grep -vE '^run-(all|gprof|minimal)$'
}

bash_run()
{
	cd "$SUITES_DIR/bash/tests" || return
	export THIS_SH=/bin/bash BUILD_DIR=$SUITES_DIR/bash BASH_TSTOUT=$work/tstout PATH=$SUITES_DIR/bash/tests:$PATH
	unset BASH_ENV
	timeout -k 10 1200 sh "./$1" >"$work/log" 2>&1
	echo "all	status $?"
	# without process ids, durations and the time of day
	sed -n 's/process group ([0-9]*)/process group/; s/^\([<>] real\) .*/\1/
		s/[0-9]*:[0-9][0-9]:[0-9][0-9]/TIME/; s/^[<>].*/&	said/p' "$work/log"
}
