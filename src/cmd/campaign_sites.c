/* SPDX-License-Identifier: MIT */
/*
 * Owns what a campaign takes from records: the call sites that were met, the faults that were injected, and the
 * processes that did not end by themselves. Does not own how records are read (record_read.c, record_stacks.c,
 * campaign_faults.c). Called by campaign_loop.c, while the test's first process is a zombie yet.
 *
 * A site is computed here as the preload does (common/site.h): from base names of files and offsets in them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/campaign.h"
#include "cmd/cmd.h"
#include "cmd/json_values.h"
#include "cmd/record_stacks.h"
#include "cmd/report.h"
#include "common/hash.h"
#include "common/site.h"

/* What a stub stands for. */
struct stub {
	const char *function, *version;
	struct sc_library_names library;
	char *copy; /* of a name that the record itself has */
};

struct process {
	uint32_t pid, forked_from;
	uint64_t start;
	bool gone; /* without having ended */
	bool injected;
	char *program;
};

struct evidence {
	const struct sc_campaign_plan *plan;
	const struct sc_campaign_state *state;
	const struct sc_campaign_run *run;
	uint64_t room; /* for further sites */
	json_t *sites; /* by name, so that each is there once */
	struct sc_named_images images;
	int directory;
	uint64_t reached, stackless;
	struct process *processes;
	size_t process_count;
};

/* ---- one record ---- */

