/* SPDX-License-Identifier: MIT */
/*
 * Owns looking up names in what symbols.c has read, with the very rules of ld.so: a slot that is
 * patched must be bound to what ld.so would have bound it to. Owns no memory. Called by the engine
 * for every relocation of a program, so the hash of a name is computed once a reference, and most
 * modules are passed over by their bloom filter.
 *
 *   sc_symbols_bind -> scope_lookup -> module_lookup -> gnu_lookup or sysv_lookup -> match
 *   sc_symbols_find -----------------> module_lookup
 */
#include "engine/symbols.h"

#include <string.h>

#define VERSION_INDEX 0x7fff
#define VERSION_HIDDEN 0x8000
#define VERSION_NAMED 2 /* the first index that is neither local (0) nor the base definition (1) */

#define LOOKED_AT                                                                                       \
	(1u << STT_NOTYPE | 1u << STT_OBJECT | 1u << STT_FUNC | 1u << STT_COMMON | 1u << STT_TLS | \
	 1u << STT_GNU_IFUNC)

/* What is looked for. */
struct wanted {
	const char *name;
	uint32_t hash;	     /* of DT_GNU_HASH */
	const char *version; /* NULL: unversioned */
	bool exact;	     /* an unversioned definition does not satisfy `version` */
	bool newest;	     /* as dlsym: the base version is not preferred to a named default */
	bool defined;	     /* a canonical PLT entry is not a match */
};

/* What one module offers while its chain is walked: without a version asked for, its only default
 * version is a match if nothing better comes. */
struct offers {
	uint32_t versioned;
	unsigned count;
};

static uint32_t gnu_hash(const char *name)
{
	uint32_t hash = 5381;

	for (const unsigned char *at = (const unsigned char *)name; *at; at++)
		hash = hash * 33 + *at;
	return hash;
}

static uint32_t sysv_hash(const char *name)
{
	uint32_t hash = 0;

	for (const unsigned char *at = (const unsigned char *)name; *at; at++) {
		hash = (hash << 4) + *at;
		hash ^= hash >> 24 & 0xf0;
	}
	return hash & 0x0fffffff;
}

static bool same(const char *a, const char *b)
{
	return a == b || strcmp(a, b) == 0;
}

static const char *version_name(const struct sc_symbols *in, unsigned index)
{
	return index < in->version_count ? in->version_names[index] : NULL;
}

const char *sc_symbol_version(const struct sc_symbols *in, uint32_t index, bool *hidden)
{
	unsigned version = in->versym && index < in->symbol_count ? in->versym[index] : 0;

	if (hidden)
		*hidden = version & VERSION_HIDDEN;
	return version_name(in, version & VERSION_INDEX);
}

static bool version_matches(const struct wanted *wanted, const struct sc_symbols *in, uint32_t index,
			    struct offers *offers)
{
	bool hidden = in->versym[index] & VERSION_HIDDEN;
	unsigned version = in->versym[index] & VERSION_INDEX;

	if (wanted->version) {
		const char *name = version_name(in, version);

		return name ? same(name, wanted->version) : !wanted->exact && !hidden;
	}
	/* A program older than the versions means the base definition, or the first one after it. */
	if (version <= (wanted->newest ? VERSION_NAMED - 1 : VERSION_NAMED))
		return true;
	if (!hidden && offers->count++ == 0)
		offers->versioned = index;
	return false;
}

static bool match(const struct wanted *wanted, const struct sc_symbols *in, uint32_t index, struct offers *offers)
{
	const ElfW(Sym) *symbol = &in->symtab[index];
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	if (symbol->st_value == 0 && symbol->st_shndx != SHN_ABS && type != STT_TLS)
		return false;
	if (wanted->defined && symbol->st_shndx == SHN_UNDEF)
		return false;
	if (!(1u << type & LOOKED_AT) || !same(sc_symbol_name(in, symbol), wanted->name))
		return false;
	return !in->versym || version_matches(wanted, in, index, offers);
}

/* No chain needs a limit: symbols.c has seen the one that reaches furthest end. */
static uint32_t gnu_lookup(const struct wanted *wanted, const struct sc_symbols *in, struct offers *offers)
{
	const struct sc_gnu_hash *table = &in->gnu_hash;
	uint64_t word = table->bloom[wanted->hash / 64 & table->bloom_mask];
	uint32_t index;

	if (!(word >> wanted->hash % 64 & word >> (wanted->hash >> table->bloom_shift) % 64 & 1))
		return 0;
	index = table->buckets[wanted->hash % table->bucket_count];
	if (!index)
		return 0;
	for (;; index++) {
		uint32_t hash = table->chains[index - table->first_symbol];

		if ((hash ^ wanted->hash) >> 1 == 0 && match(wanted, in, index, offers))
			return index;
		if (hash & 1)
			return 0;
	}
}

