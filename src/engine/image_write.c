/* SPDX-License-Identifier: MIT */
/*
 * Owns the order in which an image comes to be, and its hashes. Does not own its contents: the portions are written
 * by the registry's clients, the stub generator among them; tables, symbols and headers by image_write_*.c. Called by
 * engine.c, for new images and for merged ones.
 *
 *	place	sizes of the head's parts; the ro section begins behind them
 *	measure	the driver asks all clients, and addresses are known
 *	fill	head and tail, in memory
 *	write	head, portions, tail
 *	seal	build-id, id and checksum, each a hash of what is in the file by then
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "common/hash.h"
#include "common/sys.h"
#include "engine/emit.h"
#include "engine/image_write_internal.h"

__attribute__((format(printf, 3, 4))) static int fail(const struct sc_image_build *build, int error, const char *format,
						      ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (build->write->failure_size)
		vsnprintf(build->write->failure, build->write->failure_size, format, arguments);
	va_end(arguments);
	return error;
}

/* Sums are 64 bits wide; whoever has placed the last part looks at head_size once. */
void sc_part_place(struct sc_image_build *build, enum sc_part part, uint64_t size, uint32_t alignment)
{
	uint64_t offset = (build->head_size + alignment - 1) & -(uint64_t)alignment;

	build->parts[part] = (struct sc_part_extent){ (uint32_t)offset, (uint32_t)size };
	build->head_size = offset + size;
}

static int number_stubs(struct sc_image_build *build)
{
	struct sc_plan *plan = build->plan;
	uint64_t next = 0;

	build->generators = sc_arena_array(build->arena, plan->module_count, sizeof(*build->generators));
	if (!build->generators)
		return -ENOMEM;
	for (uint32_t m = 0; m < plan->module_count; m++) {
		struct sc_generator_module *generator = &build->generators[m];

		generator->plan = plan;
		generator->module = &plan->modules[m];
		generator->first_index = (uint32_t)next;
		next += generator->module->target_count;
		if (next + plan->first_index > SC_EMIT_INDEX_MOST)
			return -E2BIG;
		generator->stubs = sc_arena_array(build->arena, generator->module->target_count,
						  sizeof(*generator->stubs));
		if (!generator->stubs)
			return -ENOMEM;
	}
	build->header.stub_count = (uint32_t)next;
	return 0;
}

static int place_head(struct sc_image_build *build)
{
	int error;

	sc_image_elf_place(build);
	error = sc_image_tables_place(build);
	if (error)
		return error;
	error = sc_image_symbols_place(build);
	if (error)
		return error;
	sc_image_unwind_place(build);
	if (build->head_size > INT32_MAX)
		return -E2BIG;
	build->head = sc_arena_alloc(build->arena, build->head_size);
	return build->head ? 0 : -ENOMEM;
}

static size_t section_start(void *user, enum sc_image_section section, size_t end)
{
	const struct sc_image_build *build = user;

	return section == SC_IMAGE_RO ? build->head_size : end;
}

static int make_contexts(struct sc_image_build *build)
{
	struct sc_persist_generation *generation = &build->generation;
	struct sc_plan *plan = build->plan;

	generation->registry = build->write->registry;
	generation->context_count = plan->module_count;
	sc_persist_generate_room(generation->registry, plan->module_count, &generation->portion_most,
				 &generation->word_most);
	generation->contexts = sc_arena_array(build->arena, plan->module_count, sizeof(*generation->contexts));
	generation->portions = sc_arena_array(build->arena, generation->portion_most, sizeof(*generation->portions));
	generation->words = sc_arena_array(build->arena, generation->word_most, sizeof(*generation->words));
	if (!generation->contexts || !generation->portions || !generation->words)
		return -ENOMEM;
	for (uint32_t m = 0; m < plan->module_count; m++)
		generation->contexts[m] = (struct sc_persist_context){
			.base = plan->modules[m].base,
			.size = plan->modules[m].size,
			.name = plan->modules[m].name,
			.generator = &build->generators[m],
			.module = m,
			.is_closed = plan->modules[m].is_closed,
			.older = plan->modules[m].older,
		};
	generation->page_size = build->page_size;
	generation->limit = INT32_MAX; /* displacements reach that far */
	generation->separate = true;
	return 0;
}

/* The parts that the driver has laid out. */
static void place_sections(struct sc_image_build *build)
{
	const struct sc_persist_generation *generation = &build->generation;
	const struct sc_persist_extent *sections = generation->sections;
	struct sc_part_extent *parts = build->parts;
	uint32_t code = sections[SC_IMAGE_RX].offset, clients = generation->rx_clients_offset;

	for (uint32_t i = 0; i < generation->portion_count; i++)
		if (generation->portions[i].section == SC_IMAGE_RX && generation->portions[i].client == 0)
			code = generation->portions[i].offset + generation->portions[i].size;
	parts[SC_PART_RO].offset = sections[SC_IMAGE_RO].offset;
	parts[SC_PART_RO].size = sections[SC_IMAGE_RO].end - sections[SC_IMAGE_RO].offset;
	parts[SC_PART_TEXT].offset = sections[SC_IMAGE_RX].offset;
	parts[SC_PART_TEXT].size = code - sections[SC_IMAGE_RX].offset;
	parts[SC_PART_CLIENTS].offset = clients;
	parts[SC_PART_CLIENTS].size = sections[SC_IMAGE_RX].end - clients;
	parts[SC_PART_DATA].offset = sections[SC_IMAGE_RW].offset;
	parts[SC_PART_DATA].size = sections[SC_IMAGE_RW].end - sections[SC_IMAGE_RW].offset;
}

