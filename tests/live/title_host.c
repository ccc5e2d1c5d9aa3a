/* SPDX-License-Identifier: MIT */
/*
 * A host that writes its title over the arguments and the environment it was started with, as setproctitle does, and
 * then loads a library: nothing of ours may have kept pointers there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(int argc, char **argv)
{
	double (*cosine)(double);
	char *end = argv[argc - 1] + strlen(argv[argc - 1]);
	char **copy;
	size_t n = 0;
	void *handle;

	while (environ[n])
		n++;
	copy = calloc(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++) {
		if (environ[i] + strlen(environ[i]) > end)
			end = environ[i] + strlen(environ[i]);
		copy[i] = strdup(environ[i]);
	}
	environ = copy;
	memset(argv[0], 'x', (size_t)(end - argv[0]));
	*end = 0;
	handle = dlopen("libm.so.6", RTLD_NOW);
	if (!handle) {
		puts(dlerror());
		return 1;
	}
	cosine = (double (*)(double))dlsym(handle, "cos");
	printf("title of %s bytes, cos(0) = %.1f\n", end - argv[0] > 100 ? "many" : "few", cosine(0));
	return 0;
}
