/* SPDX-License-Identifier: MIT */
/*
 * A loaded ELF object as the preload sees it (src/preload/modules.c) and hands it to the engine.
 * Pointers lead into the host's own mappings and live as long as the module stays loaded.
 */
#ifndef SC_MODULE_H
#define SC_MODULE_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

enum sc_module_flag {
	SC_MODULE_MAIN = 1 << 0,    /* the program itself */
	SC_MODULE_OURS = 1 << 1,    /* libstubcache, its engine, or what only they need: never touched */
	SC_MODULE_STARTUP = 1 << 2, /* was there when our constructor ran */
	SC_MODULE_LOADER = 1 << 3,  /* ld.so: has targets nobody may take and slots nobody may write */
	SC_MODULE_GONE = 1 << 4,    /* was unloaded; base and pointers are stale */
	SC_MODULE_FREE = 1 << 5,    /* gone, and forgotten: the entry may be used again */
	SC_MODULE_NEW = 1 << 6,	    /* came later, and no image was looked for yet that knows it */
};

/* As many as glibc can make (DL_NNS). 0 is the program's own; n is the n-th that dlmopen made. */
#define SC_NAMESPACES 16

struct sc_module {
	uintptr_t base;	 /* add to any st_value or r_offset */
	uintptr_t start; /* first and one past the last mapped byte */
	uintptr_t end;
	uintptr_t code_start; /* of the executable segments */
	uintptr_t code_end;
	uintptr_t relro_start; /* pages that ld.so has made read-only; start == end: none */
	uintptr_t relro_end;
	const ElfW(Phdr) *phdr;
	const ElfW(Dyn) *dynamic; /* NULL: no dynamic section, nothing to do */
	const char *path;	  /* as the loader has it; the program's: as executed */
	const char *name;	  /* its base name */
	uint8_t identity[16];	  /* XXH3-128 of the build-id, else of size, mtime, inode */
	uint32_t flags;		  /* enum sc_module_flag */
	uint32_t ordinal;	  /* SC_IMAGE_ORDINAL: tells modules of one identity apart */
	uint32_t position;	  /* in the load order of its namespace, ours not counted */
	uint32_t image_module;	  /* index into the image's modules, or UINT32_MAX */
	uint32_t attached;	  /* slots that lead to a stub */
	uint16_t phnum;
	uint16_t space;
};

static inline bool sc_module_has_code(const struct sc_module *module, uintptr_t address)
{
	return address >= module->code_start && address < module->code_end;
}

#endif
