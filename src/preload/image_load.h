/* SPDX-License-Identifier: MIT */
/*
 * Images in the stub area: mapped from the descriptor that was checked, in three parts (R, RX, RW), one behind
 * the other as the process goes on.
 */
#ifndef SC_IMAGE_LOAD_H
#define SC_IMAGE_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/image.h"

#define SC_IMAGES_MOST 2048

/* The code of clients; what lies at an offset of the file is at code + offset - file_offset. */
struct sc_mapped_clients {
	unsigned char *code; /* NULL: there is none */
	size_t size;
	uint32_t file_offset;
};

struct sc_mapped_image {
	struct sc_image image;
	unsigned char *base; /* in the stub area */
	uint32_t first_index; /* of its stubs in the record */
	bool unbound; /* a module of it was bound, and is no more: clients may have written to its rw */
	uint32_t *modules;   /* image module -> index into sc_modules.list, or UINT32_MAX */
	uintptr_t *stubs;    /* by index of the image: address that slots get for this target; 0: not bound */
	uintptr_t *originals; /* by index of the image: what slots held before */
	struct sc_mapped_clients clients; /* these two only while there are clients: image_clients.h */
	const unsigned char *file; /* the bytes as they are in the file, up to load_size; or NULL */
};

/* Bytes of the stub area that are left. */
size_t sc_image_load_room(void);

/*
 * Maps size bytes of fd as an image, having checked all of it: the checksum, the tables, the key (NULL: any).
 * Nothing is active afterwards. Returns it, or NULL with a stable word in *why ("map", "checksum", "key",
 * "area-full", "noexec", one of sc_image_clients_map's or of sc_image_open's). Nothing stays mapped on failure.
 */
struct sc_mapped_image *sc_image_load(int fd, uint64_t size, const uint8_t key[16], const char **why);

/* Forgets the latest image again, when a client has refused it. */
void sc_image_unload(struct sc_mapped_image *mapped);

uint32_t sc_image_count(void);
struct sc_mapped_image *sc_image_at(uint32_t i);

#endif
