/* SPDX-License-Identifier: MIT */
/*
 * Owns the words of prototypes: cutting text into tokens, and the table in which every identifier is once. Does not own
 * what they mean. Called by the files that read prototypes.
 */
#include <errno.h>
#include <string.h>

#include "common/proto_internal.h"

#define BUCKETS 8192 /* at first: the C library's prototypes have as many words */
#define LONGEST_WORD 1000

enum { BLANK = 1, LETTER = 2, DIGIT = 4, PUNCTUATION = 8 };

static const uint8_t kinds[256] = {
	['\t' ... '\r'] = BLANK, [' '] = BLANK, ['0' ... '9'] = DIGIT, ['a' ... 'z'] = LETTER, ['A' ... 'Z'] = LETTER,
	['_'] = LETTER, ['$'] = LETTER, ['{'] = PUNCTUATION, ['}'] = PUNCTUATION, ['('] = PUNCTUATION, [')'] = PUNCTUATION,
	['['] = PUNCTUATION, [']'] = PUNCTUATION, [';'] = PUNCTUATION, [','] = PUNCTUATION, ['*'] = PUNCTUATION,
	['='] = PUNCTUATION, [':'] = PUNCTUATION, ['.'] = PUNCTUATION, ['+'] = PUNCTUATION, ['-'] = PUNCTUATION,
	['/'] = PUNCTUATION, ['%'] = PUNCTUATION, ['&'] = PUNCTUATION, ['|'] = PUNCTUATION, ['^'] = PUNCTUATION,
	['~'] = PUNCTUATION, ['!'] = PUNCTUATION, ['<'] = PUNCTUATION, ['>'] = PUNCTUATION, ['?'] = PUNCTUATION,
};

static inline unsigned kind_of(char c)
{
	return kinds[(unsigned char)c];
}

/* ---- The table ---- */

#define HASH_START 2166136261u

static inline uint32_t hash_next(uint32_t hash, char c)
{
	return (hash ^ (unsigned char)c) * 16777619u;
}

static inline uint32_t hash_end(uint32_t hash)
{
	return hash ^ hash >> 15;
}

static int grow(struct sc_proto_tables *tables, struct sc_arena *arena)
{
	uint32_t count = tables->bucket_count ? tables->bucket_count * 4 : BUCKETS;
	struct sc_word **buckets = sc_arena_array(arena, count, sizeof(struct sc_word *));
	struct sc_word *word, *next;

	if (!buckets)
		return -ENOMEM;
	for (uint32_t i = 0; i < tables->bucket_count; i++) {
		for (word = tables->buckets[i]; word; word = next) {
			next = word->next;
			word->next = buckets[word->hash & (count - 1)];
			buckets[word->hash & (count - 1)] = word;
		}
	}
	tables->buckets = buckets;
	tables->bucket_count = count;
	return 0;
}

static struct sc_word *add(struct sc_proto_tables *tables, struct sc_arena *arena, const char *text, size_t length,
			   uint32_t hash)
{
	struct sc_word *word;

	if (length > LONGEST_WORD || (tables->word_count >= tables->bucket_count && grow(tables, arena)))
		return NULL;
	word = sc_arena_alloc(arena, sizeof(*word) + length + 1);
	if (!word)
		return NULL;
	memcpy(word->text, text, length);
	word->length = (uint16_t)length;
	word->hash = hash;
	word->next = tables->buckets[hash & (tables->bucket_count - 1)];
	tables->buckets[hash & (tables->bucket_count - 1)] = word;
	tables->word_count++;
	return word;
}

static struct sc_word *look_up(struct sc_proto_tables *tables, struct sc_arena *arena, const char *text, size_t length,
			       uint32_t hash, bool create)
{
	struct sc_word *word = tables->bucket_count ? tables->buckets[hash & (tables->bucket_count - 1)] : NULL;

	while (word && !(word->hash == hash && word->length == length && !memcmp(word->text, text, length)))
		word = word->next;
	return word || !create ? word : add(tables, arena, text, length, hash);
}

struct sc_word *sc_proto_word(struct sc_proto_tables *tables, struct sc_arena *arena, const char *text, size_t length,
			      bool create)
{
	uint32_t hash = HASH_START;

	for (size_t i = 0; i < length; i++)
		hash = hash_next(hash, text[i]);
	return look_up(tables, arena, text, length, hash_end(hash), create);
}

