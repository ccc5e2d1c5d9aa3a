/* SPDX-License-Identifier: MIT */
/*
 * Ordinary C in the middle of an intercepted call: all vector registers are saved around it, where the C code finds
 * and changes those that hold arguments or a return value. Called by src/preload/typed_calls.c, which is built without
 * vector registers, so that they still are as the call has left them.
 *
 * The floating-point environment is the same afterwards: modes and flags, of both units. Loading one takes long, so that is
 * done only where it has changed.
 *
 * Where no upper half of the first sixteen is in use, and the processor can tell, the sixteen low halves are moved one by
 * one; else all that the kernel has enabled is saved by xsave, in whose area the low halves lie in the same way.
 */
#include "x86_64/vector_call.h"

	.text

/* Moves xmm0 to xmm15 from or to rsp + offset. */
	.macro each_xmm store, offset
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	.if	\store
	movaps	%xmm\n, \offset + 16 * \n(%rsp)
	.else
	movaps	\offset + 16 * \n(%rsp), %xmm\n
	.endif
	.endr
	.endm

/* Sets ZF when st0 is empty. */
	.macro x87_is_empty
	fxam
	fnstsw	%ax
	and	$0x4500, %eax			/* C3, C2, C0 */
	cmp	$0x4100, %eax
	.endm

/*
 * void sc_vector_call(sc_vectors_function *function, void *context, struct sc_vectors_x87 *x87)
 *
 * rbx, r12, r13, r14: what there is of xsave, function, context, x87. Below what is pushed: the x87 unit's control and
 * status words, what they are afterwards, and room for an environment.
 */
	.equ	CONTROL, -40
	.equ	STATUS, -38
	.equ	CONTROL_NOW, -36
	.equ	STATUS_NOW, -34
	.equ	ENVIRONMENT, -72		/* control and status word, four bytes each, and others, 28 bytes in all */
	.equ	LOCALS, 40
	.balign 16
	.globl sc_vector_call
	.hidden sc_vector_call
	.type sc_vector_call, @function
sc_vector_call:
	.cfi_startproc
	endbr64
	push	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	mov	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	push	%rbx
	.cfi_offset %rbx, -24
	push	%r12
	.cfi_offset %r12, -32
	push	%r13
	.cfi_offset %r13, -40
	push	%r14
	.cfi_offset %r14, -48
	sub	$LOCALS, %rsp
	fnstcw	CONTROL(%rbp)
	fnstsw	STATUS(%rbp)
	mov	%rdi, %r12
	mov	%rsi, %r13
	mov	%rdx, %r14
	test	%r14, %r14
	jz	1f
	movl	$0, SC_X87_COUNT(%r14)		/* C code wants an empty x87 stack */
	x87_is_empty
	je	1f
	fstpt	(%r14)
	movl	$1, SC_X87_COUNT(%r14)
	x87_is_empty
	je	1f
	fstpt	16(%r14)
	movl	$2, SC_X87_COUNT(%r14)
1:	mov	sc_vector_call_have(%rip), %ebx
	test	$SC_VECTORS_XSAVE, %ebx
	jz	2f				/* there are no upper halves */
	test	$SC_VECTORS_IN_USE, %ebx
	jz	4f				/* which are in use is not known */
	mov	$1, %ecx
	xgetbv
	and	$SC_VECTORS_WIDE, %eax
	jnz	4f
2:	sub	$272, %rsp
	and	$-16, %rsp
	each_xmm 1, 0
	stmxcsr	256(%rsp)
	mov	%r13, %rdi
	mov	%rsp, %rsi
	mov	%r14, %rdx
	call	*%r12
	test	$SC_VECTORS_XSAVE, %ebx
	jz	3f
	vzeroupper				/* as it was */
3:	each_xmm 0, 0
	stmxcsr	260(%rsp)
	mov	260(%rsp), %eax
	cmp	256(%rsp), %eax
	je	7f
	ldmxcsr	256(%rsp)
	jmp	7f
4:	sub	sc_vector_call_size(%rip), %rsp
	and	$-64, %rsp
	xor	%edx, %edx
	.irp	n, 0, 8, 16, 24, 32, 40, 48, 56
	movq	$0, 512 + \n(%rsp)		/* the header */
	.endr
	mov	sc_vector_call_mask(%rip), %eax
	test	$SC_VECTORS_XSAVEC, %ebx
	jnz	5f
	xsave64	(%rsp)
	jmp	6f
5:	xsavec64 (%rsp)
	testb	$2, 512(%rsp)
	jnz	6f
	each_xmm 1, 160				/* all zero, and therefore left out */
	stmxcsr	24(%rsp)
6:	orb	$2, 512(%rsp)			/* what C changes counts */
	mov	%r13, %rdi
	lea	160(%rsp), %rsi
	mov	%r14, %rdx
	call	*%r12
	mov	sc_vector_call_mask(%rip), %eax
	xor	%edx, %edx
	xrstor64 (%rsp)
7:	fnstcw	CONTROL_NOW(%rbp)
	fnstsw	STATUS_NOW(%rbp)
	movzwl	CONTROL_NOW(%rbp), %eax		/* each as it was written: else the processor waits for both */
	movzwl	STATUS_NOW(%rbp), %ecx
	xor	CONTROL(%rbp), %ax
	xor	STATUS(%rbp), %cx
	or	%cl, %al			/* the flags are the status word's lower half */
	test	%eax, %eax
	jz	10f
	fnstenv	ENVIRONMENT(%rbp)
	movzwl	CONTROL(%rbp), %eax
	mov	%ax, ENVIRONMENT(%rbp)
	movzwl	STATUS(%rbp), %eax
	mov	%al, ENVIRONMENT + 4(%rbp)
	fldenv	ENVIRONMENT(%rbp)
10:	test	%r14, %r14
	jz	9f
	mov	SC_X87_COUNT(%r14), %eax
	test	%eax, %eax
	jz	9f
	cmp	$1, %eax
	je	8f
	fldt	16(%r14)
8:	fldt	(%r14)
9:	lea	-32(%rbp), %rsp
	pop	%r14
	.cfi_restore %r14
	pop	%r13
	.cfi_restore %r13
	pop	%r12
	.cfi_restore %r12
	pop	%rbx
	.cfi_restore %rbx
	pop	%rbp
	.cfi_restore %rbp
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_endproc
	.size sc_vector_call, . - sc_vector_call

	.section .note.GNU-stack, "", @progbits
