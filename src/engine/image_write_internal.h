/* SPDX-License-Identifier: MIT */
/*
 * What the files that write an image share: image_write.c (the order of things, hashes),
 * image_write_tables.c (our view), image_write_elf.c (headers, sections), image_write_symbols.c (symbols),
 * image_write_unwind.c (.eh_frame).
 *
 *	head	[0, head_size): everything before the ro portions, in memory until all is measured
 *	        portions of ro, rx and rw: written by the generation driver
 *	.symtab	the bytes of .dynsym once more
 *	tail	[tail_offset, ..): section names and headers, the checksum
 */
#ifndef SC_IMAGE_WRITE_INTERNAL_H
#define SC_IMAGE_WRITE_INTERNAL_H

#include "engine/generator.h"
#include "engine/image_write.h"
#include "engine/strings.h"

/* The sections for tools, in file order. */
enum sc_part {
	SC_PART_NOTE, /* the image's header */
	SC_PART_BUILD_ID,
	SC_PART_DYNAMIC,
	SC_PART_TABLES,
	SC_PART_DYNSYM,
	SC_PART_DYNSTR,
	SC_PART_HASH,
	SC_PART_EH_FRAME_HDR,
	SC_PART_EH_FRAME,
	SC_PART_RO,
	SC_PART_TEXT,	 /* stubs */
	SC_PART_CLIENTS, /* the clients' code */
	SC_PART_DATA,
	SC_PART_SYMTAB,
	SC_PART_SHSTRTAB,
	SC_PARTS
};

struct sc_part_extent {
	uint32_t offset;
	uint32_t size; /* 0: not in this image */
};

struct sc_image_build {
	const struct sc_image_write *write;
	struct sc_plan *plan;
	struct sc_arena *arena;
	struct sc_generator_module *generators; /* by module */
	struct sc_persist_generation generation;
	struct sc_image_header header;
	struct sc_strings strings;
	struct sc_part_extent parts[SC_PARTS];
	uint32_t page_size;
	uint8_t *head;
	uint64_t head_size;
	uint8_t *tail;
	uint32_t tail_offset, tail_size;

	/* Of image_write_symbols.c. */
	uint32_t function_count;
	struct sc_strings symbol_strings;
	uint32_t *symbol_names; /* one a function: offset in .dynstr */
	uint32_t soname;	/* too */
};

/* Gives a part of the head its place, behind all that have one. */
void sc_part_place(struct sc_image_build *build, enum sc_part part, uint64_t size, uint32_t alignment);
/* The part's bytes in the head. */
static inline void *sc_part_bytes(const struct sc_image_build *build, enum sc_part part)
{
	return build->head + build->parts[part].offset;
}

/*
 * Each of these comes in two steps: _place before anything is measured, which fixes sizes, and _fill when
 * addresses are known. Those that allocate return 0 or a negative errno.
 */
int sc_image_tables_place(struct sc_image_build *build);
/* The header in build, which sc_image_tables_fill copies, all but file_size. */
void sc_image_tables_fill_header(struct sc_image_build *build);
void sc_image_tables_fill(struct sc_image_build *build);

int sc_image_symbols_place(struct sc_image_build *build);
void sc_image_symbols_fill(struct sc_image_build *build);

void sc_image_unwind_place(struct sc_image_build *build);
void sc_image_unwind_fill(struct sc_image_build *build);

void sc_image_elf_place(struct sc_image_build *build);
void sc_image_elf_fill(struct sc_image_build *build);
/* Section number of a part that is in this image. */
uint32_t sc_image_elf_section(const struct sc_image_build *build, enum sc_part part);
/* Allocates and fills build->tail, but for the checksum in its last 8 bytes. Before sc_image_elf_fill, which says
 * where it is. */
int sc_image_elf_tail(struct sc_image_build *build);
/* Where the build-id's 20 bytes are in the file. */
uint32_t sc_image_elf_build_id(const struct sc_image_build *build);

#endif
