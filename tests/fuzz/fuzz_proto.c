/* SPDX-License-Identifier: MIT */
/*
 * The reader of prototypes (common/proto.h), and all that is done with what it has accepted: classes, capture programs,
 * text, which must be read again as it was written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/proto.h"
#include "common/proto_abi.h"
#include "common/proto_capture.h"
#include "fuzz.h"

static volatile size_t seen;

static void use(const struct sc_protos *protos, const struct sc_proto *proto)
{
	_Alignas(8) unsigned char capture[SC_CAPTURE_MOST];
	char text[16384];
	size_t size = sc_proto_capture(proto, (struct sc_capture *)capture);
	uint64_t values[4] = { 1, 2, 64, 0 };

	FUZZ_PROMISE(size <= sizeof(capture) && sc_capture_check(capture, size));
	FUZZ_PROMISE(sc_protos_find(protos, proto->name) == proto);
	seen += sc_proto_text(proto, text, sizeof(text)) + sc_proto_bytes(proto).times;
	FUZZ_PROMISE(memchr(text, 0, sizeof(text)));
	seen += sc_proto_choose(proto, values, 4)->line;
	for (uint32_t i = 0; i < proto->type->count; i++) {
		const struct sc_parameter *parameter = &proto->type->parameters[i];

		seen += sc_notes_marks(parameter->notes, parameter->type, NULL);
		seen += sc_type_definition_text(parameter->type, text, sizeof(text));
	}
}

static void check_errors(const struct sc_proto_errors *errors, size_t length)
{
	FUZZ_PROMISE(errors->count > 0);
	for (unsigned i = 0; i < errors->count && i < SC_PROTO_ERRORS; i++) {
		FUZZ_PROMISE(errors->errors[i].line >= 1 && errors->errors[i].line <= length + 1);
		FUZZ_PROMISE(errors->errors[i].column >= 1 && errors->errors[i].column <= length + 1);
		FUZZ_PROMISE(memchr(errors->errors[i].message, 0, sizeof(errors->errors[i].message)));
		for (const char *c = errors->errors[i].message; *c; c++)
			FUZZ_PROMISE(*c >= ' ' && *c <= '~');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_arena arena = { 0 };
	struct sc_protos protos = { .arena = &arena };
	struct sc_proto_errors errors;
	char *text = malloc(size ? size : 1); /* no terminator behind it */
	int r;

	if (!text)
		return 0;
	memcpy(text, data, size);
	memset(&errors, 0xa5, sizeof(errors));
	r = sc_protos_read(&protos, text, size, "fuzz", &errors);
	FUZZ_PROMISE(r == 0 || r == -EINVAL || r == -ENOMEM);
	memset(text, 'x', size);
	free(text);
	if (r == -EINVAL)
		check_errors(&errors, size);
	for (const struct sc_proto *p = sc_protos_next(&protos, NULL); p; p = sc_protos_next(&protos, p))
		use(&protos, p);
	sc_arena_release(&arena);
	return 0;
}
