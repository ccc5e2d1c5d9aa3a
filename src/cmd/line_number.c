/* SPDX-License-Identifier: MIT */
/* Owns how what fits into a word looks: numbers, names for numbers, floating point. Called by line_value.c and others. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/line_value.h"

#define FLAGS_MOST 256 /* enumerators of a set that are looked at */

/* ---- names ---- */

static unsigned bits_of(uint64_t value)
{
	return (unsigned)__builtin_popcountll(value);
}

/* Takes those that are fields of several bits, of which one value is there. */
static uint64_t take_masked(const struct sc_type *set, unsigned count, uint64_t value, bool *taken)
{
	uint64_t done = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct sc_enumerator *e = &set->enumerators[i];

		if (e->mask && !(done & e->mask) && (value & e->mask) == (uint64_t)e->value) {
			taken[i] = true;
			done |= e->mask;
		}
	}
	return value & ~done;
}

/* Those of more bits first, so that O_SYNC, which has the bit of O_DSYNC, is not taken for that and a rest. */
static uint64_t take_flags(const struct sc_type *set, unsigned count, uint64_t value, bool *taken)
{
	for (unsigned bits = 64; bits > 0 && value; bits--) {
		for (unsigned i = 0; i < count; i++) {
			const struct sc_enumerator *e = &set->enumerators[i];
			uint64_t flag = (uint64_t)e->value;

			if (e->mask == 0 && bits_of(flag) == bits && (value & flag) == flag) {
				taken[i] = true;
				value &= ~flag;
			}
		}
	}
	return value;
}

static const char *name_of_zero(const struct sc_type *set, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (set->enumerators[i].value == 0)
			return set->enumerators[i].name;
	return NULL;
}

void sc_line_flags(struct sc_text *text, const struct sc_type *set, uint64_t value)
{
	unsigned count = set->kind == SC_TYPE_ENUM && set->complete ? set->count : 0;
	bool taken[FLAGS_MOST] = { false };
	const char *between = "";

	if (count > FLAGS_MOST)
		count = FLAGS_MOST;
	if (value == 0) {
		const char *zero = name_of_zero(set, count);

		sc_text_add(text, zero ? zero : "0");
		return;
	}
	value = take_masked(set, count, value, taken);
	value = take_flags(set, count, value, taken);
	for (unsigned i = 0; i < count; i++) {
		if (!taken[i])
			continue;
		sc_text_add(text, between);
		sc_text_add(text, set->enumerators[i].name);
		between = "|";
	}
	if (value) {
		sc_text_add(text, between);
		sc_text_hex(text, value);
	}
}

static const char *name_of(const struct sc_type *set, uint64_t value)
{
	unsigned count = set->kind == SC_TYPE_ENUM && set->complete ? set->count : 0;

	for (unsigned i = 0; i < count; i++) {
		const struct sc_enumerator *e = &set->enumerators[i];

		if ((e->mask ? value & e->mask : value) == (uint64_t)e->value)
			return e->name;
	}
	return NULL;
}

void sc_line_enumerator(struct sc_text *text, const struct sc_type *set, uint64_t value, bool is_signed)
{
	const char *name = name_of(set, value);

	if (name)
		sc_text_add(text, name);
	else if (is_signed)
		sc_text_signed(text, (int64_t)value);
	else
		sc_text_unsigned(text, value);
}

const char *sc_line_signal_name(int64_t number)
{
	/* strace's name of the two that this has. */
	return number == SIGIO ? "IO" : number > 0 && number < NSIG ? sigabbrev_np((int)number) : NULL;
}

void sc_line_signal(struct sc_text *text, int64_t number)
{
	const char *name = sc_line_signal_name(number);

	if (name)
		sc_text_format(text, "SIG%s", name);
	else if (number >= 32 && number < 65)
		sc_text_format(text, number == 32 ? "SIGRTMIN" : "SIGRT_%d", (int)number - 32);
	else
		sc_text_signed(text, number);
}

void sc_line_errno(struct sc_text *text, int64_t number)
{
	const char *name = number > 0 && number < 4096 ? strerrorname_np((int)number) : NULL;

	if (name)
		sc_text_add(text, name);
	else
		sc_text_signed(text, number);
}

void sc_line_error(struct sc_text *text, int64_t number)
{
	const char *what = number > 0 && number < 4096 ? strerrordesc_np((int)number) : NULL;

	sc_line_errno(text, number);
	sc_text_format(text, " (%s)", what ? what : "unknown error");
}

void sc_line_mode(struct sc_text *text, uint64_t mode)
{
	static const struct {
		unsigned mode;
		const char *name;
	} kinds[] = {
		{ S_IFREG, "S_IFREG" }, { S_IFDIR, "S_IFDIR" }, { S_IFLNK, "S_IFLNK" }, { S_IFCHR, "S_IFCHR" },
		{ S_IFBLK, "S_IFBLK" }, { S_IFIFO, "S_IFIFO" }, { S_IFSOCK, "S_IFSOCK" },
	}, bits[] = {
		{ S_ISUID, "S_ISUID" }, { S_ISGID, "S_ISGID" }, { S_ISVTX, "S_ISVTX" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((mode & S_IFMT) == kinds[i].mode) {
			sc_text_format(text, "%s|", kinds[i].name);
			mode &= ~(uint64_t)S_IFMT;
			break;
		}
	}
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		if (mode & bits[i].mode) {
			sc_text_format(text, "%s|", bits[i].name);
			mode &= ~(uint64_t)bits[i].mode;
		}
	}
	sc_text_format(text, "%#03llo", (unsigned long long)mode);
}

/* ---- integers ---- */

