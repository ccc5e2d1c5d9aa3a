/* SPDX-License-Identifier: MIT */
/*
 * The system call instruction of x86-64 (System V ABI, AMD64 supplement, section A.2.1): number in
 * rax, arguments in rdi rsi rdx r10 r8 r9, result in rax, rcx and r11 lost. What the program has forbidden itself
 * (common/sys.h) is not made, and returns -EPERM.
 */
#ifndef SC_X86_64_SYSCALL_H
#define SC_X86_64_SYSCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define SC_EPERM 1 /* EPERM, without errno.h */

/* What the program has left us, when it has forbidden itself system calls (common/sys.h): a bit a number. NULL: all. */
extern const uint64_t *sc_syscall_allowed __attribute__((visibility("hidden")));
/* Whether a number is none of them; counts what is not made. */
bool sc_syscall_denied(long number) __attribute__((visibility("hidden"), cold));

static inline long sc_syscall_made(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long sc_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	if (__builtin_expect(__atomic_load_n(&sc_syscall_allowed, __ATOMIC_RELAXED) != NULL, 0) &&
	    sc_syscall_denied(number))
		return -SC_EPERM;
	return sc_syscall_made(number, a, b, c, d, e, f);
}

#define sc_syscall0(n) sc_syscall6((n), 0, 0, 0, 0, 0, 0)
#define sc_syscall1(n, a) sc_syscall6((n), (long)(a), 0, 0, 0, 0, 0)
#define sc_syscall2(n, a, b) sc_syscall6((n), (long)(a), (long)(b), 0, 0, 0, 0)
#define sc_syscall3(n, a, b, c) sc_syscall6((n), (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define sc_syscall4(n, a, b, c, d) sc_syscall6((n), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

#endif
