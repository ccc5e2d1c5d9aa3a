#!/bin/bash
# SPDX-License-Identifier: MIT
#
# runtimes.sh [NAME]...: language runtimes and large programs, which do what few others do: own handlers for SIGSEGV, own
# stacks and unwinders, code made at run time, worlds stopped by signals, collectors that search the stack, a loader of
# their own. Each goes through compare.sh: plain, cold and warm under each action, with the same output, errors and exit
# status. By hand: `make check-runtimes`, RUNTIMES='java ruby' for some. What is not installed is said and left out.
#
# A workload is a function run_NAME in runtimes/*.sh; make_NAME, where there is one, builds in a directory that run_NAME
# gets as its argument. It prints what came of it, always the same, and ends with 0.
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
self=$here/$(basename "${BASH_SOURCE[0]}")

# needs COMMAND...: else the workload is left out.
needs()
{
	local name

	for name; do
		command -v "$name" >/dev/null || { echo "no $name"; exit 77; }
	done
}

# status COMMAND...: runs it and prints how it ended.
status()
{
	"$@"
	echo "status $?"
}

for part in "$here"/runtimes/*.sh; do
	. "$part"
done
if [ -n "${PROGRAM:-}" ]; then
	"run_$1" "$2"
	exit 0
fi

set -u
: "${LIBSTUBCACHE:?names the preload under test}"
work=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
chmod 755 "$work"
failed=0

# compared NAME: 0, 77 (left out) or another number; what was said is in $work/NAME.log.
compared()
{
	mkdir "$work/$1" || return
	if declare -F "make_$1" >/dev/null; then
		(cd "$work/$1" && "make_$1") >"$work/$1.log" 2>&1 || return
	fi
	# Of emacs' functions one run takes two thousand; of wine's processes some are killed before they merge.
	case $1 in emacs | wine) local -x PROGRAM_GROWS=1 ;; esac
	"$BASH" "$here/compare.sh" "$BASH" "$self" "$1" "$work/$1" >"$work/$1.log" 2>&1
}

[ $# -gt 0 ] || set -- $(declare -F | sed -n 's/^declare -f run_//p')
for name; do
	compared "$name"
	case $? in
	0) result='the same' ;;
	77) result="left out: $(tail -n 1 "$work/$name.log")" ;;
	*)
		result=DIFFERENT
		failed=1
		;;
	esac
	printf '%-10s %s\n' "$name" "$result"
	[ "$result" != DIFFERENT ] || cat "$work/$name.log"
	chmod -R u+w "$work/$name"
	rm -rf "${work:?}/$name"
done
exit $failed
