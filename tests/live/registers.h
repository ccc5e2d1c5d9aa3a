/* SPDX-License-Identifier: MIT */
/*
 * What registers_lib.S (in libprobe.so) and registers_call.S (in registers_host) agree on. The offsets
 * are spelled out for the assembler; registers_host checks them against the struct.
 */
#ifndef REGISTERS_H
#define REGISTERS_H

#define REGISTERS_STACK_WORDS 20

#define AT_RDI 0
#define AT_RSI 8
#define AT_RDX 16
#define AT_RCX 24
#define AT_R8 32
#define AT_R9 40
#define AT_RAX 48
#define AT_R10 56
#define AT_RBX 64
#define AT_RBP 72
#define AT_R12 80
#define AT_R13 88
#define AT_R14 96
#define AT_R15 104
#define AT_RSP 112
#define AT_MXCSR 120
#define AT_FPUCW 124
#define AT_VECTORS 128
#define AT_STACK 640
#define AT_ST0 800
#define AT_ST1 816
#define REGISTERS_SIZE 832

#ifndef __ASSEMBLER__

#include <stdint.h>

struct registers {
	uint64_t rdi, rsi, rdx, rcx, r8, r9, rax, r10;
	uint64_t rbx, rbp, r12, r13, r14, r15, rsp;
	uint32_t mxcsr;
	uint16_t fpucw, pad;
	uint8_t vectors[8][64]; /* xmm, ymm or zmm 0-7, by registers_level */
	uint64_t stack[REGISTERS_STACK_WORDS];
	uint8_t st0[16], st1[16]; /* 10 bytes used */
};

/* 0: SSE alone, 1: AVX, 2: AVX-512. The library and the host must be told the same. */
void registers_set_level(int level);
/* What registers_probe found on its last call, and what it will return. */
struct registers *registers_seen(void);
struct registers *registers_to_return(void);
/* Takes every argument register and REGISTERS_STACK_WORDS words on the stack, and returns in rax, rdx,
 * vectors 0 and 1, st0 and st1; everything else a callee may destroy, it destroys. */
void registers_probe(void);

/* In the host: calls registers_probe with `in`, notes what came back in `out`. */
void registers_call(const struct registers *in, struct registers *out, int level);

#endif
#endif
