/* SPDX-License-Identifier: MIT */
/*
 * The stub area: address space that libstubcache.so brings along, into which images are mapped. It
 * takes no room in the file and, until used, no memory; area.ld puts it at the end of a
 * read-only segment, so that no part of it is ever anonymous and executable.
 *
 * Because it is part of the library, every unwinder knows it, and the one FDE here describes all stubs
 * that will ever lie in it: nothing is registered at run time, and nothing can be forgotten.
 */
#include "x86_64/area_rules.h"
#include "x86_64/layout.h"

	.section .stubarea, "a", @nobits
	.balign 4096
	.globl sc_area
	.hidden sc_area
	.type sc_area, @object
sc_area:
	.cfi_startproc
	area_rules .cfi_escape
	.skip SC_STUB_AREA
	.cfi_endproc
	.size sc_area, . - sc_area

	.section .rodata
	.globl sc_area_size
	.hidden sc_area_size
	.type sc_area_size, @object
	.balign 8
sc_area_size:
	.quad SC_STUB_AREA
	.size sc_area_size, . - sc_area_size

	.section .note.GNU-stack, "", @progbits
