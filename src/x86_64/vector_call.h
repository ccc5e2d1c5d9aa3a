/* SPDX-License-Identifier: MIT */
/*
 * C that uses vector registers, called from C that is built without (vector_call.S). Any thread, signal handlers too, once
 * sc_vector_call_look has been called; takes less than 4 KiB of stack itself.
 */
#ifndef SC_X86_64_VECTOR_CALL_H
#define SC_X86_64_VECTOR_CALL_H

/* sc_vector_call_have */
#define SC_VECTORS_XSAVE 1
#define SC_VECTORS_XSAVEC 2
#define SC_VECTORS_IN_USE 4 /* xgetbv tells which components are */

/* Components: what lies beyond the low halves of sixteen registers, and the low halves themselves. */
#define SC_VECTORS_UPPER 0xe4 /* AVX, and AVX-512's three */
/* Of these, what may hold arguments or results: not registers 16 to 31 and masks, which no call preserves and which
 * libc's string functions leave in use. */
#define SC_VECTORS_WIDE 0x44
#define SC_VECTORS_LOW 2

/* struct sc_vectors_x87 */
#define SC_X87_COUNT 32

#ifndef __ASSEMBLER__

#include <stdint.h>

/* xmm0 to xmm15, the low 128 bits. */
typedef uint64_t sc_vectors[16][2];

/* What is on the x87 stack: st0, st1, of each of which ten bytes count. */
struct sc_vectors_x87 {
	uint8_t values[2][16];
	uint32_t count;
	uint32_t reserved[3];
};

typedef void sc_vectors_function(void *context, sc_vectors *vectors, struct sc_vectors_x87 *x87);

/*
 * Calls the function; then all vector registers are as they were, but for what it has changed in *vectors. x87: NULL, or
 * what is taken off the x87 stack before and put there after, also if it was changed.
 */
void sc_vector_call(sc_vectors_function *function, void *context, struct sc_vectors_x87 *x87);

/* Asks the processor what there is to be saved. Starting thread. */
void sc_vector_call_look(void);

#endif
#endif
