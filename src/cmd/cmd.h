/* SPDX-License-Identifier: MIT */
/*
 * What the sub-commands share: how they are entered, how they speak, which status they end with.
 */
#ifndef SC_CMD_CMD_H
#define SC_CMD_CMD_H

#include <stddef.h>

/* What stubcache itself has to say. A program that was run speaks for itself: its own status. */
enum sc_cmd_status {
	SC_CMD_OK = 0,
	SC_CMD_FOUND = 1,	/* it worked and found what is wrong, or could not finish */
	SC_CMD_USAGE = 2,	/* cannot begin: wrong arguments, rules, or environment */
	SC_CMD_NOT_EXECUTABLE = 126,
	SC_CMD_NOT_FOUND = 127,
};

/* argv[0] is "stubcache", so that getopt's messages begin as ours; argv[1] on are the arguments. */
int sc_cmd_run(int argc, char **argv);
int sc_cmd_report(int argc, char **argv);
int sc_cmd_explain(int argc, char **argv);
int sc_cmd_proto(int argc, char **argv);
int sc_cmd_cache(int argc, char **argv);
int sc_cmd_campaign(int argc, char **argv);
/* Sub-commands of cache with files of their own. */
int sc_cmd_cache_show(int argc, char **argv);
int sc_cmd_cache_verify(int argc, char **argv);
int sc_cmd_cache_warm(int argc, char **argv);

/* "stubcache: " and the message, as one line on stderr. */
void sc_cmd_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Points to --help after a message about arguments. command: "", "run", "cache ls", ... Returns
 * SC_CMD_USAGE. */
int sc_cmd_usage(const char *command);
/* The text of --help, on stdout. Returns SC_CMD_OK. */
int sc_cmd_help(const char *text);
/* Says that `word` is no `kind` ("command", "format"), with the nearest of the names when one is near.
 * names ends with NULL. */
void sc_cmd_unknown(const char *kind, const char *word, const char *const *names);
/* Columns that text takes on a terminal, by the locale; bytes where it is no text there. */
int sc_cmd_width(const char *text);
/* Flushes stdout; a table that could not be written is an error, whatever else went well. */
int sc_cmd_finish(int status);

#endif
