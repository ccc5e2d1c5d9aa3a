/* SPDX-License-Identifier: MIT */
/*
 * Owns the engine's handle and the requests made of it. Called by start.c (cold start), dlwatch.c and exit.c.
 *
 * What is made while the program runs is mapped from a memory file and not published at once: a program that loads
 * thirty modules would write thirty images. It is merged into one at the end.
 */
#include "preload/generate.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/activate.h"
#include "preload/engine_file.h"
#include "preload/generator.h"
#include "preload/log.h"
#include "preload/modules.h"
#include "preload/reason.h"
#include "preload/recording.h"
#include "preload/record_map.h"
#include "preload/runtime.h"
#include "preload/stats.h"

static const struct sc_engine_api *engine;
static bool engine_failed;

static const struct sc_engine_api *engine_get(void)
{
	static char path[PATH_MAX]; /* the host's stack may be small */
	sc_engine_entry *entry;
	void *handle;

	if (engine || engine_failed)
		return engine;
	engine_failed = true;
	if (!sc_engine_file(path, sizeof(path))) {
		sc_log(SC_LOG_ERROR, "cannot find libstubcache-engine.so beside '%s' nor in '%s'",
		       sc_modules_self()->path, SC_PKGLIBDIR);
		return NULL;
	}
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		sc_log(SC_LOG_ERROR, "cannot load '%s': %s", path, dlerror());
		return NULL;
	}
	entry = (sc_engine_entry *)dlsym(handle, SC_ENGINE_ENTRY);
	engine = entry ? entry(SC_ENGINE_VERSION) : NULL;
	if (!engine)
		sc_log(SC_LOG_ERROR, "'%s' is of another version", path);
	sc_runtime.engine_loaded = engine != NULL;
	if (engine)
		sc_generator_use(engine->generator);
	sc_modules_look(); /* it is one of them now, and ours */
	return engine;
}

static int memory_file(void)
{
	int fd = sc_sys_memfd_create("stubcache", MFD_CLOEXEC | 0x0010u /* MFD_EXEC */);

	return fd == -EINVAL ? sc_sys_memfd_create("stubcache", MFD_CLOEXEC) : fd;
}

static uint64_t file_size(int fd)
{
	struct stat stat;

	return sc_sys_fstat(fd, &stat) == 0 ? (uint64_t)stat.st_size : 0;
}

static int generate(struct sc_engine_request *request)
{
	int r;

	request->rules = &sc_runtime.rules;
	request->modules = sc_modules.list;
	request->module_count = sc_modules.count;
	request->first_index = sc_runtime.indexes;
	request->context = sc_modules_context();
	request->deepbind = sc_modules.deepbind;
	request->clock = sc_runtime.clock;
	request->keep_watch = true;
	request->registry = sc_persist_registry();
	request->components = sc_key_components(&sc_runtime.key, &request->component_count);
	memcpy(request->key, sc_runtime.key.bytes, sizeof(request->key));
	request->explain_fd = -1;
	if (sc_runtime.config.explain)
		request->explain_fd = sc_sys_openat(AT_FDCWD, sc_runtime.config.explain, O_WRONLY | O_APPEND | O_CREAT,
						    0600);
	r = engine->generate(request);
	if (request->explain_fd >= 0)
		sc_sys_close(request->explain_fd);
	return r;
}

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
		reach = engine->suggest(request, rule, near, sizeof(near));
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
	sink->fd = memory_file();
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

	for (uint32_t i = 0; i < SC_KEY_COMPONENTS; i++)
		wanted[i] = true;
	request.wanted = wanted;
	r = generate(&request);
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

static void publish(struct sc_store_draft *draft, bool replace)
{
	enum sc_store_reason reason;
	int error = 0;

	reason = sc_store_draft_publish(&sc_runtime.store, draft, sc_runtime.key.file, replace, &error);
	if (reason == SC_STORE_OK)
		sc_store_evict(&sc_runtime.store, sc_runtime.key.file);
	else
		sc_reason_store(reason, error);
}

