/* SPDX-License-Identifier: MIT */
/*
 * Passes pointers of every kind to functions that do not look at them: none, small numbers, addresses that no process has,
 * pages that are protected, unmapped, behind the end of their file, of a stack's guard, strings that end with their page, sizes
 * beyond everything; then many at random. Whoever follows one of them crashes or hangs. Threads unmap meanwhile what
 * others are just passing.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "live.h"
#include "pointers.h"

#define PAGE 4096
#define RANDOM 20000
#define KINDS 40

static void *kinds[KINDS];
static unsigned kind_count;

static void add(void *address)
{
	kinds[kind_count++] = address;
}

static char *map(size_t size, int protection, int fd)
{
	char *at = mmap(NULL, size, protection, MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	expect(at != MAP_FAILED);
	return at;
}

/* A string of x up to the end of a page, behind which there is nothing. */
static char *up_to_the_end(void)
{
	char *at = map(2 * PAGE, PROT_READ | PROT_WRITE, -1);

	memset(at, 'x', PAGE);
	munmap(at + PAGE, PAGE);
	return at + PAGE;
}

static char protected_data[2 * PAGE] __attribute__((aligned(PAGE)));

static void make_kinds(void)
{
	char *end = up_to_the_end(), *gone = map(PAGE, PROT_READ | PROT_WRITE, -1), *none = map(PAGE, PROT_NONE, -1);
	FILE *file = tmpfile();
	char *beyond;

	munmap(gone, PAGE);
	mprotect(protected_data, PAGE, PROT_NONE);
	expect(file && ftruncate(fileno(file), PAGE) == 0);
	beyond = map(4 * PAGE, PROT_READ, fileno(file));
	add(NULL);
	for (uintptr_t small = 1; small < 5000; small = small * 7 + 3)
		add((void *)small);
	add((void *)UINTPTR_MAX);
	add((void *)(UINTPTR_MAX - 7));
	add((void *)0x8000000000000000u);
	add((void *)0x00007ffffffff000u);
	add((void *)0x0000800000000000u);
	add((void *)0xffffffff81000000u);
	add((void *)0xffffffffff600000u); /* where the vsyscall page is, or was */
	add(end);
	add(end - 1);
	add(end - 5);
	add(end - 40);
	add(gone);
	add(gone + 17);
	add(none);
	add(none - 1);
	add(protected_data);
	add(protected_data + PAGE - 3);
	add(protected_data + PAGE);
	add(beyond + PAGE);
	add(beyond + PAGE - 4);
	add(beyond);
	add(map(PAGE, PROT_WRITE, -1));
	add(map(PAGE, PROT_EXEC, -1));
	add("a string");
	add((char *)__builtin_frame_address(0) - (1 << 20));
	add(__builtin_frame_address(0));
}

static long look_valist(const char *format, ...)
{
	va_list list;
	long result;

	va_start(list, format);
	result = look_list_of(format, list);
	va_end(list);
	return result;
}

static unsigned long pass(void *a, void *b, size_t size)
{
	void *list[4] = { "one", a, b, NULL };
	struct {
		unsigned general, vector;
		void *overflow, *save;
	} forged = { (unsigned)size, (unsigned)(size >> 32), a, b };
	va_list made_up;
	unsigned long sum = 0;

	memcpy(&made_up, &forged, sizeof(made_up));
	sum += (unsigned long)look_text(a);
	sum += (unsigned long)look_bytes(a, size);
	sum += (unsigned long)look_out(a, size);
	sum += (unsigned long)look_pair(a);
	sum += (unsigned long)look_list(a);
	sum += (unsigned long)look_list((char **)list);
	sum += (unsigned long)look_format(a, b, size, 1.5);
	sum += (unsigned long)look_format("%s %d %.*s %n %ls %Lf %s", a, 3, (int)size, b, a, b, 1.5L, b);
	sum += (unsigned long)look_valist("%s %*s %f %s", a, 7, b, 2.5, a);
	sum += (unsigned long)look_list_of("%s %s %f %s", made_up);
	sum += (unsigned long)look_pointed(a, b);
	sum += (unsigned long)(look_returned(a) == a);
	return sum;
}

static void *unmap_meanwhile(void *stop)
{
	while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED)) {
		char *at = map(2 * PAGE, PROT_READ | PROT_WRITE, -1);

		memset(at, 'y', PAGE);
		__atomic_store_n(&kinds[KINDS - 1], at, __ATOMIC_RELAXED);
		munmap(at, 2 * PAGE);
	}
	return NULL;
}

LIVE_MAIN_STATE;

int main(void)
{
	static const size_t sizes[] = { 0, 1, 8, 33, PAGE, 1u << 20, SIZE_MAX / 2, SIZE_MAX - 7, SIZE_MAX };
	unsigned long sum = 0, random = 1;
	pthread_t thread;
	int stop = 0;

	make_kinds();
	for (unsigned i = 0; i < kind_count; i++)
		for (unsigned k = 0; k < kind_count; k++)
			sum += pass(kinds[i], kinds[k], sizes[(i + k) % (sizeof(sizes) / sizeof(sizes[0]))]);
	printf("sum: %lu\n", sum);
	expect(pthread_create(&thread, NULL, unmap_meanwhile, &stop) == 0);
	for (unsigned i = 0; i < RANDOM; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		pass((void *)(random >> (random >> 58)), __atomic_load_n(&kinds[KINDS - 1], __ATOMIC_RELAXED), random >> 20);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	return live_end("pointers");
}
