/* SPDX-License-Identifier: MIT */
/*
 * A client that changes stubs before they are written. Between stubs there is padding of int3 instructions: a wild
 * jump into it raises SIGTRAP, which debuggers, and programs that handle it, may take for a breakpoint of theirs. This
 * makes it hlt, which is SIGSEGV. It also counts, and keeps what it has counted in ro: func_patch comes after
 * func_size and before func_persist, and all three share the word behind user_data.
 *
 *	cc -shared -fPIC -I/usr/local/include/stubcache -o padding.so padding.c
 *	STUBCACHE_CLIENTS=$PWD/padding.so,-v stubcache run -e 'count=*' PROGRAM
 */
#include <dr_api.h>

#include <string.h>

#define CELL_SIZE 128 /* doc/architecture.md, "Stubs" */
#define INT3 0xcc
#define HLT 0xf4

struct counts {
	uint32_t cells;
	uint32_t padding; /* bytes that were changed */
};

static struct counts total;

static size_t size(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	(void)drcontext;
	(void)perscxt;
	(void)file_offs;
	*user_data = dr_global_alloc(sizeof(struct counts));
	if (*user_data)
		memset(*user_data, 0, sizeof(struct counts));
	return *user_data ? sizeof(struct counts) : 0;
}

/* From the last byte but one of a cell, which is not code, back to the last stub in it. */
static uint32_t change_padding(byte *cell)
{
	uint32_t n = 0;

	for (byte *at = cell + CELL_SIZE - 2; at > cell && *at == INT3; at--, n++)
		*at = HLT;
	return n;
}

static bool patch(void *drcontext, void *perscxt, byte *bb_start, size_t bb_size, void *user_data)
{
	struct counts *counts = user_data;
	(void)drcontext;
	(void)perscxt;

	for (size_t at = 0; at + CELL_SIZE <= bb_size; at += CELL_SIZE) {
		uint32_t n = change_padding(bb_start + at);

		if (!counts)
			continue;
		counts->cells++;
		counts->padding += n;
	}
	return true;
}

static bool persist(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	struct counts counts = *(struct counts *)user_data;
	(void)drcontext;
	(void)perscxt;

	dr_global_free(user_data, sizeof(counts));
	return dr_write_file(fd, &counts, sizeof(counts)) == sizeof(counts);
}

/* Numbers only: nothing is kept that could be left dangling, so nobody need tell us when it is abandoned. */
static bool resurrect(void *drcontext, void *perscxt, byte **map)
{
	struct counts counts;
	(void)drcontext;
	(void)perscxt;

	memcpy(&counts, *map, sizeof(counts));
	total.cells += counts.cells;
	total.padding += counts.padding;
	*map += sizeof(counts);
	return true;
}

static void at_exit(void)
{
	dr_fprintf(STDERR, "padding: %u cells of stubs, %u bytes of padding between them\n", total.cells,
		   total.padding);
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	if (!dr_register_persist_ro(size, persist, resurrect) || !dr_register_persist_patch(patch))
		dr_fprintf(STDERR, "padding: client %u cannot register\n", id);
	if (argc > 1 && strcmp(argv[1], "-v") == 0)
		dr_register_exit_event(at_exit);
}
