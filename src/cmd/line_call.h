/* SPDX-License-Identifier: MIT */
/*
 * One call as text: its arguments and what it returned, by its prototype. What there is of a call may be anything a
 * damaged record holds. Thread safe.
 */
#ifndef SC_CMD_LINE_CALL_H
#define SC_CMD_LINE_CALL_H

#include "cmd/line_value.h"
#include "common/proto_abi.h"

/* What is known of a call; not owned. */
struct sc_line_call {
	const struct sc_proto *proto; /* as declared, with its variants; NULL: none */
	const struct sc_event *enter; /* or NULL */
	const struct sc_event *leave; /* NULL: it has not returned, or never will */
};

#define SC_LINE_ARGUMENTS 192

enum sc_line_argument_kind {
	SC_LINE_PLAIN,	/* a value of `type` at `place` */
	SC_LINE_VALIST, /* a va_list: what its format takes from it is shown */
	SC_LINE_WORD,	/* no prototype: a word of the event, in hex */
};

struct sc_line_argument {
	uint8_t kind; /* enum sc_line_argument_kind */
	uint8_t number; /* among all arguments, for blobs */
	const struct sc_type *type;
	const struct sc_notes *notes;
	const char *name; /* or NULL */
	struct sc_abi_value place;
};

/* Where everything of a call is. */
struct sc_line_layout {
	const struct sc_proto *proto; /* the variant that holds; NULL: none */
	struct sc_abi_value result;
	bool more;   /* there are arguments of which nothing is known */
	bool failed; /* by its error convention */
	int error;   /* then: the number, 0 when it is not known */
	unsigned count;
	struct sc_line_argument arguments[SC_LINE_ARGUMENTS];
};

/* To be called again when the call has returned. */
void sc_line_layout(struct sc_line_layout *layout, const struct sc_line_call *call);
/* Whether an argument can be shown only when the call has returned. */
bool sc_line_waits(const struct sc_line_layout *layout, const struct sc_line_call *call, unsigned n);
void sc_line_argument(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_layout *layout,
		      const struct sc_line_call *call, unsigned n);
/* What it returned: "3", "-1 ENOENT (No such file or directory)", "<void>", "?" when it did not. */
void sc_line_result(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_layout *layout,
		    const struct sc_line_call *call);
/* All of it, without the name: (a, b) = c. */
void sc_line_call(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_call *call);

/* ---- line_format.c: printf ---- */

/* What one conversion takes. */
struct sc_line_conversion {
	const struct sc_type *type;
	const struct sc_notes *notes; /* static, or NULL */
};

/* The arguments that a printf format takes, in their order; at most `most`. *more: there are more, or it cannot be known,
 * because the format was cut. Returns how many. */
unsigned sc_line_format(const unsigned char *format, size_t length, bool cut, struct sc_line_conversion *out,
			unsigned most, bool *more);

/* ---- line_layout.c, for line_call.c ---- */

/* Bytes of an argument from the registers and words that the event has; fewer than size: they are not there. */
size_t sc_line_fetch(const struct sc_event *event, const struct sc_abi_value *place, bool returned, unsigned char *out,
		     size_t size);

#endif
