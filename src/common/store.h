/* SPDX-License-Identifier: MIT */
/*
 * The image store: directories that hold image files, and everything that is decided about a file
 * before one byte of it is believed. It knows nothing of what an image contains, but for its last
 * eight bytes: XXH3-64 (little-endian) of all bytes before them.
 *
 * Layers, looked up in order: the system directory (read-only to us), then the user directory.
 * A file is immutable once published; publishing is link or rename of a complete file, so a kill at
 * any system call leaves the old file, the new one, or none. No lock is ever waited for.
 *
 * store.c: where the directories are, looking up, checking (every start). store_publish.c: making a
 * file. store_evict.c: listing, removing. store_reason.c: words for what went wrong.
 *
 * Used inside the host (raw system calls, no heap, no stdio, no errno; buffers on the stack, at most
 * 16 KiB of it) and by the command. Thread safety: a struct sc_store is read-only after
 * sc_store_open; all calls may run concurrently, in any number of processes. Signal safety: none
 * promised. Descriptors are close-on-exec and never left open across a call that does not return one.
 *
 * `error` outputs hold a positive errno, or 0 when no system call is to blame; they are written with
 * SC_STORE_NO_DIRECTORY, SC_STORE_READ_ONLY, SC_STORE_FULL and SC_STORE_ERROR and left alone
 * otherwise.
 */
#ifndef SC_STORE_H
#define SC_STORE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum sc_store_mode {
	SC_STORE_OFF,
	SC_STORE_READ,	/* look up, never write */
	SC_STORE_WRITE, /* and publish, touch, evict, sweep */
};

/* Why a file or directory was not used. Values are stable: they appear in statistics by name. */
enum sc_store_reason {
	SC_STORE_OK = 0,
	SC_STORE_ABSENT,	      /* no such file */
	SC_STORE_NO_DIRECTORY,	      /* none configured, or it does not exist and was not made */
	SC_STORE_DIRECTORY_OWNER,     /* neither euid nor root owns it */
	SC_STORE_DIRECTORY_WRITABLE,  /* others (or the group) may write it */
	SC_STORE_NOT_DIRECTORY,
	SC_STORE_NOT_REGULAR,	      /* symlink, FIFO, device, ... */
	SC_STORE_OWNER,		      /* neither euid nor root owns the file */
	SC_STORE_WRITABLE,	      /* others (or the group) may write the file */
	SC_STORE_SIZE,		      /* below SC_STORE_FILE_LEAST or beyond SC_STORE_FILE_MOST */
	SC_STORE_CHECKSUM,
	SC_STORE_READ_ONLY,	      /* cannot be written: EROFS, EACCES, EPERM, or mode */
	SC_STORE_FULL,		      /* ENOSPC, EDQUOT, EFBIG, or larger than the cap */
	SC_STORE_ERROR,		      /* any other system error; the errno is in the detail */
	SC_STORE_REASONS,	      /* how many there are; grows */
};

#define SC_STORE_FILE_LEAST ((uint64_t)64) /* an ELF header is that long */
#define SC_STORE_FILE_MOST ((uint64_t)256 << 20)
#define SC_STORE_LIMIT_DEFAULT ((uint64_t)256 << 20)
/* An image is called PROGRAM-KEY.so, KEY in lower-case hexadecimal: no library of anybody's is. Files
 * of other names can be looked up and published, but are never listed, counted or removed. */
#define SC_STORE_SUFFIX ".so"
#define SC_STORE_KEY_DIGITS 32
#define SC_STORE_TEMPORARY ".tmp-" /* prefix of what is being written: .tmp-PID-RANDOM */

struct sc_store {
	enum sc_store_mode mode;
	uint64_t limit;			/* cap of the user directory in bytes of file size */
	uid_t euid;
	const char *system;		/* as given to sc_store_open; "" when there is none */
	size_t user_home;		/* the first so many bytes of `user` are HOME, which is never made */
	enum sc_store_reason user_reason; /* why `user` is unusable, or SC_STORE_OK */
	int user_errno;
	char user[PATH_MAX];		/* "" when there is none. Last: a start touches as few pages as it can */
};

/* Where the directories come from. NULL or "" is "not set". */
struct sc_store_options {
	enum sc_store_mode mode;
	const char *directory;	      /* STUBCACHE_DIR */
	const char *system_directory; /* STUBCACHE_SYSTEM_DIR */
	const char *xdg_cache_home;
	const char *home;
	uint64_t limit;
};

/*
 * Fills *store and touches nothing on disk: the warm path pays for checks only at lookup. The user
 * directory is STUBCACHE_DIR, else $XDG_CACHE_HOME/stubcache, else $HOME/.cache/stubcache; relative
 * XDG and HOME paths are ignored (XDG Base Directory Specification), a path that does not fit is
 * SC_STORE_NO_DIRECTORY. Always succeeds; SC_STORE_OFF makes every later call report SC_STORE_ABSENT.
 */
void sc_store_open(struct sc_store *store, const struct sc_store_options *options);

struct sc_store_file {
	int fd;		/* open for reading, checked; the caller closes it */
	uint64_t size;
	struct stat stat;
	bool from_system;
	bool may_touch; /* in the user directory of a store that may be written */
};

