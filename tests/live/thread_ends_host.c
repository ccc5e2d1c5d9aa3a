/* SPDX-License-Identifier: MIT */
/*
 * Every way a thread can end, from inside intercepted calls: return, pthread_exit under callbacks,
 * deferred cancellation at blocking calls, asynchronous cancellation in a loop of calls. Cleanup
 * handlers and destructors of thread-specific data run in order, and they call intercepted functions.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

LIVE_MAIN_STATE;

static pthread_key_t key;
static sem_t ready, never;
static int quiet_pipe[2];
static unsigned long cleaned, destroyed;

static void add(unsigned long *sum, unsigned long what)
{
	__atomic_fetch_add(sum, probe_mix(what) & 0xffff, __ATOMIC_SEQ_CST);
}

static void clean(void *what)
{
	add(&cleaned, (unsigned long)what);
}

static void destroy(void *what)
{
	add(&destroyed, (unsigned long)what);
}

static long exit_inside(void *closure)
{
	long result;

	pthread_cleanup_push(clean, (void *)3);
	pthread_exit(closure);
	pthread_cleanup_pop(0);
	result = 0;
	return result;
}

static void *by_return(void *argument)
{
	pthread_setspecific(key, argument);
	return (void *)probe_mix((unsigned long)argument);
}

static void *by_exit(void *argument)
{
	void *result;

	pthread_setspecific(key, argument);
	pthread_cleanup_push(clean, (void *)2);
	result = (void *)probe_call_deep(exit_inside, argument);
	pthread_cleanup_pop(0);
	return result;
}

static long block(void *closure)
{
	char byte;
	long result = 0;

	pthread_cleanup_push(clean, (void *)5);
	sem_post(&ready);
	switch ((unsigned long)closure & 3) {
	case 0:
		result = read(quiet_pipe[0], &byte, 1);
		break;
	case 1:
		result = sem_wait(&never);
		break;
	case 2:
		result = pause();
		break;
	case 3:
		for (;;) {
			probe_mix(1);
			pthread_testcancel();
		}
	}
	pthread_cleanup_pop(0);
	return result;
}

static void *by_deferred(void *argument)
{
	void *result;

	pthread_setspecific(key, argument);
	pthread_cleanup_push(clean, (void *)4);
	result = (void *)probe_call_deep(block, argument);
	pthread_cleanup_pop(0);
	return result;
}

static volatile unsigned long sink;

/* Cancelled on any instruction: in probe_mix, in its stub, in the slow path. */
static void *by_asynchronous(void *argument)
{
	unsigned long i;

	pthread_setspecific(key, argument);
	pthread_cleanup_push(clean, (void *)6);
	sem_post(&ready);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (i = 0;; i++)
		sink += probe_mix(i);
	pthread_cleanup_pop(0);
	return NULL;
}

static unsigned long run(void *(*body)(void *), unsigned long count, int cancel)
{
	unsigned long i, sum = 0;
	pthread_t thread;
	void *result;

	for (i = 1; i <= count; i++) {
		expect(pthread_create(&thread, NULL, body, (void *)i) == 0);
		if (cancel) {
			while (sem_wait(&ready))
				;
			expect(pthread_cancel(thread) == 0);
		}
		expect(pthread_join(thread, &result) == 0);
		expect(!cancel || result == PTHREAD_CANCELED);
		sum += (unsigned long)result;
	}
	return sum;
}

int main(void)
{
	expect(pthread_key_create(&key, destroy) == 0);
	expect(sem_init(&ready, 0, 0) == 0 && sem_init(&never, 0, 0) == 0);
	expect(pipe(quiet_pipe) == 0);
	printf("return: %lu", run(by_return, 500, 0));
	printf(" cleaned %lu destroyed %lu\n", cleaned, destroyed);
	printf("pthread_exit: %lu", run(by_exit, 500, 0));
	printf(" cleaned %lu destroyed %lu\n", cleaned, destroyed);
	printf("deferred: %lu", run(by_deferred, 500, 1));
	printf(" cleaned %lu destroyed %lu\n", cleaned, destroyed);
	printf("asynchronous: %lu", run(by_asynchronous, 500, 1));
	printf(" cleaned %lu destroyed %lu\n", cleaned, destroyed);
	return live_end("thread_ends");
}
