/* SPDX-License-Identifier: MIT */
/*
 * Vector and x87 registers as values, for C that is built without them: so they still hold what the intercepted call
 * has put there. Nothing is changed. Called by src/preload/trace.c.
 */
	.text

/* void sc_values_vector(uint64_t out[8]): the low halves of xmm0..xmm7. */
	.balign 16
	.globl sc_values_vector
	.hidden sc_values_vector
	.type sc_values_vector, @function
sc_values_vector:
	.cfi_startproc
	endbr64
	movq	%xmm0, (%rdi)
	movq	%xmm1, 8(%rdi)
	movq	%xmm2, 16(%rdi)
	movq	%xmm3, 24(%rdi)
	movq	%xmm4, 32(%rdi)
	movq	%xmm5, 40(%rdi)
	movq	%xmm6, 48(%rdi)
	movq	%xmm7, 56(%rdi)
	ret
	.cfi_endproc
	.size sc_values_vector, . - sc_values_vector

/* void sc_values_x87(uint8_t out[32], unsigned count): st0, or st0 and st1, 16 bytes each, of which ten count. Storing
 * and loading an extended value raises no exception, whatever it is. */
	.balign 16
	.globl sc_values_x87
	.hidden sc_values_x87
	.type sc_values_x87, @function
sc_values_x87:
	.cfi_startproc
	endbr64
	fstpt	(%rdi)
	cmp	$2, %esi
	jb	1f
	fstpt	16(%rdi)
	fldt	16(%rdi)
1:	fldt	(%rdi)
	ret
	.cfi_endproc
	.size sc_values_x87, . - sc_values_x87

	.section .note.GNU-stack, "", @progbits
