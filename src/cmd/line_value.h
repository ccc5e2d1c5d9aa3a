/* SPDX-License-Identifier: MIT */
/*
 * Values as text, in strace's form: numbers, names, strings, structs. The bytes may be those of a damaged record:
 * nothing is read beyond the length given, and nothing that they say leads deeper than a fixed depth. Thread safe.
 */
#ifndef SC_CMD_LINE_VALUE_H
#define SC_CMD_LINE_VALUE_H

#include "cmd/events_view.h"
#include "cmd/line_text.h"
#include "common/proto.h"

struct sc_line_style {
	unsigned string_limit; /* bytes of a string or buffer that are shown */
	bool verbose;	       /* structs are shown in full */
};

/* What is known of one value and what it points to. */
struct sc_line_value {
	const struct sc_type *type;
	const struct sc_notes *notes; /* or NULL */
	const char *name;	      /* of the parameter or member, or NULL */
	const unsigned char *bytes;
	size_t size;		      /* of bytes; fewer than the type's: it is not known */
	const struct sc_blob_view *in, *out; /* what it pointed to at the entry and at the return; or NULL */
};

/* ---- line_value.c ---- */
void sc_line_value(struct sc_text *text, const struct sc_line_style *style, const struct sc_line_value *value);
/* Bytes that lie somewhere, without what they point to; depth: how deep in structs this is. */
void sc_line_bytes_of_type(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
			   const struct sc_notes *notes, const char *name, const unsigned char *bytes, size_t size,
			   unsigned depth);

/* ---- line_number.c: what fits into a word ---- */
/* An integer, boolean, character or enumeration; value is extended as its type says. */
void sc_line_integer(struct sc_text *text, const struct sc_type *type, const struct sc_notes *notes, uint64_t value);
/* A|B|0x8 */
void sc_line_flags(struct sc_text *text, const struct sc_type *set, uint64_t value);
/* The name of an enumerator, or the number. */
void sc_line_enumerator(struct sc_text *text, const struct sc_type *set, uint64_t value, bool is_signed);
/* "INT"; NULL: it has none. */
const char *sc_line_signal_name(int64_t number);
void sc_line_signal(struct sc_text *text, int64_t number);
void sc_line_errno(struct sc_text *text, int64_t number);
/* "ENOENT (No such file or directory)" */
void sc_line_error(struct sc_text *text, int64_t number);
/* S_IFREG|0644 */
void sc_line_mode(struct sc_text *text, uint64_t mode);
/* Floating point, real or complex; size bytes are there. */
void sc_line_floating(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size);

/* ---- line_string.c ---- */
/* Quoted, with strace's escapes; more: there is more than these bytes, or than the limit: "..." behind it. */
void sc_line_quoted(struct sc_text *text, const struct sc_line_style *style, const unsigned char *bytes, size_t length,
		    bool more);
void sc_line_character(struct sc_text *text, unsigned char c);
/* Strings of a blob: ["a", "b"] */
void sc_line_strings(struct sc_text *text, const struct sc_line_style *style, const struct sc_blob_view *blob);
/* A blob as a string or buffer, and what is wrong with it; address: where it was. */
void sc_line_string_blob(struct sc_text *text, const struct sc_line_style *style, const struct sc_blob_view *blob,
			 uint64_t address);
void sc_line_unreadable(struct sc_text *text);

/* ---- line_struct.c ---- */
void sc_line_struct(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
		    const unsigned char *bytes, size_t size, unsigned depth);
void sc_line_array(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *element,
		   const struct sc_notes *notes, uint64_t count, const unsigned char *bytes, size_t size, unsigned depth);
/* ---- line_known.c ---- */
/* A struct that is shown in a way of its own; false, and nothing is added: it is none of those. */
bool sc_line_known(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
		   const unsigned char *bytes, size_t size);

/* ---- line_sockaddr.c ---- */
void sc_line_sockaddr(struct sc_text *text, const struct sc_line_style *style, const unsigned char *bytes, size_t size);

#define SC_LINE_DEPTH 8
#define SC_LINE_ELEMENTS 32

#endif
