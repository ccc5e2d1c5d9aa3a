/* SPDX-License-Identifier: MIT */
/*
 * Owns reading a cache directory as a whole: listing it, keeping the user directory below its cap
 * and sweeping what killed writers left. Only ever unlinks, so that a process that has an image
 * mapped keeps it. Called after something was published, and by the command.
 *
 * A directory may hold any number of files and we have no heap. So one scan adds up all sizes and
 * remembers the few oldest files; these go, oldest first, until the sum fits. When that was not
 * enough, the next scan remembers the oldest behind them:
 *
 *   scan -> [oldest ... FEW-th oldest] -> unlink while over the cap -> still over? scan behind the last
 *
 * Files are ordered by (last use, name), which is total and only moves forward, so a file that
 * cannot be removed does not make this turn in circles.
 */
#include "common/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/store_internal.h"
#include "common/sys.h"

#define ENTRIES_SIZE 4096
#define FEW 32
#define NAME_SIZE 256
#define SKEW 60 /* seconds by which a file server's clock may differ */
#define HOUR 3600
#define DAY (24 * HOUR)
#define NANOSECONDS 1000000000

typedef bool visit_fn(void *user, int directory, const char *name, const struct stat *st);

/*
 * ...-KEY.so. Nothing less: a user may have pointed us at a directory with libraries of their own,
 * and making room must not take those.
 */
static bool is_image(const char *name)
{
	size_t length = strlen(name);
	size_t end = SC_STORE_KEY_DIGITS + sizeof(SC_STORE_SUFFIX) - 1;
	const char *key;

	if (length <= end)
		return false;
	key = name + length - end;
	return key[-1] == '-' && strspn(key, "0123456789abcdef") == SC_STORE_KEY_DIGITS &&
	       strcmp(key + SC_STORE_KEY_DIGITS, SC_STORE_SUFFIX) == 0;
}

static bool is_temporary(const char *name)
{
	return strncmp(name, SC_STORE_TEMPORARY, sizeof(SC_STORE_TEMPORARY) - 1) == 0;
}

/* False when visit wants no more. An entry that has just gone is none. */
static bool visit_entry(int directory, const struct dirent64 *entry, visit_fn *visit, void *user)
{
	struct stat st;

	if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN)
		return true;
	if (!is_temporary(entry->d_name) && !is_image(entry->d_name))
		return true;
	if (sc_sys_fstatat(directory, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return true;
	return visit(user, directory, entry->d_name, &st);
}

/* Visits the plain files that are ours by name, from the start of the directory. */
static int walk(int directory, visit_fn *visit, void *user)
{
	char entries[ENTRIES_SIZE] __attribute__((aligned(__alignof__(struct dirent64))));
	off_t at = sc_sys_lseek(directory, 0, SEEK_SET);
	ssize_t n;

	if (at < 0)
		return (int)at;
	while ((n = sc_sys_getdents64(directory, entries, sizeof(entries))) > 0) {
		for (ssize_t i = 0; i < n;) {
			const struct dirent64 *entry = (const struct dirent64 *)(entries + i);

			if (!visit_entry(directory, entry, visit, user))
				return 0;
			i += entry->d_reclen;
		}
	}
	return (int)n;
}

struct listing {
	bool (*visit)(void *user, const char *name, const struct stat *stat);
	void *user;
};

static bool list_file(void *user, int directory, const char *name, const struct stat *st)
{
	const struct listing *listing = user;

	(void)directory;
	return is_temporary(name) || listing->visit(listing->user, name, st);
}

enum sc_store_reason sc_store_list(const struct sc_store *store, bool system_layer,
				   bool (*visit)(void *user, const char *name, const struct stat *stat), void *user,
				   int *error)
{
	struct listing listing = { visit, user };
	const char *path = system_layer ? store->system : store->user;
	enum sc_store_reason reason;
	int directory, r;

	*error = 0;
	if (store->mode == SC_STORE_OFF)
		return SC_STORE_ABSENT;
	if (!path[0])
		return SC_STORE_NO_DIRECTORY;
	reason = sc_store_open_directory(store, path, O_RDONLY, &directory, error);
	if (reason != SC_STORE_OK)
		return reason;
	r = walk(directory, list_file, &listing);
	sc_sys_close(directory);
	if (r >= 0)
		return SC_STORE_OK;
	*error = -r;
	return SC_STORE_ERROR;
}

/* A file's place in the order of eviction. */
struct file {
	int64_t used; /* ns since the epoch, never later than now */
	uint64_t size;
	char name[NAME_SIZE];
};

struct scan {
	struct timespec now;
	const char *keep;
	uint64_t total;	   /* bytes of all images */
	unsigned count;	   /* of oldest[] */
	bool more;	   /* some had no room in oldest[] */
	unsigned swept;	   /* temporaries removed */
	bool behind_valid; /* only files behind `behind` are remembered */
	struct file behind;
	struct file oldest[FEW]; /* sorted */
};

static int64_t last_use(const struct stat *st, const struct timespec *now)
{
	struct timespec used = st->st_atim;

	if (used.tv_sec > now->tv_sec)
		used = *now;
	if (used.tv_sec < 0)
		return 0;
	return (int64_t)used.tv_sec * NANOSECONDS + used.tv_nsec;
}

static int compare(int64_t used, const char *name, const struct file *other)
{
	if (used != other->used)
		return used < other->used ? -1 : 1;
	return strcmp(name, other->name);
}

static void remember(struct scan *scan, int64_t used, const char *name, uint64_t size)
{
	unsigned at = scan->count;
	struct file *file;

	while (at > 0 && compare(used, name, &scan->oldest[at - 1]) < 0)
		at--;
	if (scan->count == FEW)
		scan->more = true;
	if (at == FEW)
		return;
	if (scan->count < FEW)
		scan->count++;
	file = &scan->oldest[at];
	memmove(file + 1, file, (scan->count - at - 1) * sizeof(*file));
	file->used = used;
	file->size = size;
	strcpy(file->name, name);
}

static bool writer_gone(const char *name)
{
	pid_t pid = 0;

	for (const char *at = name + sizeof(SC_STORE_TEMPORARY) - 1; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(pid, 10, &pid) || __builtin_add_overflow(pid, *at - '0', &pid))
			return true;
	return pid == 0 || sc_sys_kill(pid, 0) == -ESRCH;
}

/* A clock that was set back makes files of the future, which never grow old. */
static bool sweep_due(const char *name, const struct stat *st, const struct timespec *now)
{
	time_t age = now->tv_sec - st->st_mtim.tv_sec;

	return age > DAY || ((age > HOUR || age < -HOUR) && writer_gone(name));
}

/* What was used in the future is used now, and grows old from now on. Else it would outlive all others until its time
 * comes. */
static void correct_future(int directory, const char *name, const struct stat *st, const struct timespec *now)
{
	static const struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_OMIT } };

	if (st->st_atim.tv_sec > now->tv_sec + SKEW)
		sc_sys_utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW);
}

