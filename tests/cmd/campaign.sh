#!/bin/bash
# SPDX-License-Identifier: MIT
#
# With the real preload: a campaign finds what is planted in campaign_host.c, each with a command that reproduces it; it
# goes on after kill -9 and SIGINT without making a run twice; and refuses what it cannot build on.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}" "${top_srcdir:?}"
[ -e "$LIBSTUBCACHE" ] || exit 77
export STUBCACHE_LIBRARY=$LIBSTUBCACHE
ulimit -c 0
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -g -O0 -o "$work/host" "$top_srcdir/tests/cmd/campaign_host.c" || exit 99
cd "$work" || exit 99
echo "what it says" >input
rules=(
	-e 'inject=malloc@libc.so.6:error=ENOMEM:from=host'
	-e 'inject=open,write@libc.so.6:error=EIO:from=host'
	-e 'inject=read@libc.so.6:error=EINTR:from=host'
)

# What was found, and not how: run numbers and times differ.
outcome='sort map { join " ", $_->{verdict}, $_->{function}, $_->{fault}, $_->{site}, $_->{exit} // "-",
	$_->{signal} // "-" } @{$c->{results}}'

# What is planted is found, all else is told apart.
"$STUBCACHE_CMD" campaign "${rules[@]}" --timeout=1 --json -o first -- ./host input >first.json 2>errors
same $? 1 "status of a campaign that finds something"
same "$(cat errors)" "" "errors of a campaign"
same "$(query first.json 'map { "$_ $c->{counts}{$_}" } sort keys %{$c->{counts}}')" "crash 1
handled 2
hang 1
not-reached 0
tolerated 1
wrong-success 1" "counts"
same "$(query first.json '$c->{complete} ? "complete" : "not"')" complete "whether it is complete"
same "$(query first.json 'map { join " ", $_->{verdict}, $_->{function}, $_->{fault}, $_->{stack}[0]{function} }
	@{$c->{results}}')" \
	"crash malloc@libc.so.6 error=ENOMEM:from=host describe
hang read@libc.so.6 error=EINTR:from=host read_some
wrong-success write@libc.so.6 error=EIO:from=host write_out
handled malloc@libc.so.6 error=ENOMEM:from=host main
handled open@libc.so.6 error=EIO:from=host main
tolerated malloc@libc.so.6 error=ENOMEM:from=host advise" "findings"
same "$(query first.json '$c->{results}[0]{signal}')" "$(kill -l SEGV)" "signal of the crash"
same "$(query first.json 'map { "$_->{function} $_->{stack}[0]{function}" } @{$c->{results}[0]{after}}')" \
	"open@libc.so.6 main" "the failure before the crash"
same "$(query first.json 'my $f = $c->{results}[0]{stack}[0]; $f->{file} =~ s,.*/,,r . ":" . $f->{line}')" \
	"campaign_host.c:$(grep -n 'malloc(256)' "$top_srcdir/tests/cmd/campaign_host.c" | cut -d: -f1)" "line of the crash"
same "$(query first.json '@{$c->{results}[4]{stderr}}')" "campaign_host: input: Input/output error" "what the test said"

# The table says the same, from the journal alone, which is left as it is.
cp first/journal.jsonl before
expect 1 '^crash: malloc@libc.so.6 fails with error=ENOMEM:from=host: killed by SIGSEGV \(run 7, 1 call failed\)$' \
	campaign --report first
expect 1 '^        describe  .*campaign_host.c:[0-9]+$' campaign --report first
expect 1 '^    after open@libc.so.6 has failed with error=EIO:from=host:$' campaign --report first
expect 1 '^ +1 +1 +1 +2 +1 +0  in all$' campaign --report first
expect 1 '^6 call sites, 6 of 6 runs, in first$' campaign --report first
cmp before first/journal.jsonl || failed=1

# Each command reproduces what it is said to.
reproduce()
{
	PATH=$work/bin:$PATH timeout "$1" bash -c "$(query first.json "\$c->{results}[$2]{command}")" 2>/dev/null
}
mkdir bin
ln -s "$STUBCACHE_CMD" bin/stubcache
export STUBCACHE_LOG=quiet STUBCACHE_OUT=$work/reproduced
same "$(reproduce 60 0; echo $?)" 139 "the crash, reproduced"
same "$(reproduce 1 1; echo $?)" 124 "the hang, reproduced"
same "$(reproduce 60 2; echo $?)" 0 "the wrong success, reproduced"
same "$(reproduce 60 3; echo $?)" 2 "what is handled, reproduced"
same "$(reproduce 60 5; echo $?)" "what it says
0" "what is tolerated, reproduced"
unset STUBCACHE_LOG STUBCACHE_OUT

