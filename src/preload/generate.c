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
#include "preload/recording.h"
#include "preload/record_map.h"
#include "preload/runtime.h"
#include "preload/stats.h"

static const struct sc_engine_api *engine;
static bool engine_failed;

static const struct sc_engine_api *engine_get(void)
{
	char path[PATH_MAX];
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
	request->clock = sc_runtime.clock;
	request->keep_watch = true;
	request->registry = sc_persist_registry();
	request->components = sc_runtime.key.components;
	request->component_count = sc_runtime.key.count;
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

/* Maps what was generated; the record is ready for its stubs before any can run. */
static struct sc_mapped_image *take_in(int fd, const char **why)
{
	struct sc_mapped_image *mapped = sc_image_load(fd, file_size(fd), sc_runtime.key.bytes, why);

	if (!mapped)
		return NULL;
	mapped->first_index = sc_runtime.indexes;
	sc_runtime.indexes += mapped->image.header->stub_count;
	return mapped;
}

static bool write_start_image(int fd)
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
	if (r < 0)
		snprintf(sc_runtime.reason, sizeof(sc_runtime.reason), "cannot generate: %s",
			 request.failure[0] ? request.failure : strerrorname_np(-r));
	return r == 0;
}

/* A draft in the store, or a memory file when the store cannot be written. */
static int open_draft(struct sc_store_draft *draft, bool *in_store)
{
	enum sc_store_reason reason;
	char text[160];
	int error = 0;

	*in_store = false;
	if (sc_runtime.store.mode == SC_STORE_WRITE) {
		reason = sc_store_draft_begin(&sc_runtime.store, draft, &error);
		if (reason == SC_STORE_OK) {
			*in_store = true;
			return draft->fd;
		}
		sc_store_reason_text(&sc_runtime.store, reason, error, text, sizeof(text));
		snprintf(sc_runtime.reason, sizeof(sc_runtime.reason), "%s: %s", sc_store_reason_name(reason), text);
		sc_log(SC_LOG_INFO, "%s", text);
	}
	return memory_file();
}

static void publish(struct sc_store_draft *draft, bool replace)
{
	enum sc_store_reason reason;
	char text[160];
	int error = 0;

	reason = sc_store_draft_publish(&sc_runtime.store, draft, sc_runtime.key.file, replace, &error);
	if (reason == SC_STORE_OK) {
		sc_store_evict(&sc_runtime.store, sc_runtime.key.file);
		return;
	}
	sc_store_reason_text(&sc_runtime.store, reason, error, text, sizeof(text));
	snprintf(sc_runtime.reason, sizeof(sc_runtime.reason), "%s: %s", sc_store_reason_name(reason), text);
	sc_log(SC_LOG_INFO, "%s", text);
}

int sc_generate_copy(int fd, uint64_t size)
{
	int copy = memory_file();
	char buffer[16384];

	for (uint64_t at = 0; copy >= 0 && at < size;) {
		size_t n = size - at < sizeof(buffer) ? (size_t)(size - at) : sizeof(buffer);

		if (sc_sys_pread_full(fd, buffer, n, (off_t)at) < 0 ||
		    sc_sys_pwrite_full(copy, buffer, n, (off_t)at) < 0) {
			sc_sys_close(copy);
			return -EIO;
		}
		at += n;
	}
	return copy;
}

static struct sc_mapped_image *take_in_anywhere(int fd, const char **why)
{
	struct sc_mapped_image *mapped = take_in(fd, why);
	int copy;

	if (mapped || strcmp(*why, "noexec") != 0)
		return mapped;
	sc_log(SC_LOG_INFO, "the cache directory does not allow execution; working from memory");
	copy = sc_generate_copy(fd, file_size(fd));
	if (copy < 0)
		return NULL;
	mapped = take_in(copy, why);
	sc_sys_close(copy);
	return mapped;
}

bool sc_generate_start(void)
{
	struct sc_store_draft draft = { .fd = -1, .directory = -1 };
	struct sc_mapped_image *mapped;
	const char *why = "";
	bool in_store, ok = false;
	int fd;

	if (!sc_runtime_rules() || !engine_get()) {
		if (!sc_runtime.reason[0])
			strcpy(sc_runtime.reason, engine_failed ? "no engine" : "no rule");
		return false;
	}
	fd = open_draft(&draft, &in_store);
	if (fd < 0 || !write_start_image(fd)) {
		if (fd < 0)
			snprintf(sc_runtime.reason, sizeof(sc_runtime.reason), "no memory file: %s",
				 strerrorname_np(-fd));
		goto out;
	}
	mapped = take_in_anywhere(fd, &why);
	if (!mapped) {
		snprintf(sc_runtime.reason, sizeof(sc_runtime.reason), "cannot map the new image: %s", why);
		goto out;
	}
	if (!sc_recording_image(mapped, NULL, fd)) {
		strcpy(sc_runtime.reason, "no memory for the record");
		goto out;
	}
	if (!sc_activate(mapped, &why)) {
		snprintf(sc_runtime.reason, sizeof(sc_runtime.reason), "%s", why);
		goto out;
	}
	sc_runtime.generated += sc_runtime.functions;
	if (in_store)
		publish(&draft, true);
	ok = true;
out:
	if (in_store)
		sc_store_draft_abandon(&draft);
	else if (fd >= 0)
		sc_sys_close(fd);
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
	if (mapped && (!sc_recording_image(mapped, NULL, -1) || !sc_activate(mapped, &why)))
		mapped = NULL;
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

void sc_generate_modules(uint32_t first)
{
	struct sc_engine_request request = { 0 };
	bool *wanted;
	bool any = false;
	struct sc_arena arena = { 0 };

	wanted = sc_arena_array(&arena, sc_modules.room, sizeof(*wanted));
	for (uint32_t i = first; wanted && i < sc_modules.count; i++) {
		const struct sc_module *module = &sc_modules.list[i];

		wanted[i] = module->image_module == UINT32_MAX &&
			    !(module->flags & (SC_MODULE_OURS | SC_MODULE_GONE));
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

/* The image that is published now, if another process has merged into it since we started. */
static int open_published(struct sc_store_file *file)
{
	int error;

	return sc_store_lookup(&sc_runtime.store, sc_runtime.key.file, file, &error) == SC_STORE_OK ? 0 : -ENOENT;
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
	const struct sc_image *images[SC_IMAGES_MOST + 1];
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
	if (data)
		sc_sys_munmap(data, size);
}