struct record {
	struct sc_record_file file;
	struct sc_record_stacks stacks;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The file that defines a function: images name libraries by soname, sites by file. */
static const char *defining_file(const struct record *record, const struct sc_image_module *wanted,
				 const char *otherwise)
{
	for (size_t i = 0; i < record->stacks.module_count; i++) {
		const struct sc_stack_module *module = &record->stacks.modules[i];
		struct sc_hash128 hash;

		if (module->build_id_size == 0)
			continue;
		hash = sc_hash128(module->build_id, module->build_id_size);
		if (!memcmp(hash.bytes, wanted->identity, sizeof(hash.bytes)))
			return base_name(module->path);
	}
	return otherwise;
}

static bool name_from_image(struct evidence *evidence, const struct record *record, uint32_t index, struct stub *out)
{
	const struct sc_record_header *header = &record->file.header;

	for (uint32_t i = 0; i < header->image_count; i++) {
		const struct sc_record_image *image = &header->images[i];
		const struct sc_image_target *target;
		struct sc_named_image *named;
		uint32_t module;

		if (index < image->first_index || index - image->first_index >= image->count)
			continue;
		named = sc_names_get(&evidence->images, image->id);
		if (!named || !named->data ||
		    !sc_image_stub(&named->image, index - image->first_index, &module, &target))
			return false;
		out->function = sc_image_string(&named->image, target->name);
		out->version = sc_image_string(&named->image, target->symbol_version);
		out->library.soname = sc_image_string(&named->image, named->image.modules[module].name);
		out->library.file = defining_file(record, &named->image.modules[module], out->library.soname);
		return true;
	}
	return false;
}

/* function@library[@version] */
static bool name_from_record(const struct record *record, uint32_t index, struct stub *out)
{
	const char *name = index < record->file.stub_count ? record->file.stubs[index].name : NULL;
	char *library, *version;

	out->copy = name ? strdup(name) : NULL;
	library = out->copy ? strchr(out->copy, '@') : NULL;
	if (!library) {
		free(out->copy);
		out->copy = NULL;
		return false;
	}
	*library++ = 0;
	version = strchr(library, '@');
	if (version)
		*version++ = 0;
	out->function = out->copy;
	out->version = version ? version : "";
	out->library = (struct sc_library_names){ .soname = library, .file = library };
	return true;
}

static uint64_t site_of(const struct record *record, const struct stub *stub, const struct sc_stack *stack)
{
	uint64_t site = sc_site_text(sc_site_text(sc_site_begin(stub->function), "@"), stub->library.file);

	for (uint32_t i = 0; i < stack->depth; i++) {
		uint64_t address = stack->frames[i];
		const struct sc_stack_module *module = sc_record_stacks_module(&record->stacks, address);

		site = module ? sc_site_add(site, base_name(module->path), address - module->base) :
				sc_site_add(site, "", 0);
	}
	return sc_site_end(site);
}

static json_t *frames_json(const struct record *record, const struct sc_stack *stack)
{
	json_t *frames = json_array();

	for (uint32_t i = 0; i < stack->depth; i++) {
		uint64_t address = stack->frames[i];
		const struct sc_stack_module *module = sc_record_stacks_module(&record->stacks, address);
		char id[65] = "";

		for (uint32_t n = 0; module && n < module->build_id_size && n < 32; n++)
			snprintf(id + 2 * n, 3, "%02x", module->build_id[n]);
		if (module)
			json_array_append_new(frames, json_pack("{s:o, s:s, s:I}", "module",
								sc_json_string(module->path),
								"build_id", id, "offset",
								(json_int_t)(address - module->base)));
		else
			json_array_append_new(frames, json_pack("{s:s, s:s, s:i}", "module", "", "build_id", "",
								"offset", 0));
	}
	return frames;
}

static json_t *rules_json(const struct evidence *evidence, const struct record *record, const struct stub *stub,
			  const struct sc_stack *stack)
{
	const struct sc_stack_module *module =
		stack->depth ? sc_record_stacks_module(&record->stacks, stack->frames[0]) : NULL;
	struct sc_library_names caller = { .file = module ? base_name(module->path) : "" };
	json_t *rules = json_array();

	for (unsigned i = 0; i < evidence->plan->rules.rule_count; i++)
		if (sc_campaign_plan_selects(evidence->plan, i, stub->function, *stub->version ? stub->version : NULL,
					     &stub->library, &caller))
			json_array_append_new(rules, json_integer(i));
	return rules;
}

static json_t *site_json(const struct evidence *evidence, const struct record *record, const struct stub *stub,
			 const struct sc_stack *stack, json_t *name)
{
	json_t *after = sc_campaign_faults_json(evidence->run->faults, evidence->run->fault_count);
	json_t *line = json_object(), *function = json_sprintf("%s@%s", stub->function, stub->library.file);

	json_object_set_new(line, "event", json_string("site"));
	json_object_set(line, "site", name);
	json_object_set_new(line, "function", function ? function : json_string("?"));
	json_object_set_new(line, "rules", rules_json(evidence, record, stub, stack));
	json_object_set_new(line, "run", json_integer(evidence->run->number));
	json_object_set_new(line, "after", after);
	json_object_set_new(line, "calls", json_integer((json_int_t)stack->calls));
	json_object_set_new(line, "cut", json_boolean(stack->cut));
	json_object_set_new(line, "stack", frames_json(record, stack));
	return line;
}

static int add_site(struct evidence *evidence, const struct record *record, const struct stub *stub,
		    const struct sc_stack *stack)
{
	uint64_t site = site_of(record, stub, stack);
	json_t *name, *line;
	const char *key;

	if (sc_campaign_state_find(evidence->state, site))
		return 0;
	name = sc_campaign_site_text(site);
	key = json_string_value(name);
	if (!key)
		return -ENOMEM;
	line = json_object_get(evidence->sites, key);
	if (line) {
		json_int_t calls = json_integer_value(json_object_get(line, "calls")) + (json_int_t)stack->calls;

		json_object_set_new(line, "calls", json_integer(calls));
	} else if (json_object_size(evidence->sites) < evidence->room) {
		json_object_set_new(evidence->sites, key, site_json(evidence, record, stub, stack, name));
	}
	json_decref(name);
	return 0;
}

static int add_stacks(struct evidence *evidence, const struct record *record)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < record->stacks.stack_count; i++) {
		const struct sc_stack *stack = &record->stacks.stacks[i];
		struct stub stub = { 0 };

		if (name_from_image(evidence, record, stack->index, &stub) ||
		    name_from_record(record, stack->index, &stub))
			r = add_site(evidence, record, &stub, stack);
		free(stub.copy);
	}
	evidence->stackless += record->stacks.stackless;
	return r;
}

/* ---- all of them ---- */

static int add_process(struct evidence *evidence, const struct sc_record_header *header, const void *bytes, size_t size)
{
	unsigned faults = evidence->run->fault_count;
	struct process *process;
	uint64_t count;

	if (sc_report_grow(&evidence->processes, evidence->process_count, sizeof(*evidence->processes)))
		return -ENOMEM;
	process = &evidence->processes[evidence->process_count];
	*process = (struct process){
		.pid = header->pid, .forked_from = header->forked_from, .start = header->start_realtime,
		.gone = header->state != SC_RECORD_ENDED && !sc_clock_process_lives(header),
		.program = strdup(header->program),
	};
	if (!process->program)
		return -ENOMEM;
	evidence->process_count++;
	count = faults ? sc_campaign_faults_count(bytes, size, faults - 1) : 0;
	process->injected = count > 0;
	evidence->reached += count;
	return 0;
}