# kill -9 in the middle loses the run that was going on, and no other; half a line in the journal is cut off.
cat >test.sh <<'SCRIPT'
echo "$STUBCACHE_CAMPAIGN_RUN" >>ran
if [ "$STUBCACHE_CAMPAIGN_RUN" = 5 ] && [ ! -e "$SIGNAL" ]; then
	: >"$SIGNAL"
	kill -"$SIGNAL" $PPID
	exec tail -f /dev/null
fi
exec ./host input
SCRIPT
for SIGNAL in KILL INT; do
	export SIGNAL
	rm -rf ran second
	{ "$STUBCACHE_CMD" campaign "${rules[@]}" --timeout=1 --json -o second -- \
		sh test.sh >second.json 2>errors; } 2>killed
	status=$?
	if [ "$SIGNAL" = KILL ]; then
		same $status 137 "status of a campaign that is killed"
		printf '{"event":"run","run":5,"fau' >>second/journal.jsonl
	else
		same $status 130 "status of a campaign that is interrupted"
		same "$(cat errors)" "stubcache: interrupted after 3 of 6 runs: the same command goes on" "what it says"
	fi
	same "$(cat second.json)" "" "output of a campaign that did not end"
	expect 0 '^6 call sites, 3 of 6 runs' campaign --report second
	same "$(grep -c '"event":"run"' second/journal.jsonl)" "$([ "$SIGNAL" = KILL ] && echo 4 || echo 3)" \
		"lines of runs"
	"$STUBCACHE_CMD" campaign "${rules[@]}" --timeout=1 --json -o second -- sh test.sh >second.json 2>errors
	same $? 1 "status of a campaign that goes on"
	same "$(query second.json "$outcome")" "$(query first.json "$outcome")" "outcome after SIG$SIGNAL"
	same "$(sort -n ran | uniq -c | sed 's/ *//')" "1 0
1 1
1 2
1 3
1 4
2 5
1 6
1 7" "runs after SIG$SIGNAL"
done

# A campaign that has ended is only shown; another one in the same place is refused, unless it is to begin anew.
rm ran
expect 1 '^6 call sites, 6 of 6 runs' campaign "${rules[@]}" -o second -- sh test.sh
[ ! -e ran ] || { echo "an ended campaign ran again"; failed=1; }
expect 2 "'second' has a campaign that differs in command: " campaign "${rules[@]}" -o second -- ./host input
expect 2 "'second' has a campaign that differs in rules: " campaign -e inject=read:error=EIO -o second -- sh test.sh
mkdir other && : >other/file
expect 2 "'other' has something else in it: " campaign "${rules[@]}" -o other -- ./host input
expect 2 "'other' has something else in it: " campaign "${rules[@]}" --new -o other -- ./host input
[ -e other/file ] || { echo "--new removed what is not ours"; failed=1; }
expect 1 '^6 call sites, 6 of 6 runs' campaign "${rules[@]}" --timeout=1 --new -o second -- ./host input
expect 0 '^5 call sites, 1 of 5 runs' campaign "${rules[@]}" --max-runs=1 -o busy -- \
	sh -c "'$STUBCACHE_CMD' campaign -e inject=read:error=EIO -o busy -- true 2>&1; exec ./host input"
grep -q "is going on" busy/runs/0/stdout || { echo "two campaigns in one directory"; failed=1; }

# Several at a time come to the same.
"$STUBCACHE_CMD" campaign "${rules[@]}" --timeout=2 --json -j 4 -o parallel -- ./host input >parallel.json
same "$(query parallel.json "$outcome")" "$(query first.json "$outcome")" "outcome of four runs at a time"

# It stops where it is told to, and goes on from there.
expect 0 '^stubcache: 2 of 6 runs were made' campaign "${rules[@]}" --timeout=1 --max-runs=2 -o limited -- ./host input
expect 1 '^6 call sites, 6 of 6 runs' campaign "${rules[@]}" --timeout=1 -o limited -- ./host input
expect 0 '^2 call sites, 2 of 2 runs' campaign "${rules[@]}" --timeout=1 --max-sites=2 -o few -- ./host input
expect 1 '^5 call sites, 5 of 5 runs' campaign "${rules[@]}" --timeout=1 --faults=1 -o single -- ./host input

# The first call alone: what is tried again goes on.
expect 0 '^ +0 +0 +0 +0 +1 +0  read@libc.so.6 error=EINTR:from=host$' \
	campaign "${rules[2]}" "${rules[5]}" --once -o once -- ./host input

# A baseline that fails or varies is nothing to build on.
expect 2 'ends with exit status 2 without any fault' campaign "${rules[@]}" -o bad -- ./host
expect 0 '^ +0 +0 +0 +0 +1 +0  in all$' campaign "${rules[@]}" --expect=2 --new -o bad -- ./host
expect 2 'is flaky: without any fault it ends with exit status 0, then with exit status 1' \
	campaign "${rules[@]}" -o flaky -- sh -c '[ -e begun ] && exit 1; : >begun'
