#!/bin/bash
# SPDX-License-Identifier: MIT
#
# With the real preload: what options say of lines. Names of files are whole whatever -s says, as strace has them; what
# STUBCACHE_TRACE says holds beside options; -o of report takes every format; what cannot be written is said once.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}"
[ -e "$LIBSTUBCACHE" ] || exit 77
export STUBCACHE_LIBRARY=$LIBSTUBCACHE
cd "$work" || exit 99

name=a-name-that-is-longer-than-what-is-shown-of-strings
mkdir $name
"${CC:-cc}" -D_GNU_SOURCE -o host -x c - <<'END' || exit 99
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>
int main(int argc, char **argv)
{
	FILE *file = fopen(argv[1], "w");
	if (file)
		fclose(file);
	free(realpath(argv[1], NULL));
	chdir(argv[1]);
	open(argv[1], O_RDONLY);
	rename(argv[1], argv[2]);
	setenv("LONG", "a value that is cut, as it names no file", 1);
	printf("%ls", L"wide text, which is cut");
	return argc;
}
END
rule='trace=fopen,chdir,open,rename,realpath,setenv,printf'
"$STUBCACHE_CMD" run -s 6 -o lines -e "$rule" ./host $name $name/$name/$name >/dev/null
for call in fopen chdir open realpath; do
	grep -q " $call(\"$name\"[,)]" lines || { echo "$call does not show its whole name:"; grep " $call(" lines; failed=1; }
done
grep -q " rename(\"$name\", \"$name/$name/$name\")" lines || { echo "rename does not show its names"; failed=1; }
grep -q " realpath(.* = \"$work/$name\"" lines || { echo "realpath does not show all that it returned"; failed=1; }
grep -q 'setenv("LONG", "a valu"\.\.\., 1)' lines || { echo "-s does not hold for setenv:"; grep setenv lines; failed=1; }

STUBCACHE_TRACE=strings=5 "$STUBCACHE_CMD" run -k -o lines -e trace=setenv ./host $name $name/$name >/dev/null
grep -q 'setenv("LONG", "a val"\.\.\., 1)' lines || { echo "-k takes away STUBCACHE_TRACE:"; grep setenv lines; failed=1; }

"$STUBCACHE_CMD" run -d records -e "$rule;stack=open;time=rename" ./host $name $name/$name >/dev/null
for format in text json csv folded trace chrome; do
	same "$("$STUBCACHE_CMD" report --format=$format -o file records 2>/dev/null)" "" "stdout of report -o, $format"
	[ -s file ] || { echo "report --format=$format -o writes nothing"; failed=1; }
	rm -f file
done
expect 0 '^printf\("%ls", L"wid"\.\.\.\) ' report --events -s 3 records
"$STUBCACHE_CMD" report --events --json -o file records
grep -q '"function":"open"' file || { echo "report --events --json -o writes no calls"; failed=1; }
expect 1 "^stubcache: cannot write 'none/file': No such file" report --json -o none/file records
for arguments in --json --by=caller\ --json --format=csv --format=chrome --events --events\ --json; do
	# shellcheck disable=SC2086
	"$STUBCACHE_CMD" report $arguments records 2>&1 >/dev/full | grep -v 'no prototype' >errors
	same "$(cat errors)" "stubcache: cannot write output: No space left on device" "what report $arguments says"
done
# Threads one after the other are several threads, too.
"${CC:-cc}" -pthread -o threads -x c - <<'END' || exit 99
#include <pthread.h>
#include <unistd.h>
static void *call(void *unused) { getppid(); return unused; }
int main(void)
{
	pthread_t thread;
	for (int i = 0; i < 3; i++) {
		pthread_create(&thread, NULL, call, NULL);
		pthread_join(thread, NULL);
	}
	return 0;
}
END
rm -rf records
"$STUBCACHE_CMD" run -d records -e trace=getppid ./threads
same "$("$STUBCACHE_CMD" report --events records | grep -c '^\[pid *[0-9]*\] getppid')" 2 "lines with numbers of threads, later"
same "$("$STUBCACHE_CMD" run -e trace=getppid ./threads 2>&1 | grep -c '^\[pid *[0-9]*\] getppid')" 2 "such lines, live"
# A process that becomes another program gets its name, each once.
rm -rf records
"$STUBCACHE_CMD" run -d records -e 'trace=getppid,exec*' bash -c 'exec ./threads'
"$STUBCACHE_CMD" report --format=chrome -o file records
same "$(grep -c '"process_name".*bash"' file) $(grep -c '"process_name".*threads"' file)" "1 1" "names of the programs of a process"
same "$(grep '"thread_name"' file | sort | uniq -d)" "" "threads that are named twice"
exit $failed
