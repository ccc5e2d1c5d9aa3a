/* SPDX-License-Identifier: MIT */
/*
 * Owns how structs, unions and arrays look: {a=1, b="x"}, [1, 2]. Of some only the members are shown that strace shows,
 * unless all are asked for; those that have a form of their own are line_known.c's. Called by line_value.c.
 */
#include <string.h>

#include "cmd/line_value.h"

/* Of a value that is within a struct. */
static uint64_t bits(const struct sc_member *member, const unsigned char *bytes, size_t size)
{
	unsigned __int128 word = 0;
	uint64_t value;

	memcpy(&word, bytes, size < sizeof(word) ? size : sizeof(word));
	value = (uint64_t)(word >> member->bit_offset);
	if (member->bit_width < 64)
		value &= (1ull << member->bit_width) - 1;
	if (sc_type_real(member->type)->is_signed && value >> (member->bit_width - 1))
		value |= member->bit_width < 64 ? UINT64_MAX << member->bit_width : 0;
	return value;
}

/* Structs of which strace shows these members alone; rest: and says that there are others. */
static const struct abbreviation {
	const char *type, *members[6];
	bool rest;
} abbreviated[] = {
	{ "epoll_data", { "u32", "u64" }, false },
	{ "rusage", { "ru_utime", "ru_stime" }, true },
	{ "statx", { "stx_mask", "stx_attributes", "stx_mode", "stx_size" }, true },
	{ "termios", { "c_iflag", "c_oflag", "c_cflag", "c_lflag" }, true },
	{ "utsname", { "sysname", "nodename" }, true },
};

/* NULL: all of it is to be shown. */
static const struct abbreviation *abbreviation_of(const struct sc_line_style *style, const struct sc_type *type)
{
	for (size_t i = 0; !style->verbose && type->name && i < sizeof(abbreviated) / sizeof(abbreviated[0]); i++)
		if (!strcmp(type->name, abbreviated[i].type))
			return &abbreviated[i];
	return NULL;
}

static bool is_hidden(const struct sc_line_style *style, const struct abbreviation *few, const struct sc_member *member)
{
	if (style->verbose || (!member->name && !few))
		return false;
	for (size_t i = 0; few && few->members[i]; i++)
		if (member->name && !strcmp(few->members[i], member->name))
			return false;
	return few || (member->name[0] == '_' && member->name[1] == '_') || !strcmp(member->name, "f_spare");
}

static bool all_hidden(const struct sc_line_style *style, const struct abbreviation *few, const struct sc_type *type)
{
	for (uint32_t i = 0; i < type->count; i++)
		if (!is_hidden(style, few, &type->members[i]))
			return false;
	return true;
}

static void put_member(struct sc_text *text, const struct sc_line_style *style, const struct sc_member *member,
		       const unsigned char *bytes, size_t size, unsigned depth)
{
	if (member->name)
		sc_text_format(text, "%s=", member->name);
	if (size == 0 && sc_type_real(member->type)->size)
		sc_text_add(text, "...");
	else if (member->bit_width)
		sc_line_integer(text, member->type, member->notes, bits(member, bytes, size));
	else
		sc_line_bytes_of_type(text, style, member->type, member->notes, member->name, bytes, size, depth + 1);
}

void sc_line_struct(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
		    const unsigned char *bytes, size_t size, unsigned depth)
{
	const struct sc_type *real = sc_type_real(type);
	const struct abbreviation *few = abbreviation_of(style, real);
	const char *between = "";
	bool all;

	if (!real->complete || depth > SC_LINE_DEPTH) {
		sc_text_add(text, "{...}");
		return;
	}
	if (sc_line_known(text, style, real, bytes, size))
		return;
	all = all_hidden(style, few, real);
	sc_text_char(text, '{');
	for (uint32_t i = 0; i < real->count; i++) {
		const struct sc_member *member = &real->members[i];
		size_t there = member->offset < size ? size - (size_t)member->offset : 0;

		if (!all && is_hidden(style, few, member))
			continue;
		sc_text_add(text, between);
		between = ", ";
		if (i >= 4 * SC_LINE_ELEMENTS) {
			sc_text_add(text, "...");
			break;
		}
		put_member(text, style, member, bytes + (there ? member->offset : 0), there, depth);
	}
	sc_text_add(text, few && few->rest && !all ? ", ...}" : "}");
}

/* Characters up to the first NUL; all of them when there is none. */
static void put_characters(struct sc_text *text, const struct sc_line_style *style, uint64_t count,
			   const unsigned char *bytes, size_t size)
{
	const unsigned char *zero;
	bool cut = size < count;

	if (count < size)
		size = (size_t)count;
	zero = memchr(bytes, 0, size);
	sc_line_quoted(text, style, bytes, zero ? (size_t)(zero - bytes) : size, !zero && cut);
}

void sc_line_array(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *element,
		   const struct sc_notes *notes, uint64_t count, const unsigned char *bytes, size_t size, unsigned depth)
{
	const struct sc_type *real = sc_type_real(element);
	size_t each = real->size < SIZE_MAX ? (size_t)real->size : 0;

	if (real->kind == SC_TYPE_CHAR && real->name && !strcmp(real->name, "char")) {
		put_characters(text, style, count, bytes, size);
		return;
	}
	if (depth > SC_LINE_DEPTH || each == 0) {
		sc_text_add(text, "[...]");
		return;
	}
	sc_text_char(text, '[');
	for (uint64_t i = 0; i < count; i++) {
		if (i)
			sc_text_add(text, ", ");
		if (i == SC_LINE_ELEMENTS || (i + 1) > size / each) {
			sc_text_add(text, "...");
			break;
		}
		sc_line_bytes_of_type(text, style, element, notes, NULL, bytes + i * each, each, depth + 1);
	}
	sc_text_char(text, ']');
}
