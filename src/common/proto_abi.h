/* SPDX-License-Identifier: MIT */
/*
 * Where arguments and return values are: System V ABI, AMD64 supplement, 3.2.3 (as gcc and clang apply it to C). Pure
 * functions of types; thread and signal safe.
 *
 *	struct sc_abi_state state;
 *	struct sc_abi_value value;
 *
 *	sc_abi_begin(&state, result_type, &value);	where it will return
 *	for each parameter, and each variadic argument:
 *		sc_abi_next(&state, type, &value);
 */
#ifndef SC_PROTO_ABI_H
#define SC_PROTO_ABI_H

#include "common/proto.h"

enum sc_abi_where {
	SC_ABI_NOTHING,	 /* void, or a struct without anything in it */
	SC_ABI_PIECES,	 /* in the registers that pieces[] names, one for each eightbyte, in order */
	SC_ABI_STACK,	 /* argument: on the stack, words stack_first.. behind the return address */
	SC_ABI_MEMORY,	 /* returned: at the address that was passed in rdi and is in rax again */
	SC_ABI_X87,	 /* returned: st0 */
	SC_ABI_X87_PAIR, /* returned: real part in st0, imaginary part in st1 */
};

enum sc_abi_register {
	SC_ABI_GENERAL, /* argument: 0..5 are rdi rsi rdx rcx r8 r9. Returned: 0 is rax, 1 rdx */
	SC_ABI_VECTOR,	/* xmm0..7; its low half, unless it is followed by UPPER */
	SC_ABI_UPPER,	/* the upper half of the vector register of the piece before it */
	SC_ABI_PADDING, /* this eightbyte is nothing but padding, and nowhere */
};

struct sc_abi_piece {
	uint8_t kind; /* enum sc_abi_register */
	uint8_t number;
};

struct sc_abi_value {
	uint8_t where; /* enum sc_abi_where */
	uint8_t piece_count;
	struct sc_abi_piece pieces[2];
	uint32_t stack_first; /* word, from 0 */
	uint32_t stack_count; /* words, the last one perhaps in part */
};

/* What has been handed out so far. */
struct sc_abi_state {
	unsigned general, vector; /* registers: the first variadic argument's are the next ones */
	unsigned stack;		  /* words; may be more than SC_CAPTURE_STACK */
};

/* Starts a call. value: where what is returned will be; SC_ABI_MEMORY takes rdi. */
void sc_abi_begin(struct sc_abi_state *state, const struct sc_type *result, struct sc_abi_value *value);
/* The next argument, named or not (then of a promoted type). An incomplete type takes nothing. */
void sc_abi_next(struct sc_abi_state *state, const struct sc_type *type, struct sc_abi_value *value);

/* The place (capture.h) of an argument that is a single word in a general register or on the stack; SC_PLACE_NONE
 * otherwise, or where it lies too far to be recorded. */
#define SC_PLACE_NONE 254
unsigned sc_abi_place(const struct sc_abi_value *value);
/* The same for parameter `number` of a function. */
unsigned sc_abi_parameter_place(const struct sc_type *function, unsigned number);

#endif
