/* SPDX-License-Identifier: MIT */
/*
 * Owns the directory of a campaign and the journal in it: JSON lines that are only ever appended. Called by campaign.c
 * and campaign_loop.c. What the lines mean is campaign_state.c's.
 *
 * A line is written with one write and is there once fdatasync has returned. What a kill leaves of the last one has no
 * line end: it is cut off when the campaign goes on.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/campaign.h"
#include "cmd/cmd.h"

static int fail(const char *what, const char *path)
{
	sc_cmd_error("cannot %s '%s': %s", what, path, strerror(errno));
	return -1;
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

void sc_campaign_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static void join(char out[PATH_MAX], const char *directory, const char *name)
{
	snprintf(out, PATH_MAX, "%s/%s", directory, name);
}

static bool is_empty(const char *directory)
{
	DIR *stream = opendir(directory);
	unsigned count = 0;

	while (stream && readdir(stream))
		count++;
	if (stream)
		closedir(stream);
	return count <= 2;
}

/* What is in the file up to the last line end. */
static char *read_all(int fd, size_t *size)
{
	struct stat stat;
	size_t room, used = 0;
	char *text;

	if (fstat(fd, &stat))
		return NULL;
	room = (size_t)stat.st_size;
	text = malloc(room + 1);
	while (text && used < room) {
		ssize_t n = pread(fd, text + used, room - used, (off_t)used);

		if (n <= 0)
			break;
		used += (size_t)n;
	}
	while (text && used && text[used - 1] != '\n')
		used--;
	*size = used;
	return text;
}

static int take_lines(const char *path, const char *text, size_t size, struct sc_campaign_state *state)
{
	unsigned number = 0;

	while (size) {
		size_t length = (size_t)((const char *)memchr(text, '\n', size) - text) + 1;
		json_t *line = json_loadb(text, length, 0, NULL);
		int r = json_is_object(line) ? sc_campaign_state_take(state, line) : -EINVAL;

		number++;
		json_decref(line);
		if (r == -ENOMEM)
			sc_cmd_error("out of memory");
		else if (r)
			sc_cmd_error("cannot understand line %u of '%s': begin anew with --new", number, path);
		if (r)
			return -1;
		text += length;
		size -= length;
	}
	return 0;
}

static int replay(int fd, const char *path, struct sc_campaign_state *state, size_t *size)
{
	char *text = read_all(fd, size);
	int r = text ? take_lines(path, text, *size, state) : fail("read", path);

	free(text);
	return r;
}

static int take_lock(int fd, const char *directory)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return fail("lock", directory);
	sc_cmd_error("the campaign in '%s' is going on: another stubcache runs it", directory);
	return -1;
}

/* The lock is on the journal, so that it stays where it is. */
static int begin_anew(int fd, const char *directory)
{
	static const char first[] = "{\"event\":\"campaign\"";
	char runs[PATH_MAX], begins[sizeof(first) - 1];
	ssize_t n = pread(fd, begins, sizeof(begins), 0);

	if (n != 0 && (n != (ssize_t)sizeof(begins) || memcmp(begins, first, sizeof(begins)))) {
		sc_cmd_error("'%s' has no campaign in it: name another directory with -o", directory);
		return -1;
	}
	join(runs, directory, "runs");
	sc_campaign_remove(runs);
	return ftruncate(fd, 0) ? fail("empty", directory) : 0;
}

int sc_campaign_journal_open(struct sc_campaign_journal *journal, const char *directory, bool fresh,
			     struct sc_campaign_state *state)
{
	bool ours, made = mkdir(directory, 0777) == 0;
	char path[PATH_MAX];
	size_t size = 0;

	if (!made && errno != EEXIST)
		return fail("make directory", directory);
	join(path, directory, SC_CAMPAIGN_JOURNAL);
	ours = access(path, F_OK) == 0;
	if (!ours && !is_empty(directory)) {
		sc_cmd_error("'%s' has something else in it: name another directory with -o", directory);
		return -1;
	}
	journal->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (journal->fd < 0)
		return fail("open", path);
	if (take_lock(journal->fd, directory) || (fresh && begin_anew(journal->fd, directory)) ||
	    replay(journal->fd, path, state, &size))
		return -1;
	return ftruncate(journal->fd, (off_t)size) ? fail("write", path) : 0;
}

int sc_campaign_journal_read(const char *directory, struct sc_campaign_state *state)
{
	char path[PATH_MAX];
	size_t size;
	int fd, r;

	join(path, directory, SC_CAMPAIGN_JOURNAL);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail("read", path);
	r = replay(fd, path, state, &size);
	close(fd);
	if (r == 0 && !state->header) {
		sc_cmd_error("'%s' is empty: no campaign has begun there", path);
		r = -1;
	}
	return r;
}

/* One write: a line is there as a whole, but for what a full disk or a kill cuts off. */
static int write_line(int fd, const char *line)
{
	size_t left = strlen(line);

	while (left) {
		ssize_t n = write(fd, line, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		line += n;
		left -= (size_t)n;
	}
	return 0;
}

int sc_campaign_journal_add(struct sc_campaign_journal *journal, struct sc_campaign_state *state, json_t *line,
			    bool sync)
{
	const size_t flags = JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6);
	char *text = line ? json_dumps(line, flags) : NULL, *whole;
	int r = -1;

	if (!text || asprintf(&whole, "%s\n", text) < 0) {
		sc_cmd_error("out of memory");
	} else {
		r = write_line(journal->fd, whole) || (sync && fdatasync(journal->fd)) ?
			    fail("write", SC_CAMPAIGN_JOURNAL) : 0;
		free(whole);
	}
	if (r == 0 && sc_campaign_state_take(state, line)) {
		sc_cmd_error("out of memory");
		r = -1;
	}
	free(text);
	json_decref(line);
	return r;
}

void sc_campaign_journal_close(struct sc_campaign_journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = -1;
}
