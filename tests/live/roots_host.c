/* SPDX-License-Identifier: MIT */
/*
 * A conservative garbage collector: what a caller has in a register that calls preserve must be found, in a register or on
 * the stack, while the intercepted function runs, and before any instruction on the way there and back, where a signal
 * may stop the thread for a collection. The processor's trap flag makes the signals.
 */
#define _GNU_SOURCE
#include "live.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

LIVE_MAIN_STATE;

/* Calls function(arguments[0], ..., arguments[4]) with the complement of `hidden`, which is nowhere else, in a register;
 * whether it still is there. flags: TRAP, to be stopped before each instruction, or 0. */
#define HOLDER(name, register) \
	unsigned long name(uintptr_t hidden, void *function, const uintptr_t *arguments, unsigned long flags); \
	__asm__(".text\n" \
		".type " #name ", @function\n" \
		#name ":\n" \
		"	.cfi_startproc\n" \
		"	push " #register "\n" \
		"	.cfi_adjust_cfa_offset 8\n" \
		"	.cfi_rel_offset " #register ", 0\n" \
		"	push %rdi\n" \
		"	.cfi_adjust_cfa_offset 8\n" \
		"	sub $8, %rsp\n" \
		"	.cfi_adjust_cfa_offset 8\n" \
		"	mov %rdi, " #register "\n" \
		"	not " #register "\n" \
		"	mov %rsi, %rax\n" \
		"	mov %rdx, %r11\n" \
		"	mov %rcx, %r10\n" \
		"	mov (%r11), %rdi\n" \
		"	mov 8(%r11), %rsi\n" \
		"	mov 16(%r11), %rdx\n" \
		"	mov 24(%r11), %rcx\n" \
		"	mov 32(%r11), %r8\n" \
		"	pushfq\n" \
		"	or %r10, (%rsp)\n" \
		"	popfq\n" \
		"	call *%rax\n" \
		"	pushfq\n" \
		"	andl $~0x100, (%rsp)\n" \
		"	popfq\n" \
		"	not " #register "\n" \
		"	xor %eax, %eax\n" \
		"	cmp 8(%rsp), " #register "\n" \
		"	sete %al\n" \
		"	add $16, %rsp\n" \
		"	.cfi_adjust_cfa_offset -16\n" \
		"	pop " #register "\n" \
		"	.cfi_adjust_cfa_offset -8\n" \
		"	.cfi_restore " #register "\n" \
		"	ret\n" \
		"	.cfi_endproc\n" \
		".size " #name ", . - " #name "\n")

HOLDER(hold_rbx, %rbx);
HOLDER(hold_rbp, %rbp);
HOLDER(hold_r12, %r12);
HOLDER(hold_r15, %r15);

typedef unsigned long holder(uintptr_t, void *, const uintptr_t *, unsigned long);
static holder *const holders[] = { hold_rbx, hold_rbp, hold_r12, hold_r15 };

#define TRAP 0x100ul
static volatile uintptr_t hidden = 0x5ec2e7ed00c0ffee; /* what is looked for is its complement, which the compiler must not know */

#define STACK_MOST 0x100000 /* bytes that are in use of the first thread's stack, at most */

static uintptr_t stack_end;
static unsigned found, lost, elsewhere;

static unsigned count(const volatile uintptr_t *from, uintptr_t to)
{
	unsigned there = 0;

	for (; (uintptr_t)from < to; from++)
		there += ~*from == hidden;
	return there;
}

static void note(unsigned there)
{
	if (there)
		found++;
	else
		lost++;
}

/* The collector, called by what is intercepted. Its own frame is not looked at: what others have left there is no one's. */
static int collect(const void *left, const void *right)
{
	volatile uintptr_t registers[6];
	(void)left;
	(void)right;

	__asm__ volatile("mov %%rbx, 0(%0); mov %%rbp, 8(%0); mov %%r12, 16(%0)\n\t"
			 "mov %%r13, 24(%0); mov %%r14, 32(%0); mov %%r15, 40(%0)" : : "r"(registers) : "memory");
	note(count(registers, (uintptr_t)(registers + 6)) + count(__builtin_frame_address(0), stack_end));
	return 0;
}

/* From the interrupted registers on: then come the stack from rsp - 128 on. On another stack no signal of a collector
 * would have come in. */
static void stop(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)info;
	if (stack_end - (uintptr_t)context < STACK_MOST) {
		note(count(context, stack_end));
		return;
	}
	elsewhere++;
	expect(sigismember(&((ucontext_t *)context)->uc_sigmask, SIGPWR) == 1);
}

int main(void)
{
	static const char array[2];
	/* One comparison, in the middle of a function that uses all the registers. */
	const uintptr_t arguments[5] = { (uintptr_t)array, (uintptr_t)array, 1, 1, (uintptr_t)collect };
	void *(*volatile function)(const void *, const void *, size_t, size_t, int (*)(const void *, const void *)) = bsearch;
	struct sigaction action;
	unsigned kept = 0;

	stack_end = (uintptr_t)__builtin_frame_address(0);
	for (unsigned i = 0; i < sizeof(holders) / sizeof(holders[0]); i++)
		kept += (unsigned)holders[i](hidden, (void *)function, arguments, 0);
	printf("%u kept, %u found, %u lost by callbacks\n", kept, found, lost);
	found = lost = kept = 0;
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = stop;
	action.sa_flags = SA_SIGINFO;
	expect(sigaction(SIGTRAP, &action, NULL) == 0);
	for (unsigned i = 0; i < sizeof(holders) / sizeof(holders[0]); i++)
		for (int again = 0; again < 3; again++)
			kept += (unsigned)holders[i](hidden, (void *)function, arguments, TRAP);
	expect(found > 100);
	printf("%u kept, %u lost at any instruction\n", kept, lost);
	return live_end("roots");
}
