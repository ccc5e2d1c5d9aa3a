#!/bin/bash
# SPDX-License-Identifier: MIT
#
# `stubcache run` follows children that are started with an environment of their parent's making, by every function
# of the exec family; a plain LD_PRELOAD does not, since whoever scrubs the environment then means it.
set -euo pipefail

: "${STUBCACHE_CMD:?}" "${LIBSTUBCACHE:?}" "${top_builddir:?}"
host=$top_builddir/tests/live/exec_scrubbed_host
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STUBCACHE_DIR=$work/cache
failures=0

# counted DIR: calls of puts in all its records.
counted() {
	"$STUBCACHE_CMD" report --format=csv "$1" | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "calls") c = i }
		$1 == "puts" { print $c }'
}

for way in execve execv execvp execvpe execl execlp execle fexecve execveat posix_spawn posix_spawnp; do
	plain=$("$host" "$way")
	for round in cold warm; do
		out=$work/$way.$round
		got=$("$STUBCACHE_CMD" run -e 'count=puts' -o "$out" -- "$host" "$way")
		calls=$(counted "$out")
		if [ "$got" != "$plain" ]; then
			printf '%s, %s: another output than plain\n%s\n%s\n' "$way" "$round" "$plain" "$got"
			failures=$((failures + 1))
		fi
		# One puts by the parent, one by the child that was started without environment.
		if [ "$calls" != 2 ]; then
			printf '%s, %s: %s calls of puts counted, not 2\n' "$way" "$round" "$calls"
			failures=$((failures + 1))
		fi
	done
done

# As many variables as there are, and a stack as small as there is.
"$STUBCACHE_CMD" run -e 'count=puts' -d "$work/huge" -- "$top_builddir/tests/live/huge_arguments.host" >"$work/huge.out" ||
	{ echo "huge_arguments: status $?"; failures=$((failures + 1)); }
if ! "$top_builddir/tests/live/huge_arguments.host" | cmp - "$work/huge.out"; then
	echo "huge_arguments: another output than plain"
	failures=$((failures + 1))
fi

# By hand, the child of an empty environment is nobody's business.
env LD_PRELOAD="$LIBSTUBCACHE" STUBCACHE='count=puts' STUBCACHE_OUT="$work/plain" "$host" execve >/dev/null
calls=$(counted "$work/plain")
if [ "$calls" != 1 ]; then
	printf 'without run: %s calls of puts counted, not 1\n' "$calls"
	failures=$((failures + 1))
fi
exit $((failures > 0))
