/* SPDX-License-Identifier: MIT */
/*
 * C declarations written from debug information: of functions, and of the types they need, each before its use. Used by
 * `stubcache proto import` and, at build time, by src/protogen.
 *
 * What is written has the layout that the compiler said: padding that no member explains is written as unnamed
 * bit-fields, packed and aligned types with their attributes. Of two types with one name the first one counts.
 *
 * A writer refers to the Dwarf handles that were added; they must outlive it. One thread. Running out of memory is
 * remembered and returned by sc_dwarf_c_finish.
 */
#ifndef SC_CMD_DWARF_C_H
#define SC_CMD_DWARF_C_H

#include <elfutils/libdw.h>
#include <stdio.h>

struct sc_dwarf_c;

/* NULL: no memory. */
struct sc_dwarf_c *sc_dwarf_c_new(void);
void sc_dwarf_c_free(struct sc_dwarf_c *writer);

/* Makes the named types of all units known, so that an incomplete one is completed from wherever it is whole. */
void sc_dwarf_c_add(struct sc_dwarf_c *writer, Dwarf *dwarf);

/* Puts an attribute, "[[octal]]", which must outlive the writer, behind the declaration of a typedef that was added. */
void sc_dwarf_c_note(struct sc_dwarf_c *writer, const char *name, const char *attribute);

struct sc_dwarf_function {
	const char *name;	  /* in the output: a symbol */
	const char *attributes;	  /* put before it, with a blank behind each; NULL: none */
	const char *const *names; /* of the parameters, where the DWARF has none; entries may be NULL */
	size_t name_count;
};

/*
 * Declares a function: die is its DW_TAG_subprogram, or a DW_TAG_subroutine_type. Returns NULL, or why C cannot say it (a
 * static string), and then nothing is declared.
 */
const char *sc_dwarf_c_function(struct sc_dwarf_c *writer, const struct sc_dwarf_function *function, Dwarf_Die *die);

/* Declares all named structs, unions and typedefs that were added, whether a function needs them or not. Enumerations
 * only where one of these uses them: their enumerators would be in the way of those of other files. */
void sc_dwarf_c_all_types(struct sc_dwarf_c *writer);

/* Writes the types, then the functions sorted by name. Returns 0 or a negative errno. */
int sc_dwarf_c_finish(struct sc_dwarf_c *writer, FILE *out);

#endif
