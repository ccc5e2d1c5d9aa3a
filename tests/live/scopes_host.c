/* SPDX-License-Identifier: MIT */
/*
 * scopes_host FLAG:LIBRARY...: opens libraries lazily, in order, and prints what scope_ask of each answers that has it.
 * FLAG is l (RTLD_LOCAL), g (RTLD_GLOBAL) or d (RTLD_DEEPBIND).
 */
#include "live.h"

#include <dlfcn.h>

LIVE_MAIN_STATE;

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int flag = argv[i][0] == 'g' ? RTLD_GLOBAL : argv[i][0] == 'd' ? RTLD_DEEPBIND : RTLD_LOCAL;
		char path[4096];
		void *handle;
		int (*ask)(void);

		snprintf(path, sizeof(path), "%s/lib%s.so", LIVE_LIBDIR, argv[i] + 2);
		handle = dlopen(path, RTLD_LAZY | flag);
		expect(handle);
		ask = handle ? (int (*)(void))dlsym(handle, "scope_ask") : NULL;
		if (ask)
			printf("%s: %d\n", argv[i], ask());
	}
	return live_end("scopes");
}
