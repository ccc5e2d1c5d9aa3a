/* SPDX-License-Identifier: MIT */
/*
 * Owns the phases of generating an image: merge, measure, patch, write; and where each portion lies.
 * Does not own the file, the image's tables or the stubs. Called by the engine's image writer.
 *
 *   section ro                rx                              rw
 *   |m0:B m0:A m1:B m1:A|     |m0:gen m1:gen|m0:B m0:A m1:B..|     |m0:B m0:A m1:B m1:A|
 *   ^ page                    ^ page        ^ page, if separate    ^ page
 *
 * Measuring and writing share one walk, so their orders cannot differ.
 */
#include "common/persist.h"

#include <unistd.h> /* SEEK_SET */

#include "common/sys.h"

enum who { EVERYBODY, THE_GENERATOR, THE_CLIENTS };

typedef enum sc_persist_reason step(struct sc_persist_generation *g, enum sc_image_section section,
				    struct sc_persist_context *context, const struct sc_persist_registration *r);

static size_t round_up(size_t offset, size_t alignment)
{
	return (offset + alignment - 1) & ~(alignment - 1);
}

static enum sc_persist_reason stop(struct sc_persist_generation *g, enum sc_persist_reason reason,
				   const struct sc_persist_context *context, enum sc_image_section section,
				   const struct sc_persist_registration *r)
{
	g->reason = reason;
	g->failure = (struct sc_persist_failure)SC_PERSIST_NOWHERE;
	g->failure.section = section;
	if (context != NULL)
		g->failure.module = context->module;
	if (r != NULL) {
		g->failure.client = r->client;
		g->failure.registration = r->number;
	}
	return reason;
}

static bool is_among(enum who who, const struct sc_persist_registration *r)
{
	return who == EVERYBODY || (r->client == 0) == (who == THE_GENERATOR);
}

static enum sc_persist_reason each(struct sc_persist_generation *g, enum sc_image_section section, enum who who,
				   step *do_step)
{
	for (uint32_t i = 0; i < g->context_count; i++) {
		const struct sc_persist_registration *r = g->registry->list[section];

		for (; r != NULL; r = r->next) {
			enum sc_persist_reason reason;

			if (!is_among(who, r))
				continue;
			reason = do_step(g, section, &g->contexts[i], r);
			if (reason != SC_PERSIST_OK)
				return reason;
		}
	}
	return SC_PERSIST_OK;
}

void sc_persist_generate_room(const struct sc_persist_registry *registry, uint32_t context_count,
			      uint32_t *portions, uint32_t *words)
{
	uint32_t registrations = 0;

	for (unsigned section = SC_IMAGE_RO; section <= SC_IMAGE_RW; section++)
		registrations += registry->count[section];
	*portions = registrations * context_count;
	*words = registry->client_end * context_count;
}

enum sc_persist_reason sc_persist_generate_begin(struct sc_persist_generation *g)
{
	uint32_t portions, words;

	g->reason = SC_PERSIST_OK;
	g->failure = (struct sc_persist_failure)SC_PERSIST_NOWHERE;
	g->merged = NULL;
	g->portion_count = 0;
	g->rx_clients_offset = 0;
	if (g->limit == 0)
		g->limit = UINT32_MAX;
	if (!sc_persist_take(g->registry))
		return stop(g, SC_PERSIST_BUSY, NULL, 0, NULL);
	sc_persist_generate_room(g->registry, g->context_count, &portions, &words);
	if (portions > g->portion_most || words > g->word_most) {
		sc_persist_give(g->registry);
		return stop(g, SC_PERSIST_TOO_MANY, NULL, 0, NULL);
	}
	for (uint32_t i = 0; i < words; i++)
		g->words[i] = NULL;
	return SC_PERSIST_OK;
}

enum sc_persist_reason sc_persist_generate_merge(struct sc_persist_generation *g, struct sc_persist_load *older)
{
	enum sc_persist_reason reason;

	if (g->reason != SC_PERSIST_OK)
		return g->reason;
	reason = sc_persist_load_merge(older);
	g->merged = older;
	return reason;
}

/* What an older file has of a registration, or NULL. */
static const struct sc_image_portion *find_older(const struct sc_persist_context *context,
						 enum sc_image_section section,
						 const struct sc_persist_registration *r)
{
	for (uint32_t i = 0; context->older != NULL && i < context->older->count; i++) {
		const struct sc_image_portion *portion = &context->older->portions[i];

		if (portion->section == section && portion->client == r->client && portion->registration == r->number)
			return portion;
	}
	return NULL;
}