static bool scan_file(void *user, int directory, const char *name, const struct stat *st)
{
	struct scan *scan = user;
	int64_t used = last_use(st, &scan->now);

	if (is_temporary(name)) {
		if (sweep_due(name, st, &scan->now) && sc_sys_unlinkat(directory, name) == 0)
			scan->swept++;
		return true;
	}
	correct_future(directory, name, st, &scan->now);
	scan->total += (uint64_t)st->st_size;
	if (scan->keep && strcmp(name, scan->keep) == 0)
		return true;
	if (scan->behind_valid && compare(used, name, &scan->behind) <= 0)
		return true;
	if (strlen(name) < NAME_SIZE)
		remember(scan, used, name, (uint64_t)st->st_size);
	return true;
}

/* Removes what the scan found until the rest fits. Another process may be doing the same. */
static unsigned remove_oldest(int directory, struct scan *scan, uint64_t limit)
{
	unsigned removed = 0;

	for (unsigned i = 0; i < scan->count && scan->total > limit; i++) {
		int r = sc_sys_unlinkat(directory, scan->oldest[i].name);

		if (r == 0)
			removed++;
		if (r == 0 || r == -ENOENT)
			scan->total -= scan->oldest[i].size;
	}
	return removed;
}

static unsigned evict(int directory, uint64_t limit, const char *keep)
{
	struct scan scan;
	unsigned removed = 0;

	scan.keep = keep;
	scan.swept = 0;
	scan.behind_valid = false;
	if (sc_sys_clock_gettime(CLOCK_REALTIME, &scan.now) < 0)
		return 0;
	do {
		scan.total = 0;
		scan.count = 0;
		scan.more = false;
		if (walk(directory, scan_file, &scan) < 0)
			break;
		removed += remove_oldest(directory, &scan, limit);
		if (scan.count > 0)
			scan.behind = scan.oldest[scan.count - 1];
		scan.behind_valid = scan.count > 0;
	} while (scan.total > limit && scan.more);
	return removed + scan.swept;
}

unsigned sc_store_evict(const struct sc_store *store, const char *keep)
{
	int directory, error;
	unsigned removed;

	if (store->mode != SC_STORE_WRITE || !store->user[0])
		return 0;
	if (sc_store_open_directory(store, store->user, O_RDONLY, &directory, &error) != SC_STORE_OK)
		return 0;
	removed = evict(directory, store->limit, keep);
	sc_sys_close(directory);
	return removed;
}
