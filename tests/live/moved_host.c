/* SPDX-License-Identifier: MIT */
/*
 * A coroutine begins a call on one thread, and returns from it on another one, which is inside of a call of the same
 * number then.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <ucontext.h>

LIVE_MAIN_STATE;

static ucontext_t coroutine, resumer;
static char stack[65536];

static long wait_inside(void *closure)
{
	swapcontext(&coroutine, &resumer);
	return *(long *)closure;
}

static void run(void)
{
	long closure = 100;

	expect(probe_call(wait_inside, &closure) == 101);
	swapcontext(&coroutine, &resumer);
}

static long resume(void *closure)
{
	swapcontext(&resumer, &coroutine);
	return *(long *)closure;
}

static void *on_thread(void *closure)
{
	expect(probe_call(resume, closure) == 201);
	return NULL;
}

int main(void)
{
	pthread_t thread;
	long closure = 200;

	getcontext(&coroutine);
	coroutine.uc_stack.ss_sp = stack;
	coroutine.uc_stack.ss_size = sizeof(stack);
	makecontext(&coroutine, run, 0);
	swapcontext(&resumer, &coroutine);
	expect(pthread_create(&thread, NULL, on_thread, &closure) == 0);
	expect(pthread_join(thread, NULL) == 0);
	return live_end("moved");
}
