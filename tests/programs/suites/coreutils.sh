# SPDX-License-Identifier: MIT
# coreutils' own tests, from its source, with what was built of it.

# Its makefile has the environment that a test finds; one that is printed can be had without make.
coreutils_get()
{
	fetch_source coreutils "$SUITES_DIR/coreutils" || return
	build_once "$SUITES_DIR/coreutils" '
		export FORCE_UNSAFE_CONFIGURE=1
		./configure -q --disable-nls
		make -j2
		make -s --eval "print-environment: ; \$(info \$(TESTS_ENVIRONMENT))" print-environment >suites.environment
		make -s --eval "print-tests: ; @printf \"%s\\n\" \$(all_tests)" print-tests >suites.tests'
}

# Those that take minutes, and factor's, which are many of one kind, are left out.
coreutils_list()
{
	grep -vE '^tests/(factor/|misc/stdbuf)' "$SUITES_DIR/coreutils/suites.tests"
}

coreutils_run()
{
	local f=${1%.*} tst=$1 command

	cd "$SUITES_DIR/coreutils" || return
	export VERBOSE=yes
	case $1 in
	*.sh) command='/bin/bash ./$tst' ;;
	*.xpl) command='perl -T -w -Itests -MCuSkip -MCoreutils -M"CuTmpdir qw($f)" ./$tst' ;;
	*) command='perl -w -Itests -MCuSkip -MCoreutils -M"CuTmpdir qw($f)" ./$tst' ;;
	esac
	export f tst
	timeout -k 10 1200 bash -c "$(cat suites.environment) $command" >"$work/log" 2>&1
	case $? in
	0) echo "all	passed" ;;
	77) echo "all	skipped" ;;
	*) echo "all	failed" ;;
	esac
	sed -n -E 's/^(\S+)\.\.\.$/\1	passed/p' "$work/log" # of what perl runs, which stops at nothing and says what failed
	sed -n -E 's/^(\S+): (test .*)/\1	\2/p' "$work/log"
}
