/* SPDX-License-Identifier: MIT */
/*
 * What a stub does when the thread has no region or no free shadow frame: save every register that may
 * hold an argument, let C make the thread ready (src/preload/threads.c), start the stub over. The C code
 * is built without vector registers, so those need no saving.
 *
 * In: r11 = address of the stub. Out: all other registers as the caller left them.
 */
#include "x86_64/layout.h"

	.macro save_arguments
	push	%rax
	.cfi_adjust_cfa_offset 8
	push	%rcx
	.cfi_adjust_cfa_offset 8
	push	%rdx
	.cfi_adjust_cfa_offset 8
	push	%rsi
	.cfi_adjust_cfa_offset 8
	push	%rdi
	.cfi_adjust_cfa_offset 8
	push	%r8
	.cfi_adjust_cfa_offset 8
	push	%r9
	.cfi_adjust_cfa_offset 8
	push	%r10
	.cfi_adjust_cfa_offset 8
	push	%r11				/* nine words: the stack is aligned for a call */
	.cfi_adjust_cfa_offset 8
	.endm

	.macro restore_arguments
	pop	%r11
	.cfi_adjust_cfa_offset -8
	pop	%r10
	.cfi_adjust_cfa_offset -8
	pop	%r9
	.cfi_adjust_cfa_offset -8
	pop	%r8
	.cfi_adjust_cfa_offset -8
	pop	%rdi
	.cfi_adjust_cfa_offset -8
	pop	%rsi
	.cfi_adjust_cfa_offset -8
	pop	%rdx
	.cfi_adjust_cfa_offset -8
	pop	%rcx
	.cfi_adjust_cfa_offset -8
	pop	%rax
	.cfi_adjust_cfa_offset -8
	.endm

	.text
	.balign 16
	.globl sc_slow_tail
	.hidden sc_slow_tail
	.type sc_slow_tail, @function
sc_slow_tail:
	.cfi_startproc
	endbr64
	save_arguments
	mov	%r11, %rdi			/* the stub */
	call	sc_thread_ready_count
	mov	%rax, (%rsp)			/* where to go on: the stub again, or past it */
	restore_arguments
	jmp	*%r11
	.cfi_endproc
	.size sc_slow_tail, . - sc_slow_tail

/* In addition: the caller's rbx is on the stack, above the return address. */
	.balign 16
	.globl sc_slow_frame
	.hidden sc_slow_frame
	.type sc_slow_frame, @function
sc_slow_frame:
	.cfi_startproc
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	endbr64
	pop	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	save_arguments
	mov	%r11, %rdi			/* the stub */
	lea	80(%rsp), %rsi			/* rsp as it will be when the stub has entered */
	call	sc_thread_ready_frame
	mov	%rax, (%rsp)
	restore_arguments
	jmp	*%r11
	.cfi_endproc
	.size sc_slow_frame, . - sc_slow_frame

	.section .note.GNU-stack, "", @progbits
