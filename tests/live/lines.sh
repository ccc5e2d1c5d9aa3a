#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Lines of traced calls, as strace and ltrace print them: while the program runs, into files, and of records afterwards;
# and the same calls as JSON and as Chrome's trace events, which are checked against their schemas.

. "${0%/*}/../cmd/lib.sh"
: "${LIBSTUBCACHE:?}" "${top_srcdir:?}" "${top_builddir:?}"
export STUBCACHE_LIBRARY=$LIBSTUBCACHE
host=$top_builddir/tests/live/lines_host
rule='trace=open,read,write,close,fcntl,lseek,stat,access,snprintf,connect,fork,waitpid,getppid,_exit,kill'

# has FILE LINE: a line with this text, to its end, whatever stands before it.
has() {
	grep -qE -- "(^|\] )$2\$" "$1" || { echo "$1: no line '$2':"; cat "$1"; failed=1; }
}

"$STUBCACHE_CMD" run -e "$rule" "$host" 2>"$work/lines"
same $? 5 "status"
[ -e "$top_builddir/prototypes/00-libc.h" ] || { echo "no prototypes were generated"; exit 77; }
has "$work/lines" 'open\("/dev/zero", O_RDONLY\|O_CLOEXEC\) += 3'
has "$work/lines" 'read\(3, "\\0\\0\\0\\0", 4\) += 4'
has "$work/lines" 'fcntl\(3, F_GETFD\) += (1|FD_CLOEXEC)'
has "$work/lines" 'fcntl\(3, F_SETFD, FD_CLOEXEC\) += 0'
has "$work/lines" 'lseek\(3, -1, SEEK_CUR\) += .*'
has "$work/lines" 'close\(3\) += 0'
has "$work/lines" 'open\("/nonexistent/file", O_WRONLY\|O_CREAT\|O_TRUNC, 0640\) += -1 ENOENT \(No such file or directory\)'
has "$work/lines" 'open\("/nonexistent/file", O_RDONLY\) += -1 ENOENT \(No such file or directory\)'
has "$work/lines" 'stat\("/dev/null", \{st_mode=S_IFCHR\|0[0-7]*, st_rdev=makedev\(0x1, 0x3\), ...\}\) += 0'
has "$work/lines" 'access\("/", (R_OK\|X_OK|X_OK\|R_OK)\) += 0'
has "$work/lines" 'write\(-1, "a\\tb\\n\\0012", 6\) += -1 EBADF \(Bad file descriptor\)'
has "$work/lines" 'open\(0x1 /\* unreadable \*/, O_RDONLY\) += -1 EFAULT \(Bad address\)'
has "$work/lines" 'write\(-1, 0x10 /\* unreadable \*/, 100\) += -1 .*'
has "$work/lines" 'access\(0xffffffffffffffff /\* unreadable \*/, F_OK\) += -1 EFAULT \(Bad address\)'
has "$work/lines" 'snprintf\(.*, -1, "text", 1.5, 2.5, '"'x'"', 44, 0xff, 7, 3, 4, -5, 010, 0.25\) += [0-9]+'
has "$work/lines" 'snprintf\(.*"%2\$d %1\$d", 1, 2\) += 3'
has "$work/lines" 'connect\(-1, \{sa_family=AF_UNIX, sun_path="/nonexistent/socket"\}, 110\) += -1 EBADF \(Bad file descriptor\)'
has "$work/lines" '<... fork resumed>\) += 0'
has "$work/lines" '_exit\(3\) += \?'
has "$work/lines" '\+\+\+ exited with 5 \+\+\+'
grep -q '^\[pid *[0-9]*\] access("/child"' "$work/lines" || { echo "no number before the child's line"; failed=1; }
no_leftovers

# One that went on as another program, later than records are read ahead, was not killed.
LD_PRELOAD=$LIBSTUBCACHE STUBCACHE=trace=fork,opendir STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/replaced \
	"$BASH" -c '(for ((i = 0; i < 30000; i++)); do :; done; exec /bin/ls / >/dev/null); :'
"$STUBCACHE_CMD" report --events "$work/replaced" >"$work/replaced.txt"
has "$work/replaced.txt" '\+\+\+ exited \+\+\+'
grep killed "$work/replaced.txt" && failed=1

