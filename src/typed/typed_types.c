/* SPDX-License-Identifier: MIT */
/*
 * Owns the translation of types to libffi's. libffi knows no unions, arrays, bit-fields or packed structs, but all that it
 * makes of a struct is in which registers its eightbytes go: so each is described to it by one struct of the same size and
 * alignment whose members are of the classes that proto_abi.h has found.
 */
#include "common/proto_abi.h"
#include "typed/typed_internal.h"

#define MEMBERS_MOST 17 /* one a byte of two eightbytes, and the end */

static ffi_type *integer(uint64_t size, bool is_signed)
{
	switch (size) {
	case 1:
		return is_signed ? &ffi_type_sint8 : &ffi_type_uint8;
	case 2:
		return is_signed ? &ffi_type_sint16 : &ffi_type_uint16;
	case 4:
		return is_signed ? &ffi_type_sint32 : &ffi_type_uint32;
	case 8:
		return is_signed ? &ffi_type_sint64 : &ffi_type_uint64;
	default:
		return NULL;
	}
}

/* The members for an eightbyte of which `left` bytes are the type's; the next free place, or NULL. */
static ffi_type **put_eightbyte(ffi_type **at, unsigned kind, uint64_t left)
{
	if (kind == SC_ABI_GENERAL && left >= 8)
		*at++ = &ffi_type_uint64;
	else if (kind == SC_ABI_GENERAL)
		while (left-- > 0)
			*at++ = &ffi_type_uint8;
	else if (kind == SC_ABI_VECTOR && left >= 8)
		*at++ = &ffi_type_double;
	else if (kind == SC_ABI_VECTOR && left == 4)
		*at++ = &ffi_type_float;
	else
		return NULL; /* an upper half */
	return at;
}

static bool fill_members(ffi_type **members, const struct sc_type *type, const struct sc_abi_value *value)
{
	ffi_type **at = members;

	if (value->where == SC_ABI_PIECES) {
		for (unsigned i = 0; at && i < value->piece_count; i++)
			at = put_eightbyte(at, value->pieces[i].kind, type->size - 8 * i);
		return at != NULL;
	}
	/* In memory: because it is large, or else as libffi puts whatever has a long double in it. */
	*at = type->size > 16 ? &ffi_type_uint8 : &ffi_type_longdouble;
	return value->where == SC_ABI_STACK || (value->where == SC_ABI_MEMORY && type->size > 16);
}

static ffi_type *aggregate(const struct sc_type *type, bool returned)
{
	const struct sc_type *nothing = sc_type_basic(SC_TYPE_VOID, 0, false);
	struct sc_abi_value value;
	struct sc_abi_state state;
	struct {
		ffi_type type;
		ffi_type *members[MEMBERS_MOST];
	} *made;

	sc_abi_begin(&state, returned ? type : nothing, &value);
	if (!returned)
		sc_abi_next(&state, type, &value);
	made = type->size ? sc_arena_alloc(&sc_typed_arena, sizeof(*made)) : NULL;
	if (!made || !fill_members(made->members, type, &value))
		return NULL;
	made->type = (ffi_type){ .size = type->size, .alignment = (unsigned short)type->align, .type = FFI_TYPE_STRUCT,
				 .elements = made->members };
	return &made->type;
}

ffi_type *sc_typed_type(const struct sc_type *type, bool returned)
{
	type = sc_type_real(type);
	switch (type->kind) {
	case SC_TYPE_VOID:
		return &ffi_type_void;
	case SC_TYPE_BOOL:
		return &ffi_type_uint8;
	case SC_TYPE_CHAR:
	case SC_TYPE_ENUM:
		return integer(type->size, type->is_signed);
	case SC_TYPE_INTEGER:
		return type->size == 16 ? aggregate(type, returned) : integer(type->size, type->is_signed);
	case SC_TYPE_FLOAT:
		return &ffi_type_float;
	case SC_TYPE_DOUBLE:
		return &ffi_type_double;
	case SC_TYPE_LONG_DOUBLE:
		return &ffi_type_longdouble;
	case SC_TYPE_COMPLEX_FLOAT:
		return &ffi_type_complex_float;
	case SC_TYPE_COMPLEX_DOUBLE:
		return &ffi_type_complex_double;
	case SC_TYPE_COMPLEX_LONG_DOUBLE:
		return &ffi_type_complex_longdouble;
	case SC_TYPE_POINTER:
		return &ffi_type_pointer;
	case SC_TYPE_STRUCT:
	case SC_TYPE_UNION:
		return type->complete ? aggregate(type, returned) : NULL;
	default:
		return NULL;
	}
}