static uint32_t sysv_lookup(const struct wanted *wanted, const struct sc_symbols *in, struct offers *offers)
{
	const struct sc_sysv_hash *table = &in->sysv_hash;
	uint32_t index = table->buckets[sysv_hash(wanted->name) % table->bucket_count];

	for (uint32_t i = 0; i < table->chain_count && index && index < table->chain_count; i++) {
		if (match(wanted, in, index, offers))
			return index;
		index = table->chains[index];
	}
	return 0;
}

/* The number of the symbol that others may bind to, or 0. */
static uint32_t module_lookup(const struct wanted *wanted, const struct sc_symbols *in)
{
	struct offers offers = { 0, 0 };
	const ElfW(Sym) *symbol;
	uint32_t index = 0;
	unsigned visibility;

	if (in->gnu_hash.buckets)
		index = gnu_lookup(wanted, in, &offers);
	else if (in->sysv_hash.buckets)
		index = sysv_lookup(wanted, in, &offers);
	if (!index && offers.count == 1)
		index = offers.versioned;
	if (!index)
		return 0;
	symbol = &in->symtab[index];
	visibility = ELF64_ST_VISIBILITY(symbol->st_other);
	if (visibility == STV_HIDDEN || visibility == STV_INTERNAL)
		return 0;
	switch (ELF64_ST_BIND(symbol->st_info)) {
	case STB_GLOBAL:
	case STB_WEAK:
	case STB_GNU_UNIQUE:
		return index;
	default:
		return 0;
	}
}

static void set_definition(struct sc_definition *out, const struct sc_symbols *in, uint32_t index)
{
	out->in = in;
	out->symbol = &in->symtab[index];
	out->index = index;
	out->version = sc_symbol_version(in, index, NULL);
}

static bool scope_lookup(const struct wanted *wanted, const struct sc_symbols *first,
			 const struct sc_symbols *const *scope, size_t count, struct sc_definition *out)
{
	uint32_t index = first ? module_lookup(wanted, first) : 0;

	if (index) {
		set_definition(out, first, index);
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		index = module_lookup(wanted, scope[i]);
		if (index) {
			set_definition(out, scope[i], index);
			return true;
		}
	}
	return false;
}

/*
 * A protected symbol is its own definition, with one exception that ld.so makes so that addresses
 * compare equal: if nothing but a canonical PLT entry comes before it, references other than calls
 * take that entry.
 */
static void bind_protected(struct wanted *wanted, const struct sc_symbols *from, uint32_t reference,
			   const struct sc_symbols *const *scope, size_t count, struct sc_definition *out)
{
	const struct sc_symbols *first = from->symbolic ? from : NULL;
	struct sc_definition entry, definition;

	set_definition(out, from, reference);
	if (wanted->defined || !scope_lookup(wanted, first, scope, count, &entry))
		return;
	wanted->defined = true;
	if (!scope_lookup(wanted, first, scope, count, &definition) || definition.in == from)
		*out = entry;
}

bool sc_symbols_bind(const struct sc_symbols *from, uint32_t reference, unsigned flags,
		     const struct sc_symbols *const *scope, size_t count, struct sc_definition *out)
{
	struct sc_definition found;
	struct wanted wanted = { .defined = flags & SC_LOOKUP_PLT };
	const ElfW(Sym) *symbol;
	unsigned visibility, version;

	if (reference == STN_UNDEF || reference >= from->symbol_count)
		return false;
	symbol = &from->symtab[reference];
	visibility = ELF64_ST_VISIBILITY(symbol->st_other);
	if (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL || visibility == STV_HIDDEN || visibility == STV_INTERNAL) {
		if (symbol->st_shndx == SHN_UNDEF)
			return false;
		set_definition(out, from, reference);
		return true;
	}
	version = from->versym ? from->versym[reference] & VERSION_INDEX : 0;
	wanted.name = sc_symbol_name(from, symbol);
	wanted.hash = gnu_hash(wanted.name);
	wanted.version = version_name(from, version);
	wanted.exact = wanted.version && from->version_hidden[version];
	if (visibility == STV_PROTECTED && symbol->st_shndx != SHN_UNDEF) {
		bind_protected(&wanted, from, reference, scope, count, out);
		return true;
	}
	if (!scope_lookup(&wanted, from->symbolic ? from : NULL, scope, count, &found))
		return false;
	if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && ELF64_ST_TYPE(found.symbol->st_info) == STT_TLS)
		return false;
	*out = found;
	return true;
}

bool sc_symbols_find(const struct sc_symbols *in, const char *name, const char *version, struct sc_definition *out)
{
	struct wanted wanted = {
		.name = name,
		.hash = gnu_hash(name),
		.version = version,
		.exact = true,
		.newest = true,
		.defined = true,
	};
	uint32_t index = module_lookup(&wanted, in);

	if (!index)
		return false;
	set_definition(out, in, index);
	return true;
}