/* A closed module's portions have the sizes and the order they had, so their distances stay. */
static size_t size_of(struct sc_persist_generation *g, enum sc_image_section section,
		      struct sc_persist_context *context, const struct sc_persist_registration *r, size_t offset)
{
	const struct sc_image_portion *older;

	if (!context->is_closed || r->client == 0)
		return r->call.section.size(g->drcontext, context, offset, &context->words[r->client]);
	older = find_older(context, section, r);
	return older == NULL ? 0 : older->size;
}

static enum sc_persist_reason measure_portion(struct sc_persist_generation *g, enum sc_image_section section,
					      struct sc_persist_context *context,
					      const struct sc_persist_registration *r)
{
	size_t offset = round_up(g->at, section == SC_IMAGE_RX ? 64 : 16);
	size_t size = size_of(g, section, context, r, offset);

	if (size == 0)
		return SC_PERSIST_OK;
	if (size > g->limit || offset > g->limit - size)
		return stop(g, SC_PERSIST_TOO_LARGE, context, section, r);
	g->portions[g->portion_count++] = (struct sc_image_portion){
		.client = r->client,
		.section = section,
		.registration = r->number,
		.offset = (uint32_t)offset,
		.size = (uint32_t)size,
		.module = context->module,
	};
	g->at = offset + size;
	return SC_PERSIST_OK;
}

static enum sc_persist_reason measure_section(struct sc_persist_generation *g, enum sc_image_section section)
{
	bool separate = section == SC_IMAGE_RX && g->separate;
	enum sc_persist_reason reason;

	if (g->writer->section != NULL)
		g->at = g->writer->section(g->writer->user, section, g->at);
	g->at = round_up(g->at, g->page_size);
	if (g->at > g->limit)
		return stop(g, SC_PERSIST_TOO_LARGE, NULL, section, NULL);
	g->sections[section].offset = (uint32_t)g->at;
	reason = each(g, section, separate ? THE_GENERATOR : EVERYBODY, measure_portion);
	if (reason == SC_PERSIST_OK && separate) {
		g->at = round_up(g->at, g->page_size);
		if (g->at > g->limit)
			return stop(g, SC_PERSIST_TOO_LARGE, NULL, section, NULL);
		g->rx_clients_offset = (uint32_t)g->at;
		reason = each(g, section, THE_CLIENTS, measure_portion);
	}
	g->sections[section].end = (uint32_t)g->at;
	return reason;
}

enum sc_persist_reason sc_persist_generate_measure(struct sc_persist_generation *g)
{
	enum sc_persist_reason reason = g->reason;

	g->at = 0;
	g->portion_count = 0;
	/* Here and not in begin: the merge may use the same contexts. */
	for (uint32_t i = 0; i < g->context_count; i++)
		g->contexts[i].words = g->words + (size_t)i * g->registry->client_end;
	for (unsigned section = SC_IMAGE_RO; reason == SC_PERSIST_OK && section <= SC_IMAGE_RW; section++)
		reason = measure_section(g, section);
	return reason;
}

static enum sc_persist_reason patch(struct sc_persist_generation *g)
{
	if (g->writer->code == NULL)
		return SC_PERSIST_OK;
	for (uint32_t i = 0; i < g->context_count; i++) {
		struct sc_persist_context *context = &g->contexts[i];
		const struct sc_persist_registration *r = g->registry->list[SC_PERSIST_PATCH];
		uint8_t *start;
		size_t size;

		if (r == NULL || !g->writer->code(g->writer->user, context, &start, &size))
			continue;
		for (; r != NULL; r = r->next)
			if (!r->call.patch(g->drcontext, context, start, size, context->words[r->client]))
				return stop(g, SC_PERSIST_PATCH_REFUSED, context, 0, r);
	}
	return SC_PERSIST_OK;
}

/* Zeros from where the last portion ended up to offset: an image must not depend on what was in a
 * reused block, or on a client that seeks. */
static enum sc_persist_reason fill(struct sc_persist_generation *g, enum sc_image_section section, size_t offset)
{
	static const char zeros[256];

	while (g->at < offset) {
		size_t n = offset - g->at < sizeof(zeros) ? offset - g->at : sizeof(zeros);

		if (sc_sys_pwrite_full(g->fd, zeros, n, (off_t)g->at) < 0)
			return stop(g, SC_PERSIST_IO, NULL, section, NULL);
		g->at += n;
	}
	return SC_PERSIST_OK;
}

static enum sc_persist_reason copy_bytes(struct sc_persist_generation *g, enum sc_image_section section,
					 struct sc_persist_context *context, const struct sc_persist_registration *r,
					 const struct sc_image_portion *portion)
{
	const uint8_t *from = context->older->file + find_older(context, section, r)->offset;

	if (sc_sys_pwrite_full(g->fd, from, portion->size, portion->offset) < 0)
		return stop(g, SC_PERSIST_IO, context, section, r);
	g->at = (size_t)portion->offset + portion->size;
	return SC_PERSIST_OK;
}

