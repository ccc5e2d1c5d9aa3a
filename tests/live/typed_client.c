/* SPDX-License-Identifier: MIT */
/*
 * The client of tests/live/typed.sh: what each hook does is said by its function, of tests/live/typed_lib.cc.
 */
#include <errno.h>
#include <fenv.h>
#include <ffi.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <dr_api.h>
#include <stubcache.h>

extern int typed_inner(int value); /* of the host's library: what it calls is intercepted */

static int hooked;   /* calls of typed_hooked that were seen */

static void doubled(struct stubcache_call *call, void **args, void *user)
{
	*stubcache_call_word(call) = user;
	*(int *)args[0] *= 2;
}

static void plus(struct stubcache_call *call, void **args, void *ret, void *user)
{
	(void)args;
	*(int *)ret += *stubcache_call_word(call) == user;
}

static void times_ten(struct stubcache_call *call, void **args, void *user)
{
	(void)call;
	(void)user;
	*(int *)args[0] *= 10;
}

static void minus(struct stubcache_call *call, void **args, void *ret, void *user)
{
	(void)call;
	(void)args;
	(void)user;
	*(int *)ret = -*(int *)ret;
}

static void interrupt(struct stubcache_call *call, void **args, void *user)
{
	raise(SIGUSR1);
	times_ten(call, args, user);
}

static void skip(struct stubcache_call *call, void **args, void *user)
{
	static const long double value = 2.5L;
	(void)args;
	(void)user;

	*stubcache_call_errno(call) = EXDEV;
	stubcache_call_skip(call, &value);
}

static void spoil_errno(struct stubcache_call *call, void **args, void *user)
{
	volatile long double y = 1;
	volatile double x = 1;
	(void)call;
	(void)args;
	(void)user;

	errno = ENOTTY;
	fesetround(FE_UPWARD);
	y /= 3;
	x /= 7;
	for (int i = 0; i < 10; i++)
		x = x * 3 + 1;
}

static void spoil_errno_after(struct stubcache_call *call, void **args, void *ret, void *user)
{
	(void)ret;
	spoil_errno(call, args, user);
}

/* The variadic ones, by what the first says of them. */
static void sum(struct stubcache_call *call, void **args, void *user)
{
	double total = 0;
	va_list more;
	(void)user;

	if (stubcache_call_variadic(call, more) != 0)
		return;
	for (const char *at = *(const char **)args[0]; *at; at++)
		total += *at == 'i' ? va_arg(more, int) : *at == 'd' ? va_arg(more, double) :
								       (double)va_arg(more, long double);
	va_end(more);
	*(double *)args[1] = total;
}

static void twice(struct stubcache_call *call, void **args, void *user)
{
	int first, second, more = *(int *)args[0] + 1;
	void *others[] = { &more };
	(void)user;

	if (stubcache_call_original(call, NULL, &first) != 0 || stubcache_call_original(call, others, &second) != 0)
		return;
	first += second;
	stubcache_call_skip(call, &first);
}

static void count_inner(struct stubcache_call *call, void **args, void *ret, void *user)
{
	(void)call;
	(void)args;
	(void)user;
	*(int *)ret += typed_inner(1); /* hooked, and not seen */
}

static void raw(struct stubcache_call *call, void **args, void *user)
{
	(void)user;
	if (!stubcache_call_typed(call) && stubcache_call_arguments(call) == 14)
		*(unsigned long *)args[0] += (unsigned long)*(double *)args[6];
}

static void note(struct stubcache_call *call, void **args, void *user)
{
	(void)call;
	(void)args;
	(void)user;
	__atomic_add_fetch(&hooked, 1, __ATOMIC_SEQ_CST);
}

static void closure(ffi_cif *cif, void *ret, void **args, void *user)
{
	*(int *)args[0] += *(int *)user;
	ffi_call(cif, stubcache_closure_original(cif), ret, args);
}

/* ---- no hook while an image is generated ---- */

extern int typed_calls_on_a_thread(int calls); /* of the library: calls typed_hooked so often, on another thread */

