/* SPDX-License-Identifier: MIT */
/*
 * Wrappers of what the preload itself must see (src/preload/wrappers.h). Each namespace has a libc of its own, with its
 * own errno, dlerror and exit handlers, so a wrapper has an entry for each, which brings along where that libc's
 * originals are noted.
 */
#include <sys/syscall.h>

#include "x86_64/layout.h"

/* The table of entries; each goes on at 2f with the address of its original in r11. */
	.macro entry originals, offset
	.balign SC_WRAPPER_ENTRY
	endbr64
	lea	\originals + \offset(%rip), %r11
	jmp	2f
	.endm

	.macro entries name, kind
	.balign SC_WRAPPER_ENTRY
	.globl \name
	.hidden \name
	.type \name, @function
\name:
	.cfi_startproc
	entry	sc_wrapper_originals, 8*\kind
	.irp	space, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	entry	sc_wrapper_others, SC_WRAPPER_ROW*(\space-1)+8*\kind
	.endr
	.endm

	.macro ends name
	.cfi_endproc
	.size \name, . - \name
	.endm

/*
 * The dl functions look at their return address (RUNPATH, RTLD_NEXT, the caller's namespace), so C code first decides
 * whether the caller can matter to this call (src/preload/dlwatch.c): if it can, the original is jumped to and finds
 * its own caller; else it is called, and C sees the result.
 *
 * All their arguments are in rdi, rsi, rdx; the result is in rax. They are ordinary C functions, so vector registers
 * need no saving.
 *
 * enter(rdi, rsi, rdx, caller) returns 0: jump. leave(result, rdi, rsi, rdx) returns the result to give.
 *	stack while calling: [-] [r11] [rdx] [rsi] [rdi] return address
 */
	.macro dl name, kind, enter, leave
	entries	\name, \kind
2:	push	%rdi
	.cfi_adjust_cfa_offset 8
	push	%rsi
	.cfi_adjust_cfa_offset 8
	push	%rdx
	.cfi_adjust_cfa_offset 8
	push	%r11
	.cfi_adjust_cfa_offset 8
	sub	$8, %rsp
	.cfi_adjust_cfa_offset 8
	mov	40(%rsp), %rcx
	call	\enter
	mov	8(%rsp), %r11
	mov	16(%rsp), %rdx
	mov	24(%rsp), %rsi
	mov	32(%rsp), %rdi
	test	%eax, %eax
	jz	1f
	call	*(%r11)
	mov	%rax, %rdi
	mov	32(%rsp), %rsi
	mov	24(%rsp), %rdx
	mov	16(%rsp), %rcx
	call	\leave
	add	$40, %rsp
	.cfi_adjust_cfa_offset -40
	ret
	.cfi_adjust_cfa_offset 40
1:	add	$40, %rsp
	.cfi_adjust_cfa_offset -40
	jmp	*(%r11)
	ends	\name
	.endm

/* What is all C's: it gets the original as one argument more. */
	.macro plain name, kind, argument, function
	entries	\name, \kind
2:	mov	(%r11), \argument
	jmp	\function
	ends	\name
	.endm

/*
 * prctl and syscall may be what forbids us system calls (src/preload/confine.c). Other calls of them are jumped on: these
 * are the numbers of those that are looked at. enter gets the arguments, leave the result and what enter has returned,
 * and returns the result.
 *	stack while calling: [r11, then what enter has returned] [rdi] [rsi] [rdx] [rcx] [r8] [r9] return address
 */
	.macro confining name, kind, enter, numbers:vararg
	entries	\name, \kind
2:	.irp	number, \numbers
	cmp	$\number, %edi
	je	3f
	.endr
	jmp	*(%r11)
3:	.irp	register, %r9, %r8, %rcx, %rdx, %rsi, %rdi, %r11
	push	\register
	.cfi_adjust_cfa_offset 8
	.endr
	call	\enter
	mov	(%rsp), %r11
	mov	%rax, (%rsp)
	mov	8(%rsp), %rdi
	mov	16(%rsp), %rsi
	mov	24(%rsp), %rdx
	mov	32(%rsp), %rcx
	mov	40(%rsp), %r8
	mov	48(%rsp), %r9
	call	*(%r11)
	mov	%rax, %rdi
	mov	(%rsp), %rsi
	call	sc_confine_leave
	add	$56, %rsp
	.cfi_adjust_cfa_offset -56
	ret
	ends	\name
	.endm

	.text
	/* kinds: enum sc_wrapper (src/engine/engine.h) */
	dl	sc_wrap_dlopen, 1, sc_dlwatch_dlopen_enter, sc_dlwatch_opened
	dl	sc_wrap_dlmopen, 2, sc_dlwatch_dlmopen_enter, sc_dlwatch_opened
	dl	sc_wrap_dlsym, 3, sc_dlwatch_dlsym_enter, sc_dlwatch_dlsym_leave
	dl	sc_wrap_dlvsym, 4, sc_dlwatch_dlsym_enter, sc_dlwatch_dlvsym_leave
	dl	sc_wrap_dlclose, 5, sc_dlwatch_dlclose_enter, sc_dlwatch_dlclose_leave
	plain	sc_wrap__exit, 6, %rsi, sc_exit_wrap__exit
	plain	sc_wrap_quick_exit, 7, %rsi, sc_exit_wrap_quick_exit
	plain	sc_wrap_abort, 8, %rdi, sc_exit_wrap_abort
	plain	sc_wrap_exit, 20, %rsi, sc_exit_wrap_quick_exit
	plain	sc_wrap_fork, 21, %rdi, sc_fork_wrap_fork
	confining sc_wrap_prctl, 22, sc_confine_prctl, SC_CONFINING_OPTION
	confining sc_wrap_syscall, 23, sc_confine_syscall, SYS_prctl, SYS_seccomp

	.section .note.GNU-stack, "", @progbits
