/* SPDX-License-Identifier: MIT */
/*
 * Owns our own slots. Called by start.c, on the one thread there is.
 *
 * We are bound like any library: to the first definition that the program and its libraries have. Some of them define
 * functions that libc has, too, which work only once they are initialised: ThreadSanitizer's dl_iterate_phdr calls a
 * pointer that is NULL until then. Our constructor runs before all others. Others count their calls, or lock. So where
 * somebody is ahead of libc, we go past him.
 *
 *	our slot of dl_iterate_phdr	ld.so would look in: program, us, preloads, libraries, libc
 *		nobody ahead of libc has one: left for ld.so to bind when it is called
 *		somebody has: libc's, of the version we were linked with
 *
 * Modules are found by ld.so's list for debuggers, since to ask for them is one of the calls. The search costs a test
 * of a Bloom filter a name and module. A module without DT_GNU_HASH is not looked into.
 */
#include "preload/imports.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIBC "libc.so.6"
#define AHEAD_MOST 64
#define INDEX 0x7fff /* of an entry of DT_VERSYM; the rest of it says that it is hidden */

extern const ElfW(Dyn) own_dynamic[] __asm__("_DYNAMIC") __attribute__((visibility("hidden")));

/* The dynamic symbols of a module. */
struct object {
	ElfW(Addr) base;
	const ElfW(Dyn) *dynamic;
	const ElfW(Sym) *symbols;
	const char *strings;
	const ElfW(Half) *versions; /* NULL: none has a version */
	const uint32_t *hash;	    /* DT_GNU_HASH */
};

struct import {
	const char *name;
	uint32_t hash;
	ElfW(Word) version; /* its hash; 0: any */
};

/* Who takes part in the search. */
struct search {
	struct object own, libc;
	struct object ahead[AHEAD_MOST]; /* of libc; the vdso, too, which ld.so would pass over: no harm */
	size_t count;
};

typedef ElfW(Addr) resolver(void);

static bool same(const char *left, const char *right)
{
	while (*left && *left == *right) {
		left++;
		right++;
	}
	return *left == *right;
}

/* ld.so relocates some pointers in place, and not others. */
static const void *pointer(const struct object *object, ElfW(Sxword) tag)
{
	for (const ElfW(Dyn) *entry = object->dynamic; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == tag)
			return (const void *)(entry->d_un.d_ptr +
					      (entry->d_un.d_ptr < object->base ? object->base : 0));
	return NULL;
}

static ElfW(Xword) value(const struct object *object, ElfW(Sxword) tag)
{
	for (const ElfW(Dyn) *entry = object->dynamic; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == tag)
			return entry->d_un.d_val;
	return 0;
}

static bool open_object(struct object *object, const struct link_map *map)
{
	object->base = map->l_addr;
	object->dynamic = map->l_ld;
	if (!object->dynamic)
		return false;
	object->symbols = pointer(object, DT_SYMTAB);
	object->strings = pointer(object, DT_STRTAB);
	object->versions = pointer(object, DT_VERSYM);
	object->hash = pointer(object, DT_GNU_HASH);
	return object->symbols && object->strings && object->hash && object->hash[0];
}

static uint32_t hash_of(const char *name)
{
	uint32_t hash = 5381;

	while (*name)
		hash = hash * 33 + (unsigned char)*name++;
	return hash;
}

/* The hash of the version that a symbol of ours is wanted with. */
static ElfW(Word) wanted_version(const struct object *own, size_t symbol)
{
	const ElfW(Verneed) *need = pointer(own, DT_VERNEED);
	ElfW(Xword) count = value(own, DT_VERNEEDNUM);

	for (; own->versions && need && count > 0; count--) {
		const ElfW(Vernaux) *entry = (const void *)((const char *)need + need->vn_aux);

		for (unsigned i = 0; i < need->vn_cnt; i++) {
			if (entry->vna_other == (own->versions[symbol] & INDEX))
				return entry->vna_hash;
			entry = (const void *)((const char *)entry + entry->vna_next);
		}
		need = (const void *)((const char *)need + need->vn_next);
	}
	return 0;
}

static bool has_version(const struct object *object, size_t symbol, ElfW(Word) wanted)
{
	const ElfW(Verdef) *defined = pointer(object, DT_VERDEF);
	ElfW(Xword) count = value(object, DT_VERDEFNUM);

	for (; object->versions && defined && count > 0; count--) {
		if (defined->vd_ndx == (object->versions[symbol] & INDEX))
			return defined->vd_hash == wanted;
		defined = (const void *)((const char *)defined + defined->vd_next);
	}
	return false;
}

