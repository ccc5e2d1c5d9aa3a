/* SPDX-License-Identifier: MIT */
/*
 * The stub templates. The engine copies one for each target and fills in its displacements and
 * index (src/engine/emit.c); nothing here is executed where it stands, so it lies in .rodata.
 *
 * A stub is entered by call or jump through a slot, in place of its target: any argument register,
 * rax (al counts vector registers for variadic callees), r10 (static chain) and the stack belong to
 * the call. Only r11 and the flags are free (System V ABI, AMD64 supplement, 3.2.1 and 5.2).
 *
 * The words are reached relative to rip: an image's code and words keep their distance wherever it is
 * mapped.
 */
#include "x86_64/layout.h"

	.section .rodata.sc_stubs, "a"

/*
 * Tail stub: count and go on. No frame, so callers, unwinders and whoever looks at its return
 * address see what they would see without us.
 */
	.balign 64
	.globl sc_stub_tail
	.hidden sc_stub_tail
	.type sc_stub_tail, @object
sc_stub_tail:
	endbr64
	mov	0x7fffff00(%rip), %r11		/* SC_WORD_TLS */
tail_tls:
	mov	%fs:SC_TLS_REGION(%r11), %r11
	test	%r11, %r11
	jz	tail_slow			/* this thread's first call */
	incq	0x7fffff00(%r11)		/* SC_REGION_COUNTS + 8 * index */
tail_index:
	jmp	*0x7fffff00(%rip)		/* the original */
tail_word:
tail_slow:
	lea	sc_stub_tail(%rip), %r11	/* started over once the thread is ready */
	jmp	*0x7fffff00(%rip)		/* SC_WORD_SLOW_TAIL */
tail_slow_word:
	.fill	SC_TAIL_SIZE - 1 - (. - sc_stub_tail), 1, 0xcc
	.byte	SC_CELL_TAIL
	.size sc_stub_tail, . - sc_stub_tail

/*
 * Closure stub: count, and enter the closure whose data is in the words, as libffi's Go closures are entered: its address
 * in r10, its code at its first word. What libffi's own closures have as code in writable memory is this stub.
 */
	.balign 64
	.globl sc_stub_closure
	.hidden sc_stub_closure
	.type sc_stub_closure, @object
sc_stub_closure:
	endbr64
	mov	0x7fffff00(%rip), %r11		/* SC_WORD_TLS */
	mov	%fs:SC_TLS_REGION(%r11), %r11
	test	%r11, %r11
	jz	closure_slow
	incq	0x7fffff00(%r11)		/* SC_REGION_COUNTS + 8 * index */
	lea	0x7fffff00(%rip), %r10		/* the closure */
closure_word:
	jmp	*(%r10)
closure_slow:
	lea	sc_stub_closure(%rip), %r11
	jmp	*0x7fffff00(%rip)		/* SC_WORD_SLOW_TAIL */
closure_slow_word:
	.fill	SC_TAIL_SIZE - 1 - (. - sc_stub_closure), 1, 0xcc
	.byte	SC_CELL_TAIL
	.size sc_stub_closure, . - sc_stub_closure

/*
 * Frame stub: note the time, enter the original through the frame's return trampoline (trampolines.S), which goes on in
 * leave.S. The return address moves from the stack into a shadow frame, so the original finds the stack exactly as the
 * caller laid it. rbx leads to the frame in between, and is the caller's again when the original is entered.
 *
 * A frame is taken off the thread's free list before anything is written to it: a signal handler that
 * comes in between and calls a stub itself would be given the same frame. SC_FRAME_STACK marks
 * the frame as in use and is written when all else is, so that whoever looks for abandoned frames
 * (src/preload/frames.c) sees a complete one or none.
 *
 *	[0]  endbr64 .. push rbx           CFA = rsp + 8, then + 16
 *	[26] next pushed, [29] popped      CFA = rsp + 24, then + 16
 *	[32] rbx saved in the frame        CFA = rsp + 8
 *	[35] return address in the frame   see area_rules.h
 *
 * Below rsp the caller's rbx stays where it was pushed until the trampoline has it in rbx again: a signal handler leaves the
 * 128 bytes there alone, and who looks along the stack for pointers finds it.
 */
	.macro	frame_entry
	endbr64
	mov	0x7fffff00(%rip), %r11		/* SC_WORD_TLS */
	push	%rbx
	mov	%fs:SC_TLS_THREAD(%r11), %r11
	mov	SC_THREAD_FREE(%r11), %rbx
	test	%rbx, %rbx
	jle	1f				/* none, or SC_FRAME_USED */
	push	SC_FRAME_NEXT(%rbx)
	pop	SC_THREAD_FREE(%r11)
	pop	SC_FRAME_RBX(%rbx)
	pop	SC_FRAME_RETURN(%rbx)
	movq	$0x7fffff00, SC_FRAME_STUB(%rbx)	/* number and kind */
	mov	SC_THREAD_REGION(%r11), %r11	/* a thread that has frames has a region */
	mov	%rax, SC_FRAME_RAX(%rbx)
	mov	SC_REGION_CHILDREN(%r11), %rax
	mov	%rax, SC_FRAME_CHILDREN(%rbx)
	andq	$0, SC_REGION_CHILDREN(%r11)
	incq	0x7fffff00(%r11)		/* SC_REGION_COUNTS + 8 * index */
	.endm

	.macro	frame_exit start
	mov	0x7fffff00(%rip), %r11		/* the original */
	jmp	*SC_FRAME_TRAMPOLINE(%rbx)
