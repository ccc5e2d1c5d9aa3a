/* SPDX-License-Identifier: MIT */
/*
 * For objects that stubcache brings into a program: the replacements of `replace` rules (stubcache(1)).
 *
 * Such an object is an ordinary shared object; it is not linked with libstubcache.so, which is there when it is
 * loaded. What it calls, it calls as if nothing were intercepted: my_open, which replaces open, may simply call open. A
 * replacement that has the original's name would call itself, and asks for the original:
 *
 *	#include <stubcache/stubcache.h>
 *
 *	int open(const char *path, int flags, ...)
 *	{
 *		static int (*original)(const char *, int, ...);
 *
 *		if (!original)
 *			original = (int (*)(const char *, int, ...))stubcache_original("open");
 *		...
 *	}
 */
#ifndef STUBCACHE_H
#define STUBCACHE_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The original of a function that a rule has replaced in this process: "open", or "open@libc.so.6" or
 * "open@libc.so.6@GLIBC_2.2.5" where several libraries or versions of it are replaced; a name alone is that which was
 * replaced first. NULL for a function that is not replaced, and in the constructors of the object, which run before.
 * It stays valid as long as the library that defines it stays loaded. Any thread, signal handlers too; takes no lock
 * and leaves errno alone.
 */
void *stubcache_original(const char *name) __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif

#endif
