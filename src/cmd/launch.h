/* SPDX-License-Identifier: MIT */
/*
 * Running somebody's program under the preload: its environment, its life, its death.
 *
 * The environment is prepared in our own (setenv), which is safe: we are loaded already. Not thread
 * safe; the command has one thread.
 */
#ifndef SC_CMD_LAUNCH_H
#define SC_CMD_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/record.h"

/* What was given with -e, in order. */
struct sc_launch_rules {
	const char **texts; /* owned: room for as many as there are arguments */
	size_t count;
};

/* Room for at most argc rules. Returns 0 or -ENOMEM, which has been said. */
int sc_launch_rules_init(struct sc_launch_rules *rules, int argc);
void sc_launch_rules_release(struct sc_launch_rules *rules);

/*
 * Checks all rules that will hold: those given, else `otherwise`, else, where that is NULL, those of STUBCACHE; and those
 * of the file STUBCACHE_RULES. Sets STUBCACHE, and *actions to all that they ask for (a set of enum sc_action). False when
 * a rule is wrong or cannot be read, which has been said.
 */
bool sc_launch_set_rules(const struct sc_launch_rules *rules, const char *otherwise, unsigned *actions);
/* Whether the environment already brings rules. */
bool sc_launch_has_rules(void);

/* Puts libstubcache.so first in LD_PRELOAD: STUBCACHE_LIBRARY, else the one beside this program when
 * it was not installed, else the installed one. False when there is none, which has been said.
 * A program that cannot be observed (it is found as execvp(3) will find it) is told of, with the reason. reason NULL:
 * then it is not to be run, and the answer is false; else it gets nothing that its loader would refuse. */
bool sc_launch_set_preload(const char *program, enum sc_unobserved *reason);

/* setenv that has said so when it fails. */
bool sc_launch_set(const char *variable, const char *value);

/* What is to be done again and again while the program runs: poll returns after how many milliseconds, less than 1000. */
struct sc_child_watch {
	int (*poll)(void *context, pid_t child);
	void *context;
};

/*
 * Starts argv[0] (looked up in PATH), passes on the signals that are sent to us, and waits for its
 * end; watch may be NULL. Returns 0 with *status as waitpid has it, or a negative errno when it could not be started.
 * Afterwards signals are blocked as they were while waiting, and SIGPIPE is ignored, so that what is left on disk can be
 * removed: what comes next is short, or asks sc_child_interrupted; sc_child_exit_like undoes it.
 */
int sc_child_run(char **argv, int *status, const struct sc_child_watch *watch);

/* As sc_child_run, but a program that could not be started has been reported, and its status (126 or
 * 127, as a shell has it) returned; 0 when it ran. */
int sc_child_run_or_say(char **argv, int *status, const struct sc_child_watch *watch);

/* After sc_child_run: the signal by which someone wants us to end meanwhile, or 0. */
int sc_child_interrupted(void);

/* Ends this process as the program ended: with its exit status, or by its signal (without a core
 * dump of our own); or by the one that came since (sc_child_interrupted). Returns the exit status when it does not end by
 * a signal. */
int sc_child_exit_like(int status);

#endif
