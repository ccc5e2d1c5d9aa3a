/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of a loaded module's dynamic section into a struct sc_symbols: where the tables
 * are, how long they are, which versions there are. Nothing is believed before it has been found to
 * lie within the module's segments, so that the lookups need no check of their own. The versions are
 * read by symbols_versions.c; looking up is symbols_lookup.c. Called by the engine when it generates.
 */
#include "engine/symbols.h"

#include <errno.h>

#include "engine/symbols_internal.h"

#define LOW_TAGS (DT_FLAGS + 1) /* of the tags numbered from 0 on, those that matter here */

/* The dynamic section by tag. What is absent is 0; `seen` tells absent from 0 for the low tags. */
struct tags {
	ElfW(Xword) low[LOW_TAGS];
	uint64_t seen;
	ElfW(Xword) gnu_hash, rela_relative, flags_1;
	struct sc_symbols_version_tables versions;
	size_t needed_count;
};

/* How many bytes may be read from an address on: what is left of the segment it is in, or 0. */
static size_t extent(const struct sc_module *module, uintptr_t address)
{
	for (unsigned i = 0; i < module->phnum; i++) {
		const ElfW(Phdr) *segment = &module->phdr[i];
		uintptr_t start = module->base + segment->p_vaddr;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_R))
			continue;
		if (address >= start && address - start < segment->p_memsz)
			return segment->p_memsz - (address - start);
	}
	return 0;
}

const void *sc_symbols_table(const struct sc_module *module, uintptr_t address, size_t count, size_t size, size_t align)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || address % align)
		return NULL;
	return extent(module, address) >= bytes && bytes > 0 ? (const void *)address : NULL;
}

uintptr_t sc_symbols_pointer(const struct sc_module *module, ElfW(Xword) value)
{
	return value >= module->start && value < module->end ? value : module->base + value;
}

static const void *table_of(const struct sc_module *module, ElfW(Xword) value, size_t count, size_t size, size_t align)
{
	return sc_symbols_table(module, sc_symbols_pointer(module, value), count, size, align);
}

static void note_tag(struct tags *tags, const ElfW(Dyn) *entry)
{
	ElfW(Xword) value = entry->d_un.d_val;

	switch (entry->d_tag) {
	case DT_GNU_HASH:
		tags->gnu_hash = value;
		return;
	case DT_VERSYM:
		tags->versions.versym = value;
		return;
	case DT_RELACOUNT:
		tags->rela_relative = value;
		return;
	case DT_FLAGS_1:
		tags->flags_1 = value;
		return;
	case DT_VERDEF:
		tags->versions.verdef = value;
		return;
	case DT_VERNEED:
		tags->versions.verneed = value;
		return;
	case DT_NEEDED:
		tags->needed_count++;
		return;
	default:
		if (entry->d_tag > 0 && entry->d_tag < LOW_TAGS) {
			tags->low[entry->d_tag] = value;
			tags->seen |= UINT64_C(1) << entry->d_tag;
		}
	}
}

static bool seen(const struct tags *tags, unsigned tag)
{
	return tags->seen >> tag & 1;
}

static int read_tags(const struct sc_module *module, struct tags *tags)
{
	size_t most = extent(module, (uintptr_t)module->dynamic) / sizeof(ElfW(Dyn));

	for (size_t i = 0; i < most; i++) {
		if (module->dynamic[i].d_tag == DT_NULL)
			return 0;
		note_tag(tags, &module->dynamic[i]);
	}
	return -EINVAL;
}

const char *sc_symbols_string(const struct sc_symbols *out, ElfW(Xword) offset)
{
	return offset < out->strtab_size ? out->strtab + offset : NULL;
}

static int read_strings(struct sc_symbols *out, const struct tags *tags)
{
	size_t size = tags->low[DT_STRSZ];
	const char *strtab = table_of(out->module, tags->low[DT_STRTAB], size, 1, 1);

	/* The final zero is what makes every offset below size a terminated string. */
	if (!strtab || strtab[size - 1] != '\0')
		return -EINVAL;
	out->strtab = strtab;
	out->strtab_size = size;
	if (seen(tags, DT_SONAME)) {
		out->soname = sc_symbols_string(out, tags->low[DT_SONAME]);
		if (!out->soname)
			return -EINVAL;
	}
	return 0;
}

