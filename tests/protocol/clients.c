/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests' clients and their journal. Used by every test of tests/protocol.
 */
#include "clients.h"

#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct client clients[CLIENTS];

static const char letters[CLIENTS + 1] = "GAB";
static const char *const section_names[] = { "", "ro", "rx", "rw" };
static char journal[8192];

static void write_down(const char *format, ...)
{
	size_t length = strlen(journal);
	va_list arguments;

	va_start(arguments, format);
	if (length > 0)
		journal[length++] = ' ';
	vsnprintf(journal + length, sizeof(journal) - length, format, arguments);
	va_end(arguments);
}

void expect_calls(const char *calls)
{
	ck_assert_str_eq(journal, calls);
	forget_calls();
}

void forget_calls(void)
{
	journal[0] = 0;
}

static const char *module_of(void *perscxt)
{
	return ((struct sc_persist_context *)perscxt)->name;
}

static int fill_of(int client, int section)
{
	return letters[client] + (section == SC_IMAGE_RX ? 'a' - 'A' : 0);
}

static size_t on_size(int client, int section, void *perscxt, size_t file_offs, void **user_data)
{
	if (!clients[client].is_silent)
		write_down("%c.%s.size(%s,%zu)", letters[client], section_names[section], module_of(perscxt),
			   (size_t)*user_data);
	*user_data = (void *)((size_t)*user_data + 1);
	clients[client].offset[section] = file_offs;
	return clients[client].section[section].size;
}

static bool on_persist(int client, int section, void *perscxt, file_t fd, void *user_data)
{
	const struct behaviour *b = &clients[client].section[section];
	char bytes[8192];
	size_t size = b->size + (size_t)b->extra;

	write_down("%c.%s.persist(%s,%zu)@%ld", letters[client], section_names[section], module_of(perscxt),
		   (size_t)user_data, (long)lseek(fd, 0, SEEK_CUR));
	memset(bytes, fill_of(client, section), sizeof(bytes));
	ck_assert_uint_le(size, sizeof(bytes));
	ck_assert_int_eq(dr_write_file(fd, bytes, size), b->extra > 0 ? -EFBIG : (ssize_t)size);
	return !b->no_persist;
}

static bool on_resurrect(int client, int section, void *perscxt, byte **map)
{
	const struct behaviour *b = &clients[client].section[section];

	if (!clients[client].is_silent)
		write_down("%c.%s.resurrect(%s)", letters[client], section_names[section], module_of(perscxt));
	for (size_t i = 0; i < b->size; i++)
		ck_assert_int_eq((*map)[i], fill_of(client, section));
	*map += (ssize_t)b->size + b->advance;
	return !b->no_resurrect;
}

static bool on_patch(int client, void *perscxt, byte *start, size_t size, void *user_data)
{
	write_down("%c.patch(%s,%zu)%.*s", letters[client], module_of(perscxt), (size_t)user_data, (int)size, start);
	return !clients[client].no_patch;
}

static void on_abandoned(int client, void *perscxt, int reason)
{
	write_down("%c.abandoned(%s,%s)", letters[client], module_of(perscxt), stubcache_persist_reason(reason));
}

/* The protocol hands a callback no pointer of its own, so each client and section needs functions. */
#define SECTION(client, name, section)                                                                     \
	static size_t client##_##name##_size(void *drcontext, void *perscxt, size_t offset, void **word)   \
	{                                                                                                  \
		(void)drcontext;                                                                           \
		return on_size(client, section, perscxt, offset, word);                                    \
	}                                                                                                  \
	static bool client##_##name##_persist(void *drcontext, void *perscxt, file_t fd, void *word)       \
	{                                                                                                  \
		(void)drcontext;                                                                           \
		return on_persist(client, section, perscxt, fd, word);                                     \
	}                                                                                                  \
	static bool client##_##name##_resurrect(void *drcontext, void *perscxt, byte **map)                \
	{                                                                                                  \
		(void)drcontext;                                                                           \
		return on_resurrect(client, section, perscxt, map);                                        \
	}
#define CLIENT(client)                                                                                     \
	SECTION(client, ro, SC_IMAGE_RO)                                                                   \
	SECTION(client, rx, SC_IMAGE_RX)                                                                   \
	SECTION(client, rw, SC_IMAGE_RW)                                                                   \
	static bool client##_patch(void *drcontext, void *perscxt, byte *start, size_t size, void *word)   \
	{                                                                                                  \
		(void)drcontext;                                                                           \
		return on_patch(client, perscxt, start, size, word);                                       \
	}                                                                                                  \
	static void client##_abandoned(void *drcontext, void *perscxt, int reason)                         \
	{                                                                                                  \
		(void)drcontext;                                                                           \
		on_abandoned(client, perscxt, reason);                                                     \
	}
#define FUNCTIONS(client, name) { client##_##name##_size, client##_##name##_persist, client##_##name##_resurrect }

CLIENT(G)
CLIENT(A)
CLIENT(B)