1:	lea	\start(%rip), %r11		/* started over once a frame is there */
	jmp	*0x7fffff00(%rip)		/* SC_WORD_SLOW_FRAME */
	.fill	SC_CELL_SIZE - 1 - (. - \start), 1, 0xcc
	.byte	SC_CELL_FRAME
	.endm

	.balign 64
	.globl sc_stub_frame
	.hidden sc_stub_frame
	.type sc_stub_frame, @object
sc_stub_frame:
	frame_entry
frame_index:
	mov	%rdx, %r11
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, SC_FRAME_START(%rbx)
	mov	%rsp, SC_FRAME_STACK(%rbx)
	mov	SC_FRAME_RAX(%rbx), %rax
	mov	%r11, %rdx
frame_call:
	frame_exit sc_stub_frame
	.size sc_stub_frame, . - sc_stub_frame

/* The same where the time stamp counter cannot be trusted: sc_clock_enter reads CLOCK_MONOTONIC and
 * writes start and stack. */
	.balign 64
	.globl sc_stub_frame_clock
	.hidden sc_stub_frame_clock
	.type sc_stub_frame_clock, @object
sc_stub_frame_clock:
	frame_entry
	call	*0x7fffff00(%rip)		/* SC_WORD_CLOCK_ENTER */
frame_clock_enter:
	.nops	SC_FRAME_WORD - 3 - SC_FRAME_CLOCK_ENTER - 4	/* so that both variants have the same offsets */
frame_clock_call:
	frame_exit sc_stub_frame_clock
	.size sc_stub_frame_clock, . - sc_stub_frame_clock

/*
 * Hook stub: the frame stub with C in between (hook.S, preload/hooks.c), which may change arguments, wait, or say that
 * the original is not to be called; then what it has left in rax is returned. It comes back to the stub either way, so
 * that calls and returns stay in pairs, for predictors and shadow stacks.
 */
	.balign 64
	.globl sc_stub_hook
	.hidden sc_stub_hook
	.type sc_stub_hook, @object
sc_stub_hook:
	frame_entry
	call	*0x7fffff00(%rip)		/* SC_WORD_HOOK_ENTER */
hook_enter:
	test	%r11d, %r11d			/* 0: go on */
	jz	2f
	jmp	*0x7fffff00(%rip)		/* SC_WORD_HOOK_DECIDED */
hook_decided:
2:	.nops	SC_FRAME_WORD - 3 - SC_HOOK_DECIDED - 4
hook_call:
	frame_exit sc_stub_hook
	.size sc_stub_hook, . - sc_stub_hook

/* Where the labels really are, for tests/unit/test_emit.c to hold against layout.h: the assembler knows
 * only when it is done. */
	.globl sc_stub_offsets
	.hidden sc_stub_offsets
	.type sc_stub_offsets, @object
sc_stub_offsets:
	.long	tail_tls - sc_stub_tail - 4, tail_index - sc_stub_tail - 4
	.long	tail_word - sc_stub_tail - 4, tail_slow_word - sc_stub_tail - 4
	.long	frame_index - sc_stub_frame - 4, frame_call - sc_stub_frame
	.long	frame_clock_enter - sc_stub_frame_clock - 4, frame_clock_call - sc_stub_frame_clock
	.long	hook_enter - sc_stub_hook - 4, hook_call - sc_stub_hook, hook_decided - sc_stub_hook - 4
	.long	closure_word - sc_stub_closure - 4, closure_slow_word - sc_stub_closure - 4
	.size sc_stub_offsets, . - sc_stub_offsets

	.section .note.GNU-stack, "", @progbits
