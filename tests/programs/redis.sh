#!/bin/bash
# SPDX-License-Identifier: MIT
#
# redis-server under redis-benchmark: an event loop with threads, a child that saves, an orderly end. No port is opened.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
set -e
# Debian's redis-tools has the server under another name; it goes by the name it is called by.
for program in redis-server redis-check-rdb; do
	server=$(command -v "$program") && break
done
command -v redis-benchmark >/dev/null || server=
[ -n "$server" ] || { echo "no redis"; exit 77; }

cli()
{
	redis-cli -s "$PWD/socket" "$@"
}

# until_says TEXT: reads the log up to a line with it.
until_says()
{
	local line

	while read -r line; do
		[[ $line != *"$1"* ]] || return 0
	done <&"$lines"
	return 1
}

coproc log {
	exec -a redis-server "$server" --port 0 --unixsocket "$PWD/socket" --dir "$PWD" --save ''
}
pid=$log_PID
exec {lines}<&"${log[0]}"
until_says 'ready to accept connections'

redis-benchmark -s "$PWD/socket" -n 5000 -c 20 -P 4 -r 1000 -q -t set,get,incr,lpush,lpop,sadd,hset,zadd,mset \
	>benchmark
grep -c 'requests per second' benchmark
for n in $(seq 5); do
	cli set "mine:$n" "value $n"
done
cli get mine:3
cli eval 'local s = 0; for i = 1, 1000 do s = s + i end; return s' 0
cli --raw lrange mylist 0 -1 | wc -l
cli hset hash field value
cli save
cli bgsave
until_says 'Background saving terminated with success'
cli flushall
cli dbsize
cli info stats | grep -c '^total_commands_processed:[1-9]'
cli shutdown nosave
cat <&"$lines" >rest
wait "$pid" && echo "server: $?"
grep -ciE 'crash|bug report|signal' rest || true
ls -d dump.rdb
