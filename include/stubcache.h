/* SPDX-License-Identifier: MIT */
/*
 * For objects that stubcache brings into a program: the replacements of `replace` rules (stubcache(1)), and clients
 * (dr_persist.h, doc/clients.md), which hook functions with C functions of their own.
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

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- replacements ---- */

/*
 * The original of a function that a rule has replaced, or a client has hooked, in this process: "open", or "open@libc.so.6" or
 * "open@libc.so.6@GLIBC_2.2.5" where several libraries or versions of it are; a name alone is the first of
 * them. NULL for any other function, and in the constructors of the object, which run before.
 * It stays valid as long as the library that defines it stays loaded. Any thread, signal handlers too; takes no lock
 * and leaves errno alone.
 */
void *stubcache_original(const char *name) __attribute__((visibility("default")));

/* ---- hooks ---- */

/* A call that a hook is called for. Valid until the hook returns, on its thread alone. */
struct stubcache_call;

/*
 * A hook: two functions around the calls of others.
 *
 * enter runs before the original, leave after it; either may be NULL. args[i] points to the value of the i-th argument,
 * of the type that the prototype gives it (an int *, if it is an int), ret to the returned value (NULL: the function
 * returns none), exactly as libffi hands them to closures. What enter changes there is what the original gets; what
 * leave changes is what the caller gets. In leave, args[i] still points to what enter has left there. Of a call that
 * ends by an exception, by longjmp or with its thread there is no leave.
 *
 * Where several hooks are on a function they nest: enter in the order in which they were registered (clients in the order
 * of STUBCACHE_CLIENTS), leave in reverse.
 *
 * A hook runs on the thread and the stack of the call, in signal handlers too if the program calls the function there. It
 * may call anything that the program could call at this point: a hook on malloc may not call malloc's callers that hold
 * locks, one on a function that signal handlers call only what these may. Calls that it makes, directly or not, are not
 * hooked again, nor are those of a signal handler that interrupts it. It must return: not leave by longjmp or an
 * exception. A crash in it is a crash of the program. errno and the floating-point environment are the program's again
 * when it has returned.
 */
struct stubcache_hook {
	size_t struct_size;    /* sizeof(struct stubcache_hook) */
	/*
	 * Which functions, as in rules: "open@libc.so.6", "malloc,calloc,realloc", "*@libz.so.1,!z*". A rule's option
	 * may follow: "read:from=git". NULL: those that the user names in client= rules.
	 */
	const char *targets;
	/*
	 * "int open(const char *path, int flags, ...)": C, with the types of the prototype files (stubcache(1)) and those
	 * that it declares itself. NULL: what the prototype files say of each function, looked for when it is found in the
	 * program; where they have one, that takes some milliseconds a start. Where they say nothing the hook gets
	 * registers: args[0..5] the six of integers (uint64_t), args[6..13] the eight of floating point (16 bytes each), ret
	 * that of integers.
	 */
	const char *prototype;
	void (*enter)(struct stubcache_call *call, void **args, void *user);
	void (*leave)(struct stubcache_call *call, void **args, void *ret, void *user);
	void *user;
};

/*
 * Registers a hook; what the structure points to may be given back, but for `user`. In dr_client_main only. 0, or
 * -EBUSY: it is too late; -EINVAL: the targets or the prototype cannot be read (what is wrong is said on stderr), there
 * are options in a closure's targets, there is neither enter nor leave, or the size is not known; -ENOTSUP:
 * libstubcache-typed.so cannot be loaded, or the prototype has a type that cannot be passed; -ENOMEM.
 */
int stubcache_hook(const struct stubcache_hook *hook) __attribute__((visibility("default")));

/* In enter: the original is not called, and *value (NULL for a function that returns nothing) is what is returned, unless
 * a leave changes it. Hooks that were registered later do not see the call. 0, or -EINVAL in leave. */
int stubcache_call_skip(struct stubcache_call *call, const void *value) __attribute__((visibility("default")));

/*
 * In enter or leave: calls the original by ffi_call, with these arguments (NULL: those that the hook was given), and puts
 * what it returns into *ret (of the type's own size; NULL: nowhere). For a call instead of the original's own
 * stubcache_call_skip(call, ret) comes next. Calls that the original makes in turn are hooked. 0; -ENOTSUP: no prototype is
 * known, the function is variadic, or libffi cannot pass one of its types.
 */
int stubcache_call_original(struct stubcache_call *call, void **args, void *ret)
	__attribute__((visibility("default")));

/* errno as the program will find it after the hook; may be changed. */
int *stubcache_call_errno(struct stubcache_call *call) __attribute__((visibility("default")));
/* Where the call returns to: an address in its caller. */
const void *stubcache_call_caller(const struct stubcache_call *call) __attribute__((visibility("default")));
/* The name of the function, as its library has it. Stays. */
const char *stubcache_call_function(const struct stubcache_call *call) __attribute__((visibility("default")));
/* How many arguments there are in args; of variadic functions those that are named. */
size_t stubcache_call_arguments(const struct stubcache_call *call) __attribute__((visibility("default")));
/* Whether args and ret are by a prototype; else they are registers. */
int stubcache_call_typed(const struct stubcache_call *call) __attribute__((visibility("default")));
/* A word of this hook and this call, NULL at its beginning: what enter puts there, leave finds. */
void **stubcache_call_word(struct stubcache_call *call) __attribute__((visibility("default")));

/*
 * The arguments behind the named ones of a variadic function, as va_start makes them: va_arg and the v functions take
 * them from there, and how many there are the function's rules say, as ever. va_end ends it; it may be started again.
 * Changing them changes nothing. 0, or -EINVAL: the function is not variadic.
 *
 *	va_list more;
 *
 *	if (*(int *)args[1] & O_CREAT && stubcache_call_variadic(call, more) == 0)
 *		mode = va_arg(more, mode_t);
 */
int stubcache_call_variadic(struct stubcache_call *call, va_list arguments) __attribute__((visibility("default")));

/* ---- closures: for those who have included <ffi.h> before ---- */

#ifdef LIBFFI_H
/*
 * A libffi closure in the place of functions: called as ffi_prep_closure_loc's are, and it is up to it whether the
 * original is called (stubcache_closure_original). Not variadic. The prototype may be NULL, as a hook's; of the functions
 * for which none is known nothing changes then. Of several closures on a function the first registered has it. A
 * closure on a function that is also hooked, timed or traced is what these then call. What the closure calls from code
 * of its client is not intercepted; what it calls otherwise is. errno is the closure's to set. Otherwise as
 * stubcache_hook; targets NULL likewise.
 */
int stubcache_closure(const char *targets, const char *prototype,
		      void (*function)(ffi_cif *cif, void *ret, void **args, void *user), void *user)
	__attribute__((visibility("default")));

/* In a closure, of the cif that it was called with: the original, for ffi_call. */
void (*stubcache_closure_original(ffi_cif *cif))(void) __attribute__((visibility("default")));
#endif

#ifdef __cplusplus
}
#endif

#endif
