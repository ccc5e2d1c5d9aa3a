/* SPDX-License-Identifier: MIT */
/*
 * Owns the path and identity of the record's file, and its storage. Does not own its contents
 * (record_chunks.c) nor mappings of it. Called by the record's other files, inside intercepted calls.
 */
#include "preload/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/record.h"
#include "common/sys.h"
#include "preload/hot.h"

#define NAME_MOST 64 /* two numbers and the suffix */
#define FEW 240	     /* bytes of path, which lie with the rest */

static struct {
	bool present;
	bool exclusive;
	dev_t device;
	ino_t inode;
	uint64_t reserved;	 /* [0, reserved) has storage for sure */
	size_t directory_length; /* with its slash; 0: no directory */
	char *path;
	char few[FEW];
} file SC_HOT;

static char long_path[PATH_MAX + NAME_MOST];

static size_t append(char *out, size_t at, size_t size, const char *text)
{
	while (*text && at < size)
		out[at++] = *text++;
	return at;
}

static size_t append_number(char *out, size_t at, uint64_t value)
{
	char digits[20];
	size_t count = 0;

	do
		digits[count++] = (char)('0' + value % 10);
	while (value /= 10);
	while (count > 0)
		out[at++] = digits[--count];
	return at;
}

/* Where the path goes: a short one to a page that is touched anyway. */
static char *room_for(const char *directory)
{
	size_t length = 0;

	while (directory[length])
		if (++length > FEW - NAME_MOST - 2)
			return long_path;
	return directory[0] == '/' ? file.few : long_path;
}

int sc_record_file_directory(const char *directory)
{
	size_t at = 0;

	file.directory_length = 0;
	if (!directory[0])
		return -ENOENT;
	file.path = room_for(directory);
	if (directory[0] != '/') {
		long length = sc_syscall2(SYS_getcwd, file.path, PATH_MAX);

		if (length < 0)
			return (int)length;
		if (file.path[0] != '/') /* outside of our root: "(unreachable)..." */
			return -ENOENT;
		at = (size_t)length - 1;
		file.path[at++] = '/';
	}
	at = append(file.path, at, PATH_MAX - 1, directory);
	if (at >= PATH_MAX - 1)
		return -ENAMETOOLONG;
	while (at > 1 && file.path[at - 1] == '/')
		at--;
	file.path[at++] = '/';
	file.path[at] = 0;
	file.directory_length = at;
	return 0;
}

static int make_directory(void)
{
	size_t end = file.directory_length;
	int r;

	file.path[end] = 0;
	r = sc_sys_mkdirat(AT_FDCWD, file.path, 0700);
	return r == -EEXIST ? 0 : r;
}

static void name_file(uint32_t pid, uint64_t start)
{
	size_t at = append_number(file.path, file.directory_length, pid);

	file.path[at++] = '-';
	at = append_number(file.path, at, start);
	at = append(file.path, at, file.directory_length + NAME_MOST - 1, SC_RECORD_SUFFIX);
	file.path[at] = 0;
}

static int open_new(uint32_t pid, uint64_t start)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOCTTY;
	int fd;

	name_file(pid, start);
	fd = sc_sys_openat(AT_FDCWD, file.path, flags, 0600);
	if (fd != -ENOENT)
		return fd;
	fd = make_directory();
	name_file(pid, start);
	return fd ? fd : sc_sys_openat(AT_FDCWD, file.path, flags, 0600);
}

static int write_zeros(int fd, uint64_t offset, uint64_t size)
{
	static const char zeros[4096];
	int r = 0;

	while (r == 0 && size > 0) {
		size_t part = size < sizeof(zeros) ? (size_t)size : sizeof(zeros);

		r = sc_sys_pwrite_full(fd, zeros, part, (off_t)offset);
		offset += part;
		size -= part;
	}
	return r;
}

uint64_t sc_record_file_most(void)
{
	uint64_t most;

	return sc_sys_rlimit(RLIMIT_FSIZE, &most) ? 0 : most;
}

