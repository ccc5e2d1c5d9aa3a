/* SPDX-License-Identifier: MIT */
/*
 * Saves and restores the extended state (Intel SDM, volume 1, chapter 13), in the form of XSAVE, or of FXSAVE where the
 * system has not enabled that. Leaf functions that leave the stack alone: unwinders need no more than the first rules.
 */
	.macro	function name, with_parts, without
	.balign 16
	.globl \name
	.hidden \name
	.type \name, @function
\name:
	.cfi_startproc
	endbr64
	mov	%esi, %eax
	xor	%edx, %edx
	test	%eax, %eax
	jz	1f
	\with_parts (%rdi)
	ret
1:	\without (%rdi)
	ret
	.cfi_endproc
	.size \name, . - \name
	.endm

	.text
	function sc_vectors_save, xsave64, fxsave64
	function sc_vectors_restore, xrstor64, fxrstor64

	.section .note.GNU-stack, "", @progbits
