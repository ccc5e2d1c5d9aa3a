/* SPDX-License-Identifier: MIT */
/*
 * Calls what replace.sh replaces, in each way that a function is reached, and prints what came back.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "probe.h"

static unsigned long (*volatile pointer)(unsigned long) = probe_mix;

/* What probe_mix returns: every way to ask libprobe itself leads through a slot. */
static unsigned long mix(unsigned long x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ul;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebul;
	return x ^ x >> 31;
}

int main(void)
{
	unsigned long plain = mix(7);
	unsigned long (*found)(unsigned long) = (unsigned long (*)(unsigned long))dlsym(RTLD_DEFAULT, "probe_mix_odd");
	int fd;

	printf("called: %+ld\n", (long)(probe_mix(7) - plain));
	printf("by a pointer: %+ld\n", (long)(pointer(7) - plain));
	printf("found: %+ld\n", (long)(found(7) - (plain ^ 1)));
	errno = 0;
	fd = open("/etc/such file/", O_RDONLY | O_CREAT, 0600);
	printf("open: %s %d\n", fd < 0 ? "no" : "yes", errno);
	if (fd >= 0)
		close(fd);
	printf("values: %d %s %.2f %Lg %c\n", 1, "two", 3.25, 4.5L, '5');
	return 0;
}
