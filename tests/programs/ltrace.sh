#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Counts agree with what others count, exactly and for every function: with ltrace on calls through PLTs, with strace
# on system calls.
#
# ltrace puts breakpoints on the PLT entries of a module, we replace what those entries jump to: so the same process
# can be counted by both, and chance has no part in it. ltrace counts calls through PLT entries alone. We count calls
# through any slot: a function whose address the module holds (another relocation than JUMP_SLOT) is called through
# that, which ltrace cannot see, and so may be in our numbers alone. What explain says is not observed is not compared.
#
# ltrace's log, not its table (-c), is counted: the table has only calls that have returned.
set -u
command -v ltrace >/dev/null || exit 77
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
programs=$top_builddir/tests/programs
readelf=${READELF:-readelf}
failures=0
compared=0
export LC_ALL=C STUBCACHE_DIR=$work/cache STUBCACHE_LIBRARY=$LIBSTUBCACHE
unset STUBCACHE STUBCACHE_RULES STUBCACHE_PERSIST STUBCACHE_OUT
cd "$work" || exit 99

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# seen_by_ltrace: "function calls" from lines such as "PID [MODULE->]function(...", of the program that is started last.
# The module is the one that was asked for; after an exec ltrace goes on to call it as the program before.
seen_by_ltrace()
{
	awk '
		/--- Called exec/ { split("", calls); next }
		{ sub(/^[0-9]+ +/, ""); sub(/^[^ (]*->/, "") }
		match($0, /^[A-Za-z_][A-Za-z0-9_.]*\(/) { calls[substr($0, 1, RLENGTH - 1)]++ }
		END { for (name in calls) print name, calls[name] }' log | sort
}

# seen_by_us: the same, all libraries and versions of a function together.
seen_by_us()
{
	"$STUBCACHE_CMD" report --format=csv out |
		awk -F, 'NR > 1 { calls[$1] += $4 } END { for (name in calls) print name, calls[name] }' | sort
}

# Functions of which the module holds the address, beside its PLT.
address_taken()
{
	"$readelf" -rW "$1" | awk '$3 ~ /^R_X86_64_(GLOB_DAT|64)$/ { sub(/@.*/, "", $5); print $5 }'
}

# Functions that are left alone, for good reasons.
not_observed()
{
	"$STUBCACHE_CMD" explain -e 'count=*' "$@" </dev/null 2>/dev/null |
		awk 'NF > 3 && $2 == "-" { sub(/@.*/, "", $1); print $1 }'
}

# compare RULE MODULE FILE: what ltrace's log and our record say of the PLT of a module.
compare()
{
	local name theirs ours taken

	taken=" $(address_taken "$3" | tr '\n' ' ') "
	[ -s theirs ] || fail "$2: ltrace has seen nothing"
	while read -r name theirs; do
		[[ $left_alone != *" $name "* ]] || continue
		ours=$(awk -v name="$name" '$1 == name { print $2 }' ours)
		compared=$((compared + 1))
		[ "${ours:-0}" = "$theirs" ] || fail "$1, $2: $name: ltrace has counted $theirs, we ${ours:-0}"
	done <theirs
	# And nothing that ltrace must have seen, too.
	while read -r name ours; do
		[[ $taken == *" $name "* ]] || grep -q "^$name " theirs ||
			fail "$1, $2: $name: ltrace has counted none, we $ours"
	done <ours
}

# agree MODULE FILE FILTER COMMAND...: both count calls from MODULE (base name) of COMMAND, at the same time.
agree()
{
	local module=$1 file=$2 filter=$3 action
	shift 3

	left_alone=" $(not_observed "$@" | tr '\n' ' ') "
	for action in count time; do
		rm -rf out log
		ltrace -f -e "$filter" -o log env LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE="$action=*:from=$module" \
			STUBCACHE_OUT="$work/out" "$@" >ltrace.out 2>ltrace.err </dev/null
		if ! grep -q 'Called exec' log; then
			echo "ltrace cannot be used here: $(head -n 3 ltrace.err)"
			exit 77
		fi
		seen_by_ltrace >theirs
		seen_by_us >ours
		compare "$action" "$module" "$file"
	done
}

# lazy FILE: whether its calls are bound lazily, so that it has PLT entries for ltrace.
lazy()
{
	[ "$(head -c 4 "$1" 2>/dev/null)" = $'\x7fELF' ] && "$readelf" -rW "$1" | grep -q JUMP_SLO &&
		! "$readelf" -dW "$1" | grep -q BIND_NOW
}

agree lazy_math "$programs/lazy_math" @MAIN "$programs/lazy_math"
agree lazy_private "$programs/lazy_private" @MAIN "$programs/lazy_private"
agree liblazy.so "$programs/.libs/liblazy.so" @liblazy.so "$programs/lazy_private"

printf '%s\n' banana apple cherry {1..40} >words
for command in 'ls -la /' 'sort --parallel=1 words' 'sed -n s/a/b/p words' 'cat words' 'tar cf words.tar words' \
	'make -f /dev/null -n -p' 'perl -e print(join(q(,),map{sprintf(q(%d),$_)}(1..99)))' 'git --version'; do
	read -ra words <<<"$command"
	path=$(command -v "${words[0]}") && lazy "$path" || continue
	agree "${words[0]}" "$path" @MAIN "$path" "${words[@]:1}"
done

# Apart, with nobody else at work: what ltrace sees without us is what we see without it.
ltrace -f -e @MAIN -o log "$programs/lazy_math" >plain.out 2>/dev/null
seen_by_ltrace >theirs
left_alone=" $(not_observed "$programs/lazy_math" | tr '\n' ' ') "
rm -rf out
LD_PRELOAD=$LIBSTUBCACHE STUBCACHE='time=*:from=lazy_math' STUBCACHE_OUT=$work/out "$programs/lazy_math" >with.out
seen_by_us >ours
cmp plain.out with.out || fail 'lazy_math prints something else'
compare 'time, apart' lazy_math "$programs/lazy_math"

# Between the marks, each call is one system call, and being counted costs none.
if command -v strace >/dev/null && strace -o log true 2>/dev/null; then
	for rule in 'count=*' 'time=*'; do
		rm -rf out
		strace -E LD_PRELOAD="$LIBSTUBCACHE" -E STUBCACHE="$rule" -E STUBCACHE_OUT="$work/out" -o log \
			"$programs/file_calls" 100 || fail "$rule: file_calls under strace: $?"
		awk '/^getpgrp/ { inside = !inside } inside { sub(/\(.*/, ""); sub(/^openat$/, "open"); calls[$0]++ }
			END { calls["getpgrp"]++; for (name in calls) print name, calls[name] }' log | sort >theirs
		seen_by_us | grep -E '^(open|openat|read|write|lseek|close|getpgrp) ' >ours
		diff theirs ours || fail "$rule: strace (<) and we (>) differ"
		compared=$((compared + $(wc -l <theirs)))
	done
fi

[ "$failures" = 0 ] || exit 1
echo "$compared numbers agree"