static const struct {
	sc_persist_size *size;
	sc_persist_persist *persist;
	sc_persist_resurrect *resurrect;
} functions[CLIENTS][4] = {
	[G] = { { NULL, NULL, NULL }, FUNCTIONS(G, ro), FUNCTIONS(G, rx), FUNCTIONS(G, rw) },
	[A] = { { NULL, NULL, NULL }, FUNCTIONS(A, ro), FUNCTIONS(A, rx), FUNCTIONS(A, rw) },
	[B] = { { NULL, NULL, NULL }, FUNCTIONS(B, ro), FUNCTIONS(B, rx), FUNCTIONS(B, rw) },
};
static sc_persist_patch *const patches[CLIENTS] = { G_patch, A_patch, B_patch };
static sc_persist_abandoned *const abandoneds[CLIENTS] = { G_abandoned, A_abandoned, B_abandoned };

void register_section(int client, enum sc_image_section section)
{
	bool (*const registers[])(sc_persist_size *, sc_persist_persist *, sc_persist_resurrect *) = {
		NULL, dr_register_persist_ro, dr_register_persist_rx, dr_register_persist_rw,
	};

	ck_assert(sc_persist_set_client((client_id_t)client));
	ck_assert(registers[section](functions[client][section].size, functions[client][section].persist,
				     functions[client][section].resurrect));
}

bool unregister_section(int client, enum sc_image_section section)
{
	bool (*const unregisters[])(sc_persist_size *, sc_persist_persist *, sc_persist_resurrect *) = {
		NULL, dr_unregister_persist_ro, dr_unregister_persist_rx, dr_unregister_persist_rw,
	};

	return unregisters[section](functions[client][section].size, functions[client][section].persist,
				    functions[client][section].resurrect);
}

void register_client(int client, size_t ro, size_t rx, size_t rw)
{
	clients[client].section[SC_IMAGE_RO].size = ro;
	clients[client].section[SC_IMAGE_RX].size = rx;
	clients[client].section[SC_IMAGE_RW].size = rw;
	register_section(client, SC_IMAGE_RO);
	register_section(client, SC_IMAGE_RX);
	register_section(client, SC_IMAGE_RW);
}

void register_patch(int client)
{
	ck_assert(sc_persist_set_client((client_id_t)client));
	ck_assert(dr_register_persist_patch(patches[client]));
}

void register_abandoned(int client)
{
	ck_assert(sc_persist_set_client((client_id_t)client));
	ck_assert(stubcache_register_persist_abandoned(abandoneds[client]));
}

static void set_up_contexts(struct sc_persist_context *contexts)
{
	static const char *const names[] = { "m0", "m1" };

	memset(contexts, 0, 2 * sizeof(*contexts));
	for (unsigned i = 0; i < 2; i++) {
		contexts[i].name = names[i];
		contexts[i].module = i;
	}
}

void set_up(struct bench *bench, unsigned modules)
{
	struct sc_persist_generation *g = &bench->generation;
	static unsigned char rubbish[64 << 10];

	memset(bench, 0, sizeof(*bench));
	set_up_contexts(bench->contexts);
	set_up_contexts(bench->older_contexts);
	memset(bench->words, 0xee, sizeof(bench->words));
	g->registry = sc_persist_registry();
	g->writer = &bench->writer;
	g->contexts = bench->contexts;
	g->context_count = modules;
	g->portions = bench->portions;
	g->portion_most = 64;
	g->words = bench->words;
	g->word_most = 16;
	g->page_size = 4096;
	bench->fd = memfd_create("image", MFD_CLOEXEC);
	memset(rubbish, 0xff, sizeof(rubbish));
	ck_assert_int_eq(pwrite(bench->fd, rubbish, sizeof(rubbish), 0), sizeof(rubbish));
}

enum sc_persist_reason generate(struct bench *bench)
{
	enum sc_persist_reason reason = sc_persist_generate_begin(&bench->generation);

	if (reason != SC_PERSIST_OK)
		return reason;
	reason = sc_persist_generate_measure(&bench->generation);
	if (reason == SC_PERSIST_OK)
		reason = sc_persist_generate_write(&bench->generation, bench->fd);
	sc_persist_generate_end(&bench->generation);
	return reason;
}

void prepare_load(struct bench *bench, struct sc_persist_context *contexts)
{
	struct sc_persist_load *load = &bench->load;

	bench->size = (size_t)lseek(bench->fd, 0, SEEK_END);
	bench->bytes = mmap(NULL, bench->size, PROT_READ | PROT_WRITE, MAP_PRIVATE, bench->fd, 0);
	ck_assert_ptr_ne(bench->bytes, MAP_FAILED);
	sc_persist_generate_sort(&bench->generation, bench->sorted, bench->modules, 2);
	memset(load, 0, sizeof(*load));
	load->registry = sc_persist_registry();
	load->bases = (struct sc_persist_bases){ bench->bytes, bench->bytes, bench->bytes, bench->bytes };
	load->image_modules = bench->modules;
	load->portions = bench->sorted;
	load->contexts = contexts;
	load->context_count = bench->generation.context_count;
}

void make_image(struct bench *bench, unsigned modules)
{
	set_up(bench, modules);
	ck_assert_int_eq(generate(bench), SC_PERSIST_OK);
	prepare_load(bench, bench->contexts);
	forget_calls();
}
