/* SPDX-License-Identifier: MIT */
/*
 * Wrappers of dlopen and its siblings. They look at their return address (RUNPATH, RTLD_NEXT, the caller's
 * namespace), so C code first decides whether the caller can matter to this call (src/preload/dlwatch.c):
 * if it can, the original is jumped to and finds its own caller; else it is called, and C sees the result.
 *
 * All their arguments are in rdi, rsi, rdx; the result is in rax. They are ordinary C functions, so vector registers
 * need no saving.
 */

#define ORIGINAL(kind) (sc_wrapper_originals + 8 * kind)(%rip)

/*
 * enter(rdi, rsi, rdx, caller) returns 0: jump. leave(result, rdi, rsi, rdx) returns the result to give.
 *	stack while calling: [rdx] [rsi] [rdi] return address
 */
	.macro wrapper name, kind, enter, leave
	.balign 16
	.globl \name
	.hidden \name
	.type \name, @function
\name:
	.cfi_startproc
	endbr64
	push	%rdi
	.cfi_adjust_cfa_offset 8
	push	%rsi
	.cfi_adjust_cfa_offset 8
	push	%rdx
	.cfi_adjust_cfa_offset 8
	mov	24(%rsp), %rcx
	call	\enter
	test	%eax, %eax
	jz	1f
	mov	(%rsp), %rdx
	mov	8(%rsp), %rsi
	mov	16(%rsp), %rdi
	call	*ORIGINAL(\kind)
	mov	%rax, %rdi
	mov	16(%rsp), %rsi
	mov	8(%rsp), %rdx
	mov	(%rsp), %rcx
	call	\leave
	add	$24, %rsp
	.cfi_adjust_cfa_offset -24
	ret
	.cfi_adjust_cfa_offset 24
1:	pop	%rdx
	.cfi_adjust_cfa_offset -8
	pop	%rsi
	.cfi_adjust_cfa_offset -8
	pop	%rdi
	.cfi_adjust_cfa_offset -8
	jmp	*ORIGINAL(\kind)
	.cfi_endproc
	.size \name, . - \name
	.endm

	.text
	/* kinds: enum sc_wrapper (src/engine/engine.h) */
	wrapper sc_wrap_dlopen, 1, sc_dlwatch_dlopen_enter, sc_dlwatch_opened
	wrapper sc_wrap_dlmopen, 2, sc_dlwatch_dlmopen_enter, sc_dlwatch_opened
	wrapper sc_wrap_dlsym, 3, sc_dlwatch_dlsym_enter, sc_dlwatch_dlsym_leave
	wrapper sc_wrap_dlvsym, 4, sc_dlwatch_dlsym_enter, sc_dlwatch_dlvsym_leave
	wrapper sc_wrap_dlclose, 5, sc_dlwatch_dlclose_enter, sc_dlwatch_dlclose_leave

	.section .note.GNU-stack, "", @progbits
