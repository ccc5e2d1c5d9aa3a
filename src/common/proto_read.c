/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of a text of declarations as a whole: one after the other, and where reading goes on behind one that
 * is not understood. Does not own what a declaration is (proto_declare.c) nor messages (proto_refuse.c). Called by the
 * command and the engine, never inside an intercepted call.
 */
#include <errno.h>
#include <string.h>

#include "common/proto_internal.h"

#define LONGEST_TEXT ((size_t)64 << 20) /* bytes; keeps lines and columns within unsigned */
#define RESERVE ((size_t)64 * 1024)	/* more than a declaration takes while it is being given up */

/* ---- Memory ---- */

void *sc_proto_alloc(struct sc_proto_reader *p, size_t size)
{
	void *memory = p->no_memory ? NULL : sc_arena_alloc(p->arena, size);

	if (memory)
		return memory;
	p->no_memory = true;
	sc_proto_refuse(p, &p->token, "no memory");
	size = (size + 15) & ~(size_t)15;
	if (size > RESERVE - p->reserve_used)
		return NULL;
	memory = p->reserve + p->reserve_used;
	p->reserve_used += size;
	return memset(memory, 0, size);
}

/* Blocks are never given back to the arena, but used again. */
struct sc_scratch_block {
	struct sc_scratch_block *newer;
	size_t size;
	_Alignas(16) char bytes[];
};

#define SCRATCH ((size_t)32 * 1024)

static struct sc_scratch_block *next_block(struct sc_proto_reader *p, size_t size)
{
	struct sc_scratch_block *block = p->scratch ? p->scratch->newer : p->scratch_first;

	if (block && block->size >= size)
		return block;
	size = size > SCRATCH ? size : SCRATCH;
	block = sc_proto_alloc(p, sizeof(*block) + size);
	if (!block || p->no_memory)
		return NULL;
	block->size = size;
	if (p->scratch)
		p->scratch->newer = block;
	else
		p->scratch_first = block;
	return block;
}

struct sc_scratch_mark sc_proto_scratch_begin(const struct sc_proto_reader *p)
{
	return (struct sc_scratch_mark){ p->scratch, p->scratch_used };
}

void *sc_proto_scratch(struct sc_proto_reader *p, size_t size)
{
	struct sc_scratch_block *block = p->scratch;
	void *memory;

	size = (size + 15) & ~(size_t)15;
	if (!block || block->size - p->scratch_used < size) {
		block = next_block(p, size);
		if (!block)
			return sc_proto_alloc(p, size);
		p->scratch = block;
		p->scratch_used = 0;
	}
	memory = block->bytes + p->scratch_used;
	p->scratch_used += size;
	memset(memory, 0, size);
	return memory;
}

void sc_proto_scratch_end(struct sc_proto_reader *p, struct sc_scratch_mark mark)
{
	p->scratch = mark.block;
	p->scratch_used = mark.used;
}

/* ---- Behind an error ---- */

/*
 * To the first semicolon that is not between braces, or to the end of a function's body. False: there is none, for a
 * brace is not closed.
 */
static bool skip_declaration(struct sc_proto_reader *p)
{
	unsigned braces = 0, before = 0;
	bool is_body = false;

	for (;; before = p->token.code, sc_lex_next(p)) {
		switch (p->token.code) {
		case SC_TOKEN_END:
			return !braces;
		case '{':
			is_body = braces++ ? is_body : before == ')';
			break;
		case '}':
			braces -= braces > 0;
			if (!braces && is_body)
				return true;
			break;
		case ';':
			if (!braces)
				return true;
			break;
		}
	}
}

