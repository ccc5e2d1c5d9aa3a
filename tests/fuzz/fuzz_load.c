/* SPDX-License-Identifier: MIT */
/*
 * The way of an image into a process (preload/image_load.c): mapped into an area, checked there, its parts protected.
 * Each input gets the right checksum, which nobody finds by chance.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/store.h"
#include "fuzz.h"
#include "preload/image_load.h"
#include "preload/runtime.h"

#define AREA ((size_t)1 << 20)

unsigned char sc_area[AREA] __attribute__((aligned(65536)));
extern const size_t sc_area_size;
const size_t sc_area_size = AREA;
struct sc_runtime sc_runtime;

static volatile size_t walked;

static void load(int fd, size_t size)
{
	const char *why = NULL;
	struct sc_mapped_image *mapped = sc_image_load(fd, size, NULL, &why);

	if (!mapped) {
		FUZZ_PROMISE(why && why[0]);
		FUZZ_PROMISE(sc_image_count() == 0);
		return;
	}
	walked += fuzz_walk(&mapped->image);
	sc_image_unload(mapped);
	FUZZ_PROMISE(sc_image_count() == 0 && sc_image_load_room() == AREA);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	uint8_t *copy;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		sc_runtime.page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	}
	if (size < SC_STORE_FILE_LEAST || size > AREA)
		return 0;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	sc_store_checksum_set(copy, size);
	if (ftruncate(fd, 0) == 0 && pwrite(fd, copy, size, 0) == (ssize_t)size) {
		/* Without clients and with one, whose code is mapped elsewhere. */
		for (sc_runtime.clients = 0; sc_runtime.clients < 2; sc_runtime.clients++)
			load(fd, size);
	}
	free(copy);
	return 0;
}
