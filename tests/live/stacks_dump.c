/* SPDX-License-Identifier: MIT */
/* Prints the stacks of a record: calls, cut, and the return addresses, as stacks.sh wants them. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/record_read.h"
#include "cmd/record_stacks.h"

int main(int argc, char **argv)
{
	struct sc_record_stacks stacks;
	unsigned char *bytes;
	const char *why = "";
	size_t size;

	if (argc != 2 || sc_record_bytes(AT_FDCWD, argv[1], &bytes, &size, &why) ||
	    sc_record_stacks_parse(&stacks, bytes, size, &why)) {
		fprintf(stderr, "cannot read the record: %s\n", why);
		return 1;
	}
	for (size_t i = 0; i < stacks.stack_count; i++) {
		const struct sc_stack *stack = &stacks.stacks[i];

		printf("%" PRIu64 " %d ", stack->calls, stack->cut);
		for (uint32_t k = 0; k < stack->depth; k++)
			printf("%" PRIx64 " ", stack->frames[k]);
		putchar('\n');
	}
	sc_record_stacks_release(&stacks);
	free(bytes);
	return 0;
}
