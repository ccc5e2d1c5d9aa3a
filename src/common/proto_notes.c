/* SPDX-License-Identifier: MIT */
/*
 * Owns [[...]]: what is said of functions, parameters, returned values, members and typedefs beyond C, and whether it
 * makes sense there. Lengths and conditions are proto_measure.c's. Called by the files that read prototypes.
 */
#include <string.h>

#include "common/proto_internal.h"
#include "common/rules.h"

enum what { MARK, SET, SIZE, ERROR, PRINTF, VPRINTF, BYTES, CASE, NOTHING };

struct note_word {
	char name[16];
	uint8_t what;
	uint32_t marks;
};

/* Those that are put behind declarators, then those before functions, then C's own, which are read over. */
static const struct note_word words[] = {
	{ "flags", SET, SC_MARK_FLAGS }, { "enum", SET, SC_MARK_ENUM }, { "size", SIZE, 0 },
	{ "octal", MARK, SC_MARK_OCTAL }, { "hex", MARK, SC_MARK_HEX }, { "decimal", MARK, SC_MARK_DECIMAL },
	{ "fd", MARK, SC_MARK_FD }, { "string", MARK, SC_MARK_STRING },
	{ "path", MARK, SC_MARK_STRING | SC_MARK_PATH }, { "strings", MARK, SC_MARK_STRINGS },
	{ "opaque", MARK, SC_MARK_OPAQUE }, { "in", MARK, SC_MARK_IN }, { "out", MARK, SC_MARK_OUT },
	{ "inout", MARK, SC_MARK_IN | SC_MARK_OUT }, { "sockaddr", MARK, SC_MARK_SOCKADDR },
	{ "signal", MARK, SC_MARK_SIGNAL }, { "errno", MARK, SC_MARK_ERRNO }, { "char", MARK, SC_MARK_CHAR },
	{ "error", ERROR, 0 }, { "printf", PRINTF, 0 }, { "vprintf", VPRINTF, 0 }, { "bytes", BYTES, 0 },
	{ "case", CASE, 0 },
	{ "deprecated", NOTHING, 0 }, { "maybe_unused", NOTHING, 0 }, { "nodiscard", NOTHING, 0 },
	{ "noreturn", NOTHING, 0 },
};

#define WORDS (sizeof(words) / sizeof(words[0]))

void sc_notes_skip(struct sc_proto_reader *p, struct sc_declarator *d)
{
	for (;;) {
		sc_attributes_read(p, &d->attributes);
		if (!sc_lex_is(p, SC_TOKEN_NOTES))
			return;
		if (d->note_count == SC_NOTES_MOST) {
			sc_proto_refuse(p, &p->token, "more than %d groups of [[...]]: join them by commas",
					SC_NOTES_MOST);
			return;
		}
		d->notes[d->note_count++] = p->token.place;
		sc_lex_skip_brackets(p);
	}
}

static void refuse_unknown(struct sc_proto_reader *p, const struct sc_token *token)
{
	unsigned most = token->length > 3 ? 2 : 1;
	const char *best = NULL;
	char shown[SC_TOKEN_SHOWN];

	for (size_t i = 0; i < WORDS; i++) {
		unsigned distance = token->word ? sc_name_distance(token->word->text, words[i].name, most) : most + 1;

		if (distance > most)
			continue;
		best = words[i].name;
		if (!distance)
			break;
		most = distance - 1;
	}
	sc_token_show(token, shown);
	if (best)
		sc_proto_refuse(p, token, "unknown note %s: did you mean '%s'?", shown, best);
	else
		sc_proto_refuse(p, token, "unknown note %s", shown);
}

/* Takes the next note's name; NULL: refused. before: it is put before a function. */
static const struct note_word *read_name(struct sc_proto_reader *p, bool before)
{
	struct sc_token token = p->token;

	if (token.code < SC_TOKEN_WORD) {
		sc_proto_refuse_here(p, "a note");
		return NULL;
	}
	for (size_t i = 0; i < WORDS; i++) {
		if (strcmp(token.word->text, words[i].name) != 0)
			continue;
		if (words[i].what != NOTHING && (words[i].what >= ERROR) != before) {
			sc_proto_refuse(p, &token, before ? "[[%s]] is put behind a declarator"
							  : "[[%s]] is put before a function", words[i].name);
			return NULL;
		}
		sc_lex_next(p);
		return &words[i];
	}
	refuse_unknown(p, &token);
	return NULL;
}

