/* SPDX-License-Identifier: MIT */
/*
 * From a file and an address in it to functions, files and lines, by libdwfl: debug information (in the file, or under
 * /usr/lib/debug by build-id), else symbol tables. Only on the machine where the files are, or one with the same.
 *
 * Not thread safe.
 */
#ifndef SC_CMD_SYMBOLIZE_H
#define SC_CMD_SYMBOLIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sc_symbols;

/* One of the functions that an instruction belongs to: the first is the innermost, those behind it are what it was inlined
 * into. Strings live as long as the symbols. */
struct sc_symbol {
	const char *function;	 /* demangled if wanted; "name+0x1f" when only a symbol before it is known, at worst
				    "module+0x1f" */
	const char *system_name; /* as the linker knows it, or NULL */
	const char *file;	 /* NULL: not known */
	unsigned line;		 /* 0: not known */
};

/* What is known of an address. */
struct sc_symbol_place {
	struct sc_symbol *symbols;
	size_t count; /* at least 1 */
};

/* NULL: no memory. */
struct sc_symbols *sc_symbols_open(bool demangle);
void sc_symbols_close(struct sc_symbols *symbols);

/*
 * A module by path and build-id, opened at the first address. A file that has another build-id is another build, and not
 * used; that is said once, through sc_cmd_error. id_size 0: the module had none, and the path must do. Its number, or -ENOMEM.
 */
int sc_symbols_module(struct sc_symbols *symbols, const char *path, const uint8_t *build_id, size_t id_size);

/* address: in the file, as its symbols have it; of the instruction itself, not of the one it returns to. Asked once, kept.
 * NULL: no memory. */
const struct sc_symbol_place *sc_symbols_find(struct sc_symbols *symbols, int module, uint64_t address);

#endif
