/* SPDX-License-Identifier: MIT */
/*
 * A small plan, and images written from it, for the tests of the image's writer and for image_sample, which
 * tools are tried on. The stub generator is the only client.
 */
#ifndef IMAGE_FIXTURE_H
#define IMAGE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/image.h"
#include "engine/plan.h"

enum { FIXTURE_FIRST_INDEX = 7 };
enum { PROG, LIBC, LIBZ, LIBM }; /* modules of the plan */

extern const uint8_t fixture_key[16];

/* Registers the generator, with a resurrection that no test here comes to. Once a process. */
void fixture_register(void);

/*
 *	prog	   2 slots to libc.so.6, 1 to libz.so.1; no target
 *	libc.so.6  open (frame), read (tail, IFUNC), _exit (direct), write (frame), close (tail), lseek (tail); 1 slot
 *	libz.so.1  crc32 (tail), without a version
 *	libm.so.6  nothing
 */
void fixture_plan(struct sc_plan *plan, bool clock);

/* Returns what sc_image_write did; *failure (of 160 bytes) is its line. */
int fixture_write(struct sc_plan *plan, int fd, char *failure);

/* Writes to a memfd and maps all of it, read-only. Aborts the test on failure. */
const uint8_t *fixture_image(struct sc_plan *plan, size_t *size);

/* The same, opened; returns its size. */
size_t fixture_open_image(struct sc_image *out, struct sc_plan *plan);
const struct sc_image_target *fixture_target(const struct sc_image *of, uint32_t module, uint32_t number);

#endif
