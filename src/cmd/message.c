/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of what the command says about itself. Called by every sub-command.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "common/rules.h"

#define NEAR 2 /* edits between what was typed and what may have been meant */

void sc_cmd_error(const char *format, ...)
{
	char line[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	fflush(stdout); /* a table on the same terminal stays in order */
	fprintf(stderr, "stubcache: %s\n", line);
}

int sc_cmd_usage(const char *command)
{
	fprintf(stderr, "stubcache: try 'stubcache %s%s--help'\n", command, *command ? " " : "");
	return SC_CMD_USAGE;
}

int sc_cmd_help(const char *text)
{
	fputs(text, stdout);
	return sc_cmd_finish(SC_CMD_OK);
}

void sc_cmd_unknown(const char *kind, const char *word, const char *const *names)
{
	const char *nearest = NULL;
	unsigned best = NEAR + 1;

	for (; *names; names++) {
		unsigned distance = sc_name_distance(word, *names, NEAR);

		if (distance < best) {
			best = distance;
			nearest = *names;
		}
	}
	if (nearest)
		sc_cmd_error("unknown %s '%s': did you mean '%s'?", kind, word, nearest);
	else
		sc_cmd_error("unknown %s '%s'", kind, word);
}

int sc_cmd_finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno != EPIPE) /* who reads no more wants to hear no more */
		sc_cmd_error("cannot write output: %s", strerror(errno));
	return status == SC_CMD_OK ? SC_CMD_FOUND : status;
}
