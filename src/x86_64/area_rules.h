/* SPDX-License-Identifier: MIT */
/*
 * How to unwind from any instruction of any stub: call frame instructions (DWARF 4, 6.4.2) whose
 * expressions look at the address itself, as those that the linker writes for .plt do. Emitted twice:
 * for the stub area of libstubcache.so (area.S), and as bytes that the engine puts into each image's
 * .eh_frame, for tools that look there (area_fde.S).
 *
 *	off  = rip & 127                  position in the cell
 *	kind = byte at (rip | 127)        1: frame stub; 0: tail stubs, where CFA = rsp + 8 throughout
 *
 * In a frame stub, by offset:
 *	[0, 12)     CFA = rsp + 8    return address at CFA - 8     rbx as it is
 *	[12, 26)    CFA = rsp + 16                                 rbx at CFA - 16
 *	[26, 29)    CFA = rsp + 24                                 rbx at CFA - 16
 *	[29, 32)    CFA = rsp + 16                                 rbx at CFA - 16
 *	[32, 35)    CFA = rsp + 8                                  rbx at rbx + 8
 *	[35, 107)   CFA = rsp + 8    return address at rbx + 16    rbx at rbx + 8     rsp = rsp
 *	[107, ..)   as [12, 26)
 *
 * From 35 on the return address is gone from the stack, so the caller's rsp is rsp itself. CFA still is
 * rsp + 8 and not rsp: the original's CFA is the value rsp has here, libgcc tells frames apart by
 * their CFA, and with equal ones it would take the stub's caller for the stub and abort a throw
 * that this caller catches.
 *
 * While the original runs its caller is not the stub but a return trampoline (trampolines.S), and the address itself says
 * whose frame it is:
 *
 *	F = A + *A  with  A = (rip | 63) - 7, where each trampoline has the distance to its frame
 *
 *	CFA = rsp + 8 - n    return address at F + 16    rbx at F + 8    rsp = rsp, from offset 20 on rsp + 8
 *
 * n is 0, but where an original has ended in a jump to another stub (tail call): then the return address is that of a
 * trampoline again, whose rsp is the same, and n is the number of those. As above, no two frames may have one CFA.
 */

/*
 * Only operations that every unwinder knows: libdw (elfutils 0.188) crashes on deref_size in a CFA expression and
 * takes no jump to an expression's end, LLVM's libunwind knows no nop. So the kind is the top byte of the cell's
 * last word, and what is jumped to at an end is a dup.
 *
 * Times kind: breg16 0, const1u 127, or, lit7, minus, deref, const1u 56, shr, mul: 12 bytes.
 */

