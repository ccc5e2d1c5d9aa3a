/* SPDX-License-Identifier: MIT */
/*
 * Owns the entry of the command: finds the sub-command and hands over. What a sub-command accepts
 * is its own file's matter.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

static const char help[] =
	"Usage: stubcache COMMAND [OPTION]... [ARGUMENT]...\n"
	"Intercepts library functions of unmodified programs; what was generated for a program is kept\n"
	"on disk, so that only its first start pays for it.\n"
	"\n"
	"  run      run a program with functions counted or timed\n"
	"  report   show what was recorded\n"
	"  explain  show which functions of a program can be observed, and why others cannot\n"
	"  cache    list, show, verify, warm and prune the images on disk\n"
	"  proto    show the prototypes by which calls are decoded, make some from debug information\n"
	"  campaign let every call site of some functions fail once, and show what does not stand it\n"
	"\n"
	"  -h, --help     this text; after a command: its own\n"
	"  -V, --version  the version\n"
	"\n"
	"Exit status: run ends as the program did; otherwise 0, 1 when something is wrong with what was\n"
	"looked at, 2 when the arguments are. See stubcache(1).\n";

static const struct command {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "cache", sc_cmd_cache },
	{ "campaign", sc_cmd_campaign },
	{ "explain", sc_cmd_explain },
	{ "proto", sc_cmd_proto },
	{ "report", sc_cmd_report },
	{ "run", sc_cmd_run },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

static int unknown(const char *word)
{
	const char *names[COMMAND_COUNT + 1] = { NULL };

	if (*word == '-') {
		sc_cmd_error("unrecognized option '%s'", word);
		return sc_cmd_usage("");
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		names[i] = commands[i].name;
	sc_cmd_unknown("command", word, names);
	return sc_cmd_usage("");
}

/* What is closed would be taken by the next file that is opened, and messages would end up in that. A program that we run
 * has it closed as before; writing fails as before. */
static void hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC) < 0)
			return;
}

int main(int argc, char **argv)
{
	static char self[] = "stubcache";

	hold_standard_descriptors();
	setlocale(LC_CTYPE, ""); /* names of files as they are; numbers stay in C, for scripts */
	if (argc < 2) {
		sc_cmd_error("a command is needed");
		return sc_cmd_usage("");
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return sc_cmd_help(help);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("stubcache " SC_VERSION);
		return sc_cmd_finish(SC_CMD_OK);
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		argv[1] = self;
		return commands[i].main(argc - 1, argv + 1);
	}
	return unknown(argv[1]);
}
