/* SPDX-License-Identifier: MIT */
/* Owns the reading of files that a user names. Called by launch_rules.c and proto_files.c. */
#include "cmd/plain_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "common/sys.h"

static int read_all(int fd, char **text, size_t *length)
{
	struct stat stat;
	char *read;
	int r;

	if (fstat(fd, &stat))
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return S_ISDIR(stat.st_mode) ? -EISDIR : -EINVAL;
	read = malloc((size_t)stat.st_size + 1);
	if (!read)
		return -ENOMEM;
	r = sc_sys_pread_full(fd, read, (size_t)stat.st_size, 0);
	if (r) {
		free(read);
		return r;
	}
	*text = read;
	*length = (size_t)stat.st_size;
	return 0;
}

int sc_plain_file_read(const char *kind, const char *path, char **text, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int r = fd < 0 ? -errno : read_all(fd, text, length);

	if (fd >= 0)
		close(fd);
	if (r)
		sc_cmd_error("cannot read %s '%s': %s", kind, path, r == -EINVAL ? "not a plain file" : strerror(-r));
	return r;
}
