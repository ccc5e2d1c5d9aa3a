/* SPDX-License-Identifier: MIT */
/* libtails.so: functions that each end in a jump to the next, through its slot. The last jumps to what it is given. */

#define TAIL(number, next) \
	__asm__(".text\n" \
		".globl tail_" #number "\n" \
		".type tail_" #number ", @function\n" \
		"tail_" #number ":\n" \
		"	.cfi_startproc\n" \
		"	jmp " next "\n" \
		"	.cfi_endproc\n" \
		".size tail_" #number ", . - tail_" #number "\n")

TAIL(1, "*%rdi");
TAIL(2, "tail_1@PLT");
TAIL(3, "tail_2@PLT");
TAIL(4, "tail_3@PLT");
TAIL(5, "tail_4@PLT");
TAIL(6, "tail_5@PLT");
