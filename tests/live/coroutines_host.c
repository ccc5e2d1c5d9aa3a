/* SPDX-License-Identifier: MIT */
/*
 * Coroutines of swapcontext and of a bare stack switch (as libco does) that yield inside intercepted
 * calls, so that calls return in another order than they were made in, and on other threads than they
 * began on.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <stdlib.h>
#include <ucontext.h>

LIVE_MAIN_STATE;

#define COROUTINES 16
#define STACK_SIZE (256 * 1024)

struct coroutine {
	ucontext_t own, resumer;
	void *own_sp, *resumer_sp; /* of the bare switch */
	int bare, ended;
	unsigned long number, sum;
	char *stack;
};

/* Saves what a callee must, leaves the stack pointer in *from and continues at `to`. */
void bare_switch(void **from, void *to);
__asm__(".text\n"
	".type bare_switch, @function\n"
	"bare_switch:\n"
	"	push %rbp\n	push %rbx\n	push %r12\n	push %r13\n	push %r14\n	push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbx\n	pop %rbp\n"
	"	ret\n"
	".size bare_switch, . - bare_switch\n");

static struct coroutine coroutines[COROUTINES];
static __thread struct coroutine *entering;

static void yield(struct coroutine *self)
{
	if (self->bare)
		bare_switch(&self->own_sp, self->resumer_sp);
	else
		swapcontext(&self->own, &self->resumer);
}

static void resume(struct coroutine *coroutine)
{
	entering = coroutine;
	if (coroutine->bare)
		bare_switch(&coroutine->resumer_sp, coroutine->own_sp);
	else
		swapcontext(&coroutine->resumer, &coroutine->own);
}

static struct coroutine *comparing;

static int compare(const void *left, const void *right)
{
	struct coroutine *self = comparing;

	yield(self);
	comparing = self;
	return *(const int *)left - *(const int *)right;
}

static long yield_inside(void *closure)
{
	struct coroutine *self = closure;

	self->sum += probe_mix(self->sum + self->number);
	yield(self);
	self->sum += probe_mix(self->sum ^ self->number);
	return (long)self->number;
}

static void body(struct coroutine *self)
{
	int numbers[] = { 5, 3, 8, 1, (int)self->number };
	int i;

	for (i = 0; i < 50; i++) {
		self->sum += (unsigned long)probe_call_deep(yield_inside, self);
		if (i % 10 == 0) {
			comparing = self;
			qsort(numbers, 5, sizeof(numbers[0]), compare);
			self->sum += (unsigned long)numbers[0];
		}
	}
	self->ended = 1;
	for (;;)
		yield(self);
}

static void entry(void)
{
	body(entering);
}

/* The bare switch pops six registers and then returns to entry, as if entry had been called. */
static void make(struct coroutine *coroutine, unsigned long number, int bare)
{
	void **top;

	coroutine->number = number;
	coroutine->sum = 0;
	coroutine->ended = 0;
	coroutine->bare = bare;
	if (!coroutine->stack)
		coroutine->stack = malloc(STACK_SIZE);
	if (bare) {
		top = (void **)(((unsigned long)coroutine->stack + STACK_SIZE) & ~15ul);
		*--top = NULL;
		*--top = (void *)entry;
		top -= 6;
		coroutine->own_sp = top;
		return;
	}
	getcontext(&coroutine->own);
	coroutine->own.uc_stack.ss_sp = coroutine->stack;
	coroutine->own.uc_stack.ss_size = STACK_SIZE;
	coroutine->own.uc_link = NULL;
	makecontext(&coroutine->own, entry, 0);
}

/* Resumes them in an order that changes from round to round, until all have ended. */
static void *schedule(void *rounds)
{
	unsigned long round, i;
	int running = 1;

	for (round = 0; running && (!rounds || round < (unsigned long)rounds); round++) {
		running = 0;
		for (i = 0; i < COROUTINES; i++) {
			struct coroutine *next = &coroutines[(i * 5 + round * 3) % COROUTINES];

			if (!next->ended) {
				resume(next);
				running = 1;
			}
		}
	}
	return NULL;
}

static void report(const char *what)
{
	unsigned long i, sum = 0;

	for (i = 0; i < COROUTINES; i++) {
		expect(coroutines[i].ended);
		sum = sum * 31 + coroutines[i].sum;
	}
	printf("%s: %lu\n", what, sum);
}

int main(void)
{
	pthread_t thread;
	unsigned long i;
	int bare;

	for (bare = 0; bare < 2; bare++) {
		for (i = 0; i < COROUTINES; i++)
			make(&coroutines[i], i, bare);
		schedule(NULL);
		report(bare ? "bare switch" : "swapcontext");
	}
	for (bare = 0; bare < 2; bare++) {
		for (i = 0; i < COROUTINES; i++)
			make(&coroutines[i], i, bare);
		/* Each slice on a thread of its own: begun on one, resumed on others, whose ends free theirs. */
		for (i = 0; i < 10; i++) {
			expect(pthread_create(&thread, NULL, schedule, (void *)5) == 0);
			expect(pthread_join(thread, NULL) == 0);
		}
		schedule(NULL);
		report(bare ? "bare switch, other threads" : "swapcontext, other threads");
	}
	for (i = 0; i < COROUTINES; i++)
		free(coroutines[i].stack);
	return live_end("coroutines");
}