/*
 * Finds `name` (a plain file name; anything else is SC_STORE_ABSENT) in the layers, the user's before the
 * system's: what a process learned on top of an image of the system is merged into the user's. Checks, in
 * this order: the directory (opened O_DIRECTORY|O_NOFOLLOW for its last component; owner euid or
 * root; not group- or other-writable: a sticky bit, as on /tmp, is no excuse), then the file (openat
 * from that very directory descriptor, O_NOFOLLOW|O_NONBLOCK; regular; owner; mode; size).
 * Contents are NOT read here: the caller maps the descriptor and calls sc_store_checksum_ok on it,
 * so that what is checked is what is used. Returns SC_STORE_OK with *out, or a reason, with the
 * errno in *error when that is SC_STORE_ERROR. A refusal in one layer moves on to the next; the
 * reason returned is that of the first layer in which the file exists but is refused, else ABSENT
 * (or the directory's reason when a configured directory exists but may not be used).
 * Costs five system calls for a layer that has a usable directory, one for a layer that has none.
 */
enum sc_store_reason sc_store_lookup(const struct sc_store *store, const char *name, struct sc_store_file *out,
				     int *error);

/* Whether the last eight of data[0..size) are the XXH3-64 of the rest. size < 8: false. */
bool sc_store_checksum_ok(const void *data, size_t size);
/* Writes them. size >= 8. */
void sc_store_checksum_set(void *data, size_t size);

/*
 * A file in the making, in the user directory (created with mode 0700, parents too, when missing; but not in another's
 * home, and a home that does not exist is one that is not to, such as Debian's /nonexistent).
 * O_TMPFILE where the file system has it and /proc can give it a name later, else a unique temporary
 * name. `fd` is open for reading and writing, never one of the standard three (a host may have closed
 * its stderr, and what it prints must not end up in an image). Drafts have mode 0600 and published
 * files 0444: nobody, their owner included, is to write them again.
 */
struct sc_store_draft {
	int fd;	       /* -1: no draft */
	int directory;
	char temporary[64]; /* "" with O_TMPFILE */
};

#define SC_STORE_NO_DRAFT { .fd = -1, .directory = -1 }

/* On failure *draft is set to SC_STORE_NO_DRAFT. A store not opened for writing: SC_STORE_READ_ONLY;
 * SC_STORE_OFF: SC_STORE_ABSENT. */
enum sc_store_reason sc_store_draft_begin(const struct sc_store *store, struct sc_store_draft *draft, int *error);
/*
 * Publishes the draft as `name`, atomically replacing a file of that name if `replace`, else giving
 * way to it (the loser of a race simply loses) unless sc_store_lookup would refuse it. SC_STORE_OK:
 * there is a complete file of that name. SC_STORE_SIZE, or SC_STORE_FULL for a draft that alone
 * exceeds the cap: nothing was changed. Closes the draft in every case. The caller is done writing,
 * through mappings too. The data is not synced: a checksum guards against what a crash of the
 * machine leaves.
 */
enum sc_store_reason sc_store_draft_publish(const struct sc_store *store, struct sc_store_draft *draft,
					    const char *name, bool replace, int *error);
/* Removes every trace of the draft. Accepts a draft that was already published or abandoned. */
void sc_store_draft_abandon(struct sc_store_draft *draft);

/*
 * Marks a file as used now (its access time), for eviction. At most once an hour per file: writes
 * nothing when file->stat says that it was used within the last hour, and never in the system layer
 * or through a store that is not for writing. Failure is ignored.
 */
void sc_store_touch(const struct sc_store_file *file);

/*
 * Unlinks least recently used images until the sum of sizes is <= limit, never `keep` (or NULL);
 * and temporaries older than one hour (or as far in the future) whose writer is gone, or older than
 * a day (a writer in another PID namespace may seem to live for ever). Only ever unlinks plain files
 * that are called as images or begin with SC_STORE_TEMPORARY. An access time in the future, of a
 * clock that was set back, counts as just used and is set to now. Needs no memory: reads the
 * directory once for every few dozen files that have to go. Returns the number of files removed.
 */
unsigned sc_store_evict(const struct sc_store *store, const char *keep);

/* Calls visit for each image (a plain file called so, unchecked otherwise) of one layer in no
 * order; stops when it returns false. A directory that does not exist: SC_STORE_NO_DIRECTORY. *error: the errno
 * that says more of SC_STORE_ERROR and SC_STORE_NO_DIRECTORY, or 0. */
enum sc_store_reason sc_store_list(const struct sc_store *store, bool system_layer,
				   bool (*visit)(void *user, const char *name, const struct stat *stat), void *user,
				   int *error);

/* "cache-directory-owner" and so on: stable words for statistics and --json. Never NULL. */
const char *sc_store_reason_name(enum sc_store_reason reason);
/* One line for people, as in: cannot use cache '/x': owned by uid 1000. Writes at most size bytes
 * (not 0), terminated; returns the length of what was written. Looks at the directories again. */
size_t sc_store_reason_text(const struct sc_store *store, enum sc_store_reason reason, int error, char *out,
			    size_t size);

#endif
