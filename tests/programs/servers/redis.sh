#!/bin/bash
# SPDX-License-Identifier: MIT
#
# redis: a server under redis-benchmark that saves by fork (BGSAVE), rewrites its log (BGREWRITEAOF), is killed and starts
# again from either; and its own test suite, where SUITE_REDIS names the directory of its sources (apt-get source redis)
# and SUITE_REDIS_TESTS those of its tests that are to be run. No service is started.
. "$(dirname "$0")/common.sh"
needs redis-server redis-cli redis-benchmark
tests=(
	unit/type/string unit/type/list unit/type/hash unit/type/zset unit/type/stream
	unit/dump unit/keyspace unit/scan unit/expire unit/other unit/multi unit/aofrw unit/pubsub unit/scripting
	unit/functions unit/sort unit/lazyfree unit/shutdown unit/networking unit/replybufsize
	integration/aof integration/rdb integration/logging integration/redis-cli integration/redis-benchmark
	integration/replication-psync integration/convert-zipmap-hash-on-load
)
[ -z "${SUITE_REDIS_TESTS:-}" ] || read -ra tests <<<"$SUITE_REDIS_TESTS"

cli()
{
	client redis-cli -s "$run/socket" "$@"
}

serve()
{
	started redis-server --port 0 --unixsocket "$run/socket" --dir "$run" --save '' --appendonly "$1" \
		--enable-debug-command yes "${@:2}" || return
	until_so cli_ready
}

# A server that still loads answers, too, but otherwise.
cli_ready()
{
	[ "$(cli ping)" = PONG ]
}

# settled WHAT: whether the child of the server that does this has ended.
settled()
{
	[ "$(cli info persistence | tr -d '\r' | grep -c "^$1_in_progress:0\$")" = 1 ]
}

digest()
{
	echo "$1: digest	$(cli debug digest), $(cli dbsize) keys"
}

load()
{
	# Fixed keys and numbers of requests: what is left is always the same.
	client redis-benchmark -s "$run/socket" -n "${SERVERS_REQUESTS:-30000}" -c 20 -P 8 --csv \
		-t set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,mset,lrange_100 >"$run/benchmark" 2>>"$run/log"
	echo "benchmark	status $?, $(grep -c . "$run/benchmark") lines"
	note "requests a second: $(sed -nE 's/^"(SET|GET|LRANGE_100[^"]*)","([0-9]+).*/\1 \2/p' "$run/benchmark" | paste -sd,)"
	seq -f 'SET number:%g value' 20000 | cli --pipe | sed -n 's/^errors: /numbers	errors: /p'
	seq -f 'HSET table:%g field value' 2000 | cli --pipe | sed -n 's/^errors: /tables	errors: /p'
	echo "script	$(cli eval 'local s = 0 for i = 1, 100000 do s = s + redis.call("GET", "counter:__rand_int__") % i end return s' 0)"
}

benchmark()
{
	serve yes || return
	load
	digest loaded
	echo "bgsave	$(cli bgsave)"
	until_so settled rdb_bgsave && echo "bgsave: last	$(cli info persistence | grep -o 'last_bgsave_status:..')"
	echo "bgrewriteaof	$(cli bgrewriteaof)"
	until_so settled aof_rewrite && echo "rewrite: last	$(cli info persistence | grep -o 'last_bgrewrite_status:..')"
	kill -KILL "$server"
	ended 'killed: '
	serve yes --io-threads 2 --io-threads-do-reads yes || return
	digest 'from the log'
	client redis-benchmark -s "$run/socket" -n 2000 -c 20 -q -t set,get >>"$run/log" 2>&1
	echo "benchmark with threads	status $?"
	kill -TERM "$server"
	ended 'terminated: '
	serve no || return
	digest 'from the dump'
	cli flushall >>"$run/log"
	cli debug segfault >>"$run/log" 2>&1
	ended 'crashed: '
	grep -c 'REDIS BUG REPORT START' "$run/log" | sed 's/^/crashed: reports	/'
	client redis-check-rdb "$run/dump.rdb" >>"$run/log" 2>&1
	echo "dump	status $?"
	client redis-check-aof "$run/appendonlydir/appendonly.aof.manifest" >>"$run/log" 2>&1
	echo "log	status $?"
}

# Redis's own tests, with their Tcl interpreter, their servers and clients all intercepted.
suite()
{
	local program arguments=()

	client mkdir "$run/src"
	client cp -r "$SUITE_REDIS"/{tests,runtest,redis.conf,sentinel.conf} "$run"
	client mkdir -p "$run/tests/tmp"
	for program in server cli benchmark check-aof check-rdb; do
		client ln -s "$(type -P "redis-$program")" "$run/src/redis-$program"
	done
	for program in "${tests[@]}"; do
		arguments+=(--single "$program")
	done
	foreground ./runtest --clients 1 --tags '-slow -needs:other-server' "${arguments[@]}" >"$work/tests"
	echo "all	status $?"
	sed 's/\x1b\[[0-9;]*m//g' "$work/tests" |
		sed -nE 's/ \([0-9]+ (ms|seconds)\)$//; s/^\[(ok|err|exception|ignore|skip)\]: (.*)/\2\t\1/p' | steady
	cat "$work/tests" >>"$run/log"
}

# Names of tests without the numbers that some of them draw, or measure.
steady()
{
	sed -E 's/(seed|took|fuzz|PID|port)([: ]+)[0-9]+/\1\2N/g; s/ in tests\/.*\t/\t/'
}

if [ $# = 0 ]; then
	set -- benchmark suite
fi
for part in "$@"; do
	if [ "$part" = suite ] && { [ ! -e "${SUITE_REDIS:-}/runtest" ] || ! type -P tclsh >/dev/null; }; then
		echo "left out: redis's own tests (SUITE_REDIS does not name its sources, or there is no tclsh)"
		continue
	fi
	compare "redis $part" "$part"
done
finish
