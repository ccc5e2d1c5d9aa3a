/* SPDX-License-Identifier: MIT */
/*
 * The way back from a timed call: shared by all return trampolines (trampolines.S), which jump here at the original's
 * return. Gives the shadow frame back, and appends one entry to the thread's log (common/record.h).
 *
 * In: r10 = the shadow frame; the caller's return address is on the stack, where the caller had it. rax, rdx, vector and
 * x87 registers hold the return value; rdi and rsi may be the caller's, if it is a call by Windows' convention, as within
 * Wine; rcx, r8, r9 and r11 are free.
 *
 * A frame is read empty before it is put back: once on the list, a signal handler may take it.
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
	.balign 64
	.globl sc_leave
	.hidden sc_leave
	.type sc_leave, @function
sc_leave:
	.cfi_startproc
	endbr64
	save	%rax
	save	%rdx
	mov	SC_FRAME_STUB(%r10), %r11d
	test	$SC_FRAME_KINDS, %r11d
	jnz	leave_by_c
	and	$~SC_FRAME_USED, %r11d
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
leave_common:					/* rax: now; r11: the stub's number */
	sub	SC_FRAME_START(%r10), %rax
	mov	SC_FRAME_CHILDREN(%r10), %r8
	mov	sc_tls@gottpoff(%rip), %rcx
	movq	$0, SC_FRAME_STACK(%r10)
	movq	$0, SC_FRAME_RBX(%r10)		/* what looks for leaks in our data is to find no pointer there */
	mov	%fs:SC_TLS_REGION(%rcx), %rdx
	mov	%fs:SC_TLS_THREAD(%rcx), %rcx
	test	%rdx, %rdx
	jz	2f				/* on a thread that has made no call yet: it has no list */
	mov	SC_THREAD_FREE(%rcx), %r9
	mov	%r9, SC_FRAME_NEXT(%r10)
	mov	%r10, SC_THREAD_FREE(%rcx)
	lea	-1(%rax), %r10
	shr	$48, %r10
	jnz	3f				/* none, negative, or beyond 48 bits */
1:	mov	SC_REGION_CHILDREN(%rdx), %r9
	add	%rax, %r8
	mov	%r8, SC_REGION_CHILDREN(%rdx)
	cmp	%rax, %r9
	cmova	%rax, %r9
	mov	%r11d, %r8d
	shr	$16, %r8d
	shl	$16, %r9
	or	%r8, %r9			/* second: children's ticks, index >> 16 */
	movzwl	%r11w, %r11d
	shl	$16, %rax
	or	%r11, %rax			/* first: ticks, index & 0xffff */
	mov	$16, %r10d
	xadd	%r10, SC_REGION_LOG_USED(%rdx)	/* one instruction: signals come before or after it */
	cmp	$SC_REGION_LOG_SIZE, %r10
	jae	4f
	mov	%r9, SC_REGION_LOG(%rdx,%r10)
	mov	%rax, SC_REGION_LOG + 8(%rdx,%r10)
2:	.cfi_remember_state
	restore	%rdx
	restore	%rax
	ret
	.cfi_restore_state
3:	mov	$1, %r10d			/* clocks that disagree between processors: one tick */
	test	%rax, %rax
	cmovle	%r10, %rax
	mov	$0xffffffffffff, %r10
	cmp	%r10, %rax
	cmova	%r10, %rax
	jmp	1b
4:	save	%rdi
	save	%rsi
	sub	$8, %rsp
	.cfi_adjust_cfa_offset 8
	mov	%rdx, %rdi
	mov	%r9, %rsi
	mov	%rax, %rdx
	call	sc_record_fold			/* built without vector registers */
	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	restore	%rsi
	restore	%rdi
	jmp	2b

/* The same with the time from a C function, of the frame's hook and of where rdx and rax are as its arguments: with
 * CLOCK_MONOTONIC, where the time stamp counter cannot be trusted, and out of a hook stub, where what was begun at the
 * entry may have to be ended (src/preload/hooks.c). */
leave_by_c:
	save	%r10
	save	%r11
	save	%rdi
	save	%rsi
	sub	$8, %rsp
	.cfi_adjust_cfa_offset 8
	mov	SC_FRAME_HOOK(%r10), %rdi
	lea	40(%rsp), %rsi
	test	$SC_FRAME_KIND_HOOK, %r11d
	jz	5f
	call	sc_hook_left
	jmp	6f
5:	call	sc_clock_monotonic
6:	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	restore	%rsi
	restore	%rdi
	restore	%r11
	and	$~(SC_FRAME_KINDS | SC_FRAME_USED), %r11d
	restore	%r10
	jmp	leave_common
	.cfi_endproc
	.size sc_leave, . - sc_leave

/*
 * From a hook stub whose hook has decided that the original is not to be called. rbx = the frame, rax = what is returned.
 * Its frame is as behind SC_FRAME_ENTERED (area_rules.h).
 */
	.balign 16
	.globl sc_hook_decided
	.hidden sc_hook_decided
	.type sc_hook_decided, @function
sc_hook_decided:
	.cfi_startproc
	.cfi_escape 0x16, 7, 2, 0x77, 0		/* rsp = rsp, though CFA = rsp + 8 */
	.cfi_escape 0x10, 16, 2, 0x73, 16	/* return address at rbx + 16 */
	.cfi_escape 0x10, 3, 2, 0x73, 8		/* rbx at rbx + 8 */
	endbr64
	mov	%rbx, %r10
	push	SC_FRAME_RETURN(%rbx)
	.cfi_offset 16, -8			/* not restore: for libgcc that means "as it is in the callee" */
	.cfi_restore 7
	mov	SC_FRAME_RBX(%rbx), %rbx
	.cfi_same_value %rbx
	jmp	sc_leave
	.cfi_endproc
	.size sc_hook_decided, . - sc_hook_decided

/* Called by the clock variant of the frame stub, rbx = the frame, rax free: writes its start and marks it in
 * use, gives rax back. The call's return address lies where the stub's caller had its own. */
	.balign 16
	.globl sc_clock_enter
	.hidden sc_clock_enter
	.type sc_clock_enter, @function
sc_clock_enter:
	.cfi_startproc
	endbr64
	push	SC_FRAME_RBX(%rbx)		/* for who looks along the stack (trampolines.S) */
	.cfi_adjust_cfa_offset 8
	push	%rbx				/* to fill up */
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
	call	sc_clock_monotonic
	mov	%rax, SC_FRAME_START(%rbx)
	lea	80(%rsp), %rax			/* nine words and our return address */
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
	add	$16, %rsp
	.cfi_adjust_cfa_offset -16
	ret
	.cfi_endproc
	.size sc_clock_enter, . - sc_clock_enter

	.section .note.GNU-stack, "", @progbits
