#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the environment says holds for the command as for the preload: rules of STUBCACHE and of a file are checked and
# shown as those of -e, records of STUBCACHE_OUT stay there, and paths stay what they are when the program changes
# directory. Standard descriptors that are closed are not taken for anything else.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}"
[ -e "$LIBSTUBCACHE" ] || exit 77
export STUBCACHE_LIBRARY=$LIBSTUBCACHE
cd "$work" || exit 99
"${CC:-cc}" -shared -fPIC -Wl,-soname,libzork.so -o libzork.so -x c - <<'END' || exit 99
void zork(const char *text) { (void)text; }
END
"${CC:-cc}" -o host -x c - -x none ./libzork.so -Wl,-rpath,"$work" <<'END' || exit 99
#include <unistd.h>
void zork(const char *text);
int main(void) { getppid(); zork("as declared"); return 0; }
END

echo 'trace=getppid' >file.rules
STUBCACHE_RULES=file.rules expect 0 '^getppid\(\) .*= ' run ./host
same "$(STUBCACHE_RULES=file.rules "$STUBCACHE_CMD" run ./host 2>&1 | grep -c 'nothing is traced')" 0 "complaints"
printf 'trace=getppid\ntme=*\n' >file.rules
STUBCACHE_RULES=file.rules expect 2 "'file.rules': line 2, column 1: .*did you mean 'time'" run ./host
STUBCACHE_RULES=none.rules expect 2 "cannot read rules 'none.rules': No such file" run ./host
STUBCACHE_RULES=/dev/null expect 2 "cannot read rules '/dev/null': not a plain file" run ./host
STUBCACHE='trace=getppid;tme=*' expect 2 "STUBCACHE: rule 2, column 1: .*did you mean 'time'" run ./host
STUBCACHE='tme=*' expect 2 "STUBCACHE: rule 1" explain ./host
expect 2 "rule '' says nothing" run -e '' ./host

STUBCACHE_OUT=kept expect 0 'getppid@libc' run -c -e 'count=getppid' ./host
expect 0 'getppid@libc' report kept

echo 'void zork(const char *text);' >zork.h
STUBCACHE_PROTOTYPES=zork.h expect 0 '^zork\("as declared"\)' run -e 'trace=zork' sh -c "cd /; exec $work/host"
expect 2 "cannot read prototypes" run -P none.h ./host

"${CC:-cc}" -o descriptors -x c - <<'END' || exit 99
#include <fcntl.h>
int main(void)
{
	int open = 100;
	for (int fd = 0; fd < 3; fd++)
		open += (fcntl(fd, F_GETFD) >= 0) << fd;
	return open;
}
END
# start CLOSED COMMAND...: without some of the descriptors.
start() {
	perl -e 'use POSIX; my ($closed, @command) = @ARGV; POSIX::close($_) for split //, $closed; exec @command' "$@"
}
for closed in '' 0 1 2 01 012; do
	start "$closed" ./descriptors
	plain=$?
	start "$closed" "$STUBCACHE_CMD" run -o lines -e 'trace=*' ./descriptors
	same $? $plain "what a program sees of descriptors, '$closed' being closed"
done
start 2 "$STUBCACHE_CMD" run -o lines -e 'trace=getppid,zork' ./host
same "$(sed 's/^[0-9]* *//; s/(.*//' lines)" "getppid
zork
+++ exited with 0 +++" "lines where stderr is closed"
exit $failed