static void plain(struct sc_text *text, const struct sc_type *type, uint64_t value)
{
	if (type->is_signed)
		sc_text_signed(text, (int64_t)value);
	else
		sc_text_unsigned(text, value);
}

/* What was marked, if anything. */
static bool marked(struct sc_text *text, unsigned marks, const struct sc_type *set, const struct sc_type *type,
		   uint64_t value)
{
	uint64_t width = type->size < 8 ? (1ull << 8 * type->size) - 1 : UINT64_MAX;

	if (marks & SC_MARK_DECIMAL)
		plain(text, type, value);
	else if (set && marks & SC_MARK_FLAGS)
		sc_line_flags(text, set, value & width);
	else if (set && marks & SC_MARK_ENUM && (!(marks & SC_MARK_HEX) || name_of(set, value)))
		sc_line_enumerator(text, set, value, type->is_signed);
	else if (marks & SC_MARK_OCTAL) /* a mode; both: printf's %o */
		sc_text_format(text, marks & SC_MARK_HEX ? "%#llo" : "%#03llo", (unsigned long long)(value & width));
	else if (marks & SC_MARK_HEX)
		sc_text_hex(text, value & width);
	else if (marks & SC_MARK_FD && (int32_t)value == AT_FDCWD)
		sc_text_add(text, "AT_FDCWD");
	else if (marks & SC_MARK_SIGNAL)
		sc_line_signal(text, (int64_t)value);
	else if (marks & SC_MARK_CHAR && value < 256)
		sc_line_character(text, (unsigned char)value);
	else if (marks & SC_MARK_ERRNO)
		sc_line_errno(text, (int64_t)value);
	else
		return false;
	return true;
}

void sc_line_integer(struct sc_text *text, const struct sc_type *type, const struct sc_notes *notes, uint64_t value)
{
	const struct sc_type *real = sc_type_real(type), *set = NULL;
	unsigned marks = sc_notes_marks(notes, type, &set);

	if (marked(text, marks, set, real, value))
		return;
	if (real->kind == SC_TYPE_BOOL)
		sc_text_add(text, value & 0xff ? "true" : "false");
	else if (real->kind == SC_TYPE_ENUM && real->flags)
		sc_line_flags(text, real, value);
	else if (real->kind == SC_TYPE_ENUM)
		sc_line_enumerator(text, real, value, real->is_signed);
	else if (real->kind == SC_TYPE_CHAR && real->name && !strcmp(real->name, "char"))
		sc_line_character(text, (unsigned char)value);
	else
		plain(text, real, value);
}

/* ---- floating point ---- */

/* As few digits as tell the number from its neighbours; always to be seen as no integer. */
static void put_shortest(struct sc_text *text, long double value, int most, int least, unsigned kind)
{
	char digits[64];

	if (isnan(value) || isinf(value)) {
		sc_text_add(text, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
		return;
	}
	for (int precision = least; precision <= most; precision++) {
		long double back;

		snprintf(digits, sizeof(digits), "%.*Lg", precision, value);
		back = strtold(digits, NULL);
		if (kind == SC_TYPE_FLOAT ? (float)back == (float)value :
		    kind == SC_TYPE_DOUBLE ? (double)back == (double)value : back == value)
			break;
	}
	sc_text_add(text, digits);
	if (!strpbrk(digits, ".e"))
		sc_text_add(text, ".0");
}

/* One part; false when it is not all there. */
static bool put_real(struct sc_text *text, unsigned kind, const unsigned char *bytes, size_t size, bool sign)
{
	long double value = 0;
	double narrow;
	float narrower;

	if (kind == SC_TYPE_FLOAT && size >= 4) {
		memcpy(&narrower, bytes, 4);
		value = (long double)narrower;
	} else if (kind == SC_TYPE_DOUBLE && size >= 8) {
		memcpy(&narrow, bytes, 8);
		value = (long double)narrow;
	} else if (kind == SC_TYPE_LONG_DOUBLE && size >= 10) {
		memcpy(&value, bytes, 10);
	} else if (kind == SC_TYPE_FLOAT128 && size >= 16) {
		__float128 wide;

		memcpy(&wide, bytes, 16);
		value = (long double)wide;
	} else {
		return false;
	}
	if (sign && !signbit(value))
		sc_text_char(text, '+');
	put_shortest(text, value, kind == SC_TYPE_FLOAT ? 9 : kind == SC_TYPE_DOUBLE ? 17 : 21,
		     kind == SC_TYPE_FLOAT ? 6 : kind == SC_TYPE_DOUBLE ? 15 : 18, kind);
	return true;
}

void sc_line_floating(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size)
{
	static const struct {
		uint8_t kind, part;
		size_t size;
	} complexes[] = {
		{ SC_TYPE_COMPLEX_FLOAT, SC_TYPE_FLOAT, 4 },
		{ SC_TYPE_COMPLEX_DOUBLE, SC_TYPE_DOUBLE, 8 },
		{ SC_TYPE_COMPLEX_LONG_DOUBLE, SC_TYPE_LONG_DOUBLE, 16 },
		{ SC_TYPE_COMPLEX_FLOAT128, SC_TYPE_FLOAT128, 16 },
	};
	unsigned kind = sc_type_real(type)->kind;

	for (size_t i = 0; i < sizeof(complexes) / sizeof(complexes[0]); i++) {
		size_t part = complexes[i].size;

		if (complexes[i].kind != kind)
			continue;
		if (size > part && put_real(text, complexes[i].part, bytes, part, false) &&
		    put_real(text, complexes[i].part, bytes + part, size - part, true))
			sc_text_char(text, 'i');
		else
			sc_text_char(text, '?');
		return;
	}
	if (!put_real(text, kind, bytes, size, false))
		sc_text_char(text, '?');
}
