/* SPDX-License-Identifier: MIT */
/*
 * Owns the types that are there before anything was read: C's own, and those that every text may use. Called by the
 * files that read prototypes, and for the variadic arguments of formats.
 */
#include "common/proto_internal.h"

#define BASIC(kind_, size_, align_, signed_, name_) \
	{ .kind = (kind_), .is_signed = (signed_), .complete = true, .align = (align_), .size = (size_), .name = (name_) }

const struct sc_type sc_type_basics[SC_BASIC_COUNT] = {
	[SC_BASIC_VOID] = { .kind = SC_TYPE_VOID, .name = "void" },
	[SC_BASIC_BOOL] = BASIC(SC_TYPE_BOOL, 1, 1, false, "_Bool"),
	[SC_BASIC_CHAR] = BASIC(SC_TYPE_CHAR, 1, 1, true, "char"),
	[SC_BASIC_SIGNED_CHAR] = BASIC(SC_TYPE_CHAR, 1, 1, true, "signed char"),
	[SC_BASIC_UNSIGNED_CHAR] = BASIC(SC_TYPE_CHAR, 1, 1, false, "unsigned char"),
	[SC_BASIC_SHORT] = BASIC(SC_TYPE_INTEGER, 2, 2, true, "short"),
	[SC_BASIC_UNSIGNED_SHORT] = BASIC(SC_TYPE_INTEGER, 2, 2, false, "unsigned short"),
	[SC_BASIC_INT] = BASIC(SC_TYPE_INTEGER, 4, 4, true, "int"),
	[SC_BASIC_UNSIGNED_INT] = BASIC(SC_TYPE_INTEGER, 4, 4, false, "unsigned int"),
	[SC_BASIC_LONG] = BASIC(SC_TYPE_INTEGER, 8, 8, true, "long"),
	[SC_BASIC_UNSIGNED_LONG] = BASIC(SC_TYPE_INTEGER, 8, 8, false, "unsigned long"),
	[SC_BASIC_LONG_LONG] = BASIC(SC_TYPE_INTEGER, 8, 8, true, "long long"),
	[SC_BASIC_UNSIGNED_LONG_LONG] = BASIC(SC_TYPE_INTEGER, 8, 8, false, "unsigned long long"),
	[SC_BASIC_INT128] = BASIC(SC_TYPE_INTEGER, 16, 16, true, "__int128"),
	[SC_BASIC_UNSIGNED_INT128] = BASIC(SC_TYPE_INTEGER, 16, 16, false, "unsigned __int128"),
	[SC_BASIC_FLOAT] = BASIC(SC_TYPE_FLOAT, 4, 4, true, "float"),
	[SC_BASIC_DOUBLE] = BASIC(SC_TYPE_DOUBLE, 8, 8, true, "double"),
	[SC_BASIC_LONG_DOUBLE] = BASIC(SC_TYPE_LONG_DOUBLE, 16, 16, true, "long double"),
	[SC_BASIC_FLOAT128] = BASIC(SC_TYPE_FLOAT128, 16, 16, true, "_Float128"),
	[SC_BASIC_COMPLEX_FLOAT] = BASIC(SC_TYPE_COMPLEX_FLOAT, 8, 4, true, "float _Complex"),
	[SC_BASIC_COMPLEX_DOUBLE] = BASIC(SC_TYPE_COMPLEX_DOUBLE, 16, 8, true, "double _Complex"),
	[SC_BASIC_COMPLEX_LONG_DOUBLE] = BASIC(SC_TYPE_COMPLEX_LONG_DOUBLE, 32, 16, true, "long double _Complex"),
	[SC_BASIC_COMPLEX_FLOAT128] = BASIC(SC_TYPE_COMPLEX_FLOAT128, 32, 16, true, "_Float128 _Complex"),
};

const struct sc_type sc_type_void_pointer = {
	.kind = SC_TYPE_POINTER, .complete = true, .depth = 1, .align = 8, .size = 8,
	.target = &sc_type_basics[SC_BASIC_VOID],
};

const struct sc_type sc_type_char_pointer = {
	.kind = SC_TYPE_POINTER, .complete = true, .depth = 1, .align = 8, .size = 8,
	.target = &sc_type_basics[SC_BASIC_CHAR],
};

const struct sc_type *sc_type_basic(enum sc_type_kind kind, unsigned size, bool is_signed)
{
	for (unsigned i = 0; i < SC_BASIC_COUNT; i++) {
		const struct sc_type *type = &sc_type_basics[i];

		if (type->kind == kind && ((kind != SC_TYPE_CHAR && kind != SC_TYPE_INTEGER) ||
					   (type->size == size && type->is_signed == is_signed)))
			return type;
	}
	return NULL;
}

const char sc_proto_prelude[] =
	"typedef _Bool bool;"
	"typedef unsigned long size_t; typedef long ssize_t, ptrdiff_t, intptr_t, off_t, off64_t, time_t;"
	"typedef unsigned long uintptr_t;"
	"typedef signed char int8_t; typedef short int16_t; typedef int int32_t; typedef long int64_t;"
	"typedef unsigned char uint8_t; typedef unsigned short uint16_t; typedef unsigned int uint32_t;"
	"typedef unsigned long uint64_t; typedef long intmax_t; typedef unsigned long uintmax_t;"
	"typedef int wchar_t; typedef unsigned int wint_t;"
	"typedef int pid_t; typedef unsigned int uid_t, gid_t, id_t; typedef unsigned int mode_t [[octal]];"
	"typedef unsigned int socklen_t; typedef unsigned long dev_t, ino_t, nlink_t; typedef long blksize_t, blkcnt_t;"
	"typedef long clock_t, suseconds_t; typedef unsigned int useconds_t; typedef int clockid_t;"
	"typedef float _Float32; typedef double _Float64, _Float32x; typedef long double _Float64x;"
	"struct __va_list_tag { unsigned int gp_offset, fp_offset; void *overflow_arg_area, *reg_save_area; };"
	"typedef struct __va_list_tag __builtin_va_list[1];"
	"typedef __builtin_va_list __gnuc_va_list; typedef __builtin_va_list va_list;"
	"struct _IO_FILE; typedef struct _IO_FILE FILE;";
