/* SPDX-License-Identifier: MIT */
/*
 * Owns what makes an image an ELF file: headers, segments, sections, .dynamic, notes. All of it is for tools
 * (readelf, objdump, gdb, perf): neither ld.so nor we load an image by it. Called by image_write.c.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "engine/image_write_internal.h"

#define SEGMENTS_MOST 8
#define BUILD_ID_SIZE 20 /* what tools expect, the length of a SHA-1 */

_Static_assert(sizeof(Elf64_Ehdr) + SEGMENTS_MOST * sizeof(Elf64_Phdr) <= SC_IMAGE_NOTE_OFFSET, "room for segments");
_Static_assert(SC_IMAGE_NOTE_OFFSET + sizeof(Elf64_Nhdr) + 12 == SC_IMAGE_HEADER_OFFSET, "a name of 10 bytes, padded");

struct part_kind {
	const char *name;
	uint32_t type;
	uint32_t flags;
	uint32_t alignment;
	uint32_t entry_size;
	enum sc_part link; /* SC_PARTS: none */
	uint32_t info;
};

static const struct part_kind kinds[SC_PARTS] = {
	[SC_PART_NOTE] = { ".note.stubcache", SHT_NOTE, SHF_ALLOC, 4, 0, SC_PARTS, 0 },
	[SC_PART_BUILD_ID] = { ".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, 4, 0, SC_PARTS, 0 },
	[SC_PART_DYNAMIC] = { ".dynamic", SHT_DYNAMIC, SHF_ALLOC, 8, sizeof(Elf64_Dyn), SC_PART_DYNSTR, 0 },
	[SC_PART_TABLES] = { ".stubcache.tables", SHT_PROGBITS, SHF_ALLOC, 8, 0, SC_PARTS, 0 },
	[SC_PART_DYNSYM] = { ".dynsym", SHT_DYNSYM, SHF_ALLOC, 8, sizeof(Elf64_Sym), SC_PART_DYNSTR, 1 },
	[SC_PART_DYNSTR] = { ".dynstr", SHT_STRTAB, SHF_ALLOC, 1, 0, SC_PARTS, 0 },
	[SC_PART_HASH] = { ".hash", SHT_HASH, SHF_ALLOC, 8, sizeof(uint32_t), SC_PART_DYNSYM, 0 },
	[SC_PART_EH_FRAME_HDR] = { ".eh_frame_hdr", SHT_PROGBITS, SHF_ALLOC, 4, 0, SC_PARTS, 0 },
	[SC_PART_EH_FRAME] = { ".eh_frame", SHT_PROGBITS, SHF_ALLOC, 8, 0, SC_PARTS, 0 },
	[SC_PART_RO] = { ".stubcache.ro", SHT_PROGBITS, SHF_ALLOC, 16, 0, SC_PARTS, 0 },
	[SC_PART_TEXT] = { ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 128, 0, SC_PARTS, 0 },
	[SC_PART_CLIENTS] = { ".text.clients", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 64, 0, SC_PARTS, 0 },
	[SC_PART_DATA] = { ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 16, 0, SC_PARTS, 0 },
	[SC_PART_SYMTAB] = { ".symtab", SHT_SYMTAB, 0, 8, sizeof(Elf64_Sym), SC_PART_DYNSTR, 1 },
	[SC_PART_SHSTRTAB] = { ".shstrtab", SHT_STRTAB, 0, 1, 0, SC_PARTS, 0 },
};

/* Sections are numbered from 1, without those that are empty. */
static uint32_t sections_before(const struct sc_image_build *build, enum sc_part part)
{
	uint32_t count = 1;

	for (unsigned i = 0; i < part; i++)
		count += build->parts[i].size != 0;
	return count;
}

uint32_t sc_image_elf_section(const struct sc_image_build *build, enum sc_part part)
{
	return sections_before(build, part);
}

uint32_t sc_image_elf_build_id(const struct sc_image_build *build)
{
	return build->parts[SC_PART_BUILD_ID].offset + build->parts[SC_PART_BUILD_ID].size - BUILD_ID_SIZE;
}

#define DYNAMIC_ENTRIES 7

void sc_image_elf_place(struct sc_image_build *build)
{
	build->parts[SC_PART_NOTE] = (struct sc_part_extent){
		.offset = SC_IMAGE_NOTE_OFFSET,
		.size = SC_IMAGE_HEADER_OFFSET - SC_IMAGE_NOTE_OFFSET + sizeof(struct sc_image_header),
	};
	build->head_size = SC_IMAGE_HEADER_OFFSET + sizeof(struct sc_image_header);
	sc_part_place(build, SC_PART_BUILD_ID, sizeof(Elf64_Nhdr) + sizeof("GNU") + BUILD_ID_SIZE, 4);
	sc_part_place(build, SC_PART_DYNAMIC, DYNAMIC_ENTRIES * sizeof(Elf64_Dyn), 8);
}

static void put_note(uint8_t *at, const char *name, uint32_t name_size, uint32_t type, uint32_t size)
{
	Elf64_Nhdr note = { .n_namesz = name_size, .n_descsz = size, .n_type = type };

	memcpy(at, &note, sizeof(note));
	memcpy(at + sizeof(note), name, name_size);
}

static void put_dynamic(const struct sc_image_build *build)
{
	const struct sc_part_extent *parts = build->parts;
	const Elf64_Dyn dynamic[DYNAMIC_ENTRIES] = {
		{ .d_tag = DT_SONAME, .d_un.d_val = build->soname },
		{ .d_tag = DT_HASH, .d_un.d_ptr = parts[SC_PART_HASH].offset },
		{ .d_tag = DT_STRTAB, .d_un.d_ptr = parts[SC_PART_DYNSTR].offset },
		{ .d_tag = DT_SYMTAB, .d_un.d_ptr = parts[SC_PART_DYNSYM].offset },
		{ .d_tag = DT_STRSZ, .d_un.d_val = parts[SC_PART_DYNSTR].size },
		{ .d_tag = DT_SYMENT, .d_un.d_val = sizeof(Elf64_Sym) },
		{ .d_tag = DT_NULL },
	};

	memcpy(sc_part_bytes(build, SC_PART_DYNAMIC), dynamic, sizeof(dynamic));
}

static Elf64_Phdr segment(uint32_t type, uint32_t flags, uint64_t offset, uint64_t size, uint64_t alignment)
{
	return (Elf64_Phdr){
		.p_type = type, .p_flags = flags, .p_offset = offset, .p_vaddr = offset, .p_paddr = offset,
		.p_filesz = size, .p_memsz = size, .p_align = alignment,
	};
}

static Elf64_Phdr part_segment(const struct sc_image_build *build, uint32_t type, enum sc_part part, uint64_t alignment)
{
	return segment(type, PF_R, build->parts[part].offset, build->parts[part].size, alignment);
}

/* Empty ones are left out. */
static uint32_t put_segments(const struct sc_image_build *build)
{
	const struct sc_persist_extent *sections = build->generation.sections;
	const struct sc_persist_extent *rx = &sections[SC_IMAGE_RX], *rw = &sections[SC_IMAGE_RW];
	Elf64_Phdr *out = (void *)(build->head + sizeof(Elf64_Ehdr));
	const Elf64_Phdr all[SEGMENTS_MOST - 1] = {
		segment(PT_LOAD, PF_R, 0, sections[SC_IMAGE_RO].end, build->page_size),
		segment(PT_LOAD, PF_R | PF_X, rx->offset, rx->end - rx->offset, build->page_size),
		segment(PT_LOAD, PF_R | PF_W, rw->offset, rw->end - rw->offset, build->page_size),
		part_segment(build, PT_DYNAMIC, SC_PART_DYNAMIC, 8),
		segment(PT_NOTE, PF_R, SC_IMAGE_NOTE_OFFSET,
			build->parts[SC_PART_NOTE].size + build->parts[SC_PART_BUILD_ID].size, 4),
		part_segment(build, PT_GNU_EH_FRAME, SC_PART_EH_FRAME_HDR, 4),
		segment(PT_GNU_STACK, PF_R | PF_W, 0, 0, 16),
	};
	uint32_t count = 0;

	for (unsigned i = 0; i < SEGMENTS_MOST - 1; i++)
		if (all[i].p_memsz || all[i].p_type == PT_GNU_STACK)
			out[count++] = all[i];
	return count;
}

static void put_elf_header(const struct sc_image_build *build, uint32_t segments)
{
	uint32_t sections = sections_before(build, SC_PARTS);
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_SYSV },
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(header),
		.e_shoff = build->tail_offset + build->tail_size - 8 - sections * sizeof(Elf64_Shdr),
		.e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (uint16_t)segments,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (uint16_t)sections,
		.e_shstrndx = (uint16_t)sections_before(build, SC_PART_SHSTRTAB),
	};

	memcpy(build->head, &header, sizeof(header));
}