static int read_needed(struct sc_symbols *out, const struct tags *tags, struct sc_arena *arena)
{
	if (!tags->needed_count)
		return 0;
	out->needed = sc_arena_array(arena, tags->needed_count, sizeof(*out->needed));
	if (!out->needed)
		return -ENOMEM;
	for (const ElfW(Dyn) *entry = out->module->dynamic; entry->d_tag != DT_NULL; entry++) {
		const char *name;

		if (entry->d_tag != DT_NEEDED)
			continue;
		name = sc_symbols_string(out, entry->d_un.d_val);
		if (!name)
			return -EINVAL;
		out->needed[out->needed_count++] = name;
	}
	return 0;
}

static int read_relocations(struct sc_symbols *out, const struct tags *tags)
{
	size_t size = tags->low[DT_RELASZ], plt_size = tags->low[DT_PLTRELSZ];
	uintptr_t rela = sc_symbols_pointer(out->module, tags->low[DT_RELA]);
	uintptr_t jmprel = sc_symbols_pointer(out->module, tags->low[DT_JMPREL]);

	if (!seen(tags, DT_RELA))
		size = 0;
	if (!seen(tags, DT_JMPREL))
		plt_size = 0;
	/* Some linkers count the PLT's relocations among the others, too. */
	if (size >= plt_size && plt_size && rela + size == jmprel + plt_size)
		size -= plt_size;
	if (size) {
		out->rela_count = size / sizeof(ElfW(Rela));
		out->rela = sc_symbols_table(out->module, rela, out->rela_count, sizeof(ElfW(Rela)), sizeof(ElfW(Addr)));
		if (!out->rela || tags->low[DT_RELAENT] != sizeof(ElfW(Rela)))
			return -EINVAL;
	}
	if (plt_size) {
		out->jmprel_count = plt_size / sizeof(ElfW(Rela));
		out->jmprel = sc_symbols_table(out->module, jmprel, out->jmprel_count, sizeof(ElfW(Rela)), sizeof(ElfW(Addr)));
		if (!out->jmprel || tags->low[DT_PLTREL] != DT_RELA)
			return -EINVAL;
	}
	out->rela_relative = tags->rela_relative < out->rela_count ? tags->rela_relative : out->rela_count;
	return 0;
}

/* The last symbol of the longest-reaching chain ends the symbol table: undefined symbols, which no
 * chain holds, come before all of those. */
static int count_gnu_symbols(struct sc_symbols *out)
{
	const struct sc_gnu_hash *hash = &out->gnu_hash;
	size_t most = extent(out->module, (uintptr_t)hash->chains) / sizeof(*hash->chains);
	uint32_t last = 0;

	for (uint32_t i = 0; i < hash->bucket_count; i++) {
		if (hash->buckets[i] && hash->buckets[i] < hash->first_symbol)
			return -EINVAL;
		if (hash->buckets[i] > last)
			last = hash->buckets[i];
	}
	if (!last) {
		out->symbol_count = hash->first_symbol;
		return 0;
	}
	for (;; last++) {
		if (last - hash->first_symbol >= most)
			return -EINVAL;
		if (hash->chains[last - hash->first_symbol] & 1)
			break;
	}
	out->symbol_count = last + 1;
	return 0;
}

static int read_gnu_hash(struct sc_symbols *out, const struct tags *tags)
{
	struct sc_gnu_hash *hash = &out->gnu_hash;
	const uint32_t *header = table_of(out->module, tags->gnu_hash, 4, sizeof(*header), sizeof(*hash->bloom));
	uint32_t bloom_count;

	if (!header)
		return -EINVAL;
	hash->bucket_count = header[0];
	hash->first_symbol = header[1];
	bloom_count = header[2];
	hash->bloom_shift = header[3];
	if (!bloom_count || bloom_count & (bloom_count - 1) || hash->bloom_shift > 31)
		return -EINVAL;
	hash->bloom_mask = bloom_count - 1;
	hash->bloom = sc_symbols_table(out->module, (uintptr_t)(header + 4), bloom_count, sizeof(*hash->bloom), 8);
	if (!hash->bloom || !hash->bucket_count)
		return -EINVAL;
	hash->buckets = sc_symbols_table(out->module, (uintptr_t)(hash->bloom + bloom_count), hash->bucket_count,
				 sizeof(*hash->buckets), 4);
	if (!hash->buckets)
		return -EINVAL;
	hash->chains = hash->buckets + hash->bucket_count;
	return count_gnu_symbols(out);
}

