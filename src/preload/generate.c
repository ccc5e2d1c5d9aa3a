/* SPDX-License-Identifier: MIT */
/*
 * Owns the cold start: what is generated for the program and its libraries, where it is written, and what the user is
 * told about rules that selected nothing. Called by start.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/sys.h"
#include "preload/activate.h"
#include "preload/engine_use.h"
#include "preload/generate_internal.h"
#include "preload/log.h"
#include "preload/modules.h"
#include "preload/reason.h"
#include "preload/recording.h"
#include "preload/runtime.h"

/* Where a rule's targets begin, from 1. */
static unsigned targets_column(const struct sc_rule *rule)
{
	const char *equals = strchr(rule->text, '=');

	return equals ? (unsigned)(equals - rule->text) + 2 : 1;
}

/* Says which rules selected nothing, with names that are near. */
static void report_idle_rules(const struct sc_engine_request *request)
{
	char near[256];

	for (unsigned i = 0; i < sc_runtime.rules.rule_count && i < 64; i++) {
		const struct sc_rule *rule = &sc_runtime.rules.rules[i];
		enum sc_rule_reach reach;

		if (request->selection.selected_by >> i & 1)
			continue;
		reach = sc_engine_get()->suggest(request, rule, near, sizeof(near));
		if (reach == SC_RULE_UNKNOWN_NAME)
			sc_log(SC_LOG_ERROR, "rule %u '%s', column %u: no loaded library defines '%s'%s%s", i + 1,
			       rule->text, targets_column(rule), rule->targets[0].function,
			       near[0] ? "; near: " : "", near);
		else
			sc_log(SC_LOG_INFO, "rule %u '%s', column %u: selects nothing that '%s' calls", i + 1,
			       rule->text, targets_column(rule), sc_modules.list[0].name);
	}
}

/* What is generated goes into a draft in the store, or into a memory file when the store cannot be written. */
struct sink {
	struct sc_store_draft draft;
	int fd;
	bool in_store;
};

static void close_sink(struct sink *sink)
{
	if (sink->in_store)
		sc_store_draft_abandon(&sink->draft);
	else if (sink->fd >= 0)
		sc_sys_close(sink->fd);
	*sink = (struct sink){ .draft = SC_STORE_NO_DRAFT, .fd = -1 };
}

static bool open_memory(struct sink *sink)
{
	sink->fd = sc_generate_memory_file();
	if (sink->fd < 0)
		sc_reason(SC_LOG_INFO, "not intercepted: no memory file: %s", strerrordesc_np(-sink->fd));
	return sink->fd >= 0;
}

static bool open_sink(struct sink *sink)
{
	enum sc_store_reason reason;
	int error = 0;

	if (sc_runtime.store.mode == SC_STORE_WRITE) {
		reason = sc_store_draft_begin(&sc_runtime.store, &sink->draft, &error);
		sink->in_store = reason == SC_STORE_OK;
		sink->fd = sink->draft.fd;
		if (sink->in_store)
			return true;
		sc_reason_store(reason, error);
	}
	return open_memory(sink);
}

static bool is_full(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

static int generate_start(int fd, char *failure, size_t size)
{
	struct sc_engine_request request = { .fd = fd };
	bool wanted[SC_KEY_COMPONENTS];
	int r;

	/* Clients and what they brought, and the engine, are behind the modules of the start. */
	for (uint32_t i = 0; i < SC_KEY_COMPONENTS; i++)
		wanted[i] = i < sc_runtime.key.modules;
	request.wanted = wanted;
	r = sc_engine_generate(&request);
	if (r == 0)
		report_idle_rules(&request);
	else if (is_full(-r) || !request.failure[0])
		snprintf(failure, size, "cannot write an image: %s", strerrordesc_np(-r));
	else
		snprintf(failure, size, "%s", request.failure);
	return r;
}

/* A disk that is full, or broken, is no reason to go without: there is memory. */
static bool fill_sink(struct sink *sink)
{
	char failure[256];
	int r = generate_start(sink->fd, failure, sizeof(failure));

	if (sink->in_store && r < 0 && (is_full(-r) || r == -EIO)) {
		sc_reason_store(is_full(-r) ? SC_STORE_FULL : SC_STORE_ERROR, -r);
		close_sink(sink);
		if (!open_memory(sink))
			return false;
		r = generate_start(sink->fd, failure, sizeof(failure));
	}
	if (r < 0)
		sc_reason(SC_LOG_INFO, "not intercepted: %s", failure);
	return r == 0;
}

/* The record is ready for an image's stubs before any can run. */
static bool put_to_use(int fd, bool *was_mapped)
{
	const char *why = "";
	struct sc_mapped_image *mapped = sc_generate_take_in(fd, &why);

	*was_mapped = mapped != NULL;
	if (mapped && !sc_recording_image(mapped, NULL, fd))
		why = "no memory for the record";
	else if (mapped && sc_activate(mapped, &why))
		return true;
	sc_reason(SC_LOG_INFO, "not intercepted: cannot use the new image: %s", why);
	if (mapped)
		sc_image_unload(mapped);
	return false;
}

/* Publishes the new image, then maps it by its name, as every later run will: cold and warm cannot differ, and tools that
 * read the memory map find the file. What cannot be published is mapped all the same. */
static bool publish_and_use(struct sink *sink)
{
	int own = sc_sys_dup_above(sink->fd, 3);
	struct sc_store_file file;
	bool ok = false, was_mapped = false;

	sc_generate_publish(&sink->draft, true);
	if (sc_generate_open_published(&file) == 0) {
		ok = put_to_use(file.fd, &was_mapped);
		sc_sys_close(file.fd);
	}
	if (!was_mapped && own >= 0) /* else it is as good as this one: a client has refused it */
		ok = put_to_use(own, &was_mapped);
	if (own >= 0)
		sc_sys_close(own);
	return ok;
}

bool sc_generate_start(void)
{
	struct sink sink = { .draft = SC_STORE_NO_DRAFT, .fd = -1 };
	bool ok, was_mapped;

	if (!sc_runtime_rules()) {
		if (!sc_runtime.reason[0])
			sc_reason(SC_LOG_INFO, "not intercepted: no rule");
		return false;
	}
	if (!sc_engine_get()) {
		sc_reason(SC_LOG_INFO, "not intercepted: no engine");
		return false;
	}
	ok = open_sink(&sink) && fill_sink(&sink) &&
	     (sink.in_store ? publish_and_use(&sink) : put_to_use(sink.fd, &was_mapped));
	if (ok)
		sc_runtime.generated += sc_runtime.functions;
	close_sink(&sink);
	return ok;
}

