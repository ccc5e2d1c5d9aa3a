#!/bin/bash
# SPDX-License-Identifier: MIT
#
# With src/gdb/libstubcache.so-gdb.py gdb names stubs: in a program that it runs, that it attaches to, and in a
# core; from images on disk and in memory, also from one that comes while the program runs; loaded by hand, or by
# itself from beside a stripped library. Where there is nothing to name it is not heard of.
set -u
command -v gdb >/dev/null || exit 77
gdb -nx -batch -ex 'python gdb.Objfile.add_separate_debug_file' >/dev/null 2>&1 || exit 77
work=$(mktemp -d) || exit 99
waiting=
trap '[ -z "$waiting" ] || kill -9 "$waiting"; rm -rf "$work"' EXIT
script=$top_srcdir/src/gdb/libstubcache.so-gdb.py
host=$top_builddir/tests/abi/names_host
failures=0
unset STUBCACHE STUBCACHE_PERSIST
export STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/out

fail()
{
	echo "FAIL: $1"
	sed 's/^/	/' "$work/log"
	failures=$((failures + 1))
}

# debug ARGUMENT...: gdb, what it prints into $work/log. No startup shell, whose processes would be intercepted, too;
# nothing from the network; no sources.
debug()
{
	gdb -nx -q -batch -iex 'set debuginfod enabled off' -ex 'set startup-with-shell off' \
		-ex 'set pagination off' -ex 'set width 0' -ex 'set print frame-arguments none' \
		-ex 'set print address off' "$@" >"$work/log" 2>"$work/errors" </dev/null
	if grep -qi 'ptrace: operation not permitted' "$work/errors"; then
		exit 77
	fi
	# gdb asks libthread_db for what the libc of a program under another name would not have.
	grep -v 'libthread_db' "$work/errors" >>"$work/log"
	! grep -q 'Traceback\|Error while\|warning: section' "$work/log" || fail "gdb complains: $*"
}

# expect WHAT PATTERN...: lines of the log match these, in this order.
expect()
{
	local what=$1
	shift
	awk -v wanted="$(printf '%s\n' "$@")" '
		BEGIN { count = split(wanted, patterns, "\n"); at = 1 }
		at <= count && $0 ~ patterns[at] { at++ }
		END { exit at <= count }' "$work/log" || fail "$what: not in this order: $*"
}

first=('^#[0-9]+ +compare ' ' qsort@libc.so.6@GLIBC_2.2.5 ' ' called_back ' ' probe_call@libprobe.so'
	' probe_call_deep@libprobe.so' ' main ')
all=('^#[0-9]+ +names_end ' ' compare_later ' ' bsearch@libc.so.6@GLIBC_2.2.5 ' ' compare ' "${first[@]:1}")

# The program is started by gdb. The second image is not there when the first is named.
run_with()
{
	local library=$1
	shift
	debug "$@" -ex "set environment LD_PRELOAD $library" -ex 'set environment STUBCACHE time=*' \
		-ex 'break names_host.c:compare' -ex run -ex bt -ex 'break names_end' -ex continue -ex bt \
		-ex 'break qsort@libc.so.6@GLIBC_2.2.5' -ex 'info breakpoints' \
		-ex 'info address bsearch@libc.so.6@GLIBC_2.2.5' -ex 'print qsort' -ex "generate-core-file $work/core" "$host"
}

for state in cold warm; do
	run_with "$LIBSTUBCACHE" -x "$script"
	expect "$state" "${first[@]}" "${all[@]}" '^3 +breakpoint .*<qsort@libc.so.6@GLIBC_2.2.5(\+[0-9]+)?>' \
		'^Symbol "bsearch@libc.so.6@GLIBC_2.2.5" is at 0x' ' <qsort>$|<__GI_qsort>$'
done

debug -x "$script" "$host" "$work/core" -ex bt
expect 'core, script before bt' "${all[@]}"

run_with "$LIBSTUBCACHE" -ex 'set environment STUBCACHE_PERSIST off' -x "$script"
expect 'images in memory files' "${first[@]}" "${all[@]}"

# A library as it is installed: by itself, without symbols, with the script beside.
mkdir "$work/lib"
cp "${LIBSTUBCACHE%/*}"/libstubcache*.so "$script" "$work/lib"
strip "$work"/lib/*.so
run_with "$work/lib/libstubcache.so" -iex "set auto-load safe-path $work/lib"
expect 'beside a stripped library' "${first[@]}" "${all[@]}"
debug -iex "set auto-load safe-path $work/lib" "$host" "$work/core" -ex bt
expect 'core, beside a stripped library' "${all[@]}"

mkfifo "$work/ready"
LD_PRELOAD=$LIBSTUBCACHE STUBCACHE='time=*' "$host" wait >"$work/ready" &
waiting=$!
read -r _ <"$work/ready"
debug -x "$script" -p "$waiting" -ex bt
expect 'attached to' ' pause@libc.so.6@GLIBC_2.2.5 ' "${all[@]}"
disown "$waiting"
kill -9 "$waiting"
waiting=

# Nothing to name: no process, no preload, no rules.
debug -x "$script" -ex 'echo quiet\n'
[ "$(cat "$work/log")" = quiet ] || fail 'no process'
for preload in '' "$LIBSTUBCACHE"; do
	debug -x "$script" -ex "set environment LD_PRELOAD $preload" -ex 'break names_end' -ex run -ex bt "$host"
	expect "not intercepted: '$preload'" ' names_end ' ' called_back ' ' main '
	! grep '@' "$work/log" || fail "stubs are named without a rule"
done

[ "$failures" = 0 ] || exit 1
echo 'gdb names all stubs'