static int add_record(struct evidence *evidence, const char *name)
{
	struct record record = { 0 };
	unsigned char *bytes = NULL;
	const char *why;
	size_t size;
	int r = sc_record_bytes(evidence->directory, name, &bytes, &size, &why);

	if (r == 0)
		r = sc_record_parse(&record.file, bytes, size, &why);
	if (r == 0) {
		r = sc_record_stacks_parse(&record.stacks, bytes, size, &why);
		if (r == 0)
			r = add_stacks(evidence, &record);
		if (r == 0)
			r = add_process(evidence, &record.file.header, bytes, size);
		sc_record_stacks_release(&record.stacks);
		sc_record_release(&record.file);
	}
	free(bytes);
	return r == -ENOMEM ? r : 0; /* a process that was killed while it made its record leaves half a one */
}

static int is_record(const struct dirent *entry)
{
	return sc_record_is_name(entry->d_name);
}

static uint64_t start_of(const char *name)
{
	const char *dash = strchr(name, '-');

	return dash ? strtoull(dash + 1, NULL, 10) : 0;
}

/* By the time at which processes began, so that sites are found in the same order every time. */
static int by_start(const struct dirent **a, const struct dirent **b)
{
	uint64_t first = start_of((*a)->d_name), second = start_of((*b)->d_name);

	return first < second ? -1 : first > second;
}

static int add_all(struct evidence *evidence, const char *records)
{
	struct dirent **entries;
	int count = scandir(records, &entries, is_record, by_start), r = 0;

	if (count < 0)
		return -errno;
	evidence->directory = open(records, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (evidence->directory < 0)
		r = -errno;
	sc_names_open(&evidence->images, evidence->directory);
	for (int i = 0; i < count; i++) {
		if (r == 0)
			r = add_record(evidence, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	sc_names_close(&evidence->images);
	if (evidence->directory >= 0)
		close(evidence->directory);
	return r;
}

/* A process that went on as another program has a later record, which is no fork's. */
static bool was_killed(const struct evidence *evidence, const struct process *process)
{
	if (!process->gone)
		return false;
	for (size_t i = 0; i < evidence->process_count; i++) {
		const struct process *other = &evidence->processes[i];

		if (other->pid == process->pid && other->start > process->start && !other->forked_from)
			return false;
	}
	return true;
}

static json_t *summary(struct evidence *evidence)
{
	json_t *killed = json_array(), *sites = json_array(), *line;
	const char *key;

	for (size_t i = 0; i < evidence->process_count; i++) {
		const struct process *process = &evidence->processes[i];

		if (!was_killed(evidence, process))
			continue;
		json_array_append_new(killed, json_pack("{s:o, s:i, s:b}", "program",
							sc_json_string(process->program), "pid",
							(int)process->pid, "injected", process->injected));
	}
	json_object_foreach(evidence->sites, key, line)
		json_array_append(sites, line);
	return json_pack("{s:o, s:o, s:I, s:I}", "sites", sites, "killed", killed, "reached",
			 (json_int_t)evidence->reached, "stackless", (json_int_t)evidence->stackless);
}

json_t *sc_campaign_evidence(const struct sc_campaign_plan *plan, const struct sc_campaign_state *state,
			     const char *records, const struct sc_campaign_run *run, uint64_t sites_most)
{
	struct evidence evidence = { .plan = plan, .state = state, .run = run, .sites = json_object(), 
				     .room = UINT64_MAX };
	json_t *out = NULL;
	int r;

	if (sites_most)
		evidence.room = sites_most > state->site_count ? sites_most - state->site_count : 0;
	r = add_all(&evidence, records);
	if (r == 0)
		out = summary(&evidence);
	if (!out)
		sc_cmd_error("cannot read '%s': %s", records, strerror(r ? -r : ENOMEM));
	for (size_t i = 0; i < evidence.process_count; i++)
		free(evidence.processes[i].program);
	free(evidence.processes);
	json_decref(evidence.sites);
	return out;
}
