/* SPDX-License-Identifier: MIT */
/*
 * Numbers that assembly and C must agree on: the stub cells, the words stubs use, a shadow frame,
 * a thread, and the parts of a record region that stubs write. Included by .S files too. The build stops in
 * threads.c when a structure is no longer so; tests/unit/test_emit.c looks where the templates have their fields.
 */
#ifndef SC_X86_64_LAYOUT_H
#define SC_X86_64_LAYOUT_H

/* The stub area is divided into cells. A frame stub fills one, two tail stubs share one. The last byte of a
 * cell tells the area's unwind rules (area.S) which it is. */
#define SC_CELL_SIZE 128
#define SC_TAIL_SIZE 64
#define SC_CELL_TAIL 0
#define SC_CELL_FRAME 1

/* Wrappers have an entry for each namespace (wrappers.S), and each namespace has a row of originals. */
#define SC_WRAPPER_NAMESPACES 16 /* wrappers.S writes them out */
#define SC_WRAPPER_ENTRY 16 /* bytes */
#define SC_WRAPPER_ROW 256  /* bytes: enum sc_wrapper fits */

#define SC_CONFINING_OPTION 22 /* PR_SET_SECCOMP, whose header is none for assembly */

/* Where the frame stub's state changes, in bytes from its start (stub.S). */
#define SC_FRAME_RBX_PUSHED 12	/* caller's rbx is on the stack */
#define SC_FRAME_NEXT_PUSHED 26 /* and the next free frame's address above it, */
#define SC_FRAME_NEXT_POPPED 29 /* until here */
#define SC_FRAME_RBX_POPPED 32	/* rbx is saved in the frame, the return address still on the stack */
#define SC_FRAME_ENTERED 35	/* the return address is in the frame, too */
#define SC_FRAME_SLOW 107	/* no frame was free: as after SC_FRAME_RBX_PUSHED */

/* Where generation writes into the templates: offsets of 32-bit fields. */
#define SC_TAIL_TLS 7
#define SC_TAIL_INDEX 24
#define SC_TAIL_WORD 30
#define SC_TAIL_SLOW 43
#define SC_CLOSURE_WORD 31 /* the closure stub is a tail stub up to there */
#define SC_CLOSURE_SLOW 47
#define SC_CLOSURE_LEA 0x4c /* first byte of the instruction with the word; 0xff in a tail stub */
#define SC_FRAME_TLS 7
#define SC_FRAME_NUMBER 38 /* of the stub, and which kind of frame it makes */
#define SC_FRAME_INDEX 66
#define SC_FRAME_WORD 100
#define SC_FRAME_SLOW_WORD 116
#define SC_FRAME_CLOCK_ENTER 72 /* in the clock variant only */
#define SC_HOOK_ENTER SC_FRAME_CLOCK_ENTER /* the hook stub is a frame stub but for this call */
#define SC_HOOK_DECIDED 83	/* and what it does when the original is not to be called */

/* A module's words: these first, then one word a target. */
#define SC_WORD_TLS 0	    /* offset of struct sc_tls from the thread pointer */
#define SC_WORD_SLOW_TAIL 8
#define SC_WORD_SLOW_FRAME 16
#define SC_WORD_CLOCK_ENTER 24
#define SC_WORD_HOOK_ENTER 32
#define SC_WORD_HOOK_DECIDED 40
#define SC_WORDS_FIXED 64   /* bytes before the first target's word */

/* struct sc_tls */
#define SC_TLS_THREAD 0
#define SC_TLS_REGION 8

/* struct sc_thread */
#define SC_THREAD_FREE 0
#define SC_THREAD_REGION 8

/* The kind, above the number: what leave.S has to do. */
#define SC_FRAME_KIND_CLOCK (1 << 28)
#define SC_FRAME_KIND_HOOK (1 << 29)
#define SC_FRAME_KINDS (SC_FRAME_KIND_CLOCK | SC_FRAME_KIND_HOOK)
/* And what makes a frame's first word negative while it is in use: as a list's head or a frame's next that is an end, as 0
 * is. A handler that takes a frame between two instructions of who takes or gives back one, and leaves its call by longjmp,
 * returns to who goes on with such a word. */
#define SC_FRAME_USED (1 << 31)

/* struct sc_frame */
#define SC_FRAME_SIZE 64
#define SC_FRAME_NEXT 0
#define SC_FRAME_STUB SC_FRAME_NEXT /* while in use: number and kind */
#define SC_FRAME_RBX 8
#define SC_FRAME_RETURN 16
#define SC_FRAME_STACK 24
#define SC_FRAME_RAX 32
#define SC_FRAME_HOOK SC_FRAME_RAX /* from the hook's decision on: what it wants at the return */
#define SC_FRAME_START 40
#define SC_FRAME_CHILDREN 48
#define SC_FRAME_TRAMPOLINE 56

#define SC_STUB_AREA 0x3000000 /* bytes: with the two areas of trampolines and their frames 64 MiB */

/*
 * Return trampolines (trampolines.S), each as large as the frame that belongs to it. Those of the first frames are code of
 * ours; the others are mapped, a block at a time, from a second piece of it into address space that is kept for them,
 * so far below their frames.
 */
#define SC_TRAMPOLINES_FIRST 256 /* their number */
#define SC_TRAMPOLINE_BLOCK 0x10000 /* bytes, of which the first SC_FRAME_SIZE are no frame's */
#define SC_TRAMPOLINE_AREA 0x800000 /* bytes */
/* Where a trampoline's state changes, in bytes from its start. */
#define SC_TRAMPOLINE_SITE 14	/* what an original returns to */
#define SC_TRAMPOLINE_PUSHED 20 /* the return address is on the stack again */

/* struct sc_hook_call (preload/hooks.h), without the return address */
#define SC_HOOK_REGISTERS 120

/* struct sc_record_region (common/record.h) */
#define SC_REGION_LOG_USED 16
#define SC_REGION_CHILDREN 24
#define SC_REGION_LOG 128
#define SC_REGION_LOG_SIZE 16384
#define SC_REGION_COUNTS (SC_REGION_LOG + SC_REGION_LOG_SIZE)

#endif