/* The image that is published now, if another process has merged into it since we started. */
static int open_published(struct sc_store_file *file)
{
	int error;

	return sc_store_lookup(&sc_runtime.store, sc_runtime.key.file, file, &error) == SC_STORE_OK ? 0 : -ENOENT;
}

static int copy_to_memory(int fd, uint64_t size)
{
	int copy = memory_file(), r = 0;
	static char buffer[16384];

	for (uint64_t at = 0; copy >= 0 && r == 0 && at < size;) {
		size_t n = size - at < sizeof(buffer) ? (size_t)(size - at) : sizeof(buffer);

		r = sc_sys_pread_full(fd, buffer, n, (off_t)at);
		if (r == 0)
			r = sc_sys_pwrite_full(copy, buffer, n, (off_t)at);
		at += n;
	}
	if (r < 0)
		sc_sys_close(copy);
	return r < 0 ? r : copy;
}

struct sc_mapped_image *sc_generate_map(int fd, uint64_t size, const char **why)
{
	struct sc_mapped_image *mapped = sc_image_load(fd, size, sc_runtime.key.bytes, why);
	int copy;

	if (mapped || strcmp(*why, "noexec") != 0)
		return mapped;
	sc_reason(SC_LOG_INFO, "cache-noexec: nothing can be executed from where the cache is");
	copy = copy_to_memory(fd, size);
	if (copy < 0) {
		*why = "noexec, and no memory file";
		return NULL;
	}
	mapped = sc_image_load(copy, size, sc_runtime.key.bytes, why);
	sc_sys_close(copy);
	return mapped;
}

/* Maps what was generated; its stubs are numbered behind those that there are. */
static struct sc_mapped_image *take_in(int fd, const char **why)
{
	struct sc_mapped_image *mapped = sc_generate_map(fd, file_size(fd), why);

	if (!mapped)
		return NULL;
	mapped->first_index = sc_runtime.indexes;
	sc_runtime.indexes += mapped->image.header->stub_count;
	return mapped;
}

/* The record is ready for an image's stubs before any can run. */
static bool put_to_use(int fd)
{
	const char *why = "";
	struct sc_mapped_image *mapped = take_in(fd, &why);

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
	bool ok = false;

	publish(&sink->draft, true);
	if (open_published(&file) == 0) {
		ok = put_to_use(file.fd);
		sc_sys_close(file.fd);
	}
	if (!ok && own >= 0 && sc_image_count() == 0)
		ok = put_to_use(own);
	if (own >= 0)
		sc_sys_close(own);
	return ok;
}

bool sc_generate_start(void)
{
	struct sink sink = { .draft = SC_STORE_NO_DRAFT, .fd = -1 };
	bool ok;

	if (!sc_runtime_rules()) {
		if (!sc_runtime.reason[0])
			sc_reason(SC_LOG_INFO, "not intercepted: no rule");
		return false;
	}
	if (!engine_get()) {
		sc_reason(SC_LOG_INFO, "not intercepted: no engine");
		return false;
	}
	ok = open_sink(&sink) && fill_sink(&sink) && (sink.in_store ? publish_and_use(&sink) : put_to_use(sink.fd));
	if (ok)
		sc_runtime.generated += sc_runtime.functions;
	close_sink(&sink);
	return ok;
}

/* Generates into a memory file, maps and activates it. */
static struct sc_mapped_image *add_image(struct sc_engine_request *request)
{
	struct sc_mapped_image *mapped = NULL;
	uint32_t functions = sc_runtime.functions;
	const char *why = "";
	int fd = memory_file();

	if (fd < 0)
		return NULL;
	request->fd = fd;
	if (generate(request) == 0)
		mapped = take_in(fd, &why);
	else
		why = request->failure;
	if (mapped && (!sc_recording_image(mapped, NULL, -1) || !sc_activate(mapped, &why))) {
		sc_image_unload(mapped);
		mapped = NULL;
	}
	sc_sys_close(fd);
	if (!mapped) {
		sc_log(SC_LOG_INFO, "what was loaded later is not intercepted: %s", why);
		return NULL;
	}
	sc_runtime.generated += sc_runtime.functions - functions;
	sc_runtime.learned = true;
	sc_runtime.state = sc_runtime.state == SC_STATE_COLD ? SC_STATE_COLD : SC_STATE_MERGED;
	return mapped;
}