static size_t size(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	int before = __atomic_load_n(&hooked, __ATOMIC_SEQ_CST);
	(void)drcontext;
	(void)perscxt;
	(void)file_offs;
	(void)user_data;

	if (before && typed_calls_on_a_thread(3) == 3)
		printf("during a generation: %d of 3 calls seen\n", __atomic_load_n(&hooked, __ATOMIC_SEQ_CST) - before);
	return 0;
}

static bool persist(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	(void)drcontext;
	(void)perscxt;
	(void)fd;
	(void)user_data;
	return true;
}

static bool resurrect(void *drcontext, void *perscxt, byte **map)
{
	(void)drcontext;
	(void)perscxt;
	(void)map;
	return true;
}

/* Blocks until the host writes to the pipe whose end is its argument. */
static void wait_for_host(struct stubcache_call *call, void **args, void *user)
{
	char byte;
	(void)call;
	(void)user;

	dr_write_file(((int *)args[0])[0], "x", 1);
	if (dr_read_file(*(int *)args[1], &byte, 1) != 1)
		printf("no word from the host\n");
}

static void hook(const char *targets, const char *prototype,
		 void (*enter)(struct stubcache_call *, void **, void *),
		 void (*leave)(struct stubcache_call *, void **, void *, void *), void *user)
{
	const struct stubcache_hook it = { sizeof(it), targets, prototype, enter, leave, user };
	int r = stubcache_hook(&it);

	if (r != 0)
		printf("%s: %s\n", targets ? targets : "rules", strerror(-r));
}

static void expect(const char *what, int wanted, int r)
{
	if (r != wanted)
		printf("%s: %d, not %d\n", what, r, wanted);
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	static int seven = 7;
	struct stubcache_hook wrong = { sizeof(wrong), "a;b", NULL, note, NULL, NULL };
	(void)id;
	(void)argc;
	(void)argv;

	hook("typed_nested", "int typed_nested(int)", doubled, plus, &seven);
	hook("typed_nested", "int f(int value)", times_ten, minus, NULL);
	hook("typed_skipped", "long double typed_skipped(void)", skip, NULL, NULL);
	hook("typed_errno", "int typed_errno(int)", spoil_errno, spoil_errno_after, NULL);
	hook("typed_variadic", "double typed_variadic(const char *kinds, double first, ...)", sum, NULL, NULL);
	hook("typed_twice", "int typed_twice(int)", twice, NULL, NULL);
	hook("typed_inner,typed_outer", "int f(int)", NULL, count_inner, NULL);
	hook("typed_raw", NULL, raw, NULL, NULL);
	hook("typed_throws", "int typed_throws(int)", doubled, plus, &seven);
	hook("typed_jumps", "int typed_jumps(int)", doubled, plus, &seven);
	hook("typed_hooked", "int typed_hooked(void)", note, NULL, NULL);
	hook("typed_waits", "int typed_waits(int out, int in)", wait_for_host, NULL, NULL);
	hook("typed_interrupted", "int f(int)", interrupt, NULL, NULL);
	hook("typed_in_handler", "int f(int)", doubled, NULL, NULL);
	hook(NULL, "int typed_by_rule(int)", doubled, NULL, NULL);
	expect("closure", 0, stubcache_closure("typed_closed", "int typed_closed(int)", closure, &seven));
	expect("closure that is timed", 0, stubcache_closure("typed_closed_timed", "int f(int)", closure, &seven));
	dr_register_persist_ro(size, persist, resurrect);
	if (argc > 1) {
		expect("separator", -EINVAL, stubcache_hook(&wrong));
		wrong.targets = "a";
		wrong.prototype = "int (";
		expect("prototype", -EINVAL, stubcache_hook(&wrong));
		wrong.prototype = "void f(struct unknown value)";
		expect("incomplete type", -ENOTSUP, stubcache_hook(&wrong));
		wrong.prototype = NULL;
		wrong.struct_size = 8;
		expect("size", -EINVAL, stubcache_hook(&wrong));
		expect("variadic closure", -ENOTSUP, stubcache_closure("a", "int f(int, ...)", closure, NULL));
	}
}
