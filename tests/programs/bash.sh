#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bash: subshells, pipelines, traps, job control, process substitution, coprocesses, here documents.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"

section()
{
	printf '%s: ' "$1"
}

section pipeline
seq 1000 | grep -v 7 | sort -rn | head -n 3 | tr '\n' ' '
echo "${PIPESTATUS[*]}"

section failing
(exit 3) | false | true
echo "${PIPESTATUS[*]}"

section subshells
(
	value=inner
	(
		value=deeper
		echo -n "$value $BASH_SUBSHELL "
	)
	echo -n "$value "
)
echo "${value:-unset}"

section substitution
diff <(printf '%s\n' a b c) <(printf '%s\n' a x c) | tr '\n' ' '
echo

section coprocess
coproc upper { while read -r line; do echo "${line^^}"; done; }
pid=$upper_PID
echo shout >&"${upper[1]}"
read -r answer <&"${upper[0]}"
exec {upper[1]}>&-
wait "$pid"
echo "$answer $?"

section jobs
set -m
pids=()
for n in 1 2 3 4 5; do
	(exit "$n") &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid"
	echo -n "$? "
done
set +m
echo

section stopped
set -m
bash -c 'kill -STOP $$; exit 9' 2>/dev/null &
pid=$!
while ! jobs -s 2>/dev/null | grep -q .; do
	wait -n 2>/dev/null
done
kill -CONT "$pid"
status=147 # as long as it counts as stopped
while [ "$status" = 147 ]; do
	wait "$pid" 2>/dev/null
	status=$?
done
echo "$status"
set +m

section trap
trap 'echo -n "usr1 "' USR1
for n in 1 2 3; do
	kill -USR1 $$
done
trap - USR1
(trap 'echo -n "exit trap "' EXIT)
bash -c 'kill -TERM $$; exit 3'
echo $?

section here
cat <<<"$(printf '%s-' {a..e})" | rev

section read
while IFS=: read -r name _ number _; do
	[ "$number" = 0 ] && echo "$name"
done </etc/passwd | sort | tail -n 1

section exec
(exec sh -c 'echo $0 $1' name argument)

section recursion
depth()
{
	[ "$1" -eq 0 ] || depth $(($1 - 1))
}
depth 1000 && echo deep

section printf
printf '%05.2f %q %(%Y)T\n' 3.14159 "a b" 0

section many
for n in $(seq 100); do
	/bin/true
done
echo "$n"

section killed
{ bash -c 'kill -KILL $$'; } 2>/dev/null
echo $?
