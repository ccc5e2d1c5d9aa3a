/* SPDX-License-Identifier: MIT */
/*
 * Return trampolines: one for each shadow frame. A frame stub enters its original through that of its frame, so the
 * address that the original returns to says which frame it was, and no register has to: all that a call preserves
 * is the caller's while the original runs. A garbage collector that looks for pointers in registers and on stacks
 * (conservative: Boehm's, Ruby's, Emacs', Mono's) would not see one that lies in a frame.
 *
 * In: rbx = the frame, which has the caller's; r11 = the original. Out, to sc_leave: r10 = the frame, the caller's return
 * address on the stack.
 *
 * The first are used where they stand, for frames of ours. The second piece is never executed here: it is mapped from the
 * file, block by block, into the area below (preload/frame_memory.c), where all distances are as here.
 */
#include "x86_64/area_rules.h"
#include "x86_64/layout.h"

/* The trampoline's frame lies at first + offset. */
	.macro trampoline first, offset, leave:vararg
1:	endbr64
	mov	\first + \offset + SC_FRAME_RBX(%rip), %rbx
	call	*%r11
	push	\first + \offset + SC_FRAME_RETURN(%rip)
	lea	\first + \offset(%rip), %r10
	jmp	\leave
	.fill	SC_FRAME_SIZE - 8 - (. - 1b), 1, 0xcc
	.quad	\first + \offset - .
	.endm

	.text
	.balign 64
	.globl sc_trampolines
	.hidden sc_trampolines
	.type sc_trampolines, @function
sc_trampolines:
	.cfi_startproc
	trampoline_rules .cfi_escape
	.set	number, 0
	.rept	SC_TRAMPOLINES_FIRST
	trampoline sc_frames_first, SC_FRAME_SIZE*number, sc_leave
	.set	number, number + 1
	.endr
	.cfi_endproc
	.size sc_trampolines, . - sc_trampolines

/* Leaves through the word at the beginning of the block of frames. */
	.section .text.sc_trampoline_block, "ax", @progbits
	.balign 4096
	.globl sc_trampoline_block
	.hidden sc_trampoline_block
	.type sc_trampoline_block, @function
sc_trampoline_block:
	.cfi_startproc
	trampoline_rules .cfi_escape
	.set	number, 0
	.rept	SC_TRAMPOLINE_BLOCK / SC_FRAME_SIZE
	trampoline sc_trampoline_block, SC_TRAMPOLINE_AREA+SC_FRAME_SIZE*number, *sc_trampoline_block + SC_TRAMPOLINE_AREA(%rip)
	.set	number, number + 1
	.endr
	.cfi_endproc
	.size sc_trampoline_block, . - sc_trampoline_block

/* Address space for the blocks, and behind it for their frames. Like the stub area it is part of the library's read-only
 * segment, so that every unwinder knows it. */
	.section .stubarea, "a", @nobits
	.balign 4096
	.globl sc_trampoline_area
	.hidden sc_trampoline_area
	.type sc_trampoline_area, @object
sc_trampoline_area:
	.cfi_startproc
	trampoline_rules .cfi_escape
	.skip SC_TRAMPOLINE_AREA
	.cfi_endproc
	.size sc_trampoline_area, . - sc_trampoline_area
	.globl sc_frame_area
	.hidden sc_frame_area
	.type sc_frame_area, @object
sc_frame_area:
	.skip SC_TRAMPOLINE_AREA
	.size sc_frame_area, . - sc_frame_area

	.section .note.GNU-stack, "", @progbits
