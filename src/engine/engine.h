/* SPDX-License-Identifier: MIT */
/*
 * The one struct of functions through which the preload reaches the engine
 * (libstubcache-engine.so), which is loaded only when something must be generated.
 *
 * All calls are made under the preload's dl lock, on one thread at a time, never in a signal handler.
 * Nothing handed in is kept. The engine takes memory from arenas of its own, uses no host heap, and
 * leaves errno, signal mask and dlerror alone.
 */
#ifndef SC_ENGINE_H
#define SC_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/image.h"
#include "common/module.h"
#include "common/persist.h"
#include "common/rules.h"

#define SC_ENGINE_VERSION 5
#define SC_ENGINE_ENTRY "stubcache_engine"

/* Functions that the preload itself has an interest in; its wrapper stands between stub and original. */
enum sc_wrapper {
	SC_WRAPPER_NONE = 0,
	SC_WRAPPER_DLOPEN,
	SC_WRAPPER_DLMOPEN,
	SC_WRAPPER_DLSYM,
	SC_WRAPPER_DLVSYM,
	SC_WRAPPER_DLCLOSE,
	SC_WRAPPER__EXIT,
	SC_WRAPPER_QUICK_EXIT,
	SC_WRAPPER_ABORT,
	SC_WRAPPER_EXECVE, /* from here on: exec_follow.c */
	SC_WRAPPER_EXECV,
	SC_WRAPPER_EXECVP,
	SC_WRAPPER_EXECVPE,
	SC_WRAPPER_EXECL,
	SC_WRAPPER_EXECLP,
	SC_WRAPPER_EXECLE,
	SC_WRAPPER_FEXECVE,
	SC_WRAPPER_EXECVEAT,
	SC_WRAPPER_POSIX_SPAWN,
	SC_WRAPPER_POSIX_SPAWNP,
	SC_WRAPPER_EXIT, /* these two of other namespaces' libc alone: the program's has handlers for us */
	SC_WRAPPER_FORK,
	SC_WRAPPER_PRCTL, /* these two in all: they may forbid system calls */
	SC_WRAPPER_SYSCALL,
	SC_WRAPPER_SETUID, /* from here on: drop_rights.c */
	SC_WRAPPER_SETEUID,
	SC_WRAPPER_SETREUID,
	SC_WRAPPER_SETRESUID,
	SC_WRAPPER_CHROOT,
	SC_WRAPPERS
};

/* One ingredient of the key (struct sc_image_component), with its name. */
struct sc_engine_component {
	uint32_t kind;
	const char *name;
	uint8_t digest[16];
};

/* What a rule did, to be told when it did nothing. */
struct sc_engine_selection {
	uint64_t selected_by;  /* bit i % 64: rule i selected something */
};

struct sc_engine_request {
	const struct sc_rules *rules;
	const struct sc_module *modules; /* all that are loaded, in load order */
	uint32_t module_count;
	const bool *wanted;		 /* by module: plan its slots */
	const struct sc_module *symbol_module; /* with symbol_name: one function that dlsym has revealed, or NULL */
	const char *symbol_name;
	const char *symbol_version;
	const uint32_t *contexts;	 /* by namespace: what is loaded there, as a number (modules.h) */
	bool deepbind;			 /* some of it prefers its own group to the modules of the start */
	uint32_t first_index;		 /* number of the first stub, in code and record */
	bool clock;			 /* time stamps from CLOCK_MONOTONIC */
	bool keep_watch;		 /* include the functions of enum sc_wrapper */
	struct sc_persist_registry *registry;
	uint8_t key[16];
	const struct sc_engine_component *components;
	uint32_t component_count;
	int fd;				 /* empty, read-write: the image is written here */
	const char *const *prototypes;	 /* files, in their order */
	uint32_t prototype_count;
	int explain_fd;			 /* one JSON line a considered function, or -1 */
	struct sc_engine_selection selection; /* out */
	char failure[160];		 /* out: one line when a call fails */
	char warning[300];		 /* out: what the user should mend, a line; "": nothing */
};

struct sc_engine_merge {
	const struct sc_image *const *images; /* newest knowledge last; the first wins where they differ */
	const uint8_t *const *files;	 /* by image: its bytes as they are in its file, or NULL; for clients alone */
	uint32_t image_count;
	const struct sc_image *older;	 /* that of images[] which clients resurrect first; its rw can be written. Or NULL */
	const struct sc_module *modules; /* all that are loaded */
	uint32_t module_count;
	bool clock;
	struct sc_persist_registry *registry;
	uint8_t key[16];
	int fd;
	uint32_t functions, slots;	 /* out */
	enum sc_persist_reason refused;	 /* out: by a client that did not merge */
	struct sc_persist_failure refusal;
	char failure[160];
};

struct sc_generator_functions;

/* A program that does not call what a rule names is nothing to speak of: the next one may. A name that no loaded
 * library has is most likely misspelt. */
enum sc_rule_reach { SC_RULE_NOT_CALLED, SC_RULE_NO_LIBRARY, SC_RULE_UNKNOWN_NAME };

struct sc_engine_api {
	uint32_t version;
	uint32_t size;
	const struct sc_generator_functions *generator;
	/* Selects, plans, emits, writes an image, also one without stubs: that there is nothing is worth
	 * knowing. 0 or a negative errno. */
	int (*generate)(struct sc_engine_request *request);
	/* Writes one image that knows what all the given ones know. */
	int (*merge)(struct sc_engine_merge *merge);
	/* Why a rule selected nothing; for SC_RULE_UNKNOWN_NAME out gets up to three near names, joined by ", ", at most
	 * size bytes, terminated. */
	enum sc_rule_reach (*suggest)(const struct sc_engine_request *request, const struct sc_rule *rule, char *out,
				      size_t size);
};

/* Exported by the engine under SC_ENGINE_ENTRY. NULL when it does not know this version. */
typedef const struct sc_engine_api *sc_engine_entry(uint32_t version);

/*
 * The stub generator, the persistence protocol's first client, in two halves: what makes portions is
 * the engine's, what brings them back is the preload's (src/preload/generator.c). The preload
 * registers these, which lead to whoever is generating now.
 */
struct sc_generator_functions {
	size_t (*size[3])(void *drcontext, void *perscxt, size_t file_offs, void **user_data); /* ro rx rw */
	bool (*persist[3])(void *drcontext, void *perscxt, file_t fd, void *user_data);
};

#endif
