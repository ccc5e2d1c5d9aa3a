/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput: libFuzzer calls it in `make fuzz`,
 * replay.c in `make check`. It reads one input as untrusted bytes and aborts where a promise of a header is broken;
 * the sanitizers see the rest.
 */
#ifndef SC_TESTS_FUZZ_H
#define SC_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "common/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process with a message unless the promise was kept. */
#define FUZZ_PROMISE(condition) fuzz_promise((condition) != 0, #condition, __FILE__, __LINE__)
void fuzz_promise(int kept, const char *what, const char *file, int line);

/* Follows all that an image that was accepted leads to; some sum of it, so that no compiler leaves it out. */
size_t fuzz_walk(const struct sc_image *image);

#endif
