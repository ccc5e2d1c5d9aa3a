/* SPDX-License-Identifier: MIT */
/*
 * A program that forbids itself system calls (seccomp) would die of ours. It is noticed where it does so: prctl and
 * syscall have wrappers (wrappers.h), whatever the rules say. What its filter leaves us is found out by following it
 * (common/seccomp_filter.h), and of that common/sys.h makes no exception. A filter that is there before our start, or
 * is set by a system call instruction of the program's own, is not noticed: so a program that is executed under one that
 * is known gets nothing of us.
 *
 * One thread's filter counts for all: the others' calls lose what it forbids, and nothing dies.
 */
#ifndef SC_CONFINE_H
#define SC_CONFINE_H

#include <stdbool.h>

/* For wrappers.S, before prctl(option, a, b) and syscall(number, a, b, c) with PR_SET_SECCOMP, SYS_prctl or
 * SYS_seccomp. The answer is for sc_confine_leave, which returns what the original has returned. Any thread, signal
 * handlers too; errno is left alone. */
unsigned long sc_confine_prctl(unsigned long option, unsigned long a, unsigned long b);
unsigned long sc_confine_syscall(unsigned long number, unsigned long a, unsigned long b, unsigned long c);
unsigned long sc_confine_leave(unsigned long result, unsigned long entered);

/* Whether no system call of ours has been forbidden: a program that is executed keeps the filter. */
bool sc_confine_leaves_all(void);

#endif