/* The definition of a name; with `exact` that of the version. NULL when there is none. */
static const ElfW(Sym) *find(const struct object *in, const struct import *import, bool exact)
{
	uint32_t buckets = in->hash[0], first = in->hash[1], words = in->hash[2], shift = in->hash[3];
	const uint64_t *bloom = (const uint64_t *)(in->hash + 4);
	const uint32_t *bucket = (const uint32_t *)(bloom + words), *chain = bucket + buckets;
	uint64_t word = bloom[import->hash / 64 & (words - 1)];
	uint32_t i;

	if (!(word >> import->hash % 64 & word >> (import->hash >> shift) % 64 & 1))
		return NULL;
	for (i = bucket[import->hash % buckets]; i >= first; i++) {
		uint32_t link = chain[i - first];
		const ElfW(Sym) *symbol = &in->symbols[i];

		if ((link | 1) == (import->hash | 1) && symbol->st_shndx != SHN_UNDEF &&
		    same(in->strings + symbol->st_name, import->name) &&
		    (!exact || has_version(in, i, import->version)))
			return symbol;
		if (link & 1)
			break;
	}
	return NULL;
}

static const struct link_map *first_map(const ElfW(Phdr) *phdr, size_t phnum)
{
	const ElfW(Dyn) *dynamic = NULL;
	ElfW(Addr) base = 0;

	for (size_t i = 0; i < phnum; i++)
		if (phdr[i].p_type == PT_PHDR)
			base = (ElfW(Addr))phdr - phdr[i].p_vaddr;
	for (size_t i = 0; i < phnum; i++)
		if (phdr[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(base + phdr[i].p_vaddr);
	for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++)
		if (dynamic->d_tag == DT_DEBUG && dynamic->d_un.d_ptr)
			return ((const struct r_debug *)dynamic->d_un.d_ptr)->r_map;
	return NULL;
}

static bool is_libc(const struct object *object)
{
	return same(object->strings + value(object, DT_SONAME), LIBC);
}

/* In the order of ld.so's search. false: there is no libc that we know. */
static bool gather(struct search *search, const struct link_map *map)
{
	struct object object;

	for (; map && !search->libc.hash; map = map->l_next) {
		if (!open_object(&object, map))
			continue;
		if (map->l_ld == own_dynamic)
			search->own = object;
		else if (is_libc(&object))
			search->libc = object;
		else if (search->count < AHEAD_MOST)
			search->ahead[search->count++] = object;
	}
	return search->own.hash && search->libc.hash;
}

static bool is_taken(const struct search *search, const struct import *import)
{
	for (size_t i = 0; i < search->count; i++)
		if (find(&search->ahead[i], import, false))
			return true;
	return false;
}

static void settle(const struct search *search, const ElfW(Rela) *relocation)
{
	const struct object *own = &search->own, *libc = &search->libc;
	size_t number = ELF64_R_SYM(relocation->r_info);
	struct import import = { .name = own->strings + own->symbols[number].st_name };
	const ElfW(Sym) *found;
	ElfW(Addr) address;

	if (own->symbols[number].st_shndx != SHN_UNDEF)
		return;
	import.hash = hash_of(import.name);
	if (!is_taken(search, &import))
		return;
	import.version = wanted_version(own, number);
	found = find(libc, &import, true);
	if (!found)
		return;
	address = libc->base + found->st_value;
	if (ELF64_ST_TYPE(found->st_info) == STT_GNU_IFUNC)
		address = ((resolver *)address)();
	*(ElfW(Addr) *)(own->base + relocation->r_offset) = address;
}

/*
 * A program that was linked with ThreadSanitizer brings a malloc that crashes before this function of its run time has
 * run, and ld.so calls it when it loads our engine. Every object that the compiler makes calls the function, in no
 * order: it may be called at any time, and again.
 */
static void start_thread_sanitizer(const struct object *program)
{
	struct import entry = { .name = "__tsan_init" };
	const ElfW(Sym) *found;

	entry.hash = hash_of(entry.name);
	found = find(program, &entry, false);
	if (found)
		((void (*)(void))(program->base + found->st_value))();
}

void sc_imports_settle(const ElfW(Phdr) *phdr, size_t phnum)
{
	const struct link_map *first = first_map(phdr, phnum);
	const ElfW(Rela) *relocations;
	struct search search;
	size_t count;

	/* Not set to zero as a whole: that would be a call of memset. */
	search.own.hash = search.libc.hash = NULL;
	search.count = 0;
	if (!gather(&search, first) || search.count == 0)
		return;
	relocations = pointer(&search.own, DT_JMPREL);
	count = relocations ? value(&search.own, DT_PLTRELSZ) / sizeof(*relocations) : 0;
	for (size_t i = 0; i < count; i++)
		settle(&search, &relocations[i]);
	if (search.ahead[0].dynamic == first->l_ld)
		start_thread_sanitizer(&search.ahead[0]);
}
