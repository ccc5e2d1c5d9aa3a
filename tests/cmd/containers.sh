#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Namespaces and other roots, by unshare, chroot, nsenter and bubblewrap: programs do what they do without us, and say no
# more; what can be followed is in the report under the numbers that it has there, and what cannot be is said to be missing.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}"
export STUBCACHE_LIBRARY=$LIBSTUBCACHE LC_ALL=C
unshare -rm true 2>/dev/null || { echo "skipped: no namespaces of our own"; exit 77; }
count='count=*@libc.so.6'

# compared NAME COMMAND...: output, errors and status as without us; the records are in $work/NAME.out.
compared() {
	local name=$1 plain ours

	shift
	"$@" >"$work/plain.out" 2>"$work/plain.err" </dev/null
	plain=$?
	"$STUBCACHE_CMD" run -e "$count" -d "$work/$name.out" -- "$@" >"$work/ours.out" 2>"$work/ours.err" </dev/null
	ours=$?
	same "$ours" "$plain" "$name: status"
	same "$(cat "$work/ours.out")" "$(cat "$work/plain.out")" "$name: output"
	same "$(cat "$work/ours.err")" "$(cat "$work/plain.err")" "$name: errors"
}

# processes NAME: the state and program of each process but those of `unshare` and the like, sorted; numbers where PIDS is set.
processes() {
	"$STUBCACHE_CMD" report --by=process --format=csv "$work/$1.out" 2>"$work/said" |
		perl -F, -lane 'next if $. == 1 || $F[2] =~ m,/(unshare|chroot|bwrap|nsenter)$,; $F[2] =~ s,.*/,,;
			print join(" ", ($ENV{PIDS} ? $F[0] : ()), @F[1, 2])' | sort
}

# unobserved NAME: how many, and why.
unobserved() {
	"$STUBCACHE_CMD" report --json "$work/$1.out" >"$work/json"
	query "$work/json" 'map { "$_->{times} $_->{reason}" } @{$c->{unobserved}}'
}

# A root with copies of a few programs and what they need, and nothing of ours.
root=$work/root
mkdir -p "$root"/bin "$root"/proc "$root"/dev
for program in sh ls uname; do
	cp "$(type -P $program)" "$root/bin"
	ldd "$root/bin/$program" | grep -oE '/[^ ]+'
done | sort -u | while read -r library; do
	mkdir -p "$root${library%/*}"
	cp -L "$library" "$root$library"
done

compared user unshare -r sh -c 'id -u; ls -d /'
same "$(processes user)" "ended id
ended ls
ended sh" "user: processes"

for tool in "unshare -r chroot $root" "unshare -r --root=$root"; do
	name=${tool##*unshare -r }
	name=${name%%[ =]*}
	compared "$name" $tool /bin/sh -c 'ls -d /bin; uname'
	same "$(processes "$name")" "" "$name: processes"
	same "$(unobserved "$name")" "1 root" "$name: not observed"
	grep -qE '1 process was not observed: (by )?/.*\(in another root' "$work/said" || { echo "$name: $(cat "$work/said")"; failed=1; }
done

# A root with our library in the same place, but not the records: those that were written there would be lost, and not to
# write any would be said on standard error.
mkdir -p "$root$work" "$root${LIBSTUBCACHE%/*}"
cp "${LIBSTUBCACHE%/*}"/libstubcache*.so "$root${LIBSTUBCACHE%/*}"
for directory in there nowhere; do
	[ "$directory" = nowhere ] && rmdir "$root$work"
	compared $directory unshare -r chroot "$root" /bin/sh -c 'ls -d /bin; uname'
	same "$(unobserved $directory)" "1 root" "records $directory: not observed"
	same "$(find "$root" -name '*.record')" "" "records $directory: left in the other root"
done
rm -r "$root${LIBSTUBCACHE%/*}"

# Numbers are those that processes have there, and names are those of their programs.
compared pids unshare -r -p -f --mount-proc sh -c 'echo $$ $PPID; ls -d /; sh -c "echo \$\$ \$PPID; uname -s"'
same "$(PIDS=1 processes pids)" "1 ended sh
2 ended ls
3 ended sh
4 ended uname" "pids: processes"
same "$(unobserved pids)" "" "pids: not observed"

# Killed there: who has that number here is another process.
unshare -r -p -f perl -e 'for (1 .. 400) { my $pid = fork; exit 0 if defined $pid && !$pid; waitpid $pid, 0; exit 0 if -e "/proc/$pid" } exit 1' &&
	compared killed unshare -r -p -f perl -e '$| = 1; for (1 .. 400) { my $pid = fork;
		if (!$pid) { kill "KILL", $$ if -e "/proc/$$"; exec "true" } waitpid $pid, 0; if ($?) { print "$?\n"; exit } }'
[ -d "$work/killed.out" ] && same "$(processes killed | grep -cE '^(running|killed) ')" 1 "killed: processes that did not end" &&
	same "$(processes killed | grep -E '^(running|killed) ')" "killed perl" "killed: state"

# Single calls of a process whose number nobody has here: it is not taken for gone between them. Each is waited for.
cat >"$work/steps.pl" <<'PERL'
$| = 1;
for (1 .. 400) {
	my $pid = fork;
	exit 0 if defined $pid && !$pid && -e "/proc/$$";
	if (!$pid) {
		open my $go, "<", $ARGV[0] or die;
		while (<$go>) { chdir "/" }
		exit 3;
	}
	waitpid $pid, 0;
	exit if $? >> 8 == 3;
}
PERL
mkfifo "$work/go"
"$STUBCACHE_CMD" run -e 'trace=chdir' -o "$work/lines" -- unshare -r -p -f perl "$work/steps.pl" "$work/go" &
exec 5>"$work/go"
for round in 1 2 3 4 5 6 7 8; do
	echo >&5
	until [ "$(grep -c 'chdir("/")' "$work/lines" 2>/dev/null)" -ge "$round" ] || ! kill -0 $! 2>/dev/null ||
		grep -q 'killed' "$work/lines" 2>/dev/null; do
		read -rt 0.05 <><(:)
	done
done
exec 5>&-
wait
same "$(grep -c 'chdir("/")' "$work/lines")" 8 "calls of a process with a number of its own"
grep 'killed' "$work/lines" && failed=1

# Into the namespaces of a process that runs.
if [ "$(id -u)" = 0 ]; then
	compared nsenter nsenter --target=$$ --mount --uts --pid sh -c 'ls -d /; uname -s'
	same "$(processes nsenter)" "ended ls
ended sh
ended uname" "nsenter: processes" 
fi

if type -P bwrap >/dev/null && bwrap --bind / / --proc /proc --dev /dev --unshare-pid true 2>/dev/null; then
	compared bwrap bwrap --bind / / --proc /proc --dev-bind /dev /dev --unshare-pid sh -c 'ls -d /; uname -s'
	same "$(processes bwrap)" "ended ls
ended sh
ended uname" "bwrap: processes"
	compared bwrap_root bwrap --bind "$root" / --proc /proc --dev /dev sh -c 'ls -d /bin; uname -s'
	same "$(processes bwrap_root)" "" "bwrap, another root: processes"
	[ -n "$(unobserved bwrap_root)" ] || { echo "bwrap, another root: nothing is said to be missing"; failed=1; }
else
	echo "skipped: no bubblewrap, or it does not run here"
fi
# Nothing of ours went into the other root.
same "$(find "$root" -name '*stubcache*' -o -name '*.record')" "" "left in the other root"
no_leftovers
exit $failed
