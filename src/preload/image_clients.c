/* SPDX-License-Identifier: MIT */
/*
 * Owns the mappings of an image that exist for clients. Called by image_load.c, only when there are clients.
 *
 *	stub area		elsewhere
 *	R   tables, ro
 *	RX  stubs
 *	-   (reserved)    <--	RX  the clients' code, at an address of the kernel's choice
 *	RW  words, rw
 *				R   the whole file, never written to: what a merge starts from
 *
 * The area has one rule for unwinding every address in it, and it is that of stubs: code that is none must not lie
 * there. Distances from code to ro and rw mean nothing therefore.
 */
#include "preload/image_clients.h"

#include <sys/mman.h>

#include "common/sys.h"
#include "preload/runtime.h"

struct range {
	uint32_t start, end;
};

/* Where the clients' code lies in the file. */
static struct range find_code(const struct sc_image *image)
{
	struct range range = { UINT32_MAX, 0 };

	for (uint32_t i = 0; i < image->header->portion_count; i++) {
		const struct sc_image_portion *portion = &image->portions[i];

		if (portion->section != SC_IMAGE_RX || portion->client == 0)
			continue;
		range.start = portion->offset < range.start ? portion->offset : range.start;
		range.end = portion->offset + portion->size > range.end ? portion->offset + portion->size : range.end;
	}
	return range;
}

/* No stub may lie where stubs are not mapped. */
static bool is_behind_stubs(const struct sc_image *image, const struct range *code)
{
	if (code->start % image->header->page_size)
		return false;
	for (uint32_t m = 0; m < image->header->module_count; m++) {
		const struct sc_image_plan *plan = sc_image_plan(image, m);

		for (uint32_t i = 0; plan && i < plan->target_count; i++) {
			const struct sc_image_target *target = &sc_image_targets(plan)[i];

			if ((uint64_t)target->code + sc_image_stub_size(target->kind) > code->start)
				return false;
		}
	}
	return true;
}

/* The code from the descriptor; its place in the area becomes what the area was: reserved, and nothing to execute. */
static const char *move_code(struct sc_mapped_image *mapped, int fd, const struct range *code)
{
	const struct sc_image_header *header = mapped->image.header;
	size_t size = (code->end - code->start + sc_runtime.page_size - 1) & -sc_runtime.page_size;
	void *at = sc_sys_mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, code->start);

	if (at == MAP_FAILED)
		return "map";
	mapped->clients = (struct sc_mapped_clients){ at, size, code->start };
	if (sc_sys_mmap_over(mapped->base + code->start, header->rw_offset - code->start, PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) < 0)
		return "map";
	return NULL;
}

const char *sc_image_clients_map(struct sc_mapped_image *mapped, int fd)
{
	struct range code = find_code(&mapped->image);
	const char *why = NULL;
	void *file;

	mapped->clients = (struct sc_mapped_clients){ 0 };
	mapped->file = NULL;
	if (code.end && !is_behind_stubs(&mapped->image, &code))
		return "client-code";
	if (code.end)
		why = move_code(mapped, fd, &code);
	if (!why) {
		file = sc_sys_mmap(NULL, mapped->image.header->load_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (file == MAP_FAILED)
			why = "memory";
		else
			mapped->file = file;
	}
	if (why)
		sc_image_clients_unmap(mapped);
	return why;
}

void sc_image_clients_unmap(struct sc_mapped_image *mapped)
{
	if (mapped->clients.code)
		sc_sys_munmap(mapped->clients.code, mapped->clients.size);
	if (mapped->file)
		sc_sys_munmap((void *)mapped->file, mapped->image.header->load_size);
	mapped->clients = (struct sc_mapped_clients){ 0 };
	mapped->file = NULL;
}