int sc_lex_keywords(struct sc_proto_tables *tables, struct sc_arena *arena)
{
	static const struct {
		char text[16];
		unsigned code;
	} keywords[] = {
		{ "_Alignas", SC_WORD_ALIGNAS }, { "_Alignof", SC_WORD_ALIGNOF }, { "_Atomic", SC_WORD_ATOMIC },
		{ "_Bool", SC_WORD_BOOL }, { "_Complex", SC_WORD_COMPLEX }, { "_Float128", SC_WORD_FLOAT128 },
		{ "_Noreturn", SC_WORD_STORAGE }, { "_Static_assert", SC_WORD_STATIC_ASSERT },
		{ "_Thread_local", SC_WORD_STORAGE }, { "__alignof__", SC_WORD_ALIGNOF }, { "__asm", SC_WORD_ASM },
		{ "__asm__", SC_WORD_ASM }, { "__attribute", SC_WORD_ATTRIBUTE }, { "__attribute__", SC_WORD_ATTRIBUTE },
		{ "__complex__", SC_WORD_COMPLEX }, { "__const", SC_WORD_CONST }, { "__const__", SC_WORD_CONST },
		{ "__extension__", SC_WORD_STORAGE }, { "__float128", SC_WORD_FLOAT128 }, { "__inline", SC_WORD_STORAGE },
		{ "__inline__", SC_WORD_STORAGE }, { "__int128", SC_WORD_INT128 }, { "__restrict", SC_WORD_RESTRICT },
		{ "__restrict__", SC_WORD_RESTRICT }, { "__signed__", SC_WORD_SIGNED }, { "__thread", SC_WORD_STORAGE },
		{ "__volatile__", SC_WORD_VOLATILE }, { "alignas", SC_WORD_ALIGNAS }, { "alignof", SC_WORD_ALIGNOF },
		{ "asm", SC_WORD_ASM }, { "char", SC_WORD_CHAR }, { "complex", SC_WORD_COMPLEX },
		{ "const", SC_WORD_CONST }, { "double", SC_WORD_DOUBLE }, { "enum", SC_WORD_ENUM },
		{ "extern", SC_WORD_STORAGE }, { "float", SC_WORD_FLOAT }, { "inline", SC_WORD_STORAGE },
		{ "int", SC_WORD_INT }, { "long", SC_WORD_LONG }, { "noreturn", SC_WORD_STORAGE },
		{ "register", SC_WORD_STORAGE }, { "restrict", SC_WORD_RESTRICT }, { "short", SC_WORD_SHORT },
		{ "signed", SC_WORD_SIGNED }, { "sizeof", SC_WORD_SIZEOF }, { "static", SC_WORD_STORAGE },
		{ "static_assert", SC_WORD_STATIC_ASSERT }, { "struct", SC_WORD_STRUCT }, { "typedef", SC_WORD_TYPEDEF },
		{ "union", SC_WORD_UNION }, { "unsigned", SC_WORD_UNSIGNED }, { "void", SC_WORD_VOID },
		{ "volatile", SC_WORD_VOLATILE },
	};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		const char *text = keywords[i].text;
		struct sc_word *word;

		if (!tables->bucket_count && grow(tables, arena))
			return -ENOMEM;
		word = sc_proto_word(tables, arena, text, strlen(text), true);
		if (!word)
			return -ENOMEM;
		word->keyword = (uint8_t)(keywords[i].code - SC_TOKEN_KEYWORD + 1);
	}
	return 0;
}

/* ---- Blanks, comments, lines of a preprocessor ---- */

static void new_line(struct sc_proto_reader *p, const char *start)
{
	p->after.line++;
	p->after.line_start = start;
	p->line_begins = true;
}

/* The token at a place, for messages of what is no token yet. */
static struct sc_token token_at(const struct sc_proto_reader *p, const char *at)
{
	return (struct sc_token){ .code = SC_TOKEN_STRING, .place = { at, p->after.line_start, p->after.line } };
}

