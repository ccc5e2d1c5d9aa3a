/* SPDX-License-Identifier: MIT */
/*
 * Owns .eh_frame and .eh_frame_hdr of an image: one CIE, and one FDE for all stubs, whose instructions are those
 * of the stub area (src/x86_64/area_rules.h). A process that uses the image has the area's own; these are for
 * debuggers and profilers that look into the file an address was mapped from. Called by image_write.c.
 */
#include <string.h>

#include "engine/image_write_internal.h"

extern const uint8_t sc_area_rules[];
extern const uint32_t sc_area_rules_size;

/* As assemblers write it, with the augmentation that gives FDEs distances (LSB 10.6.1, DWARF 4 6.4.1). */
static const uint8_t cie[] = {
	0x14, 0, 0, 0,	   /* length of what follows */
	0, 0, 0, 0,	   /* this is a CIE */
	1,		   /* version */
	'z', 'R', 0,	   /* augmentation */
	1,		   /* code alignment */
	0x78,		   /* data alignment, -8 */
	16,		   /* the return address is rip */
	1,		   /* length of the augmentation's data: */
	0x1b,		   /* DW_EH_PE_pcrel | DW_EH_PE_sdata4 */
	0x0c, 7, 8,	   /* DW_CFA_def_cfa rsp + 8 */
	0x80 | 16, 1,	   /* DW_CFA_offset rip at CFA - 8 */
	0, 0,		   /* DW_CFA_nop */
};

#define FDE_HEAD 17 /* length, CIE pointer, start, range, length of augmentation data (none) */

struct eh_frame_hdr {
	uint8_t version, frame_encoding, count_encoding, table_encoding;
	int32_t frame;
	uint32_t count;
	int32_t start, fde; /* the table, of one entry */
};

static uint32_t fde_size(void)
{
	return (FDE_HEAD + sc_area_rules_size + 7) & ~7u;
}

void sc_image_unwind_place(struct sc_image_build *build)
{
	if (build->function_count == 0)
		return;
	sc_part_place(build, SC_PART_EH_FRAME_HDR, sizeof(struct eh_frame_hdr), 4);
	sc_part_place(build, SC_PART_EH_FRAME, sizeof(cie) + fde_size() + sizeof(uint32_t), 8);
}

static void put(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

void sc_image_unwind_fill(struct sc_image_build *build)
{
	const struct sc_part_extent *text = &build->parts[SC_PART_TEXT];
	uint32_t frame_offset = build->parts[SC_PART_EH_FRAME].offset;
	uint32_t header_offset = build->parts[SC_PART_EH_FRAME_HDR].offset;
	uint32_t fde_offset = frame_offset + (uint32_t)sizeof(cie);
	uint8_t *frame = sc_part_bytes(build, SC_PART_EH_FRAME), *fde = frame + sizeof(cie);
	struct eh_frame_hdr header = {
		.version = 1,
		.frame_encoding = 0x1b, /* DW_EH_PE_pcrel | DW_EH_PE_sdata4 */
		.count_encoding = 0x03, /* DW_EH_PE_udata4 */
		.table_encoding = 0x3b, /* DW_EH_PE_datarel | DW_EH_PE_sdata4 */
		.count = 1,
	};

	if (build->parts[SC_PART_EH_FRAME].size == 0)
		return;
	memcpy(frame, cie, sizeof(cie));
	put(fde, fde_size() - 4);
	put(fde + 4, (uint32_t)sizeof(cie) + 4); /* back from here to the CIE */
	put(fde + 8, text->offset - (fde_offset + 8));
	put(fde + 12, text->size);
	memcpy(fde + FDE_HEAD, sc_area_rules, sc_area_rules_size); /* what is left of it is zeros, DW_CFA_nop */

	header.frame = (int32_t)(frame_offset - (header_offset + 4));
	header.start = (int32_t)(text->offset - header_offset);
	header.fde = (int32_t)(fde_offset - header_offset);
	memcpy(sc_part_bytes(build, SC_PART_EH_FRAME_HDR), &header, sizeof(header));
}
