/* SPDX-License-Identifier: MIT */
/*
 * Owns how structs, unions and arrays look: {a=1, b="x"}, [1, 2]. Of a struct stat the members are shown that strace
 * shows, unless all are asked for. Called by line_value.c.
 */
#include <stdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

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

static bool is_hidden(const struct sc_line_style *style, const struct sc_member *member)
{
	return !style->verbose && member->name && member->name[0] == '_' && member->name[1] == '_';
}

static bool all_hidden(const struct sc_line_style *style, const struct sc_type *type)
{
	for (uint32_t i = 0; i < type->count; i++)
		if (!is_hidden(style, &type->members[i]))
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

/* What strace has of it: the kind and permissions, and the size or the device. */
static bool put_stat(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
		     const unsigned char *bytes, size_t size)
{
	struct stat stat;

	if (style->verbose || size < sizeof(stat) || type->size != sizeof(stat) || !type->name ||
	    (strcmp(type->name, "stat") && strcmp(type->name, "stat64")))
		return false;
	memcpy(&stat, bytes, sizeof(stat));
	sc_text_add(text, "{st_mode=");
	sc_line_mode(text, stat.st_mode);
	if (S_ISCHR(stat.st_mode) || S_ISBLK(stat.st_mode))
		sc_text_format(text, ", st_rdev=makedev(%#x, %#x), ...}", major(stat.st_rdev), minor(stat.st_rdev));
	else
		sc_text_format(text, ", st_size=%lld, ...}", (long long)stat.st_size);
	return true;
}

/* A set of signals: [INT CHLD], or what is not in it when that is shorter. */
static bool put_signals(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size)
{
	const char *between = "";
	uint64_t set;
	bool most;

	if (type->count != 1 || !type->members[0].name || strcmp(type->members[0].name, "__val") || size < 8 ||
	    type->size != sizeof(sigset_t))
		return false;
	memcpy(&set, bytes, sizeof(set));
	most = __builtin_popcountll(set) > 32;
	sc_text_add(text, most ? "~[" : "[");
	for (int i = 1; i <= 64; i++) {
		if ((set >> (i - 1) & 1) == most)
			continue;
		sc_text_add(text, between);
		if (i < 32 && sigabbrev_np(i))
			sc_text_add(text, sigabbrev_np(i));
		else
			sc_text_format(text, i == 32 ? "RTMIN" : "RT_%d", i - 32);
		between = " ";
	}
	sc_text_char(text, ']');
	return true;
}

static bool put_address(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size)
{
	if (!type->name || strcmp(type->name, "in_addr") || size < 4)
		return false;
	sc_text_format(text, "inet_addr(\"%u.%u.%u.%u\")", bytes[0], bytes[1], bytes[2], bytes[3]);
	return true;
}

void sc_line_struct(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
		    const unsigned char *bytes, size_t size, unsigned depth)
{
	const struct sc_type *real = sc_type_real(type);
	const char *between = "";
	bool all;

	if (!real->complete || depth > SC_LINE_DEPTH) {
		sc_text_add(text, "{...}");
		return;
	}
	if (put_stat(text, style, real, bytes, size) || put_signals(text, real, bytes, size) ||
	    put_address(text, real, bytes, size))
		return;
	all = all_hidden(style, real);
	sc_text_char(text, '{');
	for (uint32_t i = 0; i < real->count; i++) {
		const struct sc_member *member = &real->members[i];
		size_t there = member->offset < size ? size - (size_t)member->offset : 0;

		if (!all && is_hidden(style, member))
			continue;
		sc_text_add(text, between);
		between = ", ";
		if (i >= 4 * SC_LINE_ELEMENTS) {
			sc_text_add(text, "...");
			break;
		}
		put_member(text, style, member, bytes + (there ? member->offset : 0), there, depth);
	}
	sc_text_char(text, '}');
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
