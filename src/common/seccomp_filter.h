/* SPDX-License-Identifier: MIT */
/*
 * What a seccomp filter would do with a system call of which not all is known. A filter is a program for the kernel's
 * classic BPF machine, with jumps forward only; it is not run but followed, both ways where a jump depends on what is
 * not known.
 *
 * Any thread, any time; no libc, no memory but the caller's.
 */
#ifndef SC_SECCOMP_FILTER_H
#define SC_SECCOMP_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sc_seccomp_call {
	uint16_t number;
	uint8_t known; /* bit i: argument i is known, and is arguments[i] */
	uint64_t arguments[6];
};

enum sc_seccomp_verdict {
	SC_SECCOMP_MADE,    /* for some arguments at least, and harms for none */
	SC_SECCOMP_REFUSED, /* it returns an error, and that is all */
	SC_SECCOMP_HARMS,   /* it may kill, raise a signal, stop for a tracer, wait for another program, or look as if made */
};

/* The machine before an instruction, on all ways that lead there. */
struct sc_seccomp_state {
	uint32_t a, x;
	bool reached, a_known, x_known;
};

/* program[0..count) as given to the kernel, untrusted; states: as many, whatever they hold. What leads out of the
 * program, or to what is no instruction of a filter, harms. */
enum sc_seccomp_verdict sc_seccomp_judge(const struct sock_filter *program, size_t count,
					 const struct sc_seccomp_call *call, struct sc_seccomp_state *states);

#endif
