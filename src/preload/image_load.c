/* SPDX-License-Identifier: MIT */
/*
 * Owns the stub area (src/x86_64/area.S) and the images in it. Cold and warm starts, and what is added while
 * the program runs, all come through here.
 *
 * The file is first mapped read-only as a whole and checked there; then its code is mapped again, executable
 * and never writable, and its words become a private writable copy. mprotect is not used to make code
 * executable: PR_SET_MDWE forbids it.
 */
#include "preload/image_load.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "common/arena.h"
#include "common/store.h"
#include "common/sys.h"

extern unsigned char sc_area[];
extern const size_t sc_area_size;

static struct sc_mapped_image *images[SC_IMAGES_MOST];
static struct sc_mapped_image first_image;
static uint32_t image_count;
static size_t area_used;
static struct sc_arena arena;

uint32_t sc_image_count(void)
{
	return image_count;
}

struct sc_mapped_image *sc_image_at(uint32_t i)
{
	return images[i];
}

size_t sc_image_load_room(void)
{
	return sc_area_size - area_used;
}

bool sc_image_load_covers(uintptr_t address)
{
	return address - (uintptr_t)sc_area < __atomic_load_n(&area_used, __ATOMIC_ACQUIRE);
}

/* Back to what the area was: reserved, read-only, no memory. */
static void unmap(unsigned char *at, size_t size)
{
	sc_sys_mmap(at, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

static const char *map_parts(unsigned char *at, int fd, const struct sc_image_header *header)
{
	size_t code = header->rw_offset - header->rx_offset;
	size_t words = header->load_size - header->rw_offset;

	if (code && sc_sys_mmap(at + header->rx_offset, code, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd,
				header->rx_offset) == MAP_FAILED)
		return "noexec";
	if (words && sc_sys_mprotect(at + header->rw_offset, words, PROT_READ | PROT_WRITE) < 0)
		return "map";
	return NULL;
}

static struct sc_mapped_image *remember(const struct sc_image *image, unsigned char *at)
{
	struct sc_mapped_image *mapped = image_count ? sc_arena_alloc(&arena, sizeof(*mapped)) : &first_image;
	const struct sc_image_header *header = image->header;

	if (!mapped)
		return NULL;
	mapped->image = *image;
	mapped->base = at;
	mapped->modules = sc_arena_array(&arena, header->module_count, sizeof(mapped->modules[0]));
	mapped->stubs = sc_arena_array(&arena, header->stub_count, sizeof(mapped->stubs[0]));
	mapped->originals = sc_arena_array(&arena, header->stub_count, sizeof(mapped->originals[0]));
	if (!mapped->modules || !mapped->stubs || !mapped->originals)
		return NULL;
	for (uint32_t i = 0; i < header->module_count; i++)
		mapped->modules[i] = UINT32_MAX;
	return mapped;
}

struct sc_mapped_image *sc_image_load(int fd, uint64_t size, const uint8_t key[16], const char **why)
{
	const size_t page = getauxval(AT_PAGESZ);
	size_t span = (size + page - 1) & -page;
	unsigned char *at = sc_area + area_used;
	struct sc_mapped_image *mapped = NULL;
	struct sc_image image;

	*why = "area-full";
	if (size > sc_image_load_room() || span > sc_image_load_room() || image_count == SC_IMAGES_MOST)
		return NULL;
	*why = "map";
	if (sc_sys_mmap(at, size, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, fd, 0) == MAP_FAILED)
		return NULL;
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
	*why = map_parts(at, fd, image.header);
	if (*why)
		goto fail;
	mapped = remember(&image, at);
	if (!mapped) {
		*why = "memory";
		goto fail;
	}
	area_used += span;
	images[image_count++] = mapped;
	return mapped;
fail:
	unmap(at, span);
	return NULL;
}

void sc_image_unload(struct sc_mapped_image *mapped)
{
	size_t span = sc_area + area_used - mapped->base;

	if (image_count == 0 || images[image_count - 1] != mapped)
		return;
	images[--image_count] = NULL;
	area_used -= span;
	unmap(mapped->base, span);
}
