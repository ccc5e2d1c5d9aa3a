#!/bin/bash
# SPDX-License-Identifier: MIT
#
# nginx: a master with two workers, some hundred requests at a time, a reload, an orderly end. No port is opened.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
command -v nginx >/dev/null && command -v curl >/dev/null || { echo "no nginx, or no curl"; exit 77; }
set -e

mkdir files temporary
for n in $(seq 20); do
	seq $((n * 200)) >"files/$n"
done
cat >conf <<TEXT
daemon off;
worker_processes 2;
pid $PWD/pid;
error_log stderr notice;
events {
	worker_connections 200;
}
http {
	access_log off;
	gzip on;
	gzip_types *;
	client_body_temp_path temporary/body;
	proxy_temp_path temporary/proxy;
	fastcgi_temp_path temporary/fastcgi;
	uwsgi_temp_path temporary/uwsgi;
	scgi_temp_path temporary/scgi;
	server {
		listen unix:$PWD/socket;
		root $PWD/files;
		location /text {
			return 200 "uri \$request_uri\n";
		}
	}
}
TEXT

# until TEXT: reads the log up to a line with it.
until_says()
{
	local line

	while read -r line; do
		[[ $line != *"$1"* ]] || return 0
	done <&"$lines"
	return 1
}

ask()
{
	curl -s --unix-socket socket "$@"
}

coproc log {
	exec nginx -p "$PWD/" -c "$PWD/conf" -e stderr 2>&1
}
pid=$log_PID
exec {lines}<&"${log[0]}"
until_says 'start worker process'

for n in 1 2 3 4; do
	ask 'http://host/[1-20]?[1-10]' >"answers$n" &
	asking[n]=$!
done
wait "${asking[@]}"
sha256sum answers?
ask --compressed 'http://host/20' | sha256sum
ask 'http://host/text?query'
ask -o /dev/null -w '%{http_code}\n' http://host/nothing
kill -HUP "$pid"
until_says 'gracefully shutting down'
ask 'http://host/text?reloaded'
kill -QUIT "$pid"
cat <&"$lines" >rest
wait "$pid" && echo "server: $?"
grep -ciE 'exited on signal|alert|emerg' rest || true
