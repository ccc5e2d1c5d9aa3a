/* SPDX-License-Identifier: MIT */
/*
 * Owns the words that headers have around declarations: __attribute__((...)), asm("..."), _Alignas(...). Those that
 * change a layout are kept, those that would make it wrong refused, all others read over. Called by the files that read
 * prototypes.
 */
#include <string.h>

#include "common/proto_internal.h"

#define ALIGN_MOST 4096

/* "packed" and "__packed__" are the same. */
static bool is_called(const struct sc_token *token, const char *name)
{
	size_t length = strlen(name), size = token->length;
	const char *at = token->place.at;

	if (size > 4 && !memcmp(at, "__", 2) && !memcmp(at + size - 2, "__", 2)) {
		at += 2;
		size -= 4;
	}
	return size == length && !memcmp(at, name, length);
}

static void set_align(struct sc_proto_reader *p, const struct sc_token *token, struct sc_attributes *attributes,
		      int64_t align)
{
	if (align < 1 || align > ALIGN_MOST || (align & (align - 1)))
		sc_proto_refuse(p, token, "an alignment is a power of 2, at most %d", ALIGN_MOST);
	else if ((unsigned)align > attributes->align)
		attributes->align = (unsigned)align;
}

static void read_aligned(struct sc_proto_reader *p, struct sc_attributes *attributes)
{
	struct sc_token token;

	sc_lex_next(p);
	token = p->token;
	if (!sc_lex_take(p, '(')) {
		set_align(p, &token, attributes, 16);
		return;
	}
	set_align(p, &token, attributes, sc_expression_read(p, SC_PRECEDENCE_CONDITION).value);
	sc_proto_expect(p, ')', "')'");
}

/* One of the words in the double brackets. */
static void read_attribute(struct sc_proto_reader *p, struct sc_attributes *attributes)
{
	char shown[SC_TOKEN_SHOWN];

	if (is_called(&p->token, "aligned")) {
		read_aligned(p, attributes);
		return;
	}
	if (is_called(&p->token, "packed"))
		attributes->packed = true;
	else if (is_called(&p->token, "vector_size") || is_called(&p->token, "mode") ||
		 is_called(&p->token, "scalar_storage_order") || is_called(&p->token, "ms_struct") ||
		 is_called(&p->token, "ms_abi") || is_called(&p->token, "sysv_abi"))
		sc_proto_refuse(p, &p->token, "attribute %s is not understood", sc_token_show(&p->token, shown));
	sc_lex_next(p);
	if (sc_lex_is(p, '('))
		sc_lex_skip_brackets(p);
}

static void read_list(struct sc_proto_reader *p, struct sc_attributes *attributes)
{
	sc_lex_next(p);
	if (!sc_proto_expect(p, '(', "'(('") || !sc_proto_expect(p, '(', "'(('"))
		return;
	while (!sc_lex_is(p, ')') && !p->failed) {
		if (sc_lex_take(p, ','))
			continue;
		if (p->token.code < SC_TOKEN_WORD)
			sc_proto_expect(p, ')', "'))'");
		else
			read_attribute(p, attributes);
	}
	sc_proto_expect(p, ')', "'))'");
	sc_proto_expect(p, ')', "'))'");
}

/* 0 says nothing. */
static void read_alignas(struct sc_proto_reader *p, struct sc_attributes *attributes)
{
	struct sc_token token;
	int64_t align;

	sc_lex_next(p);
	token = p->token;
	if (!sc_proto_expect(p, '(', "'('"))
		return;
	if (sc_specifiers_begin(p))
		align = sc_type_align(sc_type_name_read(p));
	else
		align = sc_expression_read(p, SC_PRECEDENCE_CONDITION).value;
	if (align)
		set_align(p, &token, attributes, align);
	sc_proto_expect(p, ')', "')'");
}

void sc_attributes_read(struct sc_proto_reader *p, struct sc_attributes *attributes)
{
	for (;;) {
		if (sc_lex_is(p, SC_WORD_ATTRIBUTE)) {
			read_list(p, attributes);
		} else if (sc_lex_is(p, SC_WORD_ALIGNAS)) {
			read_alignas(p, attributes);
		} else if (sc_lex_is(p, SC_WORD_ASM)) {
			sc_lex_next(p);
			while (sc_lex_take(p, SC_WORD_VOLATILE))
				;
			if (sc_lex_is(p, '('))
				sc_lex_skip_brackets(p);
		} else {
			return;
		}
	}
}
