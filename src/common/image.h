/* SPDX-License-Identifier: MIT */
/*
 * The image: one program's stubs on disk. Format and the reader that trusts nothing
 * (doc/image-format.md). Written by src/engine/image_write.c; mapped by src/preload/image_load.c;
 * read by the command.
 *
 * A valid ELF64 ET_DYN file, file offset == virtual address for all that is loaded:
 *
 *   R    ELF header, program headers, note with struct sc_image_header, tables, strings,
 *        .dynsym .dynstr .hash .eh_frame_hdr .eh_frame, ro portions
 *   RX   rx portions: the stubs                    (page aligned)
 *   RW   rw portions: the words the stubs use      (page aligned)
 *   -    .symtab (with .dynstr), .shstrtab, section headers: for tools; read for the checksum alone
 *   last 8 bytes: XXH3-64 of everything before
 *
 * The tools' view (ELF) and ours (the tables) are separate: the loader looks at no section and no
 * symbol. All offsets are from the start of the file, numbers little-endian.
 *
 * Reading: all functions take a struct sc_image that sc_image_open made; it has checked every table
 * for bounds once, so the accessors need no failure. Thread and signal safe, no allocation.
 */
#ifndef SC_IMAGE_H
#define SC_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_IMAGE_MAGIC "STUBIMG1"
#define SC_IMAGE_VERSION 2
#define SC_IMAGE_NOTE_OFFSET 512   /* Elf64_Nhdr, 12 bytes of name, then the header */
#define SC_IMAGE_HEADER_OFFSET 536
#define SC_IMAGE_NOTE_NAME "stubcache"
#define SC_IMAGE_NOTE_TYPE 1

struct sc_image_header {
	char magic[8];
	uint32_t version;
	uint32_t header_size;
	uint8_t key[16];      /* what the file name says, too */
	uint8_t id[16];	      /* XXH3-128 of the loaded part with this field zero: names the image in records */
	uint64_t file_size;
	uint64_t load_size;   /* end of RW; what follows is for tools */
	uint32_t rx_offset;   /* page aligned; [0, rx_offset) is R */
	uint32_t rw_offset;   /* page aligned; [rx_offset, rw_offset) is RX, up to load_size RW */
	uint32_t page_size;
	uint32_t stub_count;  /* indexes 0..stub_count-1 */
	uint32_t modules_offset, module_count;	     /* struct sc_image_module */
	uint32_t portions_offset, portion_count;     /* struct sc_image_portion, sorted by module */
	uint32_t components_offset, component_count; /* struct sc_image_component: what the key is made of */
	uint32_t strings_offset, strings_size;	     /* terminated strings; offset 0 is "" */
	uint32_t slot_count;  /* in all modules */
	uint32_t startup_modules; /* the first so many modules are there before main */
	uint64_t reserved[4];
};

enum sc_image_module_flag {
	SC_IMAGE_MODULE_STARTUP = 1, /* part of the key */
};

/*
 * What tells modules of one identity apart. A namespace of dlmopen binds within itself, so what is known of a module
 * holds for such a namespace only. Its kind is a hash of the module that was loaded first there; its number in the
 * process is of no use to another, which may open the same ones in another order.
 */
#define SC_IMAGE_ORDINAL(kind, number, copy) ((uint32_t)(kind) << 16 | (uint32_t)(number) << 8 | (copy))
#define SC_IMAGE_ORDINAL_KIND(ordinal) ((ordinal) >> 16)	 /* 0: the program's own namespace */
#define SC_IMAGE_ORDINAL_NUMBER(ordinal) ((ordinal) >> 8 & 0xff) /* n: the n-th further namespace of this kind */
#define SC_IMAGE_ORDINAL_COPY(ordinal) ((ordinal) & 0xff)	 /* n: the n-th further copy within the namespace */

struct sc_image_module {
	uint8_t identity[16]; /* XXH3-128 of the build-id, or of size, mtime and inode where there is none */
	uint32_t name;	      /* string: soname, or base name of the file */
	uint32_t flags;
	uint32_t first_portion, portion_count;
	uint32_t ordinal; /* SC_IMAGE_ORDINAL */
	uint32_t reserved;
};

enum sc_image_section { SC_IMAGE_RO = 1, SC_IMAGE_RX = 2, SC_IMAGE_RW = 3 };

/* What one registration persisted for one module in one section. */
struct sc_image_portion {
	uint32_t client;  /* 0: the stub generator; others: order of loading, from 1 */
	uint32_t section; /* enum sc_image_section */
	uint32_t registration; /* number of the registration within its client and section, from 0 */
	uint32_t offset, size;
	uint32_t module;
};

/* One ingredient of the key, so that a miss can say what changed. */
struct sc_image_component {
	uint32_t kind; /* enum sc_image_component_kind */
	uint32_t name; /* string: "rules", "libstubcache.so", "libc.so.6", ... */
	uint8_t digest[16];
};

enum sc_image_component_kind {
	SC_IMAGE_FORMAT = 1,
	SC_IMAGE_RULES = 2,
	SC_IMAGE_PRELOAD = 3,
	SC_IMAGE_ENGINE = 4,
	SC_IMAGE_CPU = 5, /* which clock frame stubs use */
	SC_IMAGE_MODULE = 6,
	SC_IMAGE_CLIENT = 7,
	SC_IMAGE_PROTOTYPES = 8,
};

/*
 * The stub generator's ro portion of a module (it is a client like any other; this is its format).
 * Offsets are from the start of the portion, but for strings, which are the image's.
 */
