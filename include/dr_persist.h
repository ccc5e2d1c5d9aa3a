/* SPDX-License-Identifier: MIT */
/*
 * The persistence protocol: how a client keeps data and code of its own in a program's image and
 * gets them back in later runs. Names and types are DynamoRIO's; what its documentation leaves open
 * is settled here. doc/persistence.md tells the same as a story, with an example.
 *
 * Words. The *image* is one program's cache file. A *perscxt* stands for one module within it. A
 * *registration* is one call of dr_register_persist_{ro,rx,rw}; what it stores for one module is its
 * *portion*. *Generating* makes a new image; *loading* maps one that exists.
 *
 *   generating   func_resurrect*  ->  func_size  ->  func_patch  ->  func_persist
 *                (* only if an older image is merged into the new one)
 *   loading      func_resurrect
 *
 * Threads: all callbacks of one generation or one loading run on one thread, the one that starts the
 * program, one inside dlopen or dlsym, or the one that ends the process; never on two at once, and from the
 * first func_size to the last func_persist no other thread runs any callback or exit event of any client.
 * Locks: the registry is held meanwhile. Registering and unregistering then return false, as they do once
 * all clients have started: they belong into dr_client_main. The dynamic loader's lock may be held too: do not
 * wait for another thread, and do not call dlopen, dlsym or dlclose.
 * Callbacks run before the program's own constructors: libc has been started, but use no stdio.
 * Order: several registrations are called last registered first, the same way in every phase.
 */
#ifndef DR_PERSIST_H
#define DR_PERSIST_H

#ifndef __cplusplus
#include <stdbool.h>
#endif
#include <stddef.h>
#include <sys/types.h>

#define DR_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned char byte;
typedef byte *app_pc;
typedef int file_t;
typedef unsigned int client_id_t; /* 1 for the first client loaded, 2 for the next, ... */

/*
 * Each client defines this. It is called once a process, on the starting thread, before the image
 * is looked for. argv[0] is the client's path, argv[argc] NULL; argv and its strings live as long as the
 * process. STUBCACHE_CLIENTS names the clients and their arguments. A client whose own code crashes here is
 * left out, with all that it has registered.
 */
DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[]);

/*
 * Register callbacks for read-only data (ro), code (rx) and writable data (rw).
 *
 * Returns false, and registers nothing, if a pointer is NULL, if 64 registrations of that kind exist,
 * or while the registry is held (see above). The same functions may be registered more than once;
 * each registration then has a portion of its own.
 *
 * In all three, drcontext is opaque and may be NULL. perscxt is valid inside the callback alone.
 *
 * func_size: returns how many bytes this registration will store for the module perscxt. file_offs
 *   is the absolute file offset at which they will lie: a multiple of 16, in rx of 64. The offsets of one
 *   module's portions differ by what their addresses will differ by, within ro, within rx and within rw. A
 *   merge may move a module as a whole, so store no offset itself, and no distance to another section or
 *   module.
 *   *user_data is the word of this client for this module and this file: NULL at the first
 *   func_size, then whatever was stored last; shared by the ro, rx and rw registrations of the
 *   client and handed to its func_persist and func_patch. It is forgotten afterwards, not freed.
 *   0: neither func_persist nor func_resurrect is called for this registration and module.
 *   func_size is not a promise of func_persist: the generation may be abandoned in between.
 *
 * func_persist: writes exactly the promised bytes to fd with dr_write_file. fd stands at file_offs.
 *   It belongs to the caller: do not close, seek or keep it. false, or a byte more or less than
 *   promised, abandons the file: it is removed, an older image stays as it is, the program runs on.
 *
 * func_resurrect: *map is where the portion was mapped, at a new address in every run. On return it
 *   must have been advanced by exactly the portion's size. The whole file was checked before
 *   (length, checksum, key), but that is no reason to trust a pointer stored in it. ro is mapped
 *   read-only, rx read and execute, rw readable and writable, private to this process. Nothing is
 *   active yet: publish nothing to other threads before the program runs.
 *   - Loading: the mapping stays until the process ends. A module that is unloaded and loaded again is loaded
 *     from the same one, and its rw is what was persisted again. false, or a wrong *map, rejects the image as
 *     a whole: nothing of it becomes active, the clients that had accepted are told (see
 *     stubcache_register_persist_abandoned), and a new image is generated.
 *   - Generating: an older image is being merged, of a module that this client mostly holds already, whose
 *     pointers stay good. *map is valid until func_abandoned, so take copies. false, or a wrong *map, skips the
 *     rest of this client's merge; the others and the generation go on. The older image is always abandoned
 *     before the new one is loaded, by this process or another.
 */
DR_EXPORT bool dr_register_persist_ro(size_t (*func_size)(void *drcontext, void *perscxt, size_t file_offs,
							  void **user_data),
				      bool (*func_persist)(void *drcontext, void *perscxt, file_t fd,
							   void *user_data),
				      bool (*func_resurrect)(void *drcontext, void *perscxt, byte **map));
/* As ro. The bytes must be position-independent code; they cannot be written after func_persist, so
 * addresses of this process go through rw. */
