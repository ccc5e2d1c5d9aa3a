/* SPDX-License-Identifier: MIT */
/*
 * Capture programs (capture.h) from prototypes. Called by the engine when it generates a stub. Thread safe; not for
 * signal handlers.
 */
#ifndef SC_PROTO_CAPTURE_H
#define SC_PROTO_CAPTURE_H

#include "common/capture.h"
#include "common/proto.h"

#define SC_CAPTURE_MOST (sizeof(struct sc_capture) + SC_CAPTURE_ITEMS * sizeof(struct sc_capture_item))

/*
 * Compiles a prototype and its variants into out, which has room for SC_CAPTURE_MOST bytes and is aligned to 8; proto
 * NULL gives sc_capture_unknown. What cannot be expressed or does not fit (an argument beyond the words of the stack that
 * are recorded, more items than there may be: whole variants, the last ones first) is left out. Returns its size, which
 * is sc_capture_size of it, and sc_capture_check holds.
 */
size_t sc_proto_capture(const struct sc_proto *proto, struct sc_capture *out);

/* What [[bytes(...)]] says. */
struct sc_capture_measure sc_proto_bytes(const struct sc_proto *proto);

#endif
