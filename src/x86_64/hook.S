/* SPDX-License-Identifier: MIT */
/*
 * What a hook stub calls before the original: the argument registers, as a struct that C reads and changes, and back.
 * The C code is built without vector registers, so those need no saving. The way back from the original is in leave.S.
 *
 *	rsp + 128  what the caller of the stub has laid down
 *	      120  our return address into the stub, where the stub's own return address was
 *	      112  the caller's rbx, and at 104 the frame: for who looks along the stack (trampolines.S)
 *	      96   rax (al counts the vector registers of a variadic call), r10, r9, r8, rcx, rdx, rsi, rdi,
 *	      0    rbp, r12, r13, r14, r15, which unwinding begins with: struct sc_hook_call begins here (src/preload/hooks.h)
 *
 * In: rbx = the shadow frame, which has rax. Out: r11d = 0 when the original is to be called, with the registers as C
 * has left them; else rax = what is to be returned instead.
 */
#include "x86_64/layout.h"

	.macro save register
	push	\register
	.cfi_adjust_cfa_offset 8
	.endm

	.macro restore register
	pop	\register
	.cfi_adjust_cfa_offset -8
	.endm

	.text
	.balign 16
	.globl sc_hook_enter
	.hidden sc_hook_enter
	.type sc_hook_enter, @function
sc_hook_enter:
	.cfi_startproc
	endbr64
	save	SC_FRAME_RBX(%rbx)
	save	%rbx
	save	SC_FRAME_RAX(%rbx)
	save	%r10
	save	%r9
	save	%r8
	save	%rcx
	save	%rdx
	save	%rsi
	save	%rdi
	save	%rbp
	save	%r12
	save	%r13
	save	%r14
	save	%r15				/* C preserves these */
	mov	%rsp, %rdi
	mov	%rbx, %rsi
	call	sc_hook_entered
	mov	%eax, %r11d
	add	$40, %rsp
	.cfi_adjust_cfa_offset -40
	restore	%rdi
	restore	%rsi
	restore	%rdx
	restore	%rcx
	restore	%r8
	restore	%r9
	restore	%r10
	restore	%rax
	add	$16, %rsp
	.cfi_adjust_cfa_offset -16
	ret
	.cfi_endproc
	.size sc_hook_enter, . - sc_hook_enter

	.section .note.GNU-stack, "", @progbits