/* (open_flags) or (enum open_flags). */
static void read_set(struct sc_proto_reader *p, struct sc_notes *notes)
{
	struct sc_token token;

	sc_proto_expect(p, '(', "'('");
	sc_lex_take(p, SC_WORD_ENUM);
	token = p->token;
	if (p->failed)
		return;
	if (!token.word || !sc_word_is_enum(token.word)) {
		sc_proto_refuse_name(p, &token, "enum", sc_word_is_enum);
		return;
	}
	notes->set = token.word->tag;
	sc_lex_next(p);
	sc_proto_expect(p, ')', "')'");
}

static void read_note(struct sc_proto_reader *p, struct sc_notes *notes, enum sc_notes_of of)
{
	struct sc_token token = p->token;
	const struct note_word *word = read_name(p, false);

	if (!word)
		return;
	notes->marks |= word->marks;
	if (word->what == SET) {
		read_set(p, notes);
	} else if (word->what == SIZE) {
		if (of == SC_NOTES_OF_MEMBER || of == SC_NOTES_OF_TYPEDEF)
			sc_proto_refuse(p, &token, "a size is for parameters and what is returned");
		sc_measure_read(p, true, &notes->size);
	} else if (word->what == NOTHING && sc_lex_is(p, '(')) {
		sc_lex_skip_brackets(p);
	}
}

static void close_group(struct sc_proto_reader *p)
{
	sc_proto_expect(p, ']', "',' or ']]'");
	sc_proto_expect(p, ']', "']]'");
}

static bool returns_factor(const struct sc_measure *measure)
{
	for (unsigned i = 0; i < measure->factor_count; i++)
		if (measure->factors[i].kind == SC_FACTOR_RETURN)
			return true;
	return false;
}

static bool is_bare(const struct sc_type *target)
{
	target = sc_type_real(target);
	return target->kind == SC_TYPE_VOID || target->kind == SC_TYPE_CHAR || target->kind == SC_TYPE_FUNCTION;
}

/* Notes that say something of a pointer. */
static void check_pointer(struct sc_proto_reader *p, const struct sc_token *token, const struct sc_declarator *d,
			  const struct sc_notes *notes, enum sc_notes_of of)
{
	const struct sc_type *real = sc_type_real(d->type);
	unsigned marks = notes->marks & SC_MARK_POINTS;
	bool sized = notes->size.times != 0;

	if ((marks || sized) && real->kind != SC_TYPE_POINTER && real->kind != SC_TYPE_ARRAY)
		sc_proto_refuse(p, token, "this note is for pointers");
	else if (sized && of == SC_NOTES_OF_PARAMETER && !(marks & ~(unsigned)SC_MARK_OPAQUE))
		sc_proto_refuse(p, token, "size(...) needs in, out or inout");
	else if (sized && of == SC_NOTES_OF_PARAMETER && returns_factor(&notes->size) && (marks & SC_MARK_IN))
		sc_proto_refuse(p, token, "what is returned is not known at the entry");
	else if ((marks & (SC_MARK_IN | SC_MARK_OUT)) && !sized && real->kind == SC_TYPE_POINTER && d->elements == 1 &&
		 of != SC_NOTES_OF_MEMBER &&
		 !(marks & (SC_MARK_STRING | SC_MARK_STRINGS | SC_MARK_SOCKADDR)) && is_bare(real->target))
		sc_proto_refuse(p, token, "how much it points to is not known: add size(...), or string");
}

/* Notes that say how a number is shown: of an integer, or of one that a pointer leads to. */
static void check_number(struct sc_proto_reader *p, const struct sc_token *token, const struct sc_type *type,
			 const struct sc_notes *notes)
{
	const struct sc_type *real = sc_type_real(type);

	while (real->kind == SC_TYPE_POINTER || real->kind == SC_TYPE_ARRAY)
		real = sc_type_real(real->target);
	if ((notes->marks & ~(unsigned)SC_MARK_POINTS) && !sc_type_is_word(real) && real->kind != SC_TYPE_VOID &&
	    real->kind != SC_TYPE_INTEGER)
		sc_proto_refuse(p, token, "this note is for integers");
}

