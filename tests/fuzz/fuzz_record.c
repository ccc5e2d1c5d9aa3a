/* SPDX-License-Identifier: MIT */
/* The readers of records (cmd/record_read.c, cmd/record_stacks.c), which killed processes and full disks leave as they like. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/record_read.h"
#include "cmd/record_stacks.h"
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

static void look_at_stacks(const struct sc_record_stacks *stacks)
{
	for (size_t i = 0; i < stacks->module_count; i++) {
		summed += strlen(stacks->modules[i].path);
		FUZZ_PROMISE(stacks->modules[i].build_id_size <= sizeof(stacks->modules[i].build_id));
	}
	for (size_t i = 0; i < stacks->stack_count; i++)
		for (uint32_t k = 0; k < stacks->stacks[i].depth; k++)
			summed += sc_record_stacks_module(stacks, stacks->stacks[i].frames[k]) != NULL;
}

static void fuzz_stacks(const uint8_t *data, size_t size)
{
	struct sc_record_stacks stacks;
	const char *why = NULL;
	int r = sc_record_stacks_parse(&stacks, data, size, &why);

	FUZZ_PROMISE(r == 0 || (r == -EINVAL && why && why[0]) || r == -ENODATA || r == -ENOMEM);
	if (r == 0) {
		look_at_stacks(&stacks);
		sc_record_stacks_release(&stacks);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_record_file record;
	const char *why = NULL;
	int r = sc_record_parse(&record, data, size, &why);

	FUZZ_PROMISE(r == 0 || (r == -EINVAL && why && why[0]) || r == -ENODATA || r == -ENOMEM);
	if (r == 0) {
		look(&record);
		sc_record_release(&record);
	}
	fuzz_stacks(data, size);
	return 0;
}
