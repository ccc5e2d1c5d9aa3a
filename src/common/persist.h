/* SPDX-License-Identifier: MIT */
/*
 * The persistence protocol inside: the registry that dr_register_persist_* fill, and the two drivers
 * that walk it. The clients' side of the contract is include/dr_persist.h.
 *
 *   persist.c           the registry and the exported dr_* functions; in libstubcache.so alone,
 *                       because there must be one registry a process
 *   persist_reason.c    names of reasons
 *   persist_load.c      load driver; in the preload and, for merging, in the engine
 *   persist_generate.c  generation driver; in the engine, which is handed the registry's address
 *
 * The drivers know neither ELF nor the stubs. The stub generator registers like any client, as
 * client 0. No heap, no errno; system calls through common/sys.h.
 *
 * Threads: whoever walks or changes the registry holds it (sc_persist_take). Nobody waits for it:
 * who finds it taken gives up, with `false` or SC_PERSIST_BUSY. Not for signal handlers.
 */
#ifndef SC_PERSIST_H
#define SC_PERSIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/image.h"
#include "dr_persist.h"

#define SC_PERSIST_REGISTRATIONS 64 /* of each kind, and one of the stub generator's */
#define SC_PERSIST_CLIENTS 64	    /* 0..63; context.accepted has a bit for each */

/* Numbers and names are stable: clients and statistics see them. */
enum sc_persist_reason {
	SC_PERSIST_OK = 0,
	SC_PERSIST_BUSY = 1,		   /* the registry is held: by another thread, or by a callback's caller */
	SC_PERSIST_TOO_MANY = 2,	   /* more portions or words than the caller made room for */
	SC_PERSIST_TOO_LARGE = 3,	   /* func_size leads past the limit */
	SC_PERSIST_PATCH_REFUSED = 4,	   /* func_patch returned false */
	SC_PERSIST_WRITE_REFUSED = 5,	   /* func_persist returned false */
	SC_PERSIST_WRITE_SHORT = 6,	   /* func_persist wrote less than func_size had promised */
	SC_PERSIST_WRITE_LONG = 7,	   /* or more */
	SC_PERSIST_IO = 8,		   /* seeking or filling a gap failed */
	SC_PERSIST_PORTION_UNMATCHED = 9,  /* a portion that no registration, or not the next one, accounts for */
	SC_PERSIST_RESURRECT_REFUSED = 10, /* func_resurrect returned false */
	SC_PERSIST_RESURRECT_ADVANCE = 11, /* func_resurrect advanced *map by another size than the portion's */
	SC_PERSIST_NOT_ACTIVATED = 12,	   /* all accepted, but the caller could not use the image */
	SC_PERSIST_SUPERSEDED = 13,	   /* the older image of a merge; a new one takes its place */
};

/* "resurrect-refused" and so on; "unknown" for a number that is no reason. Any thread, any time. */
const char *sc_persist_reason_name(enum sc_persist_reason reason);

struct sc_persist_failure;
/* The reason and where, as one line in out, terminated: "resurrect-refused (client 2, section ro of module 'x')". */
void sc_persist_describe(enum sc_persist_reason reason, const struct sc_persist_failure *failure, const char *module,
			 char *out, size_t size);

/* Kinds of registrations. The first three equal enum sc_image_section. */
enum sc_persist_kind {
	SC_PERSIST_RO = SC_IMAGE_RO,
	SC_PERSIST_RX = SC_IMAGE_RX,
	SC_PERSIST_RW = SC_IMAGE_RW,
	SC_PERSIST_PATCH = 4,
	SC_PERSIST_ABANDONED = 5,
	SC_PERSIST_KINDS = 6,
};

typedef size_t sc_persist_size(void *drcontext, void *perscxt, size_t file_offs, void **user_data);
typedef bool sc_persist_persist(void *drcontext, void *perscxt, file_t fd, void *user_data);
typedef bool sc_persist_resurrect(void *drcontext, void *perscxt, byte **map);
typedef bool sc_persist_patch(void *drcontext, void *perscxt, byte *bb_start, size_t bb_size, void *user_data);
typedef void sc_persist_abandoned(void *drcontext, void *perscxt, int reason);

union sc_persist_functions {
	struct {
		sc_persist_size *size;
		sc_persist_persist *persist;
		sc_persist_resurrect *resurrect;
	} section;
	sc_persist_patch *patch;
	sc_persist_abandoned *abandoned;
	void (*any[3])(void); /* for comparing */
};

struct sc_persist_registration {
	union sc_persist_functions call;
	struct sc_persist_registration *next; /* of the same kind, in the order of calling */
	uint32_t client;
	uint16_t number; /* among those of the same client and kind, from 0, oldest first */
	uint16_t kind;	 /* 0: this entry is free */
};

/*
 * Entries are handed out from the front, whatever their kind, so that the usual handful shares one
 * page: a page fault costs more than all else the load driver does.
 */