const struct sc_notes *sc_notes_read(struct sc_proto_reader *p, const struct sc_declarator *d, enum sc_notes_of of)
{
	struct sc_proto_place place = p->token.place;
	struct sc_declarator of_result;
	struct sc_token token = { 0 };
	struct sc_notes *notes;

	if (!d->note_count || p->failed)
		return NULL;
	notes = sc_proto_alloc(p, sizeof(*notes));
	for (unsigned i = 0; i < d->note_count; i++) {
		sc_lex_seek(p, d->notes[i]);
		sc_lex_next(p);
		token = p->token;
		do
			read_note(p, notes, of);
		while (sc_lex_take(p, ','));
		close_group(p);
	}
	if (of == SC_NOTES_OF_RESULT && !p->failed) {
		of_result = *d;
		of_result.type = sc_type_real(d->type)->target;
		d = &of_result;
	}
	check_pointer(p, &token, d, notes, of);
	check_number(p, &token, d->type, notes);
	sc_lex_seek(p, place);
	return notes;
}

/* (-1), (NULL), ... */
static void read_error(struct sc_proto_reader *p, struct sc_proto *proto)
{
	static const char names[][12] = {
		[SC_ERROR_NONE] = "none", [SC_ERROR_NULL] = "NULL", [SC_ERROR_RETURNED] = "returned",
		[SC_ERROR_NEGATIVE] = "negative", [SC_ERROR_NONZERO] = "nonzero",
	};

	proto->error_given = true;
	sc_proto_expect(p, '(', "'('");
	if (sc_lex_take(p, '-')) {
		if (!sc_lex_is(p, SC_TOKEN_NUMBER) || p->token.value != 1)
			sc_proto_refuse_here(p, "1");
		proto->error = SC_ERROR_MINUS_ONE;
		sc_lex_next(p);
		sc_proto_expect(p, ')', "')'");
		return;
	}
	for (unsigned i = 0; p->token.word && i < sizeof(names) / sizeof(names[0]); i++) {
		if (!names[i][0] || strcmp(names[i], p->token.word->text) != 0)
			continue;
		proto->error = (uint8_t)i;
		sc_lex_next(p);
		sc_proto_expect(p, ')', "')'");
		return;
	}
	sc_proto_refuse_here(p, "-1, NULL, returned, negative, nonzero or none");
}

static uint8_t read_parameter_name(struct sc_proto_reader *p)
{
	unsigned number = sc_scope_find(p, &p->token);
	char shown[SC_TOKEN_SHOWN];

	if (number == SC_PARAMETER_NONE)
		sc_proto_refuse(p, &p->token, "no parameter is called %s", sc_token_show(&p->token, shown));
	else if (!sc_type_is(p->scope.parameters[number].type, SC_TYPE_POINTER))
		sc_proto_refuse(p, &p->token, "%s is no pointer", sc_token_show(&p->token, shown));
	sc_lex_next(p);
	return (uint8_t)number;
}

static void read_format(struct sc_proto_reader *p, const struct sc_token *name, struct sc_proto *proto, bool with_list)
{
	if (!with_list && !proto->type->variadic)
		sc_proto_refuse(p, name, "the function has no variadic arguments");
	sc_proto_expect(p, '(', "'('");
	proto->format = read_parameter_name(p);
	if (with_list) {
		sc_proto_expect(p, ',', "','");
		proto->valist = read_parameter_name(p);
	}
	sc_proto_expect(p, ')', "')'");
}

static void read_function_note(struct sc_proto_reader *p, struct sc_proto *proto)
{
	struct sc_token name = p->token;
	const struct note_word *word = read_name(p, true);
	struct sc_measure *bytes;

	if (!word)
		return;
	switch (word->what) {
	case ERROR:
		read_error(p, proto);
		break;
	case PRINTF:
	case VPRINTF:
		read_format(p, &name, proto, word->what == VPRINTF);
		break;
	case BYTES:
		bytes = sc_proto_alloc(p, sizeof(*bytes));
		sc_measure_read(p, false, bytes);
		proto->bytes = bytes;
		break;
	case CASE:
		sc_condition_read(p, proto);
		break;
	default:
		if (sc_lex_is(p, '('))
			sc_lex_skip_brackets(p);
		break;
	}
}

void sc_notes_read_function(struct sc_proto_reader *p, struct sc_proto *proto)
{
	while (sc_lex_take(p, SC_TOKEN_NOTES)) {
		do
			read_function_note(p, proto);
		while (sc_lex_take(p, ','));
		close_group(p);
	}
}
