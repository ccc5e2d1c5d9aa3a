/* SPDX-License-Identifier: MIT */
/*
 * What every random program shares. Each thread has a context: how many more calls it may make, who would catch what it
 * throws, where it may jump to. The programs make all their decisions from it and from their arguments, so that what
 * they compute depends on nothing else. For C and C++.
 */
#ifndef BASE_H
#define BASE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A place to jump to. In a frame of the function that has set it. */
struct rnd_jump {
	jmp_buf out;
	struct rnd_jump *outer;
	int catchers, may_exit;
	volatile uint64_t value;
};

struct rnd_context {
	long fuel; /* calls that are left; whoever finds none returns at once */
	int threads, forks; /* that may still be started */
	int catchers; /* try blocks that are active on this stack */
	int may_exit; /* by pthread_exit: nothing on this stack stands in its way */
	struct rnd_jump *jump; /* innermost, NULL for none that may be used */
	uint64_t destroyed; /* by destructors, in their order */
	uint64_t *closure; /* of the signal handler */
	void (*handler)(void *);
};

extern __thread struct rnd_context rnd_context;

/* Calls of all functions of all libraries, in this process and its children. */
extern unsigned long *rnd_calls;

extern const unsigned long rnd_words[16];
extern const char *const rnd_texts[8];

unsigned long rnd_first_step(unsigned long x);
unsigned long rnd_second_step(unsigned long x);

/* Jumps to the innermost place, if there is one. */
void rnd_jump(uint64_t value);

/* Ends the thread, if it may be ended from here. */
void rnd_thread_exit(uint64_t value);

/* Each runs function(closure), which changes *closure, in its own way. */
void rnd_run(void (*function)(void *), uint64_t *closure);
void rnd_run_sorting(void (*function)(void *), uint64_t *closure);
void rnd_run_on_thread(void (*function)(void *), uint64_t *closure);
void rnd_run_on_stack(void (*function)(void *), uint64_t *closure);
void rnd_run_in_handler(void (*function)(void *), uint64_t *closure);
void rnd_run_in_child(void (*function)(void *), uint64_t *closure);

/* By dlsym: in the library that was loaded with dlopen, or in the global scope. Ends the process if there is none. */
void *rnd_find(const char *name);
void *rnd_find_loaded(const char *name);

/* The host's main. programs[i] is program i: argv[1] (all, if it is missing) is run, and its result printed. */
int rnd_main(int argc, char **argv, uint64_t (*const *programs)(void), int count, int first, const char *loaded);

/* What each function uses, but none needs inlined: compilers spend their time on it otherwise. */
#define RND_HELPER static __attribute__((noinline, unused))

RND_HELPER uint64_t rnd_mix(uint64_t h, uint64_t x)
{
	h ^= x + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
	h *= 0xbf58476d1ce4e5b9u;
	return h ^ h >> 29;
}

static inline uint64_t rnd_bits(const void *p, unsigned size)
{
	uint64_t word = 0;

	memcpy(&word, p, size);
	return word;
}

/* What a floating point argument holds is exact in each of the types. */
static inline int rnd_small(uint64_t h)
{
	return (int)(h >> 40 & 0xffff) - 0x8000;
}

#ifdef __cplusplus
}

struct rnd_thrown {
	uint64_t value;
	virtual ~rnd_thrown() {}
	rnd_thrown(uint64_t v) : value(v) {}
};

struct rnd_thrown_more : rnd_thrown {
	uint64_t more[9] = {};
	rnd_thrown_more(uint64_t v) : rnd_thrown(v ^ 1) {}
};

/* Nothing may jump past a destructor. */
struct rnd_guard {
	struct rnd_jump *jump = rnd_context.jump;
	uint64_t number;
	rnd_guard(uint64_t n) : number(n) { rnd_context.jump = nullptr; }
	~rnd_guard()
	{
		rnd_context.destroyed = rnd_mix(rnd_context.destroyed, number);
		rnd_context.jump = jump;
	}
};
#endif

#endif
