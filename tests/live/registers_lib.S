/* SPDX-License-Identifier: MIT */
/*
 * registers_probe: notes every register a callee may look at, destroys every one it may destroy, and
 * fills every one it may return something in. %r11 is the only register no convention gives a meaning.
 */
#include "registers.h"

	.text
	.globl	registers_probe
	.type	registers_probe, @function
	.p2align 4
registers_probe:
	.cfi_startproc
	endbr64
	lea	registers_found(%rip), %r11
	mov	%rdi, AT_RDI(%r11)
	mov	%rsi, AT_RSI(%r11)
	mov	%rdx, AT_RDX(%r11)
	mov	%rcx, AT_RCX(%r11)
	mov	%r8, AT_R8(%r11)
	mov	%r9, AT_R9(%r11)
	mov	%rax, AT_RAX(%r11)
	mov	%r10, AT_R10(%r11)
	mov	%rbx, AT_RBX(%r11)
	mov	%rbp, AT_RBP(%r11)
	mov	%r12, AT_R12(%r11)
	mov	%r13, AT_R13(%r11)
	mov	%r14, AT_R14(%r11)
	mov	%r15, AT_R15(%r11)
	mov	%rsp, AT_RSP(%r11)
	stmxcsr	AT_MXCSR(%r11)
	fnstcw	AT_FPUCW(%r11)

	cmpl	$1, registers_lib_level(%rip)
	je	1f
	ja	2f
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	movups	%xmm\n, AT_VECTORS + 64 * \n(%r11)
	.endr
	jmp	3f
1:	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	vmovups	%ymm\n, AT_VECTORS + 64 * \n(%r11)
	.endr
	jmp	3f
2:	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	vmovups	%zmm\n, AT_VECTORS + 64 * \n(%r11)
	.endr
3:
	xor	%ecx, %ecx
4:	mov	8(%rsp,%rcx,8), %rax
	mov	%rax, AT_STACK(%r11,%rcx,8)
	inc	%ecx
	cmp	$REGISTERS_STACK_WORDS, %ecx
	jne	4b

	/* Destroy: the stack words belong to the callee too. */
	mov	$0x5a5a5a5a5a5a5a5a, %rax
	xor	%ecx, %ecx
5:	mov	%rax, 8(%rsp,%rcx,8)
	inc	%ecx
	cmp	$REGISTERS_STACK_WORDS, %ecx
	jne	5b
	.irp	r, rdi, rsi, rcx, r8, r9, r10
	mov	%rax, %\r
	.endr
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movq	%rax, %xmm\n
	.endr

	/* Return. st1 is pushed first. */
	lea	registers_given(%rip), %r11
	fldt	AT_ST1(%r11)
	fldt	AT_ST0(%r11)
	cmpl	$1, registers_lib_level(%rip)
	je	6f
	ja	7f
	movups	AT_VECTORS(%r11), %xmm0
	movups	AT_VECTORS + 64(%r11), %xmm1
	jmp	8f
6:	vmovups	AT_VECTORS(%r11), %ymm0
	vmovups	AT_VECTORS + 64(%r11), %ymm1
	jmp	8f
7:	vmovups	AT_VECTORS(%r11), %zmm0
	vmovups	AT_VECTORS + 64(%r11), %zmm1
8:	mov	AT_RAX(%r11), %rax
	mov	AT_RDX(%r11), %rdx
	mov	$0x1234, %r11d
	ret
	.cfi_endproc
	.size	registers_probe, . - registers_probe

	.section .note.GNU-stack, "", @progbits