expect 2 'more than 0.5 s without any fault' campaign "${rules[@]}" -t 0.5 -o slow -- tail -f /dev/null
expect 2 "cannot run '/nowhere/none': No such file" campaign "${rules[@]}" -o none -- /nowhere/none

# Output that varies is not compared; a check then tells.
expect 0 'output varies without any fault' campaign -e "${rules[3]}" -o varies -- sh -c './host input; echo $$'
expect 0 '^ +0 +0 +0 +0 +1 +0  write@' campaign --report varies
expect 1 '^wrong-success: write@.*: the check ended with status 1 ' \
	campaign -e "${rules[3]}" --check='grep -q what' -o checked -- \
	sh -c './host input; echo $$'

# A crash of a child is one, also when its parent does not mind; so is the status that says so.
expect 1 '^crash: malloc@.*: process [0-9]+ \(\./host\) was killed ' \
	campaign "${rules[@]}" --timeout=1 -o child -- sh -c './host input; ./host input >out; true'
echo '#include <stdlib.h>
int main(void) { char *p = malloc(5); if (!p) abort(); *(char *volatile *)&p = 0; return 0; }' | ${CC:-cc} -o aborts -x c - ||
	exit 99
expect 1 '^crash: malloc@.*: process [0-9]+ \(\./aborts\) was killed ' \
	campaign -e 'inject=malloc:error=ENOMEM:from=aborts' -o aborted -- \
	sh -c './aborts 2>/dev/null; true'
expect 1 '^crash: malloc@.*: exit status 3, which means a crash ' campaign -e 'inject=malloc:error=ENOMEM:from=host' \
	--crash-status=3 -o status -- sh -c './host input || exit 3'

# One that says for ever that it tries again hangs before it fills the disk.
expect 1 '^hang: .*: killed when it had written 64 MiB' \
	campaign "${rules[0]}" "${rules[1]}" --timeout=600 --faults=1 -o flood -- \
	sh -c './host input || yes'
[ "$(stat -c %s flood/runs/2/stdout)" -le $((66 << 20)) ] || { echo "too much is kept"; failed=1; }

# A call that is made once and never again cannot be tried: that is said.
expect 0 '^stubcache: 2 of 2 runs did not make the call that was to fail: ' \
	campaign -e inject=malloc@libc.so.6:error=ENOMEM:from=host \
	--faults=1 -o gone -- sh -c '[ "$STUBCACHE_CAMPAIGN_RUN" -gt 1 ] || ./host input; true'
expect 0 '^ +0 +0 +0 +0 +0 +2  in all$' campaign --report gone

# Sites are found again in a script, whatever its interpreter is called, and where few frames tell stacks apart.
printf '#!%s\n./host input\n' "$(command -v sh)" >script
chmod +x script
expect 0 '^ +0 +0 +0 +[0-9]+ +[0-9]+ +0  in all$' \
	campaign -e inject=malloc@libc.so.6:error=ENOMEM --max-runs=5 -o script.out -- ./script
expect 1 '^    stubcache run -e .inject=open,write@.*:at=[0-9a-f]{16}:depth=2. -- ./host input </dev/null$' \
	campaign "${rules[@]}" --timeout=1 --depth=2 -o shallow -- ./host input
expect 1 '^ +1 +1 +1 +2 +1 +0  in all$' campaign --report shallow

# Rules that a campaign cannot use.
expect 2 'a campaign takes rules of inject only' campaign -e count=malloc -- ./host input
expect 2 'leave out when=' campaign -e inject=malloc:error=ENOMEM:when=3 -- ./host input
expect 2 'leave out prob=' campaign -e inject=malloc:error=ENOMEM:prob=0.5 -- ./host input
expect 2 'at= is what a campaign adds' campaign -e inject=malloc:error=ENOMEM:at=0123456789abcdef -- ./host input
expect 2 'no rule is given' campaign -- ./host input
expect 2 'a test to run is needed' campaign -e inject=malloc:error=ENOMEM
expect 2 'a number from 1 to 256 is needed' campaign -j 0 -e inject=malloc:error=ENOMEM -- ./host input
expect 2 "cannot read '.*journal.jsonl'" campaign --report nowhere

# The formats are as they are documented.
if python3 -c 'import jsonschema' 2>/dev/null; then
	python3 - "$top_srcdir/doc/schemas" first.json first/journal.jsonl <<'PYTHON' || failed=1
import json, sys
import jsonschema
schemas, campaign, journal = sys.argv[1:]
load = lambda name: json.load(open(schemas + "/" + name))
jsonschema.validate(json.load(open(campaign)), load("campaign.schema.json"))
for line in open(journal):
    jsonschema.validate(json.loads(line), load("campaign-journal.schema.json"))
PYTHON
fi
no_leftovers
exit $failed