struct sc_image_plan {
	uint32_t target_count; /* targets this module defines */
	uint32_t slot_count;   /* slots this module has */
	uint32_t targets_offset;
	uint32_t slots_offset;
	uint32_t first_index; /* of this module's first stub; stubs are numbered as the targets are */
	uint32_t code_offset; /* file offset of this module's rx portion of the generator */
	uint32_t words_offset; /* file offset of its rw portion */
	uint32_t context;     /* what was loaded when this was planned (preload/modules.h); 0: nothing depends on it */
	uint32_t captures_offset, capture_count; /* struct sc_image_capture, by target */
};

enum sc_image_target_kind {
	SC_IMAGE_TAIL = 1,  /* count */
	SC_IMAGE_FRAME = 2, /* time */
	SC_IMAGE_DIRECT = 3, /* no stub: slots get the preload's own wrapper (dlopen, _exit, ...) */
	SC_IMAGE_HOOK = 4,   /* trace, inject, client: like FRAME, and C decides what becomes of the call */
	SC_IMAGE_CLOSURE = 5, /* a client's: counts, and goes to a libffi Go closure in its words */
};

enum sc_image_target_flag {
	SC_IMAGE_TARGET_IFUNC = 1,
	SC_IMAGE_TARGET_REPLACE = 2, /* the word holds what a rule puts in its place */
};

struct sc_image_target {
	uint64_t value;	  /* st_value: add the module's base; IFUNC: of the resolver */
	uint32_t name;	  /* strings */
	uint32_t symbol_version; /* "" when the symbol has none */
	uint32_t code;	  /* file offset of the stub; 0 for SC_IMAGE_DIRECT */
	uint32_t word;	  /* file offset of the word that holds the original's address; 0 for DIRECT */
	uint16_t kind;
	uint16_t flags;
	uint32_t wrapper; /* enum sc_wrapper of the preload's own interest in this function, or 0 */
};

/* What is recorded of a target's calls. Targets that are not traced have none. */
struct sc_image_capture {
	uint32_t target; /* index into the module's targets, ascending */
	uint32_t offset; /* from the start of the portion: struct sc_capture (capture.h), 8-byte aligned */
	uint32_t size;
};

enum sc_image_slot_flag {
	SC_IMAGE_SLOT_LAZY = 1u << 0,	 /* may still hold its lazy value; then the definer was looked up */
	SC_IMAGE_SLOT_WATCH = 1u << 2,	 /* gets the preload's wrapper alone: a rule's from= leaves its module out */
	SC_IMAGE_SLOT_CONTEXT = 1u << 1, /* while lazy, right only in the plan's context */
};

struct sc_image_slot {
	uint32_t offset; /* from the module's base */
	uint32_t module; /* definer, index into the image's modules */
	uint32_t target; /* index into that module's targets */
	uint32_t flags;
};

struct sc_image {
	const unsigned char *base;
	size_t size; /* what may be read: load_size, or the whole file */
	const struct sc_image_header *header;
	const struct sc_image_module *modules;
	const struct sc_image_portion *portions;
	const struct sc_image_component *components;
	const char *strings;
};

/*
 * Looks at data[0..size), which must be 8-byte aligned, stay readable and not change while *out is
 * used. Checks magic, version, page size, segment order, every table, string offset, portion and
 * plan (targets, slots, the modules and targets they name, stub and word offsets within their
 * segment). Returns 0, or -EINVAL with a stable word in *why ("magic", "version", "segments",
 * "modules", "portions", "strings", "plan", "targets", "slots", "captures", "components", "client-code"). Does not check
 * the checksum (store.h).
 */
int sc_image_open(struct sc_image *out, const void *data, size_t size, const char **why);

/* Never NULL: every string offset was checked. */
static inline const char *sc_image_string(const struct sc_image *image, uint32_t offset)
{
	return image->strings + offset;
}

/* The generator's portion of a module in a section, or NULL when it has none. */
const struct sc_image_portion *sc_image_find_portion(const struct sc_image *image, uint32_t module, uint32_t client,
						     enum sc_image_section section);
/* The generator's plan of a module, or NULL: a module may have none. */
const struct sc_image_plan *sc_image_plan(const struct sc_image *image, uint32_t module);
const struct sc_image_target *sc_image_targets(const struct sc_image_plan *plan);
const struct sc_image_slot *sc_image_slots(const struct sc_image_plan *plan);
const struct sc_image_capture *sc_image_captures(const struct sc_image_plan *plan);
struct sc_capture;
const struct sc_capture *sc_image_capture(const struct sc_image_plan *plan, const struct sc_image_capture *capture);

/* Finds the stub with a given index: its module and target. false when there is none. */
bool sc_image_stub(const struct sc_image *image, uint32_t index, uint32_t *module,
		   const struct sc_image_target **target);

/* Where the clients' code lies: from a page on, behind every stub. false, and nothing set, when there is none. */
bool sc_image_client_code(const struct sc_image *image, uint32_t *start, uint32_t *end);

/* A closure's words: the three of libffi's struct ffi_go_closure, then the original's address. */
#define SC_IMAGE_CLOSURE_WORDS 4
#define SC_IMAGE_CLOSURE_ORIGINAL 3

/* Bytes of the words of a stub of this kind. */
uint32_t sc_image_words_size(enum sc_image_target_kind kind);

/* Bytes a stub of this kind occupies. */
uint32_t sc_image_stub_size(enum sc_image_target_kind kind);

#endif