struct sc_persist_registry {
	int taken; /* atomic */
	bool closed; /* nothing can be registered or unregistered any more */
	uint32_t client; /* who registers now */
	uint32_t client_end; /* one past the highest client that has registered */
	bool (*persistable)(void *perscxt, const void *tag);
	/* The portion that a func_persist is writing: dr_write_file writes nothing behind it. */
	struct {
		int file; /* descriptor + 1; 0: none */
		bool overrun;
		off_t end;
	} writing;
	/* Order of calling: last registered first; in rx, the stub generator before the others. */
	struct sc_persist_registration *list[SC_PERSIST_KINDS];
	uint16_t count[SC_PERSIST_KINDS];
	struct sc_persist_registration entries[(SC_PERSIST_REGISTRATIONS + 1) * (SC_PERSIST_KINDS - 1)];
};

/* The registry of this process; never NULL. */
struct sc_persist_registry *sc_persist_registry(void);

/* Registrations from now on belong to this client (0, the stub generator, at first). false, and no
 * change, if it is SC_PERSIST_CLIENTS or more. Starting thread only. */
bool sc_persist_set_client(client_id_t client);

/* Undoes all that a client has registered: its start has failed. Starting thread only. */
void sc_persist_drop_client(client_id_t client);

/* From now on registering and unregistering return false: the key says what is registered. Starting thread only. */
void sc_persist_close(void);

/* What answers dr_fragment_persistable; perscxt is a struct sc_persist_context or NULL. NULL, as at
 * first: the answer is false. */
void sc_persist_set_persistable(bool (*persistable)(void *perscxt, const void *tag));

/* In the child of fork: lets go of the registry, which a thread that does not exist here may hold. */
void sc_persist_forked(void);

/*
 * A word for what is registered by whom, in which order. It belongs into the image's key: a
 * registration without a portion has either had nothing to store or was not there when the image
 * was made, and only the key can tell these apart.
 */
uint64_t sc_persist_shape(const struct sc_persist_registry *registry);

static inline bool sc_persist_take(struct sc_persist_registry *registry)
{
	return __atomic_exchange_n(&registry->taken, 1, __ATOMIC_ACQUIRE) == 0;
}

/* Whether somebody holds it now, perhaps this thread. */
static inline bool sc_persist_busy(const struct sc_persist_registry *registry)
{
	return __atomic_load_n(&registry->taken, __ATOMIC_ACQUIRE) != 0;
}

static inline void sc_persist_give(struct sc_persist_registry *registry)
{
	__atomic_store_n(&registry->taken, 0, __ATOMIC_RELEASE);
}

/* The portions of a module as they are in an older file. */
struct sc_persist_older {
	const uint8_t *file; /* its first byte; [file + offset, + size) of each portion may be read */
	const struct sc_image_portion *portions;
	uint32_t count;
};

/* What a perscxt points to: one module within the image. */
struct sc_persist_context {
	uint8_t *base; /* the module's first mapped byte */
	size_t size;
	const char *name;
	void *generator;  /* the stub generator's own */
	uint32_t module;  /* index into the image's modules */
	/* Generation: clients are not asked about this module, because it is not loaded, because an image in use
	 * has portions of it, or because it is ours. func_patch is called all the same: stubs are made anew. */
	bool is_closed;
	const struct sc_persist_older *older; /* of a closed one: what is copied for clients; NULL: nothing */
	uint64_t accepted; /* drivers': bit per client whose func_resurrect returned true */
	void **words;	   /* generation driver's: user_data by client; NULL while loading */
};

/* Where a driver stopped, for the log. UINT32_MAX, or section 0: does not apply. */
struct sc_persist_failure {
	uint32_t module; /* index into the image's modules */
	uint32_t client;
	uint32_t section; /* enum sc_image_section */
	uint32_t registration;
};
#define SC_PERSIST_NOWHERE {UINT32_MAX, UINT32_MAX, 0, UINT32_MAX}

/* ---- loading ---- */

/* A portion lies at its base + its offset. Sections need not be mapped together. */
struct sc_persist_bases {
	uint8_t *ro;
	uint8_t *rx;	     /* the stub generator's: the stub area */
	uint8_t *rx_clients; /* all others' */
	uint8_t *rw;
};

/*
 * The modules of an image that are to be resurrected: those loaded at start, or those that a dlopen
 * has brought. The caller fills all but `failure`, and has checked the tables (sc_image_open): the
 * portions a module names exist, and lie within their sections.
 */
struct sc_persist_load {
	struct sc_persist_registry *registry;
	void *drcontext;
	struct sc_persist_bases bases;
	const struct sc_image_module *image_modules;
	const struct sc_image_portion *portions; /* each module's: by section, then in the order of calling */
	struct sc_persist_context *contexts;	 /* one each; `module` says which */
	uint32_t context_count;
	struct sc_persist_failure failure; /* out, when refused */
};

