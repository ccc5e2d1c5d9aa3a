/* SPDX-License-Identifier: MIT */
/* Between record_read.c, which finds the chunks of a record, and record_sum.c and record_stacks.c, which read them. */
#ifndef SC_CMD_RECORD_CHUNKS_H
#define SC_CMD_RECORD_CHUNKS_H

#include "cmd/record_read.h"

/* A chunk, or as much of it as the file has. */
struct sc_record_span {
	uint64_t offset;
	uint64_t size;
	uint32_t kind;
};

struct sc_record_reader {
	const unsigned char *data; /* aligned anyhow */
	uint64_t size;
	struct sc_record_span *spans; /* in file order, each within data */
	size_t span_count;
	struct sc_record_file *out;
};

/* Remembers the first thing that was wrong. word: a literal. */
void sc_record_damaged(struct sc_record_reader *reader, const char *word);

/* Reads the header and finds the chunks, of reader->data; out has them or is zeroed. As sc_record_parse; spans are to be
 * freed in every case. */
int sc_record_find_chunks(struct sc_record_reader *reader, const char **why);

/* Allocates out->stubs and adds up all chunks. 0 or -ENOMEM. */
int sc_record_sum(struct sc_record_reader *reader);

#endif
