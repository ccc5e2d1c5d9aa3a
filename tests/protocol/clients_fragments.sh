#!/bin/bash
# SPDX-License-Identifier: MIT
#
# dr_fragment_persistable tells, in every callback and at the end, which functions have a stub, or are about to get one:
# those that the program calls and the rules name, IFUNCs among them, of the perscxt's module alone.
set -u
. "${top_srcdir:?}/tests/protocol/lib.sh"

${CC:?} -shared -fPIC -fno-builtin -Wall -Werror -I"$top_srcdir/include" -o "$work/client.so" -x c - <<'C' || fail "no client"
#include <dr_api.h>
#include <grp.h>
#include <string.h>

static void ask(const char *where, void *perscxt)
{
	void *tags[] = { (void *)puts, (void *)strchr, (void *)setgrent, (byte *)puts + 1, (void *)dr_printf };

	dr_fprintf(STDERR, "%s", where);
	for (unsigned i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		dr_fprintf(STDERR, " %d", dr_fragment_persistable(NULL, perscxt, tags[i]));
	dr_fprintf(STDERR, "\n");
}

static const char *module_of(void *perscxt, const char *libc_says, const char *other_says)
{
	byte *start = dr_persist_start(perscxt);

	return (byte *)puts >= start && (byte *)puts < start + dr_persist_size(perscxt) ? libc_says : other_says;
}

static size_t size(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	ask(module_of(perscxt, "size libc", "size other"), perscxt);
	return 16;
}

static bool persist(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	ask(module_of(perscxt, "persist libc", "persist other"), perscxt);
	return dr_write_file(fd, "0123456789abcdef", 16) == 16;
}

static bool resurrect(void *drcontext, void *perscxt, byte **map)
{
	ask(module_of(perscxt, "resurrect libc", "resurrect other"), perscxt);
	*map += 16;
	return true;
}

static bool patch(void *drcontext, void *perscxt, byte *bb_start, size_t bb_size, void *user_data)
{
	ask(module_of(perscxt, "patch libc", "patch other"), perscxt);
	return true;
}

static void at_exit(void)
{
	ask("exit", NULL);
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	ask("main", NULL);
	dr_register_persist_ro(size, persist, resurrect);
	dr_register_persist_patch(patch);
	dr_register_exit_event(at_exit);
}
C

# answers WHAT: what the client said, each line once, is what comes from stdin.
answers() {
	expect_host "$1" said
	difference=$(diff - <(sort -u "$work/err")) || fail "$1: puts strchr setgrent puts+1 dr_printf (wanted <, found >):
$difference"
}

plain
start "$work/client.so"
expect_state "cold" cold
answers "cold" <<'J'
exit 1 1 0 0 0
main 0 0 0 0 0
patch libc 1 1 0 0 0
persist libc 1 1 0 0 0
persist other 0 0 0 0 0
resurrect libc 1 1 0 0 0
resurrect other 0 0 0 0 0
size libc 1 1 0 0 0
size other 0 0 0 0 0
J
start "$work/client.so"
expect_state "warm" warm
answers "warm" <<'J'
exit 1 1 0 0 0
main 0 0 0 0 0
resurrect libc 1 1 0 0 0
resurrect other 0 0 0 0 0
J
rule='count=*,!strchr'
start "$work/client.so"
expect_state "without strchr" cold
grep -q '^size libc 1 0 0 0 0$' "$work/err" || fail "a function that no rule names: $(cat "$work/err")"
exit $failed
