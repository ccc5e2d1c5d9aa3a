#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Hooks without a prototype. On a function that no file of prototypes has they get registers, at no more than the cost
# of looking for its name: the files are not parsed, which would take milliseconds and memory in each process. On one
# that they have, they get its arguments.
set -u
: "${LIBSTUBCACHE:?}" "${top_srcdir:?}"
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STUBCACHE_DIR=$work/cache STUBCACHE_OUT=$work/records STUBCACHE_PROTOTYPES=$work/own.h XDG_CONFIG_HOME=$work
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

cat >"$work/library.c" <<'C'
int nobody_knows(int x) { return x + 1; }
int somebody_knows(int x) { return x + 1; }
int nobody(int x) { return x + 1; }
C
cat >"$work/host.c" <<'C'
int nobody_knows(int), somebody_knows(int), nobody(int);
int main(void) { return nobody_knows(1) + somebody_knows(2) + nobody(3) - 9; }
C
# With the functions to hook, and what is said of them or nothing, as arguments.
cat >"$work/client.c" <<'C'
#include <dr_api.h>
#include <stubcache.h>

static void on_call(struct stubcache_call *call, void **args, void *user)
{
	(void)user;
	dr_fprintf(STDOUT, "%s %s %d\n", stubcache_call_function(call),
		   stubcache_call_typed(call) ? "typed" : "registers", *(int *)args[0]);
}

/* The seventh number of statm: data and stack, in pages. */
static void at_exit(void)
{
	file_t file = dr_open_file("/proc/self/statm", DR_FILE_READ);
	char text[200] = "";
	unsigned long pages;

	dr_read_file(file, text, sizeof(text) - 1);
	if (sscanf(text, "%*u %*u %*u %*u %*u %lu", &pages) == 1)
		dr_fprintf(STDERR, "%lu\n", pages);
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	struct stubcache_hook hook = { .struct_size = sizeof(hook), .targets = argv[1],
				       .prototype = argc > 2 ? argv[2] : NULL, .enter = on_call };

	(void)id;
	if (stubcache_hook(&hook) == 0)
		dr_register_exit_event(at_exit);
}
C
echo '/* nobody_knows_this(int x); */ int somebody_knows(int x); int xnobody(int x); int nobody_else(int x);' >"$work/own.h"
cc=${CC:-cc}
$cc -shared -fPIC -o "$work/liblibrary.so" "$work/library.c" || exit 99
$cc -o "$work/host" "$work/host.c" -L"$work" -llibrary -Wl,-rpath,"$work" || exit 99
$cc -shared -fPIC -O2 -I"$top_srcdir/include" -o "$work/client.so" "$work/client.c" || exit 99

# hooked OUTPUT FUNCTION[,PROTOTYPE]: cold and warm; pages is what the last one took.
hooked() {
	local wanted=$1 turn

	for turn in cold warm; do
		STUBCACHE='count=*body*' STUBCACHE_CLIENTS=$work/client.so,$2 LD_PRELOAD=$LIBSTUBCACHE "$work/host" \
			>"$work/out" 2>"$work/pages" || fail "$2, $turn: $?"
		[ "$(cat "$work/out")" = "$wanted" ] || fail "$2, $turn: $(cat "$work/out")"
	done
	pages=$(cat "$work/pages")
}

hooked 'nobody typed 3' 'nobody,int f(int x)'
given=$pages
hooked 'somebody_knows typed 2' somebody_knows
parsed=$pages
hooked 'nobody_knows registers 1' nobody_knows
unknown=$pages
[ $((unknown - given)) -lt $(((parsed - given) / 2)) ] ||
	fail "a function that no file has takes $((unknown - given)) pages, one that a file has $((parsed - given))"
# Names that others contain are not those.
hooked 'nobody registers 3' nobody
exit $failed
