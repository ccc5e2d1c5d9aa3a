/* SPDX-License-Identifier: MIT */
/*
 * registers_call(in, out, level): loads every register an argument may be in, calls registers_probe,
 * and stores every register a result may be in and all that a callee must keep.
 *
 * The frame, from the stack pointer at the call upwards: REGISTERS_STACK_WORDS words of arguments, out,
 * level, the caller's mxcsr and x87 control word, then the six saved registers.
 */
#include "registers.h"

#define WORDS (8 * REGISTERS_STACK_WORDS)
#define FRAME (WORDS + 24)

	.text
	.globl	registers_call
	.type	registers_call, @function
	.p2align 4
registers_call:
	.cfi_startproc
	endbr64
	.irp	r, rbx, rbp, r12, r13, r14, r15
	push	%\r
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \r, 0
	.endr
	sub	$FRAME, %rsp
	.cfi_adjust_cfa_offset FRAME
	mov	%rsi, WORDS(%rsp)
	mov	%edx, WORDS + 8(%rsp)
	stmxcsr	WORDS + 16(%rsp)
	fnstcw	WORDS + 20(%rsp)

	mov	%rdi, %r11
	xor	%ecx, %ecx
1:	mov	AT_STACK(%r11,%rcx,8), %rax
	mov	%rax, (%rsp,%rcx,8)
	inc	%ecx
	cmp	$REGISTERS_STACK_WORDS, %ecx
	jne	1b
	cmp	$1, %edx
	je	2f
	ja	3f
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	movups	AT_VECTORS + 64 * \n(%r11), %xmm\n
	.endr
	jmp	4f
2:	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	vmovups	AT_VECTORS + 64 * \n(%r11), %ymm\n
	.endr
	jmp	4f
3:	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	vmovups	AT_VECTORS + 64 * \n(%r11), %zmm\n
	.endr
4:	ldmxcsr	AT_MXCSR(%r11)
	fldcw	AT_FPUCW(%r11)
	mov	AT_RDI(%r11), %rdi
	mov	AT_RSI(%r11), %rsi
	mov	AT_RDX(%r11), %rdx
	mov	AT_RCX(%r11), %rcx
	mov	AT_R8(%r11), %r8
	mov	AT_R9(%r11), %r9
	mov	AT_RAX(%r11), %rax
	mov	AT_R10(%r11), %r10
	mov	AT_RBX(%r11), %rbx
	mov	AT_RBP(%r11), %rbp
	mov	AT_R12(%r11), %r12
	mov	AT_R13(%r11), %r13
	mov	AT_R14(%r11), %r14
	mov	AT_R15(%r11), %r15
#if defined(REGISTERS_NO_PLT)
	call	*registers_probe@GOTPCREL(%rip)
#elif defined(REGISTERS_NON_PIE)
	call	registers_probe
#else
	call	registers_probe@PLT
#endif
	mov	WORDS(%rsp), %r11
	mov	%rax, AT_RAX(%r11)
	mov	%rdx, AT_RDX(%r11)
	mov	%rbx, AT_RBX(%r11)
	mov	%rbp, AT_RBP(%r11)
	mov	%r12, AT_R12(%r11)
	mov	%r13, AT_R13(%r11)
	mov	%r14, AT_R14(%r11)
	mov	%r15, AT_R15(%r11)
	mov	%rsp, AT_RSP(%r11)
	stmxcsr	AT_MXCSR(%r11)
	fnstcw	AT_FPUCW(%r11)
	cmpl	$1, WORDS + 8(%rsp)
	je	5f
	ja	6f
	movups	%xmm0, AT_VECTORS(%r11)
	movups	%xmm1, AT_VECTORS + 64(%r11)
	jmp	7f
5:	vmovups	%ymm0, AT_VECTORS(%r11)
	vmovups	%ymm1, AT_VECTORS + 64(%r11)
	vzeroupper
	jmp	7f
6:	vmovups	%zmm0, AT_VECTORS(%r11)
	vmovups	%zmm1, AT_VECTORS + 64(%r11)
	vzeroupper
7:	fstpt	AT_ST0(%r11)
	fstpt	AT_ST1(%r11)

	ldmxcsr	WORDS + 16(%rsp)
	fldcw	WORDS + 20(%rsp)
	add	$FRAME, %rsp
	.cfi_adjust_cfa_offset -FRAME
	.irp	r, r15, r14, r13, r12, rbp, rbx
	pop	%\r
	.cfi_adjust_cfa_offset -8
	.cfi_restore \r
	.endr
	ret
	.cfi_endproc
	.size	registers_call, . - registers_call

	.section .note.GNU-stack, "", @progbits
