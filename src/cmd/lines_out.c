/* SPDX-License-Identifier: MIT */
/*
 * Owns where lines go: one file or stream for all, or a file for each thread (-ff), of which only some are open at a
 * time. Called by lines.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/lines.h"

#define OPEN_MOST 100

/* path: NULL for stderr, where nobody would read it, and stdout, of which sc_cmd_finish says it. */
static void fail(struct sc_lines_outs *outs, const char *path, int error)
{
	if (!outs->error && path)
		sc_cmd_error("cannot write '%s': %s", path, strerror(error));
	outs->error = -error;
}

int sc_lines_outs_open(struct sc_lines_outs *outs, const struct sc_lines_options *options, FILE *standard)
{
	*outs = (struct sc_lines_outs){ .each_own = options->each_own && options->file, .file = options->file };
	outs->prefix = options->file && !outs->each_own;
	if (outs->each_own)
		return 0;
	outs->first = calloc(1, sizeof(*outs->first));
	if (!outs->first)
		return -ENOMEM;
	outs->first->file = options->file ? fopen(options->file, "we") : standard;
	if (!outs->first->file)
		fail(outs, options->file, errno);
	return outs->error;
}

static void close_all(struct sc_lines_outs *outs)
{
	for (struct sc_lines_out *out = outs->first; out; out = out->next) {
		if (out->file && fclose(out->file))
			fail(outs, out->path, errno);
		out->file = NULL;
	}
	outs->open_count = 0;
}

static bool open_own(struct sc_lines_outs *outs, struct sc_lines_out *out, const char *mode)
{
	if (outs->open_count == OPEN_MOST)
		close_all(outs);
	out->file = fopen(out->path, mode);
	if (!out->file) {
		fail(outs, out->path, errno);
		return false;
	}
	outs->open_count++;
	return true;
}

static struct sc_lines_out *make_own(struct sc_lines_outs *outs, uint32_t tid)
{
	struct sc_lines_out *out = calloc(1, sizeof(*out));

	if (!out || asprintf(&out->path, "%s.%u", outs->file, tid) < 0) {
		free(out);
		return NULL;
	}
	if (!open_own(outs, out, "we")) {
		free(out->path);
		free(out);
		return NULL;
	}
	out->tid = tid;
	out->next = outs->first;
	outs->first = out;
	return out;
}

struct sc_lines_out *sc_lines_outs_get(struct sc_lines_outs *outs, uint32_t tid)
{
	struct sc_lines_out *out = outs->each_own && outs->last && outs->last->tid == tid ? outs->last : outs->first;

	if (!outs->each_own)
		return outs->first;
	while (out && out->tid != tid) /* the same number again: an exec, or another thread */
		out = out->next;
	outs->last = out ? out : make_own(outs, tid);
	return outs->last;
}

void sc_lines_outs_write(struct sc_lines_outs *outs, struct sc_lines_out *out, const struct sc_text *text)
{
	if (!out->file && !(out->path && open_own(outs, out, "ae")))
		return;
	if (text->length && fwrite(text->at, 1, text->length, out->file) != text->length)
		fail(outs, out->path ? out->path : outs->file, errno);
}

void sc_lines_outs_flush(struct sc_lines_outs *outs)
{
	for (struct sc_lines_out *out = outs->first; out; out = out->next)
		if (out->file && fflush(out->file))
			fail(outs, out->path ? out->path : outs->file, errno);
}

int sc_lines_outs_close(struct sc_lines_outs *outs)
{
	sc_lines_outs_flush(outs);
	if (outs->first && !outs->each_own && outs->file && outs->first->file && fclose(outs->first->file))
		fail(outs, outs->file, errno);
	if (outs->each_own)
		close_all(outs);
	while (outs->first) {
		struct sc_lines_out *next = outs->first->next;

		free(outs->first->path);
		free(outs->first);
		outs->first = next;
	}
	return outs->error;
}
