/* SPDX-License-Identifier: MIT */
/*
 * A program with an indirect function of its own, which its libraries reach, too: by call, by pointer in data, by
 * dlsym; all of these are one function.
 */
#include "live.h"
#include "probe.h"

#include <dlfcn.h>

LIVE_MAIN_STATE;

static long first_choice(void *closure)
{
	return *(long *)closure * 2;
}

static __attribute__((used)) long (*resolve(void))(void *) /* clang does not see its use by name */
{
	return first_choice;
}

__attribute__((visibility("default"), ifunc("resolve"))) long own_ifunc(void *closure);

static long (*in_data)(void *) = own_ifunc;
static long (*const in_constant_data)(void *) = own_ifunc;

int main(void)
{
	long (*volatile in_code)(void *) = own_ifunc;
	long (*found)(void *) = (long (*)(void *))dlsym(RTLD_DEFAULT, "own_ifunc");
	long sum = 0, i;

	expect(found);
	for (i = 0; found && i < 1000; i++) {
		sum += own_ifunc(&i) + in_data(&i) + in_constant_data(&i) + in_code(&i) + found(&i);
		sum += probe_call(own_ifunc, &i) + probe_call_deep(found, &i);
	}
	printf("sum: %ld\n", sum);
	printf("equal: %d %d\n", in_data == in_code, in_constant_data == in_code);
	return live_end("own_ifunc");
}
