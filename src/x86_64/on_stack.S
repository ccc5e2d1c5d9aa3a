/* SPDX-License-Identifier: MIT */
/*
 * sc_on_stack(work, argument, top): calls work(argument) on the stack that ends at top, which is a multiple of
 * 16, and returns. The frame pointer leads back, so unwinders find the caller through it.
 */
	.text
	.balign 16
	.globl sc_on_stack
	.hidden sc_on_stack
	.type sc_on_stack, @function
sc_on_stack:
	.cfi_startproc
	endbr64
	push	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	mov	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsp
	call	*%rax
	leave
	.cfi_def_cfa %rsp, 8
	.cfi_restore %rbp
	ret
	.cfi_endproc
	.size sc_on_stack, . - sc_on_stack

	.section .note.GNU-stack, "", @progbits
