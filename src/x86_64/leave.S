/* SPDX-License-Identifier: MIT */
/*
 * The way back from a timed call: shared by all frame stubs, which jump here at the original's
 * return. Restores the caller's rbx and return address, gives the shadow frame back, and appends one
 * entry to the thread's log (common/record.h).
 *
 * In: rbx = the shadow frame, r11d = the stub's index, rsp = what the caller of the stub is to have.
 * rax, rdx, vector and x87 registers hold the return value and are not touched; rcx, rsi, rdi, r8-r11
 * are free.
 *
 * A frame is read empty before it is put back: once on the list, a signal handler may take it.
 */
#include "x86_64/layout.h"

/* As at offset 96 of a frame stub (area_rules.h). */
	.macro frame_state
	.cfi_startproc
	.cfi_escape 0x16, 7, 2, 0x77, 0		/* rsp = rsp, though CFA = rsp + 8 */
	.cfi_escape 0x10, 16, 2, 0x73, 16	/* return address at rbx + 16 */
	.cfi_escape 0x10, 3, 2, 0x73, 8		/* rbx at rbx + 8 */
	.endm

/* Leaves the frame's address in r10, the caller's rbx in rbx, its return address on the stack. */
	.macro frame_to_stack
	mov	%rbx, %r10
	.cfi_escape 0x10, 16, 2, 0x7a, 16	/* return address at r10 + 16 */
	.cfi_escape 0x10, 3, 2, 0x7a, 8		/* rbx at r10 + 8 */
	mov	SC_FRAME_RBX(%r10), %rbx
	.cfi_same_value %rbx
	push	SC_FRAME_RETURN(%r10)
	.cfi_offset 16, -8			/* not restore: for libgcc that means "as it is in the callee" */
	.cfi_restore 7
	.endm

	.text
	.balign 64
	.globl sc_leave
	.hidden sc_leave
	.type sc_leave, @function
sc_leave:
	frame_state
	endbr64
	mov	%rax, %r8
	mov	%rdx, %r9
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	frame_to_stack
leave_common:					/* rax: now; r8, r9: what the callee returned */
	sub	SC_FRAME_START(%r10), %rax
	mov	SC_FRAME_CHILDREN(%r10), %rsi
	mov	sc_tls@gottpoff(%rip), %rcx
	movq	$0, SC_FRAME_STACK(%r10)
	mov	%fs:SC_TLS_REGION(%rcx), %rdx
	mov	%fs:SC_TLS_THREAD(%rcx), %rcx
	test	%rdx, %rdx
	jz	2f				/* on a thread that has made no call yet: it has no list */
	mov	SC_THREAD_FREE(%rcx), %rdi
	mov	%rdi, SC_FRAME_NEXT(%r10)
	mov	%r10, SC_THREAD_FREE(%rcx)
	lea	-1(%rax), %r10
	shr	$48, %r10
	jnz	3f				/* none, negative, or beyond 48 bits */
1:	mov	SC_REGION_CHILDREN(%rdx), %rdi
	add	%rax, %rsi
	mov	%rsi, SC_REGION_CHILDREN(%rdx)
	cmp	%rax, %rdi
	cmova	%rax, %rdi
	mov	%r11d, %esi
	shr	$16, %esi
	shl	$16, %rdi
	or	%rsi, %rdi			/* second: children's ticks, index >> 16 */
	movzwl	%r11w, %r11d
	shl	$16, %rax
	or	%r11, %rax			/* first: ticks, index & 0xffff */
	mov	$16, %r10d
	xadd	%r10, SC_REGION_LOG_USED(%rdx)	/* one instruction: signals come before or after it */
	cmp	$SC_REGION_LOG_SIZE, %r10
	jae	4f
	mov	%rdi, SC_REGION_LOG(%rdx,%r10)
	mov	%rax, SC_REGION_LOG + 8(%rdx,%r10)
2:	mov	%r8, %rax
	mov	%r9, %rdx
	ret
3:	mov	$1, %r10d			/* clocks that disagree between processors: one tick */
	test	%rax, %rax
	cmovle	%r10, %rax
	mov	$0xffffffffffff, %r10
	cmp	%r10, %rax
	cmova	%r10, %rax
	jmp	1b
4:	push	%r8
	.cfi_adjust_cfa_offset 8
	push	%r9
	.cfi_adjust_cfa_offset 8
	sub	$8, %rsp
	.cfi_adjust_cfa_offset 8
	mov	%rdi, %rsi
	mov	%rdx, %rdi
	mov	%rax, %rdx
	call	sc_record_fold			/* built without vector registers */
	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	pop	%rdx
	.cfi_adjust_cfa_offset -8
	pop	%rax
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_endproc
	.size sc_leave, . - sc_leave

/* The same with the time from a C function, of the frame's hook and of where rdx and rax are as its arguments. */
	.macro leave_by name, function
	.balign 16
	.globl \name
	.hidden \name
	.type \name, @function
\name:
	frame_state
	endbr64
	frame_to_stack
	push	%rax
	.cfi_adjust_cfa_offset 8
	push	%rdx
	.cfi_adjust_cfa_offset 8
	push	%r10
	.cfi_adjust_cfa_offset 8
	push	%r11
	.cfi_adjust_cfa_offset 8
	sub	$8, %rsp
	.cfi_adjust_cfa_offset 8
	mov	SC_FRAME_HOOK(%r10), %rdi
	lea	24(%rsp), %rsi
	call	\function
	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	pop	%r11
	.cfi_adjust_cfa_offset -8
	pop	%r10
	.cfi_adjust_cfa_offset -8
	pop	%r9
	.cfi_adjust_cfa_offset -8
	pop	%r8
	.cfi_adjust_cfa_offset -8
	jmp	leave_common
	.cfi_endproc
	.size \name, . - \name
	.endm

/* With CLOCK_MONOTONIC, where the time stamp counter cannot be trusted. */
	leave_by sc_leave_clock, sc_clock_monotonic
/* Out of a hook stub: what was begun at the entry may have to be ended (src/preload/hooks.c). */
	leave_by sc_hook_leave, sc_hook_left

/* Called by the clock variant of the frame stub, rbx = the frame, rax free: writes its start and marks it in
 * use, gives rax back. The call's return address lies where the stub's caller had its own. */
	.balign 16
	.globl sc_clock_enter
	.hidden sc_clock_enter
	.type sc_clock_enter, @function
sc_clock_enter:
	.cfi_startproc
	endbr64
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
	call	sc_clock_monotonic
	mov	%rax, SC_FRAME_START(%rbx)
	lea	64(%rsp), %rax			/* seven words and our return address */
	mov	%rax, SC_FRAME_STACK(%rbx)
	mov	SC_FRAME_RAX(%rbx), %rax
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
	ret
	.cfi_endproc
	.size sc_clock_enter, . - sc_clock_enter

	.section .note.GNU-stack, "", @progbits
