/* SPDX-License-Identifier: MIT */
/*
 * What sanitizers.sh builds with MemorySanitizer, which wants all of a program's code and so no C++ library: files,
 * sorting, threads, a child; then, as the argument says, nothing wrong or one use of a value that was never set.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int compare(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

static void *sort_some(void *seed)
{
	int numbers[1000];

	for (int i = 0; i < 1000; i++)
		numbers[i] = (int)((long)seed * i % 577);
	qsort(numbers, 1000, sizeof(*numbers), compare);
	return (void *)(long)numbers[500];
}

static void nothing_wrong(void)
{
	pthread_t threads[4];
	struct stat stat;
	char text[64];
	void *result;
	int status;

	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, sort_some, (void *)(i + 3));
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		printf("sorted %ld\n", (long)result);
	}
	snprintf(text, sizeof(text), "%s %d", "text", 7);
	printf("%s, %d, %d\n", text, lstat("/", &stat) == 0 && S_ISDIR(stat.st_mode), strlen(text) == 6);
	printf("loaded %d\n", dlsym(RTLD_DEFAULT, "cos") == NULL);
	fflush(stdout);
	if (fork() == 0)
		_exit(3);
	wait(&status);
	printf("child %d\n", WEXITSTATUS(status));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	volatile int *block = malloc(10 * sizeof(*block));

	nothing_wrong();
	if (argc > 1 && strcmp(argv[1], "uninitialized") == 0 && block[3] == 7)
		puts("seven");
	free((void *)block);
	return 0;
}
