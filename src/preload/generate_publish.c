/* SPDX-License-Identifier: MIT */
/*
 * Owns what a process leaves in the store for the next one: the image of a cold start, and at the end one image of all
 * that was learned. Called by the other generate files, exit.c and fork.c.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "common/persist.h"
#include "common/sys.h"
#include "preload/engine_use.h"
#include "preload/generate_internal.h"
#include "preload/hot.h"
#include "preload/modules.h"
#include "preload/reason.h"
#include "preload/runtime.h"
#include "preload/stats.h"
#include "preload/typed.h"

/* Shared with the children that fork makes: what had been learned before is published. NULL: nothing was learned. */
static bool *taught SC_HOT;
static bool inherited SC_HOT; /* we are such a child */

void sc_generate_publish(struct sc_store_draft *draft, bool replace)
{
	enum sc_store_reason reason;
	int error = 0;

	reason = sc_store_draft_publish(&sc_runtime.store, draft, sc_runtime.key.file, replace, &error);
	if (reason == SC_STORE_OK)
		sc_store_evict(&sc_runtime.store, sc_runtime.key.file);
	else
		sc_reason_store(reason, error);
}

int sc_generate_open_published(struct sc_store_file *file)
{
	int error;

	return sc_store_lookup(&sc_runtime.store, sc_runtime.key.file, file, &error) == SC_STORE_OK ? 0 : -ENOENT;
}

void sc_generate_learned(void)
{
	void *page;

	sc_runtime.learned = true;
	if (taught)
		return;
	page = sc_sys_mmap(NULL, sizeof(*taught), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	taught = page == MAP_FAILED ? NULL : page;
}

void sc_generate_forked(void)
{
	inherited = inherited || sc_runtime.learned;
	sc_runtime.learned = false;
}

bool sc_generate_to_merge(void)
{
	return sc_runtime.learned || (inherited && taught && !__atomic_load_n(taught, __ATOMIC_ACQUIRE));
}

/* Clients may run their code and write into their rw while they merge. Where nothing can be executed, they can read it. */
static void give_rights(const struct sc_image *image, unsigned char *data, int fd)
{
	const struct sc_image_header *header = image->header;

	sc_sys_mmap_over(data + header->rx_offset, header->rw_offset - header->rx_offset, PROT_READ | PROT_EXEC,
			 MAP_PRIVATE, fd, header->rx_offset);
	sc_sys_mprotect(data + header->rw_offset, header->load_size - header->rw_offset, PROT_READ | PROT_WRITE);
}

static void *map_published(struct sc_image *image, uint64_t *size)
{
	struct sc_store_file file;
	const char *why;
	void *data;

	if (sc_generate_open_published(&file) < 0)
		return NULL;
	data = sc_sys_mmap(NULL, file.size, PROT_READ, MAP_PRIVATE, file.fd, 0);
	if (data == MAP_FAILED)
		goto out;
	*size = file.size;
	if (sc_store_checksum_ok(data, file.size) && sc_image_open(image, data, file.size, &why) == 0 &&
	    memcmp(image->header->key, sc_runtime.key.bytes, sizeof(image->header->key)) == 0) {
		if (sc_runtime.clients)
			give_rights(image, data, file.fd);
	} else {
		sc_sys_munmap(data, file.size);
		data = MAP_FAILED;
	}
out:
	sc_sys_close(file.fd);
	return data == MAP_FAILED ? NULL : data;
}

static void log_merge(const struct sc_engine_merge *merge, int r)
{
	const struct sc_image *older = merge->older;
	const char *module = "-";
	char text[200];

	if (merge->refused && merge->refusal.module < older->header->module_count)
		module = sc_image_string(older, older->modules[merge->refusal.module].name);
	sc_persist_describe(merge->refused, &merge->refusal, module, text, sizeof(text));
	if (merge->refused)
		sc_reason(SC_LOG_INFO, "a client did not merge: %s", text);
	if (r < 0)
		sc_reason(SC_LOG_INFO, "what was learned is not kept: %s", merge->failure);
	if (r < 0 || merge->refused)
		sc_stats_update();
}

/* Not while a hook of a client runs: at the end of a process there is no later. */
static int merge_images(const struct sc_engine_api *engine, struct sc_engine_merge *merge)
{
	int r;

	if (!sc_typed_gate_close()) {
		strcpy(merge->failure, "a client's hook is running");
		return -EBUSY;
	}
	r = engine->merge(merge);
	sc_typed_gate_open();
	return r;
}

void sc_generate_merge(void)
{
	static const struct sc_image *images[SC_IMAGES_MOST + 1];
	static const uint8_t *files[SC_IMAGES_MOST + 1];
	struct sc_engine_merge merge = { .images = images, .files = files, .clock = sc_runtime.clock,
					 .modules = sc_modules.list, .module_count = sc_modules.count,
					 .registry = sc_persist_registry() };
	struct sc_store_draft draft = { .fd = -1, .directory = -1 };
	struct sc_image published;
	uint64_t size = 0;
	const struct sc_engine_api *engine = sc_engine_loaded();
	void *data;
	int error, r;

	if (!sc_generate_to_merge() || !engine || sc_runtime.store.mode != SC_STORE_WRITE)
		return;
	sc_runtime.learned = false;
	if (taught)
		__atomic_store_n(taught, true, __ATOMIC_RELEASE);
	data = map_published(&published, &size);
	if (data) {
		files[merge.image_count] = data;
		images[merge.image_count++] = &published;
		merge.older = sc_runtime.clients ? &published : NULL;
	}
	for (uint32_t i = 0; i < sc_image_count(); i++) {
		files[merge.image_count] = sc_image_at(i)->file;
		images[merge.image_count++] = &sc_image_at(i)->image;
	}
	memcpy(merge.key, sc_runtime.key.bytes, sizeof(merge.key));
	if (sc_store_draft_begin(&sc_runtime.store, &draft, &error) == SC_STORE_OK) {
		merge.fd = draft.fd;
		r = merge_images(engine, &merge);
		log_merge(&merge, r);
		if (r == 0)
			sc_generate_publish(&draft, true);
		sc_store_draft_abandon(&draft);
	}
	images[0] = NULL; /* of this call's stack */
	/* A client that knows no func_abandoned may have kept a pointer for its exit event. The process ends anyway. */
	if (data && !sc_runtime.clients)
		sc_sys_munmap(data, size);
}
