/* SPDX-License-Identifier: MIT */
/*
 * A client that never computes the same thing twice. For each module of a program it keeps
 *
 *	ro	a table: which parts of the module can be executed, from its program headers
 *	rx	a routine made for the module: is an address in its code?
 *	rw	what is different in every process: where the module lies
 *
 * The routine has the distances in its instructions and takes the address of the module from rw, of which it is told:
 * code cannot be changed any more, and is mapped somewhere else each time.
 *
 *	cc -shared -fPIC -I/usr/local/include/stubcache -o ranges.so ranges.c
 *	STUBCACHE_CLIENTS=$PWD/ranges.so stubcache run -e 'count=*' PROGRAM
 *
 * With the argument -v (STUBCACHE_CLIENTS=$PWD/ranges.so,-v) it says at the end how many routines it has made and how
 * many it has found: from the second run on, none are made.
 */
#include <dr_api.h>

#include <elf.h>
#include <string.h>

#define MODULES_MOST 256
#define CODES_MOST 8

/* In ro. */
struct table {
	uint32_t count;
	struct code {
		uint32_t from, to; /* from the module's first byte */
	} codes[CODES_MOST];
};

/* In rw. */
struct state {
	app_pc start;
};

typedef bool routine_t(const struct state *state, app_pc address);

/* What a process has: pointers into its image. */
struct module {
	app_pc start;
	const struct table *table;
	routine_t *is_code;
	struct state *state;
};

static struct module modules[MODULES_MOST];
static unsigned made, found;

static struct module *module_of(void *perscxt)
{
	app_pc start = dr_persist_start(perscxt);

	for (unsigned i = 0; i < MODULES_MOST; i++)
		if (!modules[i].start || modules[i].start == start) {
			modules[i].start = start;
			return &modules[i];
		}
	return NULL;
}

/* ---- ro ---- */

static struct table make_table(void *perscxt)
{
	const byte *start = dr_persist_start(perscxt);
	const Elf64_Ehdr *header = (const void *)start;
	const Elf64_Phdr *segments = (const void *)(start + header->e_phoff);
	struct table table;
	uint64_t first = 0;
	bool any = false;

	memset(&table, 0, sizeof(table));
	for (unsigned i = 0; i < header->e_phnum; i++) {
		const Elf64_Phdr *segment = &segments[i];

		if (segment->p_type != PT_LOAD)
			continue;
		if (!any)
			first = segment->p_vaddr;
		any = true;
		if ((segment->p_flags & PF_X) && table.count < CODES_MOST)
			table.codes[table.count++] = (struct code){
				.from = (uint32_t)(segment->p_vaddr - first),
				.to = (uint32_t)(segment->p_vaddr - first + segment->p_memsz),
			};
	}
	return table;
}

static size_t size_ro(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	(void)drcontext;
	(void)perscxt;
	(void)file_offs;
	(void)user_data;
	return sizeof(struct table);
}

static bool persist_ro(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	struct table table = make_table(perscxt);
	(void)drcontext;
	(void)user_data;

	return dr_write_file(fd, &table, sizeof(table)) == sizeof(table);
}

static bool resurrect_ro(void *drcontext, void *perscxt, byte **map)
{
	struct module *module = module_of(perscxt);
	(void)drcontext;

	if (!module)
		return false;
	module->table = (const struct table *)*map;
	*map += sizeof(struct table);
	return true;
}

/* ---- rx ---- */

static const byte code_start[] = {
	0x48, 0x2b, 0x37, /* sub (%rdi), %rsi: from the module's first byte */
	0x31, 0xc0,	  /* xor %eax, %eax */
};
/* For each part: above `to` - `from`, or below 0, the carry is clear. */
static const byte code_part[] = {
	0x48, 0x8d, 0x96, 0, 0, 0, 0, /* lea -from(%rsi), %rdx */
	0x48, 0x81, 0xfa, 0, 0, 0, 0, /* cmp $(to - from), %rdx */
	0x0f, 0x92, 0xc2,	      /* setb %dl */
	0x08, 0xd0,		      /* or %dl, %al */
};
static const byte code_end[] = { 0xc3 }; /* ret */

