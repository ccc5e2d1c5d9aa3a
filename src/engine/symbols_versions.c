/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of DT_VERNEED and DT_VERDEF into names by version index, as
 * _dl_check_map_versions of glibc's elf/dl-version.c lays them out. Called by symbols.c alone.
 */
#include <errno.h>

#include "engine/symbols_internal.h"

#define VERSION_INDEX 0x7fff
#define VERSION_HIDDEN 0x8000

/* Called for every version twice: to learn the highest index, and then, with the tables made, to
 * fill them. The base definition counts but has no name: nothing may match it by name. */
static int note_version(struct sc_symbols *out, unsigned index, const char *name, const char *file, bool hidden)
{
	if (!out->version_names) {
		if (index >= out->version_count)
			out->version_count = index + 1;
		return name ? 0 : -EINVAL;
	}
	out->version_names[index] = name;
	out->version_files[index] = file;
	out->version_hidden[index] = hidden;
	return 0;
}

static int walk_needed_file(struct sc_symbols *out, const ElfW(Verneed) *need)
{
	const char *file = sc_symbols_string(out, need->vn_file);
	uintptr_t at = (uintptr_t)need + need->vn_aux;

	if (!file)
		return -EINVAL;
	for (unsigned i = 0; i < need->vn_cnt; i++) {
		const ElfW(Vernaux) *aux = sc_symbols_table(out->module, at, 1, sizeof(*aux), sizeof(ElfW(Word)));

		if (!aux || note_version(out, aux->vna_other & VERSION_INDEX, sc_symbols_string(out, aux->vna_name), file,
					 aux->vna_other & VERSION_HIDDEN))
			return -EINVAL;
		if (!aux->vna_next)
			break;
		at += aux->vna_next;
	}
	return 0;
}

static int walk_needed_versions(struct sc_symbols *out, ElfW(Xword) verneed)
{
	uintptr_t at = sc_symbols_pointer(out->module, verneed);

	for (;;) {
		const ElfW(Verneed) *need = sc_symbols_table(out->module, at, 1, sizeof(*need), sizeof(ElfW(Word)));

		if (!need || need->vn_version != VER_NEED_CURRENT || walk_needed_file(out, need))
			return -EINVAL;
		if (!need->vn_next)
			return 0;
		at += need->vn_next;
	}
}

static int walk_defined_versions(struct sc_symbols *out, ElfW(Xword) verdef)
{
	uintptr_t at = sc_symbols_pointer(out->module, verdef);

	for (;;) {
		const ElfW(Verdef) *def = sc_symbols_table(out->module, at, 1, sizeof(*def), sizeof(ElfW(Word)));
		const ElfW(Verdaux) *aux;
		unsigned index;

		if (!def)
			return -EINVAL;
		index = def->vd_ndx & VERSION_INDEX;
		aux = sc_symbols_table(out->module, at + def->vd_aux, 1, sizeof(*aux), sizeof(ElfW(Word)));
		if (!aux)
			return -EINVAL;
		if ((!(def->vd_flags & VER_FLG_BASE) || !out->version_names) &&
		    note_version(out, index, sc_symbols_string(out, aux->vda_name), NULL, false))
			return -EINVAL;
		if (!def->vd_next)
			return 0;
		at += def->vd_next;
	}
}

static int walk_versions(struct sc_symbols *out, const struct sc_symbols_version_tables *tables)
{
	int error = tables->verneed ? walk_needed_versions(out, tables->verneed) : 0;

	return !error && tables->verdef ? walk_defined_versions(out, tables->verdef) : error;
}

int sc_symbols_read_versions(struct sc_symbols *out, const struct sc_symbols_version_tables *tables,
			     struct sc_arena *arena)
{
	const char **names;
	int error = tables->versym ? walk_versions(out, tables) : 0;

	if (error || !out->version_count)
		return error;
	out->versym = sc_symbols_table(out->module, sc_symbols_pointer(out->module, tables->versym),
				       out->symbol_count, sizeof(*out->versym), sizeof(*out->versym));
	if (!out->versym)
		return -EINVAL;
	names = sc_arena_array(arena, out->version_count, sizeof(*names));
	out->version_files = sc_arena_array(arena, out->version_count, sizeof(*out->version_files));
	out->version_hidden = sc_arena_array(arena, out->version_count, sizeof(*out->version_hidden));
	if (!names || !out->version_files || !out->version_hidden)
		return -ENOMEM;
	out->version_names = names;
	return walk_versions(out, tables);
}
