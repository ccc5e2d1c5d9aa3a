/* SPDX-License-Identifier: MIT */
/*
 * Every register an argument or a result may be in, all of each vector register, 20 words of stack and
 * all that a callee must keep, with random contents: what the callee sees and what the caller gets back
 * must be what was sent. %r10, the static chain, is looked at only where nothing is bound lazily
 * (REGISTERS_BOUND), for ld.so's own resolver does not keep it. The first round goes through lazy binding
 * and the stubs' slow path, those on a new thread through the slow path again.
 */
#include "live.h"
#include "registers.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

LIVE_MAIN_STATE;

_Static_assert(offsetof(struct registers, r10) == AT_R10, "see registers.h");
_Static_assert(offsetof(struct registers, rsp) == AT_RSP, "see registers.h");
_Static_assert(offsetof(struct registers, mxcsr) == AT_MXCSR, "see registers.h");
_Static_assert(offsetof(struct registers, fpucw) == AT_FPUCW, "see registers.h");
_Static_assert(offsetof(struct registers, vectors) == AT_VECTORS, "see registers.h");
_Static_assert(offsetof(struct registers, stack) == AT_STACK, "see registers.h");
_Static_assert(offsetof(struct registers, st1) == AT_ST1, "see registers.h");
_Static_assert(sizeof(struct registers) == REGISTERS_SIZE, "see registers.h");

static int level;
static uint64_t state = 1;

static uint64_t random_word(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static void fill(struct registers *r)
{
	uint8_t *bytes = (uint8_t *)r;
	size_t i;

	for (i = 0; i < sizeof(*r); i += 8) {
		uint64_t word = random_word();

		memcpy(bytes + i, &word, 8);
	}
	/* Control words: exceptions masked, the rounding mode varies. */
	r->mxcsr = 0x1f80 | (uint32_t)(random_word() & 3) << 13;
	r->fpucw = (uint16_t)(0x037f | (random_word() & 3) << 10);
	/* A number the x87 can carry without changing it: not a signalling NaN, integer bit set. */
	r->st0[7] |= 0x80;
	r->st1[7] |= 0x80;
	r->st0[9] &= 0x3f;
	r->st1[9] &= 0x3f;
}

#define same(field) (memcmp(&in.field, &seen->field, sizeof(in.field)) == 0)
#define back(from, field) (memcmp(&out.field, &(from).field, sizeof(out.field)) == 0)

static void compare_arguments(const struct registers *sent, uint64_t rsp)
{
	const struct registers *seen = registers_seen();
	struct registers in = *sent;
	size_t width = 16u << level, i;

	expect(same(rdi) && same(rsi) && same(rdx) && same(rcx) && same(r8) && same(r9));
	expect(same(rax));
#ifdef REGISTERS_BOUND
	expect(same(r10));
#endif
	expect(same(rbp) && same(r12) && same(r13) && same(r14) && same(r15));
	expect(same(mxcsr) && same(fpucw));
	expect(same(stack));
	expect(seen->rsp == rsp - 8);
	for (i = 0; i < 8; i++)
		expect(memcmp(in.vectors[i], seen->vectors[i], width) == 0);
}

static void one_round(void)
{
	struct registers in, out, *give = registers_to_return();
	size_t width = 16u << level;

	fill(&in);
	fill(give);
	memset(&out, 0, sizeof(out));
	registers_call(&in, &out, level);
	compare_arguments(&in, out.rsp);
	expect(back(*give, rax) && back(*give, rdx));
	expect(back(in, rbx) && back(in, rbp));
	expect(back(in, r12) && back(in, r13) && back(in, r14) && back(in, r15));
	expect(back(in, mxcsr) && back(in, fpucw));
	expect(memcmp(out.vectors[0], give->vectors[0], width) == 0);
	expect(memcmp(out.vectors[1], give->vectors[1], width) == 0);
	expect(memcmp(out.st0, give->st0, 10) == 0);
	expect(memcmp(out.st1, give->st1, 10) == 0);
}

static void *rounds(void *count)
{
	unsigned long i;

	for (i = 0; i < (unsigned long)count && live_failures < 20; i++)
		one_round();
	return NULL;
}

int main(void)
{
	pthread_t thread;
	int i;

	__builtin_cpu_init();
	level = __builtin_cpu_supports("avx512f") ? 2 : __builtin_cpu_supports("avx") ? 1 : 0;
	registers_set_level(level);
	rounds((void *)1);
	rounds((void *)20000);
	for (i = 0; i < 20; i++) {
		expect(pthread_create(&thread, NULL, rounds, (void *)3) == 0);
		pthread_join(thread, NULL);
	}
	/* The callee's first look may have been at narrower vectors than there are. */
	for (level = 0; level < 2; level++) {
		if (level == 1 && !__builtin_cpu_supports("avx"))
			break;
		registers_set_level(level);
		rounds((void *)1000);
	}
	return live_end("registers");
}
