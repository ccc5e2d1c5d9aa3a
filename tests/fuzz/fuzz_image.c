/* SPDX-License-Identifier: MIT */
/* The reader of images (common/image.c), and what the engine makes of what it has accepted (engine/plan_merge.c). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"
#include "fuzz.h"

static volatile size_t walked;

static void merge(const struct sc_image *image)
{
	struct sc_plan plan;
	int r;

	sc_plan_start(&plan, 0, false);
	r = sc_plan_merge_image(&plan, image);
	if (r == 0)
		r = sc_plan_merge_image(&plan, image);
	FUZZ_PROMISE(r == 0 || r == -ENOMEM || r == -E2BIG);
	sc_plan_release(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *copy = malloc(size ? size : 1); /* aligned, and with its end where the input ends */
	const char *why = NULL;
	struct sc_image image;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	if (sc_image_open(&image, copy, size, &why) == 0) {
		walked += fuzz_walk(&image);
		merge(&image);
	} else {
		FUZZ_PROMISE(why && why[0]);
	}
	free(copy);
	return 0;
}