# A program that is killed: its last call, and how it ended.
("$STUBCACHE_CMD" run -e "$rule" "$host" kill 2>"$work/killed"; exit $?) 2>/dev/null
same $? 137 "status of a killed program"
has "$work/killed" 'access\("/before", F_OK\) += -1 ENOENT .*'
has "$work/killed" 'kill\([0-9]+, SIGKILL\) += \?'
has "$work/killed" '\+\+\+ killed by SIGKILL \+\+\+'

# Into files: one for all, with the number in each line; one for each.
"$STUBCACHE_CMD" run -e "$rule" -o "$work/file" "$host"
same "$(grep -vcE '^[0-9]+ +[a-z_]+\(|^[0-9]+ +<\.\.\. |^[0-9]+ +\+\+\+' "$work/file")" 0 "lines of -o without a number"
"$STUBCACHE_CMD" run -e "$rule" -ff -o "$work/each" "$host"
same "$(ls "$work"/each.* | wc -l)" 3 "files of -ff: main, a thread, a child"
grep -q '^access("/child", F_OK)' "$work"/each.* || { echo "nothing of the child in -ff"; failed=1; }

# A directory is where records are kept, not a file for lines.
"$STUBCACHE_CMD" run -e "$rule" -o "$work/kept/" "$host" 2>"$work/nothing"
same "$(cat "$work/nothing")" "" "lines although records are kept"
"$STUBCACHE_CMD" report --events "$work/kept" >"$work/afterwards"
same $? 0 "status of report --events"
has "$work/afterwards" 'read\(3, "\\0\\0\\0\\0", 4\) += 4'
same "$(grep -c '^.*connect(' "$work/afterwards")" 1 "connects, afterwards"

# Times, limits, filters, indentation.
"$STUBCACHE_CMD" report --events -ttt -T -s 2 "$work/kept" >"$work/timed"
grep -qE '[0-9]{10}\.[0-9]{6} read\(3, "\\0\\0"\.\.\., 4\) += 4 <0\.[0-9]{9}>$' "$work/timed" || { echo "no times:"; cat "$work/timed"; failed=1; }
same "$("$STUBCACHE_CMD" report --events --longer-than=100s "$work/kept" | grep -c '(')" 0 "calls longer than 100 s"
"$STUBCACHE_CMD" report --events --color=always "$work/kept" | grep -q $'\033\\[1mopen' || { echo "no colour"; failed=1; }
"$STUBCACHE_CMD" report --events "$work/kept" | grep -q $'\033' && { echo "colour without a terminal"; failed=1; }

# The other formats.
"$STUBCACHE_CMD" report --events --json "$work/kept" >"$work/calls"
same $? 0 "status of report --events --json"
"$STUBCACHE_CMD" report --format=chrome "$work/kept" >"$work/chrome"
same $? 0 "status of report --format=chrome"
if python3 -c 'import jsonschema' 2>/dev/null; then
	python3 - "$top_srcdir/doc/schemas" "$work" <<'PYTHON' || failed=1
import json, sys
from jsonschema import Draft7Validator
schemas, work = sys.argv[1:]
calls = Draft7Validator(json.load(open(schemas + '/calls.json')))
lines = [json.loads(line) for line in open(work + '/calls')]
for line in lines:
    calls.validate(line)
trace = json.load(open(work + '/chrome'))
Draft7Validator(json.load(open(schemas + '/chrome.json'))).validate(trace)
opens = [c for c in lines if c.get('function') == 'open']
assert opens[0]['arguments'][0] == {'name': opens[0]['arguments'][0]['name'], 'value': '"/dev/zero"'}, opens[0]
assert [c['errno'] for c in opens[1:3]] == [2, 2], opens
assert sum(c['event'] == 'end' for c in lines) == 2
events = [e for e in trace['traceEvents'] if e['ph'] != 'M']
assert len(events) == len([c for c in lines if c['event'] == 'call']), (len(events), len(lines))
assert len({e['pid'] for e in events}) == 2 and len({e['tid'] for e in events}) == 3
PYTHON
else
	echo "formats were not checked against their schemas: no python3-jsonschema"
fi
jq -e '.traceEvents | length > 10' "$work/chrome" >/dev/null || { echo "jq cannot read the trace events"; failed=1; }
exit $failed