/*
 * Calls func_resurrect for every portion: module by module, ro, rx, rw. Returns SC_PERSIST_OK, and
 * then holds the registry until the caller says what became of the image with
 * sc_persist_load_activated or sc_persist_load_abandon; contexts must stay until then. Else stops at the first
 * refusal, has told those who had accepted, and holds nothing. Cost: linear in modules times
 * registrations; one pass, no allocation, no system call.
 */
enum sc_persist_reason sc_persist_load(struct sc_persist_load *load);
void sc_persist_load_activated(struct sc_persist_load *load);
void sc_persist_load_abandon(struct sc_persist_load *load, enum sc_persist_reason reason);

/* For the generation driver, which holds the registry already. A merge leaves the stub generator out, and a
 * client that refuses, too, from there on: it alone is told, and the first reason is returned, for the log. */
enum sc_persist_reason sc_persist_load_merge(struct sc_persist_load *load);
void sc_persist_load_tell(struct sc_persist_load *load, enum sc_persist_reason reason);

/* ---- generating ---- */

/* What the generation driver asks of the image's writer. */
struct sc_persist_writer {
	/* The least offset at which a section may start; `end` is where the one before has ended, 0 for
	 * ro. The driver rounds it up to a page. NULL: right after `end`. */
	size_t (*section)(void *user, enum sc_image_section section, size_t end);
	/* A module's stub code in writable memory, for func_patch; false when it has none. NULL: no
	 * module has any. */
	bool (*code)(void *user, struct sc_persist_context *context, uint8_t **start, size_t *size);
	void *user;
};

struct sc_persist_extent {
	uint32_t offset; /* page aligned */
	uint32_t end;	 /* one past the last portion */
};

struct sc_persist_generation {
	/* The caller's; they stay until sc_persist_generate_end. */
	struct sc_persist_registry *registry;
	void *drcontext;
	const struct sc_persist_writer *writer;
	struct sc_persist_context *contexts; /* one a module of the new image, in file order */
	uint32_t context_count;
	uint32_t portion_most;		   /* see sc_persist_generate_room */
	struct sc_image_portion *portions; /* out: in file order */
	void **words;
	uint32_t word_most;
	uint32_t page_size;
	uint32_t limit; /* no portion may end past it; 0: 4 GiB - 1 */
	/* In rx, put the stub generator's portions of all modules first, so that they can be mapped into
	 * the stub area and the clients', from the next page on, elsewhere. */
	bool separate;

	/* Results. */
	uint32_t portion_count;
	uint32_t rx_clients_offset; /* with `separate`: page aligned; else 0 */
	struct sc_persist_extent sections[4]; /* by enum sc_image_section; 0 is not used */
	struct sc_persist_failure failure;

	/* The driver's. */
	enum sc_persist_reason reason;
	struct sc_persist_load *merged;
	size_t at;
	uint32_t next;
	file_t fd;
};

/* Room that contexts for so many modules need in generation.portions and generation.words. */
void sc_persist_generate_room(const struct sc_persist_registry *registry, uint32_t context_count,
			      uint32_t *portions, uint32_t *words);

/*
 * A generation is begin, merge if there is an older image, measure, write, end. The registry is held
 * from begin to end; no other thread may run hooks meanwhile (the caller's duty). After a failure
 * the remaining steps do nothing and return the same reason; the caller abandons the file.
 *
 * begin   takes the registry and clears the words. end need not be called if it fails.
 * merge   func_resurrect for an older image, mapped by the caller as for loading; `older` and its
 *         mapping stay until end. A client that refuses is told, and left out of the rest; the others
 *         merge, and the generation goes on. The reason is returned for the log only.
 * measure func_size for all sections (ro, rx, rw), modules and registrations in file order; fills
 *         portions, sections, rx_clients_offset.
 * write   func_patch for all modules, then func_persist in file order, with zeros between portions.
 *         Bytes of the file outside the sections are the caller's.
 * end     tells the clients that had accepted in the merge, and gives the registry back.
 */
enum sc_persist_reason sc_persist_generate_begin(struct sc_persist_generation *generation);
enum sc_persist_reason sc_persist_generate_merge(struct sc_persist_generation *generation,
						 struct sc_persist_load *older);
enum sc_persist_reason sc_persist_generate_measure(struct sc_persist_generation *generation);
enum sc_persist_reason sc_persist_generate_write(struct sc_persist_generation *generation, file_t fd);
void sc_persist_generate_end(struct sc_persist_generation *generation);

/*
 * The portions in the order the image stores them and the load driver wants them: by module. Fills
 * out[0..portion_count) and each module's first_portion and portion_count. After measure;
 * image_modules has an element for every context's `module`.
 */
void sc_persist_generate_sort(const struct sc_persist_generation *generation, struct sc_image_portion *out,
			      struct sc_image_module *image_modules, uint32_t image_module_count);

#endif