/* Leaves the last token of the declaration that failed. */
static void recover(struct sc_proto_reader *p, struct sc_proto_place start)
{
	struct sc_proto_place error = p->failed_at;
	bool is_there = p->missing_end && error.at > start.at;

	p->failed = p->missing_end = false;
	p->nesting = 0;
	p->scope = (struct sc_proto_scope){ NULL, 0 };
	p->scratch = NULL;
	p->scratch_used = 0;
	if (is_there) {
		p->after = error;
		return;
	}
	p->recovering = true;
	if (!p->unbalanced) {
		sc_lex_seek(p, start);
		p->unbalanced = !skip_declaration(p);
	}
	if (p->unbalanced) {
		sc_lex_seek(p, error);
		while (p->token.code != SC_TOKEN_END && p->token.code != ';')
			sc_lex_next(p);
	}
	p->recovering = false;
}

static void read_all(struct sc_proto_reader *p)
{
	for (;;) {
		struct sc_proto_place start;

		sc_lex_next(p);
		if (p->no_memory || (p->token.code == SC_TOKEN_END && !p->failed))
			return;
		start = p->token.place;
		if (p->failed) { /* between declarations: nothing else is lost */
			p->failed = false;
			continue;
		}
		sc_declaration_read(p);
		if (p->failed && !p->no_memory)
			recover(p, start);
	}
}

/* ---- The database ---- */

static void begin(struct sc_proto_reader *p, const char *text, size_t length)
{
	p->end = text + length;
	p->after = (struct sc_proto_place){ text, text, 1 };
	p->token = (struct sc_token){ .place = p->after };
	p->line_begins = true;
	p->nesting = 0;
}

/* Words and types that every text may use. */
static int make_tables(struct sc_protos *protos)
{
	struct sc_proto_tables *tables = sc_arena_alloc(protos->arena, sizeof(*tables));
	struct sc_proto_reader p = { .protos = protos, .arena = protos->arena, .tables = tables };

	if (!tables || sc_lex_keywords(tables, protos->arena))
		return -ENOMEM;
	for (unsigned i = 0; i < SC_BASIC_COUNT; i++)
		tables->basics[i].type = sc_type_basics[i];
	p.reserve = sc_arena_alloc(protos->arena, RESERVE);
	if (!p.reserve)
		return -ENOMEM;
	tables->reserve = p.reserve;
	begin(&p, sc_proto_prelude, strlen(sc_proto_prelude));
	read_all(&p);
	if (p.no_memory)
		return -ENOMEM;
	protos->tables = tables;
	return 0;
}

static int read_text(struct sc_protos *protos, const char *text, size_t length, const char *source,
		     struct sc_proto_errors *errors, const struct sc_proto **one)
{
	struct sc_proto_reader p = { .protos = protos, .arena = protos->arena, .errors = errors, .one = one };

	errors->count = 0;
	if (length > LONGEST_TEXT)
		return -E2BIG;
	if (!protos->tables && make_tables(protos))
		return -ENOMEM;
	p.tables = protos->tables;
	p.reserve = p.tables->reserve;
	p.source = sc_arena_string(protos->arena, source, strlen(source));
	if (!p.source)
		return -ENOMEM;
	begin(&p, text, length);
	read_all(&p);
	if (p.no_memory)
		return -ENOMEM;
	return errors->count ? -EINVAL : 0;
}

int sc_protos_read(struct sc_protos *protos, const char *text, size_t length, const char *source,
		   struct sc_proto_errors *errors)
{
	struct sc_proto_errors ignored;

	return read_text(protos, text, length, source, errors ? errors : &ignored, NULL);
}

int sc_protos_read_one(struct sc_protos *protos, const char *text, size_t length, const struct sc_proto **out,
		       struct sc_proto_error *error)
{
	struct sc_proto_errors errors;
	const struct sc_proto *one = NULL;
	int r = read_text(protos, text, length, "", &errors, &one);

	if (!r && !one) {
		errors.errors[0] = (struct sc_proto_error){ 1, 1, "no function is declared here" };
		r = -EINVAL;
	}
	if (r == -EINVAL && error)
		*error = errors.errors[0];
	if (!r)
		*out = one;
	return r;
}