static int read_sysv_hash(struct sc_symbols *out, const struct tags *tags)
{
	struct sc_sysv_hash *hash = &out->sysv_hash;
	const uint32_t *header = table_of(out->module, tags->low[DT_HASH], 2, sizeof(*header), sizeof(*header));

	if (!header)
		return -EINVAL;
	hash->bucket_count = header[0];
	hash->chain_count = header[1];
	if (!hash->bucket_count ||
	    !sc_symbols_table(out->module, (uintptr_t)(header + 2), (size_t)hash->bucket_count + hash->chain_count,
		      sizeof(*header), sizeof(*header)))
		return -EINVAL;
	hash->buckets = header + 2;
	hash->chains = hash->buckets + hash->bucket_count;
	if (hash->chain_count > out->symbol_count)
		out->symbol_count = hash->chain_count;
	return 0;
}

/* GNU ld's DT_GNU_HASH of a program that exports nothing says nothing of its undefined symbols. */
static uint32_t count_referenced(const ElfW(Rela) *table, size_t count, uint32_t known)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t symbol = ELF64_R_SYM(table[i].r_info);

		if (symbol >= known && symbol < UINT32_MAX)
			known = symbol + 1;
	}
	return known;
}

static int read_symbols(struct sc_symbols *out, const struct tags *tags)
{
	int error = 0;

	if (tags->gnu_hash)
		error = read_gnu_hash(out, tags);
	if (!error && seen(tags, DT_HASH))
		error = read_sysv_hash(out, tags);
	if (error)
		return error;
	if (!out->sysv_hash.buckets && out->symbol_count <= out->gnu_hash.first_symbol) {
		out->symbol_count = count_referenced(out->rela + out->rela_relative,
						     out->rela_count - out->rela_relative, out->symbol_count);
		out->symbol_count = count_referenced(out->jmprel, out->jmprel_count, out->symbol_count);
	}
	if (!out->symbol_count)
		out->symbol_count = 1; /* number 0, which every symbol table has */
	out->symtab = table_of(out->module, tags->low[DT_SYMTAB], out->symbol_count, sizeof(*out->symtab),
			       sizeof(ElfW(Addr)));
	if (!out->symtab || (seen(tags, DT_SYMENT) && tags->low[DT_SYMENT] != sizeof(*out->symtab)))
		return -EINVAL;
	return 0;
}

static void read_flags(struct sc_symbols *out, const struct tags *tags)
{
	ElfW(Xword) flags = tags->low[DT_FLAGS];

	out->symbolic = seen(tags, DT_SYMBOLIC) || flags & DF_SYMBOLIC;
	out->bind_now = seen(tags, DT_BIND_NOW) || flags & DF_BIND_NOW || tags->flags_1 & DF_1_NOW;
	out->has_textrel = seen(tags, DT_TEXTREL) || flags & DF_TEXTREL;
	out->has_runpath = seen(tags, DT_RUNPATH) || seen(tags, DT_RPATH);
}

int sc_symbols_open(struct sc_symbols *out, const struct sc_module *module, struct sc_arena *arena)
{
	struct sc_symbols symbols = { .module = module };
	struct tags tags = { .seen = 0 };
	int error;

	if (!module->dynamic)
		return -ENOENT;
	error = read_tags(module, &tags);
	if (error)
		return error;
	if (!seen(&tags, DT_SYMTAB) || !seen(&tags, DT_STRTAB))
		return -ENOENT;
	error = read_strings(&symbols, &tags);
	if (!error)
		error = read_relocations(&symbols, &tags);
	if (!error)
		error = read_symbols(&symbols, &tags);
	if (!error)
		error = sc_symbols_read_versions(&symbols, &tags.versions, arena);
	if (!error)
		error = read_needed(&symbols, &tags, arena);
	if (error)
		return error;
	read_flags(&symbols, &tags);
	*out = symbols;
	return 0;
}
