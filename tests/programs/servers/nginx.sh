#!/bin/bash
# SPDX-License-Identifier: MIT
#
# nginx: a master and workers, requests of many kinds, a reload and a binary upgrade while requests come in, and wrk.
. "$(dirname "$0")/common.sh"
needs nginx curl wrk strace
daemon=off
# A daemon that must be init's child, or nginx takes no other program in its place; it leads a process group.
group=
trap '[ -z "$group" ] || kill -KILL -- "-$group"; kill_servers; rm -rf "$work"' EXIT

configure()
{
	# Workers of root's become nobody, which must find the files.
	cat >"$run/conf" <<-TEXT
		daemon $daemon;
		$([ "$(id -u)" != 0 ] || echo 'user nobody nogroup;')
		worker_processes $1;
		pid $run/pid;
		error_log stderr notice;
		events {
			worker_connections 400;
		}
		http {
			access_log off;
			sendfile on;
			gzip on;
			gzip_types *;
			client_body_temp_path $run/temporary/body;
			proxy_temp_path $run/temporary/proxy;
			fastcgi_temp_path $run/temporary/fastcgi;
			uwsgi_temp_path $run/temporary/uwsgi;
			scgi_temp_path $run/temporary/scgi;
			server {
				listen unix:$run/socket;
				listen 127.0.0.1:$port;
				root $run/files;
				location /text {
					return 200 "uri \$request_uri, configuration $1\n";
				}
				location /passed/ {
					proxy_pass http://unix:$run/socket:/;
				}
				location /listed/ {
					alias $run/files/;
					autoindex on;
				}
				rewrite ^/old/(.*)\$ /\$1 permanent;
			}
		}
	TEXT
}

# serve [PREFIX...]: on a port that was free a moment ago. nginx starts its successor by the path it was started by.
serve()
{
	local n

	mkdir -p "$run/files" "$run/temporary"
	for n in $(seq 20); do
		seq $((n * 2000)) >"$run/files/$n"
		touch -d '2020-01-01 00:00' "$run/files/$n"
	done
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	configure 2
	started "$@" "$(type -P nginx)" -p "$run/" -c "$run/conf" -e stderr || return
	if [ "$daemon" = on ]; then
		tracer=$reaper
		reaper=
	fi
	until_so ask http://host/text || return
	server=$(cat "$run/pid")
	[ "$daemon" = off ] || group=$server
}

# daemonised PREFIX...: a server of init's; fails where orphans are somebody else's.
daemonised()
{
	local adopt=--leave-orphans daemon=on

	serve "$@" || return
	[ "$(ps -o ppid= -p "$server" | tr -d ' ')" = 1 ] && return
	note "left out: changes (orphans are not init's here)"
	kill -QUIT "$server"
	until_so gone "$server"
	return 1
}

ask()
{
	client curl -s --unix-socket "$run/socket" "$@"
}

# answers NAME ARGUMENT...: status, headers without the date, and a checksum of what curl gets.
answers()
{
	printf '%s\t%s\n' "$1" "$(ask -D - -o "$run/body" "${@:2}" | tr -d '\r' | grep -viE '^(date|last-modified):' |
		paste -sd' ') $(grep -av '^Date:' "$run/body" 2>/dev/null | sha256sum)"
	rm -f "$run/body"
}

many_answers()
{
	local n

	for n in $(seq 20); do
		answers "$1 file $n" "http://host/$n"
		answers "$1 packed $n" --compressed "http://host/$n"
		answers "$1 passed on $n" "http://host/passed/$n"
	done
	answers "$1 range" -r 100-2000 http://host/20
	answers "$1 ranges" -r 100-2000 http://host/7
	answers "$1 head" -I http://host/20
	answers "$1 missing" http://host/nothing
	answers "$1 post" -d text=value http://host/3
	answers "$1 moved" -L http://host/old/3
	answers "$1 not modified" -z '2021-01-01' http://host/3
	answers "$1 list" http://host/listed/
	answers "$1 bad" -X 'B@D' http://host/
	answers "$1 text" 'http://host/text?query'
	answers "$1 slow" --limit-rate 20M http://host/20
}

# Requests until told to end, by removing $run/asking; says how many did not get what they should.
keep_asking()
{
	local sum bad=0 n=0

	sum=$(sha256sum <"$run/files/5")
	while [ -e "$run/asking" ]; do
		[ "$(ask http://host/5 | sha256sum)" = "$sum" ] || bad=$((bad + 1))
		n=$((n + 1))
	done
	[ "$n" -gt 0 ] && echo "asked meanwhile	$bad bad"
}

says()
{
	grep -qF "$1" "$run/log"
}

# says_often TEXT COUNT
says_often()
{
	[ "$(grep -cF "$1" "$run/log")" -ge "$2" ]
}

configured()
{
	[ "$(ask http://host/text)" = "uri /text, configuration $1" ]
}

# Another number of workers with HUP, then another program with USR2, the old one first without workers, then gone.
changes()
{
	local old new asking

	: >"$run/asking"
	keep_asking &
	asking=$!
	configure 3
	kill -HUP "$server"
	until_so configured 3 && until_so says_often 'exited with code 0' 2 && echo "reloaded	yes"
	many_answers reloaded
	kill -USR2 "$server"
	until_so test -s "$run/pid.oldbin" && until_so test -s "$run/pid" && until_so says_often 'start worker process ' 8
	old=$(cat "$run/pid.oldbin")
	new=$(cat "$run/pid")
	echo "upgraded	$([ "$old" = "$server" ] && [ "$new" != "$old" ] && echo another process)"
	kill -WINCH "$old"
	until_so says_often 'exited with code 0' 5 && echo "old workers gone	yes"
	many_answers upgraded
	kill -QUIT "$old"
	until_so gone "$old" && echo "old master gone	yes"
	many_answers 'upgraded, alone'
	rm "$run/asking"
	wait "$asking"
	kill -QUIT "$new"
	until_so gone "$new" && group=
	echo "troubles	$(grep -ciE 'exited on signal|alert|emerg' "$run/log")"
}

gone()
{
	! kill -0 "$1"
}

requests()
{
	daemonised || return
	many_answers first
	changes
}

processes()
{
	daemonised "${traced[@]}" || return
	changes
	wait "$tracer"
	compare_processes
}

# wrk counts what it can in a time, so the numbers are no cases.
load()
{
	local path name

	serve || return
	for path in 1:small 20:large text:made; do
		name=${path#*:}
		client wrk -t 2 -c 50 -d "${SERVERS_SECONDS:-5}s" "http://127.0.0.1:$port/${path%:*}" >"$work/wrk"
		echo "$name	status $?"
		grep -E 'Socket errors|Non-2xx' "$work/wrk" | sed "s/^/$name: /"
		note "$name: $(sed -n 's/^Requests\/sec: *//p' "$work/wrk") requests a second"
		cat "$work/wrk" >>"$run/log"
	done
	kill -TERM "$server"
	ended
}

[ $# -gt 0 ] || set -- requests processes load
for part in "$@"; do
	compare "nginx $part" "$part"
done
finish