void sc_generate_modules(void)
{
	struct sc_engine_request request = { 0 };
	bool *wanted;
	bool any = false;
	struct sc_arena arena = { 0 };

	wanted = sc_arena_array(&arena, sc_modules.room, sizeof(*wanted));
	for (uint32_t i = 0; wanted && i < sc_modules.count; i++) {
		struct sc_module *module = &sc_modules.list[i];

		wanted[i] = (module->flags & SC_MODULE_NEW) && module->image_module == UINT32_MAX &&
			    !(module->flags & (SC_MODULE_OURS | SC_MODULE_GONE));
		module->flags &= ~(uint32_t)SC_MODULE_NEW;
		any = any || wanted[i];
	}
	if (any && sc_runtime_rules() && engine_get()) {
		request.wanted = wanted;
		add_image(&request);
	}
	sc_arena_release(&arena);
}

uintptr_t sc_generate_symbol(uintptr_t address, const char *name, const char *version)
{
	const struct sc_module *module = sc_modules_at(address);
	struct sc_engine_request request = { .symbol_module = module, .symbol_name = name, .symbol_version = version };
	struct sc_library_names library;

	if (!module || (module->flags & (SC_MODULE_OURS | SC_MODULE_LOADER)) || address < module->code_start ||
	    address >= module->code_end || !sc_runtime_rules())
		return 0;
	library = (struct sc_library_names){ .soname = NULL, .file = module->name };
	if (!sc_rules_match(&sc_runtime.rules, name, version, &library, NULL, NULL))
		return 0;
	if (!engine_get() || !add_image(&request))
		return 0;
	sc_stats_update();
	return sc_activate_stub_of(address);
}

static void *map_published(struct sc_image *image, uint64_t *size)
{
	struct sc_store_file file;
	const char *why;
	void *data;

	if (open_published(&file) < 0)
		return NULL;
	data = sc_sys_mmap(NULL, file.size, PROT_READ, MAP_PRIVATE, file.fd, 0);
	sc_sys_close(file.fd);
	if (data == MAP_FAILED)
		return NULL;
	*size = file.size;
	if (sc_store_checksum_ok(data, file.size) && sc_image_open(image, data, file.size, &why) == 0 &&
	    memcmp(image->header->key, sc_runtime.key.bytes, sizeof(image->header->key)) == 0)
		return data;
	sc_sys_munmap(data, file.size);
	return NULL;
}

void sc_generate_merge(void)
{
	static const struct sc_image *images[SC_IMAGES_MOST + 1];
	struct sc_engine_merge merge = { .images = images, .clock = sc_runtime.clock,
					 .registry = sc_persist_registry() };
	struct sc_store_draft draft = { .fd = -1, .directory = -1 };
	struct sc_image published;
	uint64_t size = 0;
	void *data;
	int error;

	if (!sc_runtime.learned || !engine || sc_runtime.store.mode != SC_STORE_WRITE)
		return;
	sc_runtime.learned = false;
	data = map_published(&published, &size);
	if (data)
		images[merge.image_count++] = &published;
	for (uint32_t i = 0; i < sc_image_count(); i++)
		images[merge.image_count++] = &sc_image_at(i)->image;
	memcpy(merge.key, sc_runtime.key.bytes, sizeof(merge.key));
	if (sc_store_draft_begin(&sc_runtime.store, &draft, &error) == SC_STORE_OK) {
		merge.fd = draft.fd;
		if (engine->merge(&merge) == 0)
			publish(&draft, true);
		sc_store_draft_abandon(&draft);
	}
	images[0] = NULL; /* of this call's stack */
	if (data)
		sc_sys_munmap(data, size);
}
