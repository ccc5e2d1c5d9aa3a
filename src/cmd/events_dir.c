/* SPDX-License-Identifier: MIT */
/*
 * Owns the finding of records in a directory, by inotify while they come, and by reading the directory at first and
 * when inotify has lost count. Does not own what is in them. Called by events_merge.c.
 */
#include "cmd/events_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cmd/report.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int found(struct sc_events_dir *dir, const char *name)
{
	char *copy;

	if (!sc_record_is_name(name) || tfind(name, &dir->seen, by_name))
		return 0;
	copy = strdup(name);
	if (!copy || !tsearch(copy, &dir->seen, by_name)) {
		free(copy);
		return -ENOMEM;
	}
	if (sc_report_grow(&dir->fresh, dir->fresh_count, sizeof(*dir->fresh)))
		return -ENOMEM;
	dir->fresh[dir->fresh_count++] = copy;
	return 0;
}

static int scan(struct sc_events_dir *dir)
{
	int r = 0, fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!stream) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(stream)))
		r = found(dir, entry->d_name);
	if (r == 0 && errno)
		r = -errno;
	closedir(stream);
	dir->scan = false;
	return r;
}

int sc_events_dir_open(struct sc_events_dir *dir, const char *path, bool live)
{
	*dir = (struct sc_events_dir){ .fd = -1, .inotify = -1, .scan = true };
	dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd < 0)
		return -errno;
	if (!live)
		return 0;
	dir->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (dir->inotify >= 0 && inotify_add_watch(dir->inotify, path, IN_CREATE | IN_MOVED_TO) < 0) {
		close(dir->inotify);
		dir->inotify = -1;
	}
	/* Without inotify (there may be no more instances) the directory is read each time. */
	return 0;
}

static int read_notices(struct sc_events_dir *dir)
{
	_Alignas(struct inotify_event) char buffer[16384];
	int r = 0;

	while (r == 0) {
		ssize_t n = read(dir->inotify, buffer, sizeof(buffer));

		if (n <= 0)
			break;
		for (char *at = buffer; r == 0 && at < buffer + n;) {
			const struct inotify_event *event = (const struct inotify_event *)at;

			if (event->mask & IN_Q_OVERFLOW)
				dir->scan = true;
			else if (event->len)
				r = found(dir, event->name);
			at += sizeof(*event) + event->len;
		}
	}
	return r;
}

int sc_events_dir_look(struct sc_events_dir *dir)
{
	int r = dir->inotify >= 0 ? read_notices(dir) : 0;

	if (r == 0 && (dir->scan || dir->inotify < 0))
		r = scan(dir);
	return r;
}

void sc_events_dir_close(struct sc_events_dir *dir)
{
	tdestroy(dir->seen, free);
	free(dir->fresh);
	if (dir->inotify >= 0)
		close(dir->inotify);
	if (dir->fd >= 0)
		close(dir->fd);
	*dir = (struct sc_events_dir){ .fd = -1, .inotify = -1 };
}