static bool starts_with(const struct sc_proto_reader *p, const char *at, const char *word)
{
	size_t length = strlen(word);

	while (at < p->end && (*at == ' ' || *at == '\t'))
		at++;
	return (size_t)(p->end - at) >= length && !memcmp(at, word, length);
}

/* A line that begins with #, to its newline; a backslash goes on with the next one. */
static const char *skip_line(struct sc_proto_reader *p, const char *at)
{
	struct sc_token token = token_at(p, at);

	if (starts_with(p, at + 1, "pragma pack"))
		sc_proto_refuse(p, &token, "#pragma pack is not understood: use __attribute__((packed))");
	for (; at < p->end && *at != '\n'; at++)
		if (*at == '\\' && p->end - at > 1 && at[1] == '\n') {
			at++;
			new_line(p, at + 1);
		}
	return at;
}

static const char *skip_comment(struct sc_proto_reader *p, const char *at)
{
	struct sc_token token = token_at(p, at);

	if (at[1] == '/') {
		while (at < p->end && *at != '\n')
			at++;
		return at;
	}
	for (at += 2; p->end - at > 1; at++) {
		if (*at == '\n')
			new_line(p, at + 1);
		if (*at == '*' && at[1] == '/')
			return at + 2;
	}
	sc_proto_refuse(p, &token, "this comment does not end");
	return p->end;
}

static const char *skip_blanks(struct sc_proto_reader *p, const char *at)
{
	for (;;) {
		while (at < p->end && kind_of(*at) == BLANK)
			if (*at++ == '\n')
				new_line(p, at);
		if (at == p->end)
			return at;
		if (*at == '#' && p->line_begins)
			at = skip_line(p, at);
		else if (*at == '/' && p->end - at > 1 && (at[1] == '/' || at[1] == '*'))
			at = skip_comment(p, at);
		else if (*at == '\\' && p->end - at > 1 && at[1] == '\n')
			at++;
		else
			return at;
	}
}

/* ---- Tokens ---- */

