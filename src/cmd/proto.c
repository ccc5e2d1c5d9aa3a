/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache proto`: its help, and which of its commands is meant. Called by main.c.
 */
#include "cmd/proto.h"

#include <string.h>

#include "cmd/cmd.h"

static const char help[] =
	"Usage: stubcache proto COMMAND [OPTION]... [ARGUMENT]...\n"
	"Shows and makes prototypes: C declarations by which calls are decoded.\n"
	"\n"
	"  show [-v] [-P FILE]... [NAME|GLOB]...\n"
	"                      what is known of functions; of all without a name\n"
	"  import [-o FILE] LIBRARY\n"
	"                      declarations of the functions that a library exports, with the types\n"
	"                      they need, from its debug information\n"
	"\n"
	"  -P, --prototypes=FILE  read this file, too, after all others; may be repeated\n"
	"  -v, --verbose          before each prototype, the file and line that it is from\n"
	"  -o, --output=FILE      write to this file; the summary goes to stderr\n"
	"      --json             for show: the same as json\n"
	"  -h, --help             this text\n"
	"\n"
	"Files, in order: the installed ones, *.h in $XDG_CONFIG_HOME/stubcache (or ~/.config/stubcache),\n"
	"those of STUBCACHE_PROTOTYPES (joined by ':'), those of -P. A later declaration of a function\n"
	"replaces an earlier one.\n"
	"\n"
	"Exit status: 0; 1 when a name is unknown, a file could not be understood, or a library has no\n"
	"debug information; 2 for wrong arguments.\n";

int sc_cmd_proto_help(void)
{
	return sc_cmd_help(help);
}

int sc_cmd_proto(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*main)(int argc, char **argv);
	} commands[] = {
		{ "import", sc_cmd_proto_import },
		{ "show", sc_cmd_proto_show },
	};
	static const char *const names[] = { "import", "show", NULL };

	if (argc < 2) {
		sc_cmd_error("proto needs a command");
		return sc_cmd_usage("proto");
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return sc_cmd_proto_help();
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		argv[1] = argv[0];
		return commands[i].main(argc - 1, argv + 1);
	}
	sc_cmd_unknown("proto command", argv[1], names);
	return sc_cmd_usage("proto");
}
