/* SPDX-License-Identifier: MIT */
/*
 * Owns the order in which portions of an image are resurrected, and who is told when it comes to
 * nothing. Owns no mapping and activates nothing. Called by the preload when it loads an image, on
 * every warm start, and by the generation driver when it merges an older one.
 *
 * A module's portions and the registrations are both in the order of calling, so one pass over the
 * two side by side matches them:
 *
 *   registrations  B.ro  A.ro  B.rx  A.rx  B.rw  A.rw
 *   portions       B.ro        B.rx              A.rw     (A.ro, A.rx, B.rw had nothing to store)
 */
#include "common/persist.h"

static uint8_t *address_of(const struct sc_persist_bases *bases, const struct sc_image_portion *portion)
{
	switch (portion->section) {
	case SC_IMAGE_RO:
		return bases->ro + portion->offset;
	case SC_IMAGE_RX:
		return (portion->client == 0 ? bases->rx : bases->rx_clients) + portion->offset;
	default:
		return bases->rw + portion->offset;
	}
}

static enum sc_persist_reason refuse(struct sc_persist_load *load, const struct sc_image_portion *portion,
				     enum sc_persist_reason reason)
{
	load->failure.module = portion->module;
	load->failure.client = portion->client;
	load->failure.section = portion->section;
	load->failure.registration = portion->registration;
	return reason;
}

static enum sc_persist_reason resurrect(struct sc_persist_load *load, struct sc_persist_context *context,
					const struct sc_persist_registration *r,
					const struct sc_image_portion *portion)
{
	byte *start = address_of(&load->bases, portion), *map = start;

	if (!r->call.section.resurrect(load->drcontext, context, &map))
		return refuse(load, portion, SC_PERSIST_RESURRECT_REFUSED);
	/* It has said yes, and may have kept pointers: it is to be told even if *map is wrong. */
	context->accepted |= (uint64_t)1 << r->client;
	if (map != start + portion->size)
		return refuse(load, portion, SC_PERSIST_RESURRECT_ADVANCE);
	return SC_PERSIST_OK;
}

static bool belongs(const struct sc_image_portion *portion, const struct sc_persist_context *context,
		    unsigned section, const struct sc_persist_registration *r)
{
	return portion->module == context->module && portion->section == section && portion->client == r->client &&
	       portion->registration == r->number;
}

static enum sc_persist_reason load_module(struct sc_persist_load *load, struct sc_persist_context *context)
{
	const struct sc_image_module *module = &load->image_modules[context->module];
	const struct sc_image_portion *portion = load->portions + module->first_portion;
	const struct sc_image_portion *end = portion + module->portion_count;

	for (unsigned section = SC_IMAGE_RO; section <= SC_IMAGE_RW; section++) {
		const struct sc_persist_registration *r = load->registry->list[section];

		for (; r != NULL && portion < end; r = r->next) {
			enum sc_persist_reason reason;

			if (!belongs(portion, context, section, r))
				continue;
			reason = resurrect(load, context, r, portion);
			if (reason != SC_PERSIST_OK)
				return reason;
			portion++;
		}
	}
	return portion < end ? refuse(load, portion, SC_PERSIST_PORTION_UNMATCHED) : SC_PERSIST_OK;
}

void sc_persist_load_tell(struct sc_persist_load *load, enum sc_persist_reason reason)
{
	for (uint32_t i = 0; i < load->context_count; i++) {
		struct sc_persist_context *context = &load->contexts[i];
		const struct sc_persist_registration *r = load->registry->list[SC_PERSIST_ABANDONED];

		for (; context->accepted != 0 && r != NULL; r = r->next)
			if (context->accepted >> r->client & 1)
				r->call.abandoned(load->drcontext, context, (int)reason);
		context->accepted = 0;
	}
}

static void begin(struct sc_persist_load *load)
{
	for (uint32_t i = 0; i < load->context_count; i++) {
		load->contexts[i].accepted = 0;
		load->contexts[i].words = NULL;
	}
}

static enum sc_persist_reason load_held(struct sc_persist_load *load)
{
	enum sc_persist_reason reason = SC_PERSIST_OK;

	begin(load);
	for (uint32_t i = 0; reason == SC_PERSIST_OK && i < load->context_count; i++)
		reason = load_module(load, &load->contexts[i]);
	if (reason != SC_PERSIST_OK)
		sc_persist_load_tell(load, reason);
	return reason;
}

enum sc_persist_reason sc_persist_load(struct sc_persist_load *load)
{
	enum sc_persist_reason reason;

	if (!sc_persist_take(load->registry)) {
		load->failure = (struct sc_persist_failure)SC_PERSIST_NOWHERE;
		return SC_PERSIST_BUSY;
	}
	reason = load_held(load);
	if (reason != SC_PERSIST_OK)
		sc_persist_give(load->registry);
	return reason;
}

static void tell_client(struct sc_persist_load *load, uint32_t client, enum sc_persist_reason reason)
{
	const uint64_t bit = (uint64_t)1 << client;

	for (uint32_t i = 0; i < load->context_count; i++) {
		struct sc_persist_context *context = &load->contexts[i];
		const struct sc_persist_registration *r = load->registry->list[SC_PERSIST_ABANDONED];

		for (; (context->accepted & bit) && r != NULL; r = r->next)
			if (r->client == client)
				r->call.abandoned(load->drcontext, context, (int)reason);
		context->accepted &= ~bit;
	}
}

static const struct sc_persist_registration *find_registration(const struct sc_persist_load *load,
							       const struct sc_image_portion *portion)
{
	const struct sc_persist_registration *r = load->registry->list[portion->section];

	while (r != NULL && (r->client != portion->client || r->number != portion->registration))
		r = r->next;
	return r;
}

enum sc_persist_reason sc_persist_load_merge(struct sc_persist_load *load)
{
	enum sc_persist_reason first = SC_PERSIST_OK;
	uint64_t refused = 1; /* the stub generator merges plans itself */
	struct sc_persist_failure where = SC_PERSIST_NOWHERE;

	begin(load);
	for (uint32_t i = 0; i < load->context_count; i++) {
		const struct sc_image_module *module = &load->image_modules[load->contexts[i].module];

		for (uint32_t p = 0; p < module->portion_count; p++) {
			const struct sc_image_portion *portion = &load->portions[module->first_portion + p];
			const struct sc_persist_registration *r = find_registration(load, portion);
			enum sc_persist_reason reason;

			if (r == NULL || (refused >> r->client & 1))
				continue;
			reason = resurrect(load, &load->contexts[i], r, portion);
			if (reason == SC_PERSIST_OK)
				continue;
			refused |= (uint64_t)1 << r->client;
			tell_client(load, r->client, reason);
			if (first == SC_PERSIST_OK) {
				first = reason;
				where = load->failure;
			}
		}
	}
	load->failure = where;
	return first;
}

void sc_persist_load_activated(struct sc_persist_load *load)
{
	sc_persist_give(load->registry);
}

void sc_persist_load_abandon(struct sc_persist_load *load, enum sc_persist_reason reason)
{
	sc_persist_load_tell(load, reason);
	sc_persist_give(load->registry);
}
