/* SPDX-License-Identifier: MIT */
/*
 * Calls by Windows' convention ("x64 calling convention" in Microsoft's documentation): rdi, rsi and xmm6 to xmm15 belong to
 * the caller there, and must be as they were.
 */
#include "live.h"

#include <stdint.h>
#include <string.h>

LIVE_MAIN_STATE;

__attribute__((ms_abi)) double windows_mix(long first, double second, long third, double fourth);

#define CALLS 5000 /* several logs full */

/* What a callee must preserve: rbx rbp rdi rsi r12 r13 r14 r15, then xmm6 .. xmm15. */
struct preserved {
	uint64_t general[8];
	uint64_t vector[10][2];
};

/* Calls function(3, 1.5, 5, 0.25) with all of these set, and notes what they are afterwards. */
double call_with(const struct preserved *before, struct preserved *after, void *function);
__asm__(".text\n"
	".type call_with, @function\n"
	"call_with:\n"
	"	.cfi_startproc\n"
	"	push %rbx\n"
	"	push %rbp\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	push %rsi\n" /* after */
	"	sub $32, %rsp\n" /* for the callee to save four arguments in */
	"	.cfi_adjust_cfa_offset 88\n"
	"	mov %rdi, %rax\n"
	"	mov %rdx, %r10\n"
	"	mov 0(%rax), %rbx\n"
	"	mov 8(%rax), %rbp\n"
	"	mov 16(%rax), %rdi\n"
	"	mov 24(%rax), %rsi\n"
	"	mov 32(%rax), %r12\n"
	"	mov 40(%rax), %r13\n"
	"	mov 48(%rax), %r14\n"
	"	mov 56(%rax), %r15\n"
	"	.irp xmm, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	movups 64 + 16 * (\\xmm - 6)(%rax), %xmm\\xmm\n"
	"	.endr\n"
	"	mov $3, %ecx\n"
	"	mov $0x3ff8000000000000, %rdx\n"
	"	movq %rdx, %xmm1\n"
	"	mov $5, %r8d\n"
	"	mov $0x3fd0000000000000, %rdx\n"
	"	movq %rdx, %xmm3\n"
	"	call *%r10\n"
	"	mov 32(%rsp), %rax\n"
	"	mov %rbx, 0(%rax)\n"
	"	mov %rbp, 8(%rax)\n"
	"	mov %rdi, 16(%rax)\n"
	"	mov %rsi, 24(%rax)\n"
	"	mov %r12, 32(%rax)\n"
	"	mov %r13, 40(%rax)\n"
	"	mov %r14, 48(%rax)\n"
	"	mov %r15, 56(%rax)\n"
	"	.irp xmm, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	movups %xmm\\xmm, 64 + 16 * (\\xmm - 6)(%rax)\n"
	"	.endr\n"
	"	add $40, %rsp\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbp\n"
	"	pop %rbx\n"
	"	.cfi_adjust_cfa_offset -88\n"
	"	ret\n"
	"	.cfi_endproc\n"
	".size call_with, . - call_with\n");

int main(void)
{
	struct preserved before, after;
	unsigned long changed = 0, wrong = 0;

	for (unsigned call = 0; call < CALLS; call++) {
		memset(&before, (int)(call % 251) + 1, sizeof(before));
		for (unsigned i = 0; i < 8; i++)
			before.general[i] += i;
		wrong += call_with(&before, &after, (void *)windows_mix) != 5.75;
		changed += memcmp(&before, &after, sizeof(before)) != 0;
	}
	expect(wrong == 0);
	expect(changed == 0);
	return live_end("windows");
}
