/* SPDX-License-Identifier: MIT */
/*
 * pthread_exit and cancellation unwind C++ frames: destructors run, catch (...) sees the forced unwind
 * and passes it on, through intercepted calls.
 */
#include "live.h"
#include "probe.h"

#include <cxxabi.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

LIVE_MAIN_STATE;

namespace {

int destroyed, forced;
sem_t ready;

struct guard {
	~guard() { destroyed++; }
};

long leave(void *closure)
{
	guard inner;

	if (closure)
		pthread_exit(closure);
	sem_post(&ready);
	for (;;)
		pause();
}

long with_handler(void *closure)
{
	guard middle;

	try {
		return probe_call(leave, closure);
	} catch (abi::__forced_unwind &) {
		forced++;
		throw;
	}
}

void *body(void *closure)
{
	guard outer;

	return reinterpret_cast<void *>(probe_call_deep(with_handler, closure));
}

} // namespace

int main()
{
	static int token;
	pthread_t thread;
	void *result;

	expect(sem_init(&ready, 0, 0) == 0);
	for (int i = 0; i < 300; i++) {
		bool cancel = i % 2;

		expect(pthread_create(&thread, nullptr, body, cancel ? nullptr : &token) == 0);
		if (cancel) {
			while (sem_wait(&ready))
				;
			expect(pthread_cancel(thread) == 0);
		}
		expect(pthread_join(thread, &result) == 0);
		expect(result == (cancel ? PTHREAD_CANCELED : &token));
	}
	printf("destroyed %d, forced unwinds seen %d\n", destroyed, forced);
	return live_end("thread_unwind");
}
