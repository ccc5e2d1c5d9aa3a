/* SPDX-License-Identifier: MIT */
/*
 * What of a call is recorded: compiled from a function's prototype when its stub is generated
 * (proto_capture.c), kept in the image, followed inside intercepted calls (src/preload/trace.c). The reader of
 * the events needs the prototype alone: events say themselves what they hold (event.h).
 *
 * Places are those of the System V ABI, AMD64 supplement, 3.2.3: 0..5 are rdi rsi rdx rcx r8 r9, SC_PLACE_STACK + n the
 * n-th word behind the return address.
 *
 * In the image a program is aligned to 8 bytes and untrusted until sc_capture_check has seen it.
 */
#ifndef SC_CAPTURE_H
#define SC_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_PLACE_STACK 6
#define SC_PLACE_RETURN 255  /* rax, at the return */
#define SC_CAPTURE_STACK 64  /* words of the stack that can be recorded */
#define SC_CAPTURE_ITEMS 64

/* What is recorded of the return value; several may be set. */
enum sc_capture_return {
	SC_RETURN_RAX = 1 << 0,
	SC_RETURN_RDX = 1 << 1,
	SC_RETURN_XMM0 = 1 << 2,
	SC_RETURN_XMM1 = 1 << 3,
	SC_RETURN_ST0 = 1 << 4, /* long double; with ST1: long double complex */
	SC_RETURN_ST1 = 1 << 5,
};

/* How the function says that it has failed; the first that is known wins. */
enum sc_capture_error {
	SC_ERROR_NONE,	    /* unknown, or it cannot fail */
	SC_ERROR_MINUS_ONE, /* -1 (also MAP_FAILED, SIG_ERR, EOF) and errno */
	SC_ERROR_NULL,	    /* 0 and errno */
	SC_ERROR_RETURNED,  /* the error number itself, 0 when all is well */
	SC_ERROR_NEGATIVE,  /* any negative value, and errno */
	SC_ERROR_NONZERO,   /* any value but 0, and errno */
};

enum sc_capture_kind {
	SC_CAPTURE_STRING = 1, /* up to its NUL, at most the limit for strings, or `size` where that is more */
	SC_CAPTURE_BYTES,      /* as many as `length` says, at most the limit */
	SC_CAPTURE_STRINGS,    /* an array of pointers to strings, NULL at its end: argv */
	SC_CAPTURE_FORMAT,     /* a printf format, at `place`; then the strings that its %s in the variadic arguments need.
				  length_place: the first variadic argument's number among all parameters */
	SC_CAPTURE_VALIST,     /* the same with a va_list at length_place */
	SC_CAPTURE_CASE,       /* go on behind the next `size` items unless the word at place is as `length` says, else
				  behind the next `argument` items: alternatives, and the end of a variant */
};

enum sc_capture_when {
	SC_CAPTURE_ENTER = 1,
	SC_CAPTURE_LEAVE = 2,
};

enum sc_capture_length {
	SC_LENGTH_FIXED,   /* size bytes */
	SC_LENGTH_PLACE,   /* the word at length_place, times size */
	SC_LENGTH_RETURN,  /* what the function returned, times size; nothing when that is negative */
	SC_LENGTH_POINTED, /* the 32- or 64-bit number (value: 4 or 8) that length_place points to, times size */
	/* of SC_CAPTURE_CASE: */
	SC_CASE_EQUAL,	   /* its low 32 bits are value */
	SC_CASE_ANY,	   /* it has any bit of value */
};

/* Factors of a length that are 32-bit integers: the upper half of their word means nothing. Negative ones are 0. */
enum sc_capture_narrow {
	SC_NARROW_LENGTH = 1 << 0, /* the word at length_place, or what the function returned */
	SC_NARROW_TIMES = 1 << 1,
};

struct sc_capture_item {
	uint8_t kind;
	uint8_t when;
	uint8_t argument; /* number of the parameter that points there, from 0; 255: the return value */
	uint8_t place;	  /* of the pointer */
	uint8_t length;
	uint8_t length_place;
	uint8_t times_place; /* of SC_CAPTURE_BYTES: 0, or 1 + a place whose word is another factor of the length */
	uint8_t narrow; /* of SC_CAPTURE_BYTES: a set of enum sc_capture_narrow */
	uint32_t size;
	uint32_t value;
};

/* How much an allocator is asked for: times * the words at places. */
struct sc_capture_measure {
	uint32_t times; /* 0: the function does not say, or it cannot be known at the entry */
	uint8_t place_count;
	uint8_t places[2];
	uint8_t narrow; /* bit n: the word at places[n] is a 32-bit integer, and its upper half means nothing */
};

struct sc_capture {
	uint8_t general; /* argument registers that are recorded, from rdi on: 0..6 */
	uint8_t vector;	 /* likewise xmm0..7, their low 8 bytes */
	uint8_t stack;	 /* words of the stack */
	uint8_t returns; /* a set of enum sc_capture_return */
	uint8_t error;	 /* enum sc_capture_error */
	uint8_t item_count;
	uint8_t unknown; /* 1: there is no prototype: six registers and rax */
	uint8_t reserved;
	struct sc_capture_measure bytes;
	struct sc_capture_item items[];
};

static inline size_t sc_capture_size(const struct sc_capture *capture)
{
	return sizeof(*capture) + capture->item_count * sizeof(capture->items[0]);
}

/* Of functions without a prototype. */
extern const struct sc_capture sc_capture_unknown __attribute__((visibility("hidden")));

/* Whether data[0..size) is one capture program whose every field is within bounds. */
bool sc_capture_check(const void *data, size_t size);

#endif
