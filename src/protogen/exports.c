/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of functions that libraries export, in any version. Called by refs.c and libc.c.
 */
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protogen/protogen.h"

static bool is_function(const GElf_Sym *symbol)
{
	int type = GELF_ST_TYPE(symbol->st_info), bind = GELF_ST_BIND(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) && (bind == STB_GLOBAL || bind == STB_WEAK) &&
	       symbol->st_shndx != SHN_UNDEF;
}

static void read_symbols(struct sc_exports *exports, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;

	for (size_t i = 0; i < count; i++) {
		GElf_Sym symbol;
		const char *name;

		if (!gelf_getsym(data, (int)i, &symbol) || !is_function(&symbol))
			continue;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (!name)
			continue;
		exports->names = sc_protogen_grow(exports->names, exports->count + 1, sizeof(*exports->names));
		exports->names[exports->count++] = sc_protogen_copy(name, strlen(name));
	}
}

static void read_library(struct sc_exports *exports, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
	Elf_Scn *section = NULL;

	while (elf && (section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNSYM)
			read_symbols(exports, elf, section, &header);
	}
	elf_end(elf);
	if (fd >= 0)
		close(fd);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void sc_exports_read(struct sc_exports *exports, char **paths)
{
	size_t kept = 0;

	*exports = (struct sc_exports){ 0 };
	elf_version(EV_CURRENT);
	for (; *paths; paths++)
		read_library(exports, *paths);
	if (!exports->count)
		sc_protogen_die("the libraries export no function at all");
	qsort(exports->names, exports->count, sizeof(*exports->names), compare);
	for (size_t i = 0; i < exports->count; i++)
		if (!kept || strcmp(exports->names[i], exports->names[kept - 1]))
			exports->names[kept++] = exports->names[i];
	exports->count = kept;
}

bool sc_exports_have(const struct sc_exports *exports, const char *name)
{
	return bsearch(&name, exports->names, exports->count, sizeof(*exports->names), compare) != NULL;
}