static size_t code_size(uint32_t parts)
{
	return sizeof(code_start) + parts * sizeof(code_part) + sizeof(code_end);
}

static size_t size_rx(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	(void)drcontext;
	(void)file_offs;
	(void)user_data;
	return code_size(make_table(perscxt).count);
}

static bool persist_rx(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	struct table table = make_table(perscxt);
	byte code[sizeof(code_start) + CODES_MOST * sizeof(code_part) + sizeof(code_end)], *at = code;
	size_t size = code_size(table.count);
	(void)drcontext;
	(void)user_data;

	memcpy(at, code_start, sizeof(code_start));
	at += sizeof(code_start);
	for (uint32_t i = 0; i < table.count; i++) {
		int32_t below = -(int32_t)table.codes[i].from;
		uint32_t span = table.codes[i].to - table.codes[i].from;

		memcpy(at, code_part, sizeof(code_part));
		memcpy(at + 3, &below, sizeof(below));
		memcpy(at + 10, &span, sizeof(span));
		at += sizeof(code_part);
	}
	memcpy(at, code_end, sizeof(code_end));
	made++;
	return dr_write_file(fd, code, size) == (ssize_t)size;
}

static bool resurrect_rx(void *drcontext, void *perscxt, byte **map)
{
	struct module *module = module_of(perscxt);
	(void)drcontext;

	if (!module || !module->table || module->table->count > CODES_MOST)
		return false;
	module->is_code = (routine_t *)(uintptr_t)*map;
	*map += code_size(module->table->count);
	found++;
	return true;
}

/* ---- rw ---- */

static size_t size_rw(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	(void)drcontext;
	(void)perscxt;
	(void)file_offs;
	(void)user_data;
	return sizeof(struct state);
}

static bool persist_rw(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	const struct state nothing_yet = { 0 };
	(void)drcontext;
	(void)perscxt;
	(void)user_data;

	return dr_write_file(fd, &nothing_yet, sizeof(nothing_yet)) == sizeof(nothing_yet);
}

static bool resurrect_rw(void *drcontext, void *perscxt, byte **map)
{
	struct module *module = module_of(perscxt);
	(void)drcontext;

	if (!module)
		return false;
	module->state = (struct state *)*map;
	module->state->start = dr_persist_start(perscxt);
	*map += sizeof(struct state);
	return true;
}

/* ---- the rest ---- */

static void abandoned(void *drcontext, void *perscxt, int reason)
{
	struct module *module = module_of(perscxt);
	(void)drcontext;
	(void)reason;

	if (module)
		*module = (struct module){ .start = module->start };
}

static void at_exit(void)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < MODULES_MOST; i++) {
		const struct module *module = &modules[i];

		if (!module->is_code || !module->state)
			continue;
		for (uint32_t k = 0; k < module->table->count; k++) {
			const struct code *code = &module->table->codes[k];

			wrong += !module->is_code(module->state, module->start + code->from) ||
				 !module->is_code(module->state, module->start + code->to - 1) ||
				 module->is_code(module->state, module->start + code->to);
		}
		wrong += module->is_code(module->state, module->start - 1);
	}
	dr_fprintf(STDERR, "ranges: %u routines made, %u found in the image, %u wrong answers\n", made,
		   made ? 0 : found, wrong);
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	if (!dr_register_persist_ro(size_ro, persist_ro, resurrect_ro) ||
	    !dr_register_persist_rx(size_rx, persist_rx, resurrect_rx) ||
	    !dr_register_persist_rw(size_rw, persist_rw, resurrect_rw) ||
	    !stubcache_register_persist_abandoned(abandoned))
		dr_fprintf(STDERR, "ranges: client %u cannot register\n", id);
	if (argc > 1 && strcmp(argv[1], "-v") == 0)
		dr_register_exit_event(at_exit);
}
