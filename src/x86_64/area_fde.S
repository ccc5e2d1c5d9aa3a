/* SPDX-License-Identifier: MIT */
/*
 * The stub area's unwind rules as plain bytes: the call frame instructions that the engine writes
 * behind an FDE header into each image's .eh_frame, for debuggers and profilers that take an
 * address's file from the memory map.
 */
#include "x86_64/area_rules.h"

	.section .rodata
	.globl sc_area_rules
	.hidden sc_area_rules
	.type sc_area_rules, @object
sc_area_rules:
	area_rules .byte
	.size sc_area_rules, . - sc_area_rules
	.globl sc_area_rules_size
	.hidden sc_area_rules_size
	.type sc_area_rules_size, @object
	.balign 4
sc_area_rules_size:
	.long sc_area_rules_size - sc_area_rules
	.size sc_area_rules_size, . - sc_area_rules_size

	.section .note.GNU-stack, "", @progbits
