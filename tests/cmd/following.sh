#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Whom `stubcache run` follows: shells, system and popen, children of another root, daemons that outlive it. Whom it does
# not (a user's sudo) runs as without us; other programs of that kind are unobserved.sh's.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}"
export STUBCACHE_LIBRARY=$LIBSTUBCACHE LC_ALL=C

# programs DIR: those that left a record there.
programs() {
	"$STUBCACHE_CMD" report --by=process --format=csv "$1" 2>/dev/null | tr ',' '\n' | grep -oE '[^/]*$' | sort -u
}

# follows NAME PROGRAM...: the command in "${command[@]}" prints what it prints without us, and each PROGRAM has a record.
follows() {
	local name=$1 program plain ours

	shift
	plain=$("${command[@]}" 2>&1 </dev/null)
	ours=$("$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -o "$work/$name" -- "${command[@]}" 2>&1 </dev/null)
	same "$ours" "$plain" "$name: output"
	programs "$work/$name" >"$work/programs"
	for program; do
		grep -qxF "$program" "$work/programs" || { echo "$name: no record of $program: $(tr '\n' ' ' <"$work/programs")"; failed=1; }
	done
}

command=(perl -e 'print `echo from a shell; uname -s`; system("ls -d /; date -d \@0 -u"); open(P, "echo piped | cat |"); print <P>')
follows shells perl ls date cat uname
command=(sh -c 'env -i /bin/ls -d /')
follows scrubbed env ls
command=(bash -c 'exec 3< <(sort <<<"b
a"); cat <&3; (ls -d / & wait)')
follows substitution bash sort cat ls

# Another root, with the same files: followed like any child, since they find libraries and records there.
if unshare -rm true 2>/dev/null; then
	mkdir "$work/root"
	for directory in bin lib lib64 usr tmp proc etc; do
		[ -e "/$directory" ] && mkdir "$work/root/$directory"
	done
	command=(unshare -rm sh -c "for d in bin lib lib64 usr etc; do mount --rbind /\$d $work/root/\$d; done
		chroot $work/root ls -d /usr")
	plain=$("${command[@]}" 2>&1)
	ours=$("$STUBCACHE_CMD" run -e 'count=*' -o "$work/rooted" -- "${command[@]}" 2>"$work/said")
	same "$ours" "$plain" "another root: output"
	same "$(cat "$work/said")" "" "another root: what is said"
	[ -e "$work/root$LIBSTUBCACHE" ] || { "$STUBCACHE_CMD" report "$work/rooted" 2>&1 | grep -q "in another root"; } ||
		{ echo "another root: the report does not say it"; failed=1; }
else
	echo "skipped: no namespaces of our own"
fi

# sudo that a user starts has more rights than he: ld.so preloads nothing into it, it drops our variables, and what it
# starts is not followed. Started by root it is a program like any other.
user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if [ "$(id -u)" = 0 ] && type -P sudo >/dev/null && "${user[@]}" test -r "$LIBSTUBCACHE"; then
	command=(sh -c 'sudo -n ls -d /')
	follows sudo sh sudo ls
	chmod 755 "$work"
	mkdir -m 777 "$work/user"
	command=(sh -c 'sudo -n ls -d /; echo "status $?"')
	plain=$("${user[@]}" "${command[@]}" 2>&1)
	ours=$(STUBCACHE_DIR=$work/user/cache TMPDIR=$work/user \
		"${user[@]}" "$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -o "$work/user/out" -- "${command[@]}" 2>&1)
	same "$ours" "$plain" "sudo of a user: output"
	same "$(programs "$work/user/out" | grep -cxE 'sh|sudo|ls')" 1 "sudo of a user: programs with a record"
	"$STUBCACHE_CMD" report "$work/user/out" 2>&1 >/dev/null |
		grep -q '1 process was not observed: [^ ]*/sudo (gets other rights' ||
		{ echo "sudo of a user: the report does not say it"; failed=1; }
else
	echo "skipped: not root, or no sudo"
fi

# A daemon goes on when run has ended, and its record is read then: run waits for the program, not for what it left.
mkfifo "$work/go" "$work/gone"
timeout 60 "$STUBCACHE_CMD" run -e 'count=*@libc.so.6' -o "$work/daemon" -- perl -e '
	use POSIX; exit 0 if fork; setsid; exit 0 if fork;
	open(STDIN, "<", "/dev/null"); open(STDOUT, ">", "/dev/null"); open(STDERR, ">", "/dev/null");
	open(my $go, "<", $ARGV[0]); <$go>; exec "uname" if !fork; wait; open(my $gone, ">", $ARGV[1]);' \
	"$work/go" "$work/gone"
same $? 0 "status of what leaves a daemon behind"
programs "$work/daemon" | grep -qx uname && { echo "daemon: it was waited for"; failed=1; }
echo >"$work/go"
: <"$work/gone"
programs "$work/daemon" | grep -qx uname || { echo "daemon: no record of what it started afterwards"; failed=1; }

# On a terminal of its own: the program has it in the foreground, and it is as it was afterwards.
if type -P script >/dev/null; then
	printf '%s\n' 'stty -a >before; "$STUBCACHE_CMD" run -e "count=*" -o out sh -c "test -t 0 && stty -echo && stty echo && ps -o stat= -p \$\$ | grep -c +"' \
		'echo "status $?"; stty -a >after; cmp before after && echo the same' >"$work/steps"
	(cd "$work" && script -qec "bash steps" /dev/null </dev/null >typescript 2>&1)
	tr -d '\r' <"$work/typescript" >"$work/typed"
	same "$(cat "$work/typed")" "1
status 0
the same" "on a terminal"
fi
no_leftovers
exit $failed