static int fill(struct sc_image_build *build)
{
	int error;

	place_sections(build);
	sc_image_tables_fill_header(build);
	error = sc_image_elf_tail(build);
	if (error)
		return error;
	build->header.file_size = (uint64_t)build->tail_offset + build->tail_size;
	sc_image_elf_fill(build);
	sc_image_tables_fill(build);
	sc_image_symbols_fill(build);
	sc_image_unwind_fill(build);
	return 0;
}

static int put(const struct sc_image_build *build, const void *bytes, size_t size, uint64_t offset)
{
	int error = sc_sys_pwrite_full(build->write->fd, bytes, size, (off_t)offset);

	return error < 0 ? error : 0;
}

static int write_parts(const struct sc_image_build *build)
{
	const struct sc_part_extent *symtab = &build->parts[SC_PART_SYMTAB];
	int error;

	error = put(build, build->head, build->head_size, 0);
	if (!error)
		error = put(build, sc_part_bytes(build, SC_PART_DYNSYM), symtab->size, symtab->offset);
	if (!error)
		error = put(build, build->tail, build->tail_size, build->tail_offset);
	return error;
}

/* A refusal of the generator is no refusal: it ran out of memory or room. */
static int driver_error(const struct sc_image_build *build)
{
	const struct sc_persist_generation *generation = &build->generation;

	switch (generation->reason) {
	case SC_PERSIST_OK:
		return 0;
	case SC_PERSIST_BUSY:
		return -EBUSY;
	case SC_PERSIST_TOO_MANY:
	case SC_PERSIST_TOO_LARGE:
		return -E2BIG;
	case SC_PERSIST_IO:
		return -EIO;
	case SC_PERSIST_WRITE_REFUSED:
		if (generation->failure.client == 0)
			return build->generators[generation->failure.module].error;
		return -ECANCELED;
	default:
		return -ECANCELED;
	}
}

static int drive_failed(const struct sc_image_build *build)
{
	const struct sc_persist_failure *failure = &build->generation.failure;
	int error = driver_error(build);
	const char *module = "-";
	char where[120];

	if (failure->module < build->plan->module_count)
		module = build->plan->modules[failure->module].name;
	sc_persist_describe(build->generation.reason, failure, module, where, sizeof(where));
	return fail(build, error, "cannot write the image: %s", where);
}

static int measure_and_write(struct sc_image_build *build)
{
	struct sc_persist_generation *generation = &build->generation;
	int error = 0;

	if (sc_persist_generate_measure(generation) == SC_PERSIST_OK) {
		error = fill(build);
		if (!error)
			error = write_parts(build);
		if (error)
			fail(build, error, "cannot write the image: error %d", -error);
		else
			sc_persist_generate_write(generation, build->write->fd);
	}
	return error;
}

/* From merging to writing, in which the registry is held. */
static int drive(struct sc_image_build *build, struct sc_image_write *write)
{
	struct sc_persist_generation *generation = &build->generation;
	int error;

	if (sc_persist_generate_begin(generation) != SC_PERSIST_OK)
		return drive_failed(build);
	sc_generator_answer_begin(generation->registry, build->plan);
	if (write->older)
		write->refused = sc_persist_generate_merge(generation, write->older);
	error = measure_and_write(build);
	if (generation->reason != SC_PERSIST_OK)
		error = drive_failed(build);
	sc_generator_answer_end(generation->registry);
	sc_persist_generate_end(generation);
	return error;
}

/* Each hash covers those before it; `file` shows what is written meanwhile. */
static int put_hashes(const struct sc_image_build *build, const uint8_t *file)
{
	uint64_t size = build->header.file_size, load_size = build->header.load_size, checksum;
	struct sc_hash128 build_id = sc_hash128(file, load_size), id;
	uint64_t more = sc_hash64(build_id.bytes, sizeof(build_id.bytes));
	int error;

	error = put(build, build_id.bytes, sizeof(build_id.bytes), sc_image_elf_build_id(build));
	if (!error)
		error = put(build, &more, 4, sc_image_elf_build_id(build) + sizeof(build_id.bytes));
	if (error)
		return error;
	id = sc_hash128(file, load_size);
	error = put(build, id.bytes, sizeof(id.bytes), SC_IMAGE_HEADER_OFFSET + offsetof(struct sc_image_header, id));
	if (error)
		return error;
	checksum = sc_hash64(file, size - sizeof(checksum)); /* as sc_store_checksum_set */
	return put(build, &checksum, sizeof(checksum), size - sizeof(checksum));
}

static int seal(const struct sc_image_build *build)
{
	uint64_t size = build->header.file_size;
	void *file = sc_sys_mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, build->write->fd, 0);
	int error;

	if (file == MAP_FAILED)
		return fail(build, -ENOMEM, "cannot write the image: it cannot be mapped");
	error = put_hashes(build, file);
	sc_sys_munmap(file, size);
	if (error)
		fail(build, error, "cannot write the image: error %d", -error);
	return error;
}

int sc_image_write(struct sc_image_write *write)
{
	struct sc_image_build build = {
		.write = write,
		.plan = write->plan,
		.arena = &write->plan->arena,
		.page_size = (uint32_t)getauxval(AT_PAGESZ),
	};
	const struct sc_persist_writer writer = {
		.section = section_start,
		.code = sc_generator_code,
		.user = &build,
	};
	int error;

	memcpy(build.header.key, write->key, sizeof(build.header.key));
	build.generation.writer = &writer;
	error = number_stubs(&build);
	if (!error)
		error = make_contexts(&build);
	if (!error)
		error = place_head(&build);
	if (error)
		return fail(&build, error, "cannot write the image: error %d", -error);
	error = drive(&build, write);
	return error ? error : seal(&build);
}
