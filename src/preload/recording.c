/* SPDX-License-Identifier: MIT */
/*
 * Owns the start of the record and the naming of stub numbers. Called by start.c and generate.c before an image is
 * activated.
 */
#include "preload/recording.h"

#include <errno.h>
#include <string.h>

#include "common/arena.h"
#include "preload/fork.h"
#include "preload/reason.h"
#include "preload/record_map.h"
#include "preload/runtime.h"
#include "preload/hot.h"
#include "x86_64/tsc.h"

static bool started SC_HOT;

bool sc_recording_started(void)
{
	return started;
}

static bool start(uint32_t stubs)
{
	struct sc_record_options options = {
		.directory = sc_runtime.config.out,
		.program = sc_runtime.program,
		.stub_count = stubs,
		.clock = sc_runtime.clock ? SC_RECORD_CLOCK_MONOTONIC : SC_RECORD_CLOCK_TSC,
		.ticks = sc_runtime.clock ? sc_clock_monotonic : sc_tsc_read,
		.noticed = sc_fork_noticed,
		.page_size = sc_runtime.page_size,
	};
	int r = sc_record_start(&options);

	if (r < 0 && options.directory)
		sc_reason(SC_LOG_ERROR, "cannot record in '%s': %s; counts are kept in memory", options.directory,
			  strerrordesc_np(-r));
	started = r != -ENOMEM;
	return started;
}

static size_t put(char *out, const char *text)
{
	size_t n = strlen(text);

	memcpy(out, text, n);
	return n;
}

/* function@library or function@library@version, each terminated, in the order of numbers. */
static bool add_names(struct sc_mapped_image *mapped)
{
	const struct sc_image *image = &mapped->image;
	struct sc_arena arena = { 0 };
	size_t room = (size_t)image->header->strings_size * 3 + (size_t)image->header->stub_count * 512, used = 0;
	char *names = sc_arena_alloc(&arena, room);
	bool ok = names != NULL;

	for (uint32_t m = 0; ok && m < image->header->module_count; m++) {
		const struct sc_image_plan *plan = sc_image_plan(image, m);
		const char *library = sc_image_string(image, image->modules[m].name);

		for (uint32_t t = 0; plan && ok && t < plan->target_count; t++) {
			const struct sc_image_target *target = &sc_image_targets(plan)[t];
			const char *name = sc_image_string(image, target->name);
			const char *version = sc_image_string(image, target->symbol_version);

			ok = used + strlen(name) + strlen(library) + strlen(version) + 4 < room;
			if (!ok)
				break;
			used += put(names + used, name);
			names[used++] = '@';
			used += put(names + used, library);
			if (*version) {
				names[used++] = '@';
				used += put(names + used, version);
			}
			names[used++] = 0;
		}
	}
	ok = ok && sc_record_add_names(mapped->first_index, image->header->stub_count, names, used) == 0;
	sc_arena_release(&arena);
	return ok;
}

bool sc_recording_image(struct sc_mapped_image *mapped, const char *path, int fd)
{
	const struct sc_image_header *header = mapped->image.header;

	if (!started && !start(header->stub_count))
		return false;
	if (sc_record_extend(mapped->first_index + header->stub_count) < 0)
		return false;
	if (!sc_runtime.config.out)
		return true; /* nobody but the summary reads it, and that has the images */
	if (fd < 0)
		return add_names(mapped);
	return sc_record_add_image(header->id, mapped->first_index, header->stub_count, path, fd) == 0 ||
	       add_names(mapped);
}
