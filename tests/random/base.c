/* SPDX-License-Identifier: MIT */
/*
 * librnd_base.so: the ways in which random programs call, jump and end, and their main. Called by what generate.py
 * writes. Owns the contexts of the threads and the counter of calls.
 */
#include "base.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define FUEL 150
#define FUEL_THREAD 40
#define STACK (4096 * 1024) /* deep enough for all the fuel there is */

__thread struct rnd_context rnd_context;
unsigned long *rnd_calls;
static void *loaded_library;

const unsigned long rnd_words[16] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3 };
const char *const rnd_texts[8] = { "", "a", "be", "cat", "dove", "eagle", "falcon", "gorilla" };

unsigned long rnd_first_step(unsigned long x)
{
	return x * 3 + 1;
}

unsigned long rnd_second_step(unsigned long x)
{
	return x ^ x >> 3;
}

void rnd_jump(uint64_t value)
{
	struct rnd_jump *jump = rnd_context.jump;

	if (!jump)
		return;
	jump->value = value;
	_longjmp(jump->out, 1);
}

void rnd_thread_exit(uint64_t value)
{
	if (rnd_context.may_exit)
		pthread_exit((void *)(value | 1));
}

void rnd_run(void (*function)(void *), uint64_t *closure)
{
	function(closure);
	*closure = rnd_mix(*closure, 1);
}

static __thread void (*sorting)(void *);
static __thread uint64_t *sorting_closure;

static int compare(const void *left, const void *right)
{
	void (*function)(void *) = sorting;

	if (function) {
		sorting = NULL;
		function(sorting_closure);
	}
	return *(const int *)left - *(const int *)right;
}

void rnd_run_sorting(void (*function)(void *), uint64_t *closure)
{
	int numbers[] = { 5, 2, 7, 3, (int)(*closure & 7) };

	sorting = function;
	sorting_closure = closure;
	qsort(numbers, 5, sizeof(numbers[0]), compare);
	*closure = rnd_mix(*closure, (uint64_t)numbers[0]);
}

struct job {
	void (*function)(void *);
	uint64_t *closure;
	struct rnd_context context;
};

static void *thread_body(void *argument)
{
	struct job *job = argument;

	rnd_context.fuel = FUEL_THREAD;
	rnd_context.may_exit = 1;
	job->function(job->closure);
	job->context = rnd_context;
	return NULL;
}

void rnd_run_on_thread(void (*function)(void *), uint64_t *closure)
{
	struct job job = { .function = function, .closure = closure };
	pthread_t thread;
	void *result;

	if (rnd_context.threads <= 0 || pthread_create(&thread, NULL, thread_body, &job)) {
		*closure = rnd_mix(*closure, 2);
		return;
	}
	rnd_context.threads--;
	pthread_join(thread, &result);
	*closure = rnd_mix(*closure, job.context.destroyed ^ (uint64_t)result);
}

static __thread struct job *entering;

/* Nobody throws, jumps or exits across the end of this stack. */
static void isolate(struct rnd_context *inner)
{
	inner->catchers = 0;
	inner->may_exit = 0;
	inner->jump = NULL;
}

static void rejoin(const struct rnd_context *outer)
{
	rnd_context.catchers = outer->catchers;
	rnd_context.may_exit = outer->may_exit;
	rnd_context.jump = outer->jump;
}

static void stack_body(void)
{
	struct job *job = entering;

	job->function(job->closure);
}

void rnd_run_on_stack(void (*function)(void *), uint64_t *closure)
{
	struct rnd_context saved = rnd_context;
	struct job job = { .function = function, .closure = closure };
	ucontext_t here, there;
	char *stack = malloc(STACK);

	isolate(&rnd_context);
	getcontext(&there);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = STACK;
	there.uc_link = &here;
	makecontext(&there, stack_body, 0);
	entering = &job;
	swapcontext(&here, &there);
	free(stack);
	rejoin(&saved);
	*closure = rnd_mix(*closure, 3);
}

static void on_signal(int signo)
{
	(void)signo;
	rnd_context.handler(rnd_context.closure);
}

/* From the handler one may jump, but not throw. */
void rnd_run_in_handler(void (*function)(void *), uint64_t *closure)
{
	struct rnd_context saved = rnd_context;

	rnd_context.catchers = 0;
	rnd_context.may_exit = 0;
	rnd_context.handler = function;
	rnd_context.closure = closure;
	raise(SIGUSR1);
	rejoin(&saved);
	*closure = rnd_mix(*closure, 4);
}

void rnd_run_in_child(void (*function)(void *), uint64_t *closure)
{
	pid_t child;
	int status = 0;

	if (rnd_context.forks <= 0 || rnd_context.may_exit) {
		*closure = rnd_mix(*closure, 5);
		return;
	}
	rnd_context.forks--;
	child = fork();
	if (child == 0) {
		isolate(&rnd_context);
		rnd_context.fuel = FUEL_THREAD;
		rnd_context.threads = 0;
		function(closure);
		_exit((int)(*closure & 127));
	}
	waitpid(child, &status, 0);
	*closure = rnd_mix(*closure, (uint64_t)status);
}

static void *found(void *handle, const char *name)
{
	void *function = dlsym(handle, name);

	if (!function) {
		puts(dlerror());
		exit(99);
	}
	return function;
}

void *rnd_find(const char *name)
{
	return found(RTLD_DEFAULT, name);
}

void *rnd_find_loaded(const char *name)
{
	return found(loaded_library, name);
}

static uint64_t run_program(uint64_t (*program)(void))
{
	uint64_t result;

	memset(&rnd_context, 0, sizeof(rnd_context));
	rnd_context.fuel = FUEL;
	rnd_context.threads = 3;
	rnd_context.forks = 1;
	result = program();
	return rnd_mix(result, rnd_context.destroyed ^ (uint64_t)rnd_context.fuel);
}

int rnd_main(int argc, char **argv, uint64_t (*const *programs)(void), int count, int first, const char *loaded)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_NODEFER };
	int only = argc > 1 ? atoi(argv[1]) : -1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	rnd_calls = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	loaded_library = dlopen(loaded, RTLD_LAZY | RTLD_LOCAL);
	if (rnd_calls == MAP_FAILED || !loaded_library || sigaction(SIGUSR1, &action, NULL)) {
		puts("cannot start");
		return 99;
	}
	for (int i = 0; i < count; i++)
		if (only < 0 || only == first + i)
			printf("%d %016lx\n", first + i, run_program(programs[i]));
	printf("calls %lu\n", *rnd_calls);
	return 0;
}
