/* SPDX-License-Identifier: MIT */
/*
 * Binds both versions of one name, by call and by pointer in data, and asks dlsym and dlvsym for them:
 * each must reach the definition that its version names. Then libc's own: two pthread_cond_init, two
 * memcpy.
 */
#define _GNU_SOURCE
#include "live.h"
#include "versions.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

LIVE_MAIN_STATE;

int old_which(int x);
void *old_memcpy(void *to, const void *from, size_t size);
__asm__(".symver old_which, versions_which@VERSIONS_1");
__asm__(".symver old_memcpy, memcpy@GLIBC_2.2.5");

static int (*const volatile pointers[])(int) = { old_which, versions_which };

static void by_name(void)
{
	int (*found)(int);

	found = (int (*)(int))dlsym(RTLD_DEFAULT, "versions_which");
	printf("dlsym: %d\n", found ? found(3) : -1);
	found = (int (*)(int))dlvsym(RTLD_DEFAULT, "versions_which", "VERSIONS_1");
	printf("dlvsym, first: %d\n", found ? found(3) : -1);
	found = (int (*)(int))dlvsym(RTLD_DEFAULT, "versions_which", "VERSIONS_2");
	printf("dlvsym, second: %d\n", found ? found(3) : -1);
	found = (int (*)(int))dlvsym(RTLD_DEFAULT, "versions_which", "VERSIONS_3");
	printf("dlvsym, none: %s\n", found ? "found" : "not found");
}

static void of_libc(void)
{
	pthread_cond_t condition;
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct timespec past = { 1, 0 };
	char to[8] = "";

	memset(&condition, 0xff, sizeof(condition));
	expect(pthread_cond_init(&condition, NULL) == 0);
	expect(pthread_cond_signal(&condition) == 0);
	pthread_mutex_lock(&mutex);
	/* With the version of LinuxThreads this would read the wrong fields and hang or fail. */
	printf("pthread_cond_timedwait: %s\n",
	       strerror(pthread_cond_timedwait(&condition, &mutex, &past)));
	pthread_mutex_unlock(&mutex);
	expect(pthread_cond_destroy(&condition) == 0);
	expect(old_memcpy(to, "1234567", 8) == to && !strcmp(to, "1234567"));
}

int main(void)
{
	int i, sum = 0;

	printf("calls: %d %d\n", old_which(1), versions_which(1));
	printf("pointers: %d %d\n", pointers[0](2), pointers[1](2));
	for (i = 0; i < 1000; i++)
		sum += old_which(i) - versions_which(i);
	printf("difference: %d\n", sum);
	by_name();
	of_libc();
	return live_end("versions");
}
