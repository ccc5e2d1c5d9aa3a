#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Rules that cannot be followed: one line on stderr that names the rule and the column, and the host runs.

. "${0%/*}/lib.sh"

# wrong RULES PATTERN [VARIABLE=VALUE]...: not intercepted, and told so at the level that is the default.
wrong() {
	local rules=$1 pattern=$2

	shift 2
	start STUBCACHE="$rules" STUBCACHE_LOG=error "$@"
	expect "rules '$rules'" off "$pattern"
	[ ! -e "$cache" ] || fail "rules '$rules': a cache was made"
}

wrong nonsense "STUBCACHE: rule 1, column 1: no '=' in the rule"
wrong 'time=*;count' "STUBCACHE: rule 2, column 1: no '='"
wrong 'time=' 'STUBCACHE: rule 1, column 6: '
wrong 'tine=*' "STUBCACHE: rule 1, column 1: unknown action 'tine': did you mean 'time'"
wrong 'zzz=*' "STUBCACHE: rule 1, column 1: unknown action 'zzz': expected one of: count, time"
wrong 'time=*;inject=malloc:error=ENOMEN' "STUBCACHE: rule 2, column 21: unknown error 'ENOMEN': did you mean 'ENOMEM'?"
wrong 'time=*:wen=1' "STUBCACHE: rule 1, column 8: unknown option 'wen'"
printf '# rules\ntime=str*\n\nbogus\n' >"$work/rules"
wrong '' "$work/rules: line 4, column 1: no '='" STUBCACHE_RULES="$work/rules"
wrong '' "cannot read rules file '$work/missing': No such file or directory" STUBCACHE_RULES="$work/missing"
wrong '' "cannot read rules file '$work': not a plain file" STUBCACHE_RULES="$work"
mkfifo "$work/fifo"
wrong '' "cannot read rules file '$work/fifo': not a plain file" STUBCACHE_RULES="$work/fifo"

# selects RULES PATTERN: runs, and is told what a rule does not select.
selects() {
	start STUBCACHE="$1" STUBCACHE_LOG=error
	unharmed "rules '$1'"
	[ "$(grep -c . "$work/err")" = 1 ] && grep -Eq -- "$2" "$work/err" ||
		fail "rules '$1': not one line that matches '$2': $(cat "$work/err")"
}

selects 'time=srtlen' "rule 1 'time=srtlen', column 6: no loaded library defines 'srtlen'; near: .*strlen"
selects 'count=*;time=putz@libc.so.6' "rule 2 'time=putz@libc.so.6', column 6: no loaded library defines 'putz.*'; near: .*puts"
: >"$work/empty"
start STUBCACHE= STUBCACHE_RULES="$work/empty"
expect "no rules in a file" off 'no rule'
finish
