/* SPDX-License-Identifier: MIT */
/*
 * Owns the stub area (src/x86_64/area.S) and the images in it. Cold and warm starts, and what is added while
 * the program runs, all come through here.
 *
 * The file is mapped once, readable and executable, and checked there before anything can jump into it; then all but
 * the code gives up being executable and the words become a private writable copy. No page is ever writable
 * and executable, and none becomes executable by mprotect, which PR_SET_MDWE forbids. (A mapping of its own for the
 * code, on top of a read-only one, costs 4 us more.)
 */
#include "preload/image_load.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "common/arena.h"
#include "common/store.h"
#include "common/sys.h"
#include "preload/hot.h"
#include "preload/image_clients.h"
#include "preload/runtime.h"

extern unsigned char sc_area[];
extern const size_t sc_area_size;

/* What is remembered of the first image of most programs lies together: a warm start touches one page for it. */
static struct {
	uint32_t count;
	size_t used; /* of the area */
	struct sc_mapped_image first;
	uintptr_t few[256]; /* its stubs, originals and modules, when they fit */
} known SC_HOT;

static struct sc_mapped_image *more[SC_IMAGES_MOST]; /* from the second on */
static struct sc_arena arena SC_HOT;

uint32_t sc_image_count(void)
{
	return known.count;
}

struct sc_mapped_image *sc_image_at(uint32_t i)
{
	return i == 0 ? &known.first : more[i - 1];
}

size_t sc_image_load_room(void)
{
	return sc_area_size - known.used;
}

/* Back to what the area was: reserved, read-only, no memory. */
static void unmap(unsigned char *at, size_t size)
{
	sc_sys_mmap(at, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

/* Everything was mapped executable; only the code stays so. What follows the words, for tools, goes with them. */
static const char *protect_parts(unsigned char *at, const struct sc_image_header *header, size_t span)
{
	if (sc_sys_mprotect(at, header->rx_offset, PROT_READ) < 0 ||
	    (header->rw_offset < span &&
	     sc_sys_mprotect(at + header->rw_offset, span - header->rw_offset, PROT_READ | PROT_WRITE) < 0))
		return "map";
	return NULL;
}

static bool remember_few(struct sc_mapped_image *mapped, const struct sc_image_header *header)
{
	size_t stubs = header->stub_count, modules = header->module_count;

	if (mapped != &known.first || stubs * 2 + modules > sizeof(known.few) / sizeof(known.few[0]))
		return false;
	mapped->stubs = known.few;
	mapped->originals = known.few + stubs;
	mapped->modules = (uint32_t *)(known.few + 2 * stubs);
	return true;
}

static struct sc_mapped_image *remember(const struct sc_image *image, unsigned char *at)
{
	struct sc_mapped_image *mapped = known.count ? sc_arena_alloc(&arena, sizeof(*mapped)) : &known.first;
	const struct sc_image_header *header = image->header;

	if (!mapped)
		return NULL;
	mapped->image = *image;
	mapped->base = at;
	if (!remember_few(mapped, header)) {
		mapped->modules = sc_arena_array(&arena, header->module_count, sizeof(mapped->modules[0]));
		mapped->stubs = sc_arena_array(&arena, header->stub_count, sizeof(mapped->stubs[0]));
		mapped->originals = sc_arena_array(&arena, header->stub_count, sizeof(mapped->originals[0]));
	}
	if (!mapped->modules || !mapped->stubs || !mapped->originals)
		return NULL;
	for (uint32_t i = 0; i < header->module_count; i++)
		mapped->modules[i] = UINT32_MAX;
	return mapped;
}

struct sc_mapped_image *sc_image_load(int fd, uint64_t size, const uint8_t key[16], const char **why)
{
	const size_t page = sc_runtime.page_size;
	size_t span = (size + page - 1) & -page;
	unsigned char *at = sc_area + known.used;
	struct sc_mapped_image *mapped = NULL;
	struct sc_image image;
	int r;

	*why = "area-full";
	if (size > sc_image_load_room() || span > sc_image_load_room() || known.count == SC_IMAGES_MOST)
		return NULL;
	r = sc_sys_mmap_over(at, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (r < 0) {
		*why = r == -EPERM || r == -EACCES ? "noexec" : "map";
		return NULL;
	}
	if (!sc_store_checksum_ok(at, size)) {
		*why = "checksum";
		goto fail;
	}
	if (sc_image_open(&image, at, size, why) < 0)
		goto fail;
	if (image.header->page_size != page) {
		*why = "page-size";
		goto fail;
	}
	if (key && memcmp(image.header->key, key, sizeof(image.header->key)) != 0) {
		*why = "key";
		goto fail;
	}
	*why = protect_parts(at, image.header, span);
	if (*why)
		goto fail;
	mapped = remember(&image, at);
	if (!mapped) {
		*why = "memory";
		goto fail;
	}
	if (sc_runtime.clients)
		*why = sc_image_clients_map(mapped, fd);
	if (*why)
		goto fail;
	known.used += span;
	if (known.count > 0)
		more[known.count - 1] = mapped;
	known.count++;
	return mapped;
fail:
	unmap(at, span);
	return NULL;
}

void sc_image_unload(struct sc_mapped_image *mapped)
{
	size_t span = sc_area + known.used - mapped->base;

	if (known.count == 0 || sc_image_at(known.count - 1) != mapped)
		return;
	if (sc_runtime.clients)
		sc_image_clients_unmap(mapped);
	known.count--;
	known.used -= span;
	unmap(mapped->base, span);
}