/* The header itself, at SC_IMAGE_HEADER_OFFSET, is image_write_tables.c's. */
void sc_image_elf_fill(struct sc_image_build *build)
{
	put_note(sc_part_bytes(build, SC_PART_NOTE), SC_IMAGE_NOTE_NAME, sizeof(SC_IMAGE_NOTE_NAME), SC_IMAGE_NOTE_TYPE,
		 sizeof(struct sc_image_header));
	put_note(sc_part_bytes(build, SC_PART_BUILD_ID), "GNU", sizeof("GNU"), NT_GNU_BUILD_ID, BUILD_ID_SIZE);
	put_dynamic(build);
	put_elf_header(build, put_segments(build));
}

static uint32_t section_names_size(void)
{
	uint32_t size = 1;

	for (unsigned i = 0; i < SC_PARTS; i++)
		size += (uint32_t)strlen(kinds[i].name) + 1;
	return size;
}

static void put_sections(const struct sc_image_build *build, char *names, Elf64_Shdr *out)
{
	uint32_t name = 1;

	for (unsigned i = 0; i < SC_PARTS; i++) {
		const struct part_kind *kind = &kinds[i];
		size_t length = strlen(kind->name) + 1;

		if (build->parts[i].size == 0)
			continue;
		*++out = (Elf64_Shdr){
			.sh_name = name,
			.sh_type = kind->type,
			.sh_flags = kind->flags,
			.sh_addr = kind->flags & SHF_ALLOC ? build->parts[i].offset : 0,
			.sh_offset = build->parts[i].offset,
			.sh_size = build->parts[i].size,
			.sh_link = kind->link == SC_PARTS ? 0 : sections_before(build, kind->link),
			.sh_info = kind->info,
			.sh_addralign = kind->alignment,
			.sh_entsize = kind->entry_size,
		};
		memcpy(names + name, kind->name, length);
		name += (uint32_t)length;
	}
}

/* .shstrtab, section headers, checksum; .symtab has its place before them. */
int sc_image_elf_tail(struct sc_image_build *build)
{
	uint32_t symbols = build->parts[SC_PART_DYNSYM].size, names = section_names_size();
	uint32_t offset = (uint32_t)((build->header.load_size + 7) & ~7ull), headers = (names + 7) & ~7u;

	build->parts[SC_PART_SYMTAB] = (struct sc_part_extent){ offset, symbols };
	build->parts[SC_PART_SHSTRTAB] = (struct sc_part_extent){ offset + symbols, names };
	build->tail_offset = offset + symbols;
	build->tail_size = headers + sections_before(build, SC_PARTS) * (uint32_t)sizeof(Elf64_Shdr) + 8;
	build->tail = sc_arena_alloc(build->arena, build->tail_size);
	if (!build->tail)
		return -ENOMEM;
	put_sections(build, (char *)build->tail, (void *)(build->tail + headers));
	return 0;
}
