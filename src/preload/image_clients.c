/* SPDX-License-Identifier: MIT */
/*
 * Owns the mappings of an image that exist for clients. Called by image_load.c and activate.c, only when there are
 * clients.
 *
 *	stub area		elsewhere
 *	R   tables, ro
 *	RX  stubs
 *	-   (reserved)    <--	RX  the clients' code, at an address of the kernel's choice
 *	RW  words, rw
 *				R   the whole file, never written to: what a merge, and a module that
 *				    comes again, starts from
 *
 * The area has one rule for unwinding every address in it, and it is that of stubs: code that is none must not lie
 * there. Distances from code to ro and rw mean nothing therefore.
 */
#include "preload/image_clients.h"

#include <string.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/runtime.h"

/* The code from the descriptor; its place in the area becomes what the area was: reserved, and nothing to execute. */
static const char *move_code(struct sc_mapped_image *mapped, int fd, uint32_t start, uint32_t end)
{
	const struct sc_image_header *header = mapped->image.header;
	size_t size = (end - start + sc_runtime.page_size - 1) & -sc_runtime.page_size;
	void *at = sc_sys_mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, start);

	if (at == MAP_FAILED)
		return "map";
	mapped->clients = (struct sc_mapped_clients){ at, size, start };
	if (sc_sys_mmap_over(mapped->base + start, header->rw_offset - start, PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) < 0)
		return "map";
	return NULL;
}

const char *sc_image_clients_map(struct sc_mapped_image *mapped, int fd)
{
	uint32_t start, end;
	const char *why = NULL;
	void *file;

	mapped->clients = (struct sc_mapped_clients){ 0 };
	mapped->file = NULL;
	if (sc_image_client_code(&mapped->image, &start, &end))
		why = move_code(mapped, fd, start, end);
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

void sc_image_clients_renew(struct sc_mapped_image *mapped, uint32_t image_module)
{
	const struct sc_image_module *module = &mapped->image.modules[image_module];

	for (uint32_t p = 0; mapped->file && p < module->portion_count; p++) {
		const struct sc_image_portion *portion = &mapped->image.portions[module->first_portion + p];

		if (portion->client != 0 && portion->section == SC_IMAGE_RW)
			memcpy(mapped->base + portion->offset, mapped->file + portion->offset, portion->size);
	}
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
