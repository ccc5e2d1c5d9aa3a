/* SPDX-License-Identifier: MIT */
/* The reader of records (cmd/record_read.c), which killed processes and full disks leave as they like. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/record_read.h"
#include "fuzz.h"

static volatile uint64_t summed;

static void look(const struct sc_record_file *record)
{
	FUZZ_PROMISE(memchr(record->header.program, 0, sizeof(record->header.program)));
	for (uint32_t i = 0; i < record->stub_count; i++) {
		const struct sc_record_stub *stub = &record->stubs[i];

		summed += stub->calls + (stub->name ? strlen(stub->name) : 0);
		for (unsigned b = 0; stub->histogram && b < SC_HISTOGRAM_BUCKETS; b++)
			summed += stub->histogram[b];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_record_file record;
	const char *why = NULL;
	int r = sc_record_parse(&record, data, size, &why);

	FUZZ_PROMISE(r == 0 || (r == -EINVAL && why && why[0]) || r == -ENOMEM);
	if (r == 0) {
		look(&record);
		sc_record_release(&record);
	}
	return 0;
}