/* Pushes (off >= 35) - (off >= 107), times kind: 26 bytes. */
#define IN_FRAME \
	0x80, 0, 0x08, 127, 0x1a,	    /* breg16 0, const1u 127, and */ \
	0x12, 0x08, 35, 0x2a,		    /* dup, const1u 35, ge */ \
	0x16, 0x08, 107, 0x2a, 0x1c,	    /* swap, const1u 107, ge, minus */ \
	0x80, 0, 0x08, 127, 0x21, 0x37, 0x1c, 0x06, 0x08, 56, 0x25, 0x1e /* times kind */

	.macro area_rules emit
	/* DW_CFA_def_cfa_expression, 43 bytes: rsp + 8 + 8 * kind * (in [12, 32) + in [26, 29) + from 107) */
	\emit	0x0f, 43, 0x77, 8
	\emit	0x80, 0, 0x08, 127, 0x1a
	\emit	0x12, 0x3c, 0x2a			/* dup, lit12, ge */
	\emit	0x14, 0x08, 32, 0x2a, 0x1c		/* over, const1u 32, ge, minus */
	\emit	0x14, 0x4a, 0x2a, 0x22			/* over, lit26, ge, plus */
	\emit	0x14, 0x4d, 0x2a, 0x1c			/* over, lit29, ge, minus */
	\emit	0x16, 0x08, 107, 0x2a, 0x22		/* swap, const1u 107, ge, plus */
	\emit	0x80, 0, 0x08, 127, 0x21, 0x37, 0x1c, 0x06, 0x08, 56, 0x25, 0x1e	/* times kind */
	\emit	0x33, 0x24, 0x22			/* lit3, shl, plus */

	/* DW_CFA_val_expression rsp, 29 bytes: CFA - 8 * in frame */
	\emit	0x16, 7, 29
	\emit	IN_FRAME
	\emit	0x33, 0x24, 0x1c			/* lit3, shl, minus */

	/* DW_CFA_expression rip, 38 bytes: in frame ? rbx + 16 : CFA - 8 */
	\emit	0x10, 16, 38
	\emit	IN_FRAME
	\emit	0x28, 5, 0				/* bra +5 */
	\emit	0x38, 0x1c, 0x2f, 3, 0			/* lit8, minus, skip +3 */
	\emit	0x13, 0x73, 16, 0x12			/* drop, breg3 16, dup: somewhere to skip to */

	/* DW_CFA_val_expression rbx, 79 bytes: on the stack ? *(CFA - 16) : saved in the frame ? *(rbx + 8) : rbx */
	\emit	0x16, 3, 79
	\emit	0x80, 0, 0x08, 127, 0x1a
	\emit	0x12, 0x3c, 0x2a			/* dup, lit12, ge */
	\emit	0x14, 0x08, 32, 0x2a, 0x1c		/* over, const1u 32, ge, minus */
	\emit	0x16, 0x08, 107, 0x2a, 0x22		/* swap, const1u 107, ge, plus */
	\emit	0x80, 0, 0x08, 127, 0x21, 0x37, 0x1c, 0x06, 0x08, 56, 0x25, 0x1e
	\emit	0x28, 42, 0				/* bra to "on the stack" */
	\emit	0x80, 0, 0x08, 127, 0x1a
	\emit	0x12, 0x08, 32, 0x2a			/* dup, const1u 32, ge */
	\emit	0x16, 0x08, 107, 0x2a, 0x1c		/* swap, const1u 107, ge, minus */
	\emit	0x80, 0, 0x08, 127, 0x21, 0x37, 0x1c, 0x06, 0x08, 56, 0x25, 0x1e
	\emit	0x28, 6, 0				/* bra to "saved in the frame" */
	\emit	0x13, 0x73, 0, 0x2f, 10, 0		/* drop, breg3 0, skip to the end */
	\emit	0x13, 0x73, 8, 0x06, 0x2f, 3, 0		/* drop, breg3 8, deref, skip to the end */
	\emit	0x40, 0x1c, 0x06, 0x12			/* lit16, minus, deref, dup */
	.endm

/* Pushes F: 10 bytes. */
#define TRAMPOLINE_FRAME 0x80, 0, 0x08, 63, 0x21, 0x37, 0x1c, 0x12, 0x06, 0x22 /* breg16 0, const1u 63, or, lit7, minus, dup, deref, plus */

	.macro trampoline_rules emit
	/* DW_CFA_def_cfa_expression, 51 bytes */
	\emit	0x0f, 51, 0x77, 8, 0x80, 0	/* breg7 8, breg16 0 */
	\emit	0x08, 63, 0x21, 0x37, 0x1c, 0x12, 0x06, 0x22, 0x23, 16, 0x06 /* of an address in a trampoline: F's return address */
	\emit	0x12, 0x08, 63, 0x1a, 0x3e, 0x2e	/* dup, const1u 63, and, lit14, ne */
	\emit	0x28, 26, 0				/* bra to the end: no trampoline's */
	\emit	0x12, 0x3e, 0x1c, 0x06, 0x38, 0x24	/* dup, lit14, minus, deref, lit8, shl */
	\emit	0x0e, 0, 0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0x8b, 0x1d, 0x2e /* const8u: what trampolines begin with; ne */
	\emit	0x28, 7, 0				/* bra to the end */
	\emit	0x16, 0x31, 0x1c, 0x16, 0x2f, 0xd2, 0xff /* swap, lit1, minus, swap, skip to where an address in a trampoline is */
	\emit	0x13					/* drop */

	/* DW_CFA_expression rip, 12 bytes: F + 16 */
	\emit	0x10, 16, 12
	\emit	TRAMPOLINE_FRAME, 0x23, 16

	/* DW_CFA_expression rbx, 12 bytes: F + 8 */
	\emit	0x10, 3, 12
	\emit	TRAMPOLINE_FRAME, 0x23, 8

	/* DW_CFA_val_expression rsp, 12 bytes: rsp + 8 * (offset >= 20) */
	\emit	0x16, 7, 12
	\emit	0x77, 0, 0x80, 0, 0x08, 63, 0x1a, 0x44, 0x2a	/* breg7 0, breg16 0, const1u 63, and, lit20, ge */
	\emit	0x33, 0x24, 0x22				/* lit3, shl, plus */
	.endm
