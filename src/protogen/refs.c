/* SPDX-License-Identifier: MIT */
/*
 * Owns the source that makes the compiler describe functions that are only declared: a pointer to each, of which the
 * debug information has the type, and the relocation the symbol (__isoc99_scanf for scanf). Called by main.c.
 */
#include "protogen/protogen.h"

int sc_protogen_refs(int argc, char **argv)
{
	struct sc_declared_list declared;
	struct sc_exports exports;

	if (argc < 2)
		sc_protogen_die("usage: protogen refs MODE.i LIBRARY...");
	sc_declared_read(&declared, sc_protogen_read(argv[0]));
	sc_exports_read(&exports, argv + 1);
	for (size_t i = 0; i < declared.count; i++) {
		const char *name = declared.functions[i].name;

		if (sc_exports_have(&exports, name))
			printf("#undef %s\n__typeof__(%s) *const sc_ref_%s = %s;\n", name, name, name, name);
	}
	return 0;
}
