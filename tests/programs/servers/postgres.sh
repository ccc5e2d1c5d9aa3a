#!/bin/bash
# SPDX-License-Identifier: MIT
#
# PostgreSQL: initdb, a server, its backends and what they load, all intercepted, as an unprivileged user. Clients run
# plainly. Its regression tests, where SUITE_POSTGRES names the directory of its sources (apt-get source postgresql-15),
# pgbench, and the ways in which a server ends and recovers.
. "$(dirname "$0")/common.sh"
as_nobody
bin=${SUITE_POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
needs "$bin/postgres" "$bin/initdb" strace

# Options as pg_regress gives to servers of its own.
initialise()
{
	foreground "$bin/initdb" -D "$run/data" -U tester -A trust --no-sync --no-locale -E UTF8 >/dev/null || return
	client tee -a "$run/data/postgresql.conf" >/dev/null <<-TEXT
		listen_addresses = ''
		unix_socket_directories = '$run'
		fsync = off
		max_prepared_transactions = 2
		log_temp_files = -1
		log_line_prefix = ''
	TEXT
}

serve()
{
	started "$@" "$bin/postgres" -D "$run/data" && until_so sql 'SELECT 1'
}

sql()
{
	client "$bin/psql" -XAtq -h "$run" -U tester -d postgres -c "$1"
}

# stop SIGNAL: as pg_ctl does it, and what the control file says afterwards.
stop()
{
	kill -s "$1" "$server"
	ended
	client "$bin/pg_controldata" "$run/data" | sed -n 's/^Database cluster state: */state	/p'
}

# Libraries that the regression tests load.
make_libraries()
{
	local include source

	include=$("${bin%/bin}/bin/pg_config" --includedir-server) || return
	mkdir -p "$work/lib"
	for source in src/test/regress/regress contrib/spi/refint contrib/spi/autoinc; do
		"${CC:-gcc}" -O1 -w -fPIC -shared -I"$include" -o "$work/lib/${source##*/}.so" "$SUITE_POSTGRES/$source.c" \
			|| return
	done
}

regress()
{
	initialise && serve || return
	client "$regress" --host="$run" --user=tester --bindir="$bin" --dlpath="$work/lib" \
		--inputdir="$SUITE_POSTGRES/src/test/regress" --outputdir="$run" --max-concurrent-tests=20 \
		--schedule="$SUITE_POSTGRES/src/test/regress/parallel_schedule" >"$work/regress" 2>&1
	echo "all	status $?"
	sed -nE 's/^(test| ) +(\S+) +\.\.\. (ok|FAILED|failed \(ignored\)).*/\2\t\3/p' "$work/regress"
	stop INT
	cat "$work/regress" "$run/regression.diffs" >>"$run/log" 2>/dev/null
}

bench()
{
	initialise && serve || return
	client "$bin/pgbench" -h "$run" -U tester -i -q -s 2 postgres 2>>"$run/log"
	client "$bin/pgbench" -h "$run" -U tester -c 4 -j 2 -t "${SERVERS_TRANSACTIONS:-5000}" postgres \
		>"$work/bench" 2>>"$run/log"
	echo "pgbench	status $?"
	grep -E 'actually processed|failed' "$work/bench" | sed 's/: /\t/'
	client "$bin/pgbench" -h "$run" -U tester -C -c 2 -S -t 100 postgres 2>>"$run/log" |
		grep -E 'actually processed|failed' | sed 's/^/connecting anew: /; s/\(.*\): /\1\t/'
	echo "sums	$(sql 'SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history),
		(SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(tbalance) FROM pgbench_tellers),
		(SELECT count(*) FROM pgbench_history)')"
	stop INT
}

# said NAME: what the server has logged, each line once, without numbers; and makes the log empty. A checkpoint may or may
# not have begun, and what is asked in vain until the server answers is our own asking.
said()
{
	sed -E '/^LOG:  checkpoint|^FATAL:  the database system is|^DETAIL:  Consistent recovery state has not/d
		s/[0-9]+/N/g; s/N\/[0-9A-FN]+/POSITION/g' "$run/log" | sort -u | sed "s/^/$1: said /; s/\$/	yes/"
	: >"$run/log"
}

# A session that waits in a transaction; its backend's process id in $backend.
open_session()
{
	coproc session {
		exec "${as_user[@]}" "$bin/psql" -XAtq -h "$run" -U tester -d postgres 2>&1
	}
	session_pid=$session_PID
	printf '%s\n' 'BEGIN; INSERT INTO kept VALUES (0); SELECT pg_backend_pid();' >&"${session[1]}"
	read -r backend <&"${session[0]}"
}

close_session()
{
	printf '%s\n' '\q' >&"${session[1]}"
	wait "$session_pid"
	echo "$1: session	status $?"
} 2>/dev/null

# Signals as pg_ctl stop sends them: smart waits for sessions, fast ends them, immediate needs recovery.
stops()
{
	local how name

	initialise && serve || return
	sql 'CREATE TABLE kept (n int)'
	for how in TERM:smart INT:fast QUIT:immediate KILL:killed; do
		name=${how#*:}
		open_session
		sql "INSERT INTO kept VALUES (length('$name'))"
		kill -s "${how%:*}" "$server"
		if [ "$name" = smart ]; then
			# It lets nobody in any more, and still waits for us.
			until_so refused && echo "smart: refuses	yes"
			kill -0 "$server" && echo "smart: waits	yes"
		fi
		[ "$name" != smart ] || close_session "$name"
		ended "$name: "
		[ "$name" = smart ] || close_session "$name"
		client "$bin/pg_controldata" "$run/data" | sed -n "s/^Database cluster state: */$name: state	/p"
		said "$name"
		serve || return
		echo "$name: rows	$(sql 'SELECT string_agg(n::text, $$ $$ ORDER BY n) FROM kept')"
		said "$name, again"
	done
	stop INT
}

refused()
{
	! sql 'SELECT 1'
}

# A backend that is killed takes all others with it, and the server recovers by itself.
crash()
{
	local signal

	initialise && serve || return
	sql 'CREATE TABLE kept (n int); CREATE UNLOGGED TABLE unlogged (n int); INSERT INTO unlogged VALUES (1)'
	for signal in KILL SEGV ABRT TERM; do
		open_session
		sql 'INSERT INTO kept VALUES (1)'
		kill -s "$signal" "$backend"
		until_so gone "$backend"
		until_so sql 'SELECT 1'
		close_session "$signal"
		until_so sql 'INSERT INTO kept VALUES (2)'
		echo "$signal: rows	$(sql 'SELECT count(*), sum(n) FROM kept'), $(sql 'SELECT count(*) FROM unlogged')"
		said "$signal"
	done
	stop INT
	said end
}

gone()
{
	! kill -0 "$1"
}

# Every process of the server has a record: as many as strace saw being made, while clients came and went.
processes()
{
	initialise || return
	rm -rf "$area/$mode.records" # those of initdb, which is not traced
	serve "${traced[@]}" || return
	server=$(head -n 1 "$run/data/postmaster.pid")
	client "$bin/pgbench" -h "$run" -U tester -i -q postgres 2>>"$run/log"
	client "$bin/pgbench" -h "$run" -U tester -C -c 4 -S -t 50 postgres 2>>"$run/log" |
		sed -n 's/.*actually processed: /transactions	/p'
	sql 'SET force_parallel_mode = on; SELECT count(*) FROM pgbench_accounts' | sed 's/^/parallel	/'
	stop INT
	compare_processes /postgres
}

if [ $# = 0 ]; then
	set -- stops crash bench processes regress
fi
for part in "$@"; do
	if [ "$part" = regress ]; then
		regress=$("$bin/pg_config" --pgxs 2>/dev/null)
		regress=${regress%makefiles/*}test/regress/pg_regress
		if [ ! -f "${SUITE_POSTGRES:-}/src/test/regress/parallel_schedule" ] || [ ! -x "$regress" ]; then
			echo "left out: PostgreSQL's regression tests (SUITE_POSTGRES does not name its sources," \
				"or there is no postgresql-server-dev-15)"
			continue
		fi
		make_libraries || { fail "cannot build what PostgreSQL's regression tests load"; continue; }
	fi
	compare "postgres $part" "$part"
done
finish
