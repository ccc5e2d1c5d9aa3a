/* SPDX-License-Identifier: MIT */
/* Owns the scratch directory of a test of the store, and the helpers of store_fixture.h. */
#include "store_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OTHER_USER 65534

static char base[PATH_MAX];
static void (*watch)(pid_t child);

static void die(const char *what)
{
	perror(what);
	_exit(99);
}

const char *fixture_make(void)
{
	const char *parent = getenv("TMPDIR");

	umask(022);
	snprintf(base, sizeof(base), "%s/stubcache-store-XXXXXX", parent && parent[0] == '/' ? parent : "/tmp");
	if (!mkdtemp(base) || chmod(base, 0711) < 0)
		die(base);
	return base;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int open_up(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	return type == FTW_D || type == FTW_DNR ? chmod(path, 0700) : 0;
}

void fixture_remove_tree(const char *path)
{
	nftw(path, open_up, 16, FTW_PHYS);
	nftw(path, remove_entry, 16, FTW_PHYS | FTW_DEPTH);
}

void fixture_remove(void)
{
	fixture_remove_tree(base);
}

const char *fixture_path(const char *directory, const char *name)
{
	static char paths[16][PATH_MAX];
	static unsigned next;
	char *out = paths[next++ % 16];

	if (snprintf(out, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX)
		die("path too long");
	return out;
}

void fixture_open(struct sc_store *store, enum sc_store_mode mode, const char *user, const char *system)
{
	struct sc_store_options options = {
		.mode = mode,
		.directory = user,
		.system_directory = system,
		.limit = SC_STORE_LIMIT_DEFAULT,
	};

	sc_store_open(store, &options);
}

void fixture_fill(unsigned char *out, size_t size, unsigned char seed)
{
	memset(out, seed, size);
	sc_store_checksum_set(out, size);
}

void fixture_write(const char *path, unsigned char seed)
{
	unsigned char data[FIXTURE_SIZE];
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);

	fixture_fill(data, sizeof(data), seed);
	if (fd < 0 || write(fd, data, sizeof(data)) != (ssize_t)sizeof(data) || fchmod(fd, 0444) < 0 || close(fd) < 0)
		die(path);
}

void fixture_age(const char *path, long seconds)
{
	struct timespec times[2];

	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= seconds;
	times[1] = times[0];
	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
		die(path);
}

enum sc_store_reason fixture_publish(const struct sc_store *store, const char *name, unsigned char seed, bool replace,
				     int *error)
{
	unsigned char data[FIXTURE_SIZE];
	struct sc_store_draft draft;
	enum sc_store_reason reason;

	fixture_fill(data, sizeof(data), seed);
	reason = sc_store_draft_begin(store, &draft, error);
	if (reason != SC_STORE_OK)
		return reason;
	/* In pieces, so that a kill can find half a file. */
	for (size_t at = 0; at < sizeof(data); at += 100)
		if (write(draft.fd, data + at, 100) != 100)
			die("write");
	return sc_store_draft_publish(store, &draft, name, replace, error);
}

int fixture_seed(const struct sc_store *store, const char *name, enum sc_store_reason *reason)
{
	struct sc_store_file file;
	unsigned char *data;
	int seed = -1, error;

	*reason = sc_store_lookup(store, name, &file, &error);
	if (*reason != SC_STORE_OK)
		return -1;
	data = mmap(NULL, file.size, PROT_READ, MAP_PRIVATE, file.fd, 0);
	if (data == MAP_FAILED)
		die("mmap");
	if (sc_store_checksum_ok(data, file.size))
		seed = data[0];
	else
		*reason = SC_STORE_CHECKSUM;
	munmap(data, file.size);
	close(file.fd);
	return seed;
}

bool fixture_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static unsigned each_entry(const char *directory, const char *prefix,
			   void (*visit)(const char *directory, const char *name))
{
	DIR *stream = opendir(directory);
	struct dirent *entry;
	unsigned count = 0;

	if (!stream)
		return 0;
	while ((entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		count++;
		if (visit)
			visit(directory, entry->d_name);
	}
	closedir(stream);
	return count;
}

unsigned fixture_count(const char *directory, const char *prefix)
{
	return each_entry(directory, prefix, NULL);
}

void fixture_each(const char *directory, const char *prefix, void (*visit)(const char *directory, const char *name))
{
	each_entry(directory, prefix, visit);
}

unsigned fixture_open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

void fixture_fail(int number, int error)
{
	fixture_fail_when(number, 0, 0, 0, error);
}

void fixture_fail_when(int number, unsigned argument, unsigned mask, unsigned value, int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, args) + 8 * argument),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(*code), .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		die("seccomp");
}

void fixture_allow_only(enum fixture_way way)
{
	const unsigned unnamed = O_TMPFILE & ~O_DIRECTORY;

	if (way == FIXTURE_NAMED || way == FIXTURE_NAMED_LINKED)
		fixture_fail_when(SYS_openat, 2, unnamed, unnamed, EOPNOTSUPP);
	if (way == FIXTURE_NAMED_LINKED)
		fixture_fail(SYS_renameat2, EINVAL);
	/* The only look at a path that follows links is the one at /proc/self/fd. */
	if (way == FIXTURE_NAMED_NO_PROC)
		fixture_fail_when(SYS_newfstatat, 3, ~0u, 0, ENOENT);
}

bool fixture_drop_root(const char *directory)
{
	if (geteuid() == 0) {
		if (chown(directory, OTHER_USER, OTHER_USER) < 0 || setgroups(0, NULL) < 0 ||
		    setresgid(OTHER_USER, OTHER_USER, OTHER_USER) < 0 ||
		    setresuid(OTHER_USER, OTHER_USER, OTHER_USER) < 0)
			die("cannot become another user");
	}
	return access(directory, X_OK) == 0;
}

static void traced_child(void (*body)(void *user), void *user)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(98);
	raise(SIGSTOP);
	body(user);
	_exit(0);
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, __WALL) < 0)
		if (errno != EINTR)
			die("waitpid");
	return status;
}

/* From stop to stop until the child ends, or is ended; its wait status. */
static int step_through(pid_t child, int kill_at, int *stops)
{
	int status = 0;

	for (*stops = 0; ptrace(PTRACE_SYSCALL, child, NULL, NULL) == 0;) {
		status = wait_for(child);
		if (!WIFSTOPPED(status))
			return status;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		if (watch)
			watch(child);
		if (++*stops != kill_at)
			continue;
		kill(child, SIGKILL);
		do
			status = wait_for(child);
		while (WIFSTOPPED(status));
		return status;
	}
	die("ptrace");
	return status;
}

void fixture_watch(void (*look)(pid_t child))
{
	watch = look;
}

int fixture_trace_status(void (*body)(void *user), void *user, int kill_at, int *status)
{
	pid_t child = fork();
	int stops;

	if (child < 0)
		die("fork");
	if (child == 0)
		traced_child(body, user);
	if (!WIFSTOPPED(wait_for(child)))
		return -1;
	if (ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
		die("ptrace");
	*status = step_through(child, kill_at, &stops);
	return stops;
}

int fixture_trace(void (*body)(void *user), void *user, int kill_at, bool *killed)
{
	int status, stops = fixture_trace_status(body, user, kill_at, &status);

	if (stops < 0)
		return stops;
	*killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (!*killed && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		die("the traced child failed");
	return stops;
}