DR_EXPORT bool dr_register_persist_rx(size_t (*func_size)(void *drcontext, void *perscxt, size_t file_offs,
							  void **user_data),
				      bool (*func_persist)(void *drcontext, void *perscxt, file_t fd,
							   void *user_data),
				      bool (*func_resurrect)(void *drcontext, void *perscxt, byte **map));
DR_EXPORT bool dr_register_persist_rw(size_t (*func_size)(void *drcontext, void *perscxt, size_t file_offs,
							  void **user_data),
				      bool (*func_persist)(void *drcontext, void *perscxt, file_t fd,
							   void *user_data),
				      bool (*func_resurrect)(void *drcontext, void *perscxt, byte **map));

/*
 * Undo one registration: the latest of that kind that was made with these three functions. Returns
 * false, and changes nothing, if no single registration has all three, or while the registry is held.
 */
DR_EXPORT bool dr_unregister_persist_ro(size_t (*func_size)(void *drcontext, void *perscxt, size_t file_offs,
							    void **user_data),
					bool (*func_persist)(void *drcontext, void *perscxt, file_t fd,
							     void *user_data),
					bool (*func_resurrect)(void *drcontext, void *perscxt, byte **map));
DR_EXPORT bool dr_unregister_persist_rx(size_t (*func_size)(void *drcontext, void *perscxt, size_t file_offs,
							    void **user_data),
					bool (*func_persist)(void *drcontext, void *perscxt, file_t fd,
							     void *user_data),
					bool (*func_resurrect)(void *drcontext, void *perscxt, byte **map));
DR_EXPORT bool dr_unregister_persist_rw(size_t (*func_size)(void *drcontext, void *perscxt, size_t file_offs,
							    void **user_data),
					bool (*func_persist)(void *drcontext, void *perscxt, file_t fd,
							     void *user_data),
					bool (*func_resurrect)(void *drcontext, void *perscxt, byte **map));

/*
 * func_patch is called once for each module that has stubs, after every func_size and before the
 * first func_persist. [bb_start, bb_start + bb_size) is a writable copy of the module's stubs, as it
 * is about to be written; it is valid inside the callback. Instructions keep their lengths.
 * user_data is the client's word for this module, NULL if no func_size of it has set it. false
 * abandons the file, as with func_persist. It is also called for the stubs of a module that is not loaded in this
 * process, or whose portions another image has: then no func_size was, and dr_persist_start may be NULL.
 */
DR_EXPORT bool dr_register_persist_patch(bool (*func_patch)(void *drcontext, void *perscxt, byte *bb_start,
							    size_t bb_size, void *user_data));
DR_EXPORT bool dr_unregister_persist_patch(bool (*func_patch)(void *drcontext, void *perscxt, byte *bb_start,
							      size_t bb_size, void *user_data));

/* The module's first mapped address, and the bytes from there to its last. Any thread, but only while
 * perscxt is valid. NULL and 0 for NULL, and in func_patch for a module that is not loaded. */
DR_EXPORT app_pc dr_persist_start(void *perscxt);
DR_EXPORT size_t dr_persist_size(void *perscxt);

/*
 * Whether the function at tag has a stub that is, or is about to be, in the image. Any thread; inside
 * a callback with its perscxt; anywhere with NULL, which asks about the stubs in use, of all modules.
 */
DR_EXPORT bool dr_fragment_persistable(void *drcontext, void *perscxt, void *tag);

/*
 * Writes count bytes where f stands. Short and interrupted writes are continued. Returns how many
 * bytes were written, fewer than count after an error, or a negative errno value if there were none.
 * errno is left alone. Any thread, also in signal handlers. To the fd of a func_persist nothing is written that
 * does not fit into the portion: -EFBIG, and the file is abandoned.
 */
DR_EXPORT ssize_t dr_write_file(file_t f, const void *buf, size_t count);

/*
 * An addition to DynamoRIO's contract. func_abandoned is called for each module of which this client
 * has accepted something (func_resurrect returned true) that will not be used after all: forget every
 * pointer that came from it. Of each module that was accepted, it follows exactly once, unless the
 * image becomes active. reason is for the log: see stubcache_persist_reason. It is called on the
 * thread of func_resurrect with the registry held, last registered first, module by module; the
 * mapping is there for the last time. Registering fails as above.
 */
DR_EXPORT bool stubcache_register_persist_abandoned(void (*func_abandoned)(void *drcontext, void *perscxt,
									   int reason));
DR_EXPORT bool stubcache_unregister_persist_abandoned(void (*func_abandoned)(void *drcontext, void *perscxt,
									     int reason));
/* What func_abandoned is told, of which the last is no failure; doc/persistence.md has them all. */
#define STUBCACHE_RESURRECT_REFUSED 10
#define STUBCACHE_RESURRECT_ADVANCE 11
#define STUBCACHE_NOT_ACTIVATED 12
#define STUBCACHE_SUPERSEDED 13
/* The reason as a stable word, such as "resurrect-refused". Never NULL; lives for ever. */
DR_EXPORT const char *stubcache_persist_reason(int reason);

#ifdef __cplusplus
}
#endif

#endif