static const char *read_word(struct sc_proto_reader *p, const char *at)
{
	const char *start = at;
	uint32_t hash = HASH_START;

	while (at < p->end && (kind_of(*at) & (LETTER | DIGIT)))
		hash = hash_next(hash, *at++);
	p->token.code = SC_TOKEN_STRING;
	p->token.word = look_up(p->tables, p->arena, start, (size_t)(at - start), hash_end(hash), true);
	if (!p->token.word) {
		if (at - start <= LONGEST_WORD)
			p->no_memory = true;
		sc_proto_refuse(p, &p->token, "a name of more than %d bytes", LONGEST_WORD);
		return at;
	}
	p->token.code = p->token.word->keyword ? p->token.word->keyword + SC_TOKEN_KEYWORD - 1 : SC_TOKEN_WORD;
	return at;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

static const char *read_suffix(struct sc_proto_reader *p, const char *at, bool decimal)
{
	for (; at < p->end && (kind_of(*at) & (LETTER | DIGIT)); at++) {
		if (*at == 'u' || *at == 'U')
			p->token.is_unsigned = true;
		else if (*at == 'l' || *at == 'L')
			p->token.is_long = true;
		else
			break;
	}
	if (at < p->end && ((kind_of(*at) & (LETTER | DIGIT)) || *at == '.'))
		sc_proto_refuse(p, &p->token, "this is no whole number");
	if (p->token.value > INT64_MAX)
		p->token.is_unsigned = p->token.is_long = true;
	else if (p->token.value > UINT32_MAX || (decimal && !p->token.is_unsigned && p->token.value > INT32_MAX))
		p->token.is_long = true;
	else if (p->token.value > INT32_MAX && !p->token.is_long)
		p->token.is_unsigned = true;
	return at;
}

static const char *read_number(struct sc_proto_reader *p, const char *at)
{
	unsigned base = 10;
	bool too_large = false;

	p->token.code = SC_TOKEN_NUMBER;
	if (*at == '0' && p->end - at > 1) {
		base = (at[1] | 0x20) == 'x' ? 16 : (at[1] | 0x20) == 'b' ? 2 : 8;
		at += base == 8 ? 1 : 2;
	}
	for (; at < p->end && digit_of(*at) < base; at++)
		too_large |= __builtin_mul_overflow(p->token.value, base, &p->token.value) ||
			     __builtin_add_overflow(p->token.value, digit_of(*at), &p->token.value);
	if (too_large)
		sc_proto_refuse(p, &p->token, "this number is too large");
	return read_suffix(p, at, base == 10);
}

static int escaped(char c)
{
	static const char from[] = "abfnrtv0", to[] = "\a\b\f\n\r\t\v";
	const char *found = c ? strchr(from, c) : NULL;

	return found ? to[found - from] : c;
}

/* 'x' is a number; "..." a string, whose value nobody needs. */
static const char *read_quoted(struct sc_proto_reader *p, const char *at)
{
	char quote = *at++;

	p->token.code = quote == '"' ? SC_TOKEN_STRING : SC_TOKEN_NUMBER;
	for (; at < p->end && *at != quote && *at != '\n'; at++) {
		bool escape = *at == '\\' && p->end - at > 1;

		at += escape;
		p->token.value = (uint64_t)(int64_t)(escape ? escaped(*at) : *at);
		if (*at == '\n')
			break;
	}
	if (at < p->end && *at == quote)
		return at + 1;
	sc_proto_refuse(p, &p->token, "%c is not closed on this line", quote);
	return at;
}

static const char *read_punctuation(struct sc_proto_reader *p, const char *at)
{
	static const struct {
		char text[3];
		unsigned code;
	} pairs[] = {
		{ "[[", SC_TOKEN_NOTES }, { "<<", SC_TOKEN_SHIFT_LEFT }, { ">>", SC_TOKEN_SHIFT_RIGHT },
		{ "<=", SC_TOKEN_LESS_EQUAL }, { ">=", SC_TOKEN_GREATER_EQUAL }, { "==", SC_TOKEN_EQUAL },
		{ "!=", SC_TOKEN_NOT_EQUAL }, { "&&", SC_TOKEN_AND }, { "||", SC_TOKEN_OR },
	};

	if (p->end - at >= 3 && !memcmp(at, "...", 3)) {
		p->token.code = SC_TOKEN_ELLIPSIS;
		return at + 3;
	}
	for (size_t i = 0; p->end - at >= 2 && kind_of(at[1]) == PUNCTUATION && i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (at[0] == pairs[i].text[0] && at[1] == pairs[i].text[1]) {
			p->token.code = pairs[i].code;
			return at + 2;
		}
	}
	p->token.code = (unsigned char)*at;
	if (kind_of(*at) != PUNCTUATION) {
		if (*at > ' ' && *at <= '~')
			sc_proto_refuse(p, &p->token, "stray '%c'", *at);
		else
			sc_proto_refuse(p, &p->token, "stray byte 0x%02x", (unsigned char)*at);
	}
	return at + 1;
}

void sc_lex_next(struct sc_proto_reader *p)
{
	const char *at = p->after.at;

	if (p->failed)
		return;
	at = skip_blanks(p, at);
	p->after.at = at;
	if (p->failed)
		return;
	p->token = (struct sc_token){ .code = SC_TOKEN_END, .place = p->after };
	if (at == p->end)
		return;
	p->line_begins = false;
	if (kind_of(*at) == LETTER)
		at = read_word(p, at);
	else if (kind_of(*at) == DIGIT)
		at = read_number(p, at);
	else if (*at == '"' || *at == '\'')
		at = read_quoted(p, at);
	else
		at = read_punctuation(p, at);
	p->token.length = (uint32_t)(at - p->after.at);
	p->after.at = at;
}

void sc_lex_seek(struct sc_proto_reader *p, struct sc_proto_place place)
{
	if (p->failed)
		return;
	p->after = place;
	p->line_begins = false;
	sc_lex_next(p);
}

void sc_lex_skip_brackets(struct sc_proto_reader *p)
{
	struct sc_token open = p->token;
	unsigned depth = 0;

	do {
		unsigned code = p->token.code;

		if (code == '(' || code == '[' || code == '{')
			depth++;
		else if (code == SC_TOKEN_NOTES)
			depth += 2;
		else if (code == ')' || code == ']' || code == '}')
			depth--;
		else if (code == SC_TOKEN_END && !p->failed)
			sc_proto_refuse(p, &open, "this bracket is not closed");
		sc_lex_next(p);
	} while (depth && !p->failed);
}
