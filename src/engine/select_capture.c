/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from a function's name to what is recorded of its calls, and the reading of the prototype files for it:
 * once a generation, and only where something is traced. Called by select.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/proto.h"
#include "common/proto_capture.h"
#include "common/sys.h"
#include "engine/select_internal.h"

#define FILE_MOST (64 << 20)

/* What the user can mend. Limits that the program has set itself are none of it: its standard error stays its own. */
static void warn(struct selection *s, const char *path, int error)
{
	if (!s->request->warning[0] && error != ENOMEM && error != EMFILE)
		snprintf(s->request->warning, sizeof(s->request->warning), "cannot use prototypes '%s': %s", path,
			 strerrordesc_np(error));
}

static void read_text(struct selection *s, const char *path, const char *text, size_t size)
{
	struct sc_proto_errors *errors = sc_arena_alloc(&s->plan->arena, sizeof(*errors));

	if (!errors || sc_protos_read(&s->protos, text, size, path, errors) != -EINVAL || s->request->warning[0])
		return;
	snprintf(s->request->warning, sizeof(s->request->warning), "%s:%u:%u: %s", path, errors->errors[0].line,
		 errors->errors[0].column, errors->errors[0].message);
}

static void read_file(struct selection *s, const char *path)
{
	int fd = sc_sys_openat(AT_FDCWD, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0), r;
	struct stat stat;
	char *text;

	if (fd < 0) {
		warn(s, path, -fd);
		return;
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
		read_text(s, path, text, (size_t)stat.st_size);
}

static const struct sc_proto *find(struct selection *s, const char *name)
{
	if (!s->protos.arena) {
		s->protos.arena = &s->plan->arena;
		for (uint32_t i = 0; i < s->request->prototype_count; i++)
			read_file(s, s->request->prototypes[i]);
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