static enum sc_persist_reason write_bytes(struct sc_persist_generation *g, enum sc_image_section section,
					  struct sc_persist_context *context,
					  const struct sc_persist_registration *r,
					  const struct sc_image_portion *portion)
{
	off_t end = (off_t)portion->offset + portion->size, now;
	bool ok;

	if (sc_sys_lseek(g->fd, portion->offset, SEEK_SET) != portion->offset)
		return stop(g, SC_PERSIST_IO, context, section, r);
	g->registry->writing.overrun = false;
	g->registry->writing.end = end;
	g->registry->writing.file = g->fd + 1;
	ok = r->call.section.persist(g->drcontext, context, g->fd, context->words[r->client]);
	g->registry->writing.file = 0;
	if (g->registry->writing.overrun)
		return stop(g, SC_PERSIST_WRITE_LONG, context, section, r);
	if (!ok)
		return stop(g, SC_PERSIST_WRITE_REFUSED, context, section, r);
	now = sc_sys_lseek(g->fd, 0, SEEK_CUR);
	if (now < 0)
		return stop(g, SC_PERSIST_IO, context, section, r);
	if (now != end)
		return stop(g, now < end ? SC_PERSIST_WRITE_SHORT : SC_PERSIST_WRITE_LONG, context, section, r);
	g->at = (size_t)end;
	return SC_PERSIST_OK;
}

static enum sc_persist_reason write_portion(struct sc_persist_generation *g, enum sc_image_section section,
					    struct sc_persist_context *context,
					    const struct sc_persist_registration *r)
{
	const struct sc_image_portion *portion = &g->portions[g->next];

	/* Not the next portion: this registration had nothing to store. */
	if (g->next == g->portion_count || portion->module != context->module || portion->section != section ||
	    portion->client != r->client || portion->registration != r->number)
		return SC_PERSIST_OK;
	g->next++;
	if (fill(g, section, portion->offset) != SC_PERSIST_OK)
		return g->reason;
	if (context->is_closed && r->client != 0)
		return copy_bytes(g, section, context, r, portion);
	return write_bytes(g, section, context, r, portion);
}

static enum sc_persist_reason write_section(struct sc_persist_generation *g, enum sc_image_section section)
{
	bool separate = section == SC_IMAGE_RX && g->separate;
	enum sc_persist_reason reason;

	g->at = g->sections[section].offset;
	reason = each(g, section, separate ? THE_GENERATOR : EVERYBODY, write_portion);
	if (reason == SC_PERSIST_OK && separate)
		reason = each(g, section, THE_CLIENTS, write_portion);
	if (reason == SC_PERSIST_OK)
		reason = fill(g, section, g->sections[section].end);
	return reason;
}

enum sc_persist_reason sc_persist_generate_write(struct sc_persist_generation *g, file_t fd)
{
	enum sc_persist_reason reason = g->reason;

	g->fd = fd;
	g->next = 0;
	if (reason == SC_PERSIST_OK)
		reason = patch(g);
	for (unsigned section = SC_IMAGE_RO; reason == SC_PERSIST_OK && section <= SC_IMAGE_RW; section++)
		reason = write_section(g, section);
	return reason;
}

void sc_persist_generate_end(struct sc_persist_generation *g)
{
	if (g->merged != NULL)
		sc_persist_load_tell(g->merged, g->reason != SC_PERSIST_OK ? g->reason : SC_PERSIST_SUPERSEDED);
	g->merged = NULL;
	sc_persist_give(g->registry);
}

void sc_persist_generate_sort(const struct sc_persist_generation *g, struct sc_image_portion *out,
			      struct sc_image_module *image_modules, uint32_t image_module_count)
{
	uint32_t first = 0;

	for (uint32_t m = 0; m < image_module_count; m++)
		image_modules[m].portion_count = 0;
	for (uint32_t p = 0; p < g->portion_count; p++)
		image_modules[g->portions[p].module].portion_count++;
	for (uint32_t m = 0; m < image_module_count; m++) {
		image_modules[m].first_portion = first;
		first += image_modules[m].portion_count;
		image_modules[m].portion_count = 0;
	}
	/* File order within a module is the order of calling; filling up in that order keeps it. */
	for (uint32_t p = 0; p < g->portion_count; p++) {
		struct sc_image_module *module = &image_modules[g->portions[p].module];

		out[module->first_portion + module->portion_count++] = g->portions[p];
	}
}