static int reserve(int fd, uint64_t offset, uint64_t size)
{
	int r;

	if (offset + size > sc_record_file_most())
		return -EFBIG;
	if (file.exclusive)
		return write_zeros(fd, offset, size);
	r = sc_sys_fallocate(fd, (off_t)offset, (off_t)size);
	if ((r == -EOPNOTSUPP || r == -ENOSYS) && offset == 0) {
		/* The first storage of a new file: nobody else has it yet. */
		file.exclusive = true;
		r = write_zeros(fd, offset, size);
	}
	return r;
}

/* A umask may have taken our own permission to open it again. */
static int identify(int fd)
{
	struct stat stat;
	int r = sc_sys_fstat(fd, &stat);

	if (r)
		return r;
	file.device = stat.st_dev;
	file.inode = stat.st_ino;
	return (stat.st_mode & 0600) == 0600 ? 0 : (int)sc_syscall2(SYS_fchmod, fd, 0600);
}

int sc_record_file_create(uint32_t pid, uint64_t start, uint64_t size)
{
	int fd, r;

	file.present = false;
	file.exclusive = false;
	if (file.directory_length == 0)
		return -ENOENT;
	fd = open_new(pid, start);
	if (fd < 0)
		return fd;
	r = identify(fd);
	if (r == 0)
		r = reserve(fd, 0, size);
	if (r) {
		sc_sys_unlinkat(AT_FDCWD, file.path);
		sc_sys_close(fd);
		return r;
	}
	file.reserved = size;
	file.present = true;
	return fd;
}

bool sc_record_file_present(void)
{
	return file.present;
}

void sc_record_file_remove(void)
{
	if (file.present)
		sc_sys_unlinkat(AT_FDCWD, file.path);
	file.present = false;
}

int sc_record_file_open(void)
{
	int fd = sc_sys_openat(AT_FDCWD, file.path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	struct stat stat;

	if (fd < 0)
		return fd;
	if (sc_sys_fstat(fd, &stat) || stat.st_dev != file.device || stat.st_ino != file.inode) {
		sc_sys_close(fd);
		return -ESTALE;
	}
	return fd;
}

/* The directory alone, where there is no file: its path without the slash. */
static bool directory_is_there(void)
{
	char path[PATH_MAX + 1];
	struct stat stat;

	for (size_t i = 0; i < file.directory_length; i++)
		path[i] = file.path[i];
	path[file.directory_length] = 0;
	return sc_sys_fstatat(AT_FDCWD, path, &stat, 0) != -ENOENT;
}

bool sc_record_file_reachable(void)
{
	struct stat stat;
	int r;

	if (file.directory_length == 0)
		return true;
	if (!file.present)
		return directory_is_there();
	r = sc_sys_fstatat(AT_FDCWD, file.path, &stat, AT_SYMLINK_NOFOLLOW);
	return r == 0 ? stat.st_dev == file.device && stat.st_ino == file.inode : r != -ENOENT && r != -ENOTDIR;
}

int sc_record_file_reserve(uint64_t offset, uint64_t size)
{
	int fd, r;

	if (!file.present || offset + size <= file.reserved)
		return 0;
	fd = sc_record_file_open();
	if (fd < 0)
		return fd;
	r = reserve(fd, offset, size);
	sc_sys_close(fd);
	return r;
}

void sc_record_file_prepare(uint64_t size)
{
	int fd;

	if (!file.present || file.exclusive || size <= file.reserved)
		return;
	fd = sc_record_file_open();
	if (fd < 0)
		return;
	if (reserve(fd, 0, size) == 0)
		file.reserved = size;
	sc_sys_close(fd);
}

bool sc_record_file_exclusive(void)
{
	return file.present && file.exclusive;
}

int sc_record_file_beside(char *out, size_t size, const char *name)
{
	size_t at;

	if (!file.present)
		return -ENOENT;
	for (at = 0; at < file.directory_length && at < size; at++)
		out[at] = file.path[at];
	at = append(out, at, size, name);
	if (at >= size)
		return -ENAMETOOLONG;
	out[at] = 0;
	return 0;
}
