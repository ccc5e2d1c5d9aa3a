/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from a function's name to what is recorded of its calls, and the reading of the prototype files for it:
 * once a generation, and only where something is traced. Called by select.c.
 *
 * A program that looks up thousands of functions by dlsym has a generation for each. What it looks up is mostly its own,
 * in no prototype; so which names the files have is noted when they are read first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "common/proto.h"
#include "common/proto_capture.h"
#include "common/sys.h"
#include "engine/select_internal.h"

#define FILE_MOST (64 << 20)
#define NAMED_BITS (1u << 17) /* some thirty times the functions of the C library */
#define NAMED_EACH 4	      /* bits a name sets: one in ten thousand others then seems to be there */

static struct {
	bool complete;
	uint8_t bits[NAMED_BITS / 8];
} named;

/* What the user can mend. Limits that the program has set itself are none of it: its standard error stays its own. */
static void warn(struct selection *s, const char *path, int error)
{
	if (!s->request->warning[0] && error != ENOMEM && error != EMFILE)
		snprintf(s->request->warning, sizeof(s->request->warning), "cannot use prototypes '%s': %s", path,
			 strerrordesc_np(error));
}

/* 0, also when some of it is refused, which will be so the next time; or -ENOMEM. */
static int read_text(struct selection *s, const char *path, const char *text, size_t size)
{
	struct sc_proto_errors *errors = sc_arena_alloc(&s->plan->arena, sizeof(*errors));
	int r = errors ? sc_protos_read(&s->protos, text, size, path, errors) : -ENOMEM;

	if (r != -EINVAL)
		return r;
	if (!s->request->warning[0])
		snprintf(s->request->warning, sizeof(s->request->warning), "%s:%u:%u: %s", path,
			 errors->errors[0].line, errors->errors[0].column, errors->errors[0].message);
	return 0;
}

static int read_file(struct selection *s, const char *path)
{
	int fd = sc_sys_openat(AT_FDCWD, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0), r;
	struct stat stat;
	char *text;

	if (fd < 0) {
		warn(s, path, -fd);
		return fd;
	}
	r = sc_sys_fstat(fd, &stat);
	if (r == 0 && (!S_ISREG(stat.st_mode) || stat.st_size > FILE_MOST))
		r = -EFBIG;
	text = r == 0 ? sc_arena_alloc(&s->plan->arena, (size_t)stat.st_size + 1) : NULL;
	if (r == 0)
		r = text ? sc_sys_pread_full(fd, text, (size_t)stat.st_size, 0) : -ENOMEM;
	sc_sys_close(fd);
	if (r < 0)
		warn(s, path, -r);
	else
		r = read_text(s, path, text, (size_t)stat.st_size);
	return r;
}

static uint32_t named_bit(uint64_t hash, unsigned i)
{
	return (uint32_t)(hash >> 16 * i) % NAMED_BITS;
}

static void note_names(const struct selection *s)
{
	for (const struct sc_proto *proto = sc_protos_next(&s->protos, NULL); proto;
	     proto = sc_protos_next(&s->protos, proto)) {
		uint64_t hash = sc_hash64(proto->name, strlen(proto->name));

		for (unsigned i = 0; i < NAMED_EACH; i++)
			named.bits[named_bit(hash, i) / 8] |= (uint8_t)(1u << named_bit(hash, i) % 8);
	}
	named.complete = true;
}

static bool may_be_named(const char *name)
{
	uint64_t hash = sc_hash64(name, strlen(name));

	if (!named.complete)
		return true;
	for (unsigned i = 0; i < NAMED_EACH; i++)
		if (!(named.bits[named_bit(hash, i) / 8] >> named_bit(hash, i) % 8 & 1))
			return false;
	return true;
}

/* What could not be read may be readable the next time: then nothing is noted. */
static void read_files(struct selection *s)
{
	bool all = true;

	s->protos.arena = &s->plan->arena;
	for (uint32_t i = 0; i < s->request->prototype_count; i++)
		all = read_file(s, s->request->prototypes[i]) == 0 && all;
	if (all && !named.complete)
		note_names(s);
}

static const struct sc_proto *find(struct selection *s, const char *name)
{
	if (!s->protos.arena) {
		if (!may_be_named(name))
			return NULL;
		read_files(s);
	}
	return s->protos.tables ? sc_protos_find(&s->protos, name) : NULL;
}

const struct sc_capture *sc_select_capture(struct selection *s, const char *name)
{
	const struct sc_proto *proto = find(s, name);
	struct sc_capture *capture;

	if (!proto)
		return &sc_capture_unknown;
	if (!s->capture_room)
		s->capture_room = sc_arena_alloc(&s->plan->arena, SC_CAPTURE_MOST);
	capture = s->capture_room;
	if (!capture)
		return &sc_capture_unknown;
	sc_proto_capture(proto, capture);
	capture->bytes = sc_proto_bytes(proto);
	return capture; /* the plan copies it */
}
