/* SPDX-License-Identifier: MIT */
/*
 * The program of the scripts that test clients in real processes. Prints the same whatever clients there are.
 *
 *	client_host [PLUGIN] [close] [_exit|quick_exit|abort|fork|cancel]
 *
 * PLUGIN has a slash: it is loaded, and its plugin_answer called; close unloads it again.
 */
#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

static void work(void)
{
	char text[32];

	setlocale(LC_ALL, "C");
	snprintf(text, sizeof(text), "%zu", strlen(getenv("PATH")) > 0 ? sizeof(text) : 0);
	puts(text);
	printf("%s %s %d\n", program_invocation_short_name, environ && *environ ? "environ" : "no environ",
	       getauxval(AT_PAGESZ) > 0);
}

static void use_plugin(const char *path, int unload)
{
	void *handle = dlopen(path, RTLD_NOW);
	int (*answer)(void) = handle ? (int (*)(void))dlsym(handle, "plugin_answer") : NULL;

	printf("plugin %d\n", answer ? answer() : -1);
	if (unload)
		dlclose(handle);
}

static void end(const char *how)
{
	fflush(stdout);
	if (strcmp(how, "_exit") == 0)
		_exit(0);
	if (strcmp(how, "quick_exit") == 0)
		quick_exit(0);
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "fork") == 0 && fork() > 0)
		wait(NULL);
}

int main(int argc, char **argv)
{
	int unload = argc > 2 && strcmp(argv[2], "close") == 0;

	work();
	for (int i = 1; i < argc; i++)
		if (strchr(argv[i], '/'))
			use_plugin(argv[i], unload);
	work();
	end(argv[argc - 1]);
	return 0;
}
