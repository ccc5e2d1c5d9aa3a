/* SPDX-License-Identifier: MIT */
/*
 * libplugin.so: opened and closed again and again by dlopen_host. Calls libprobe from its constructor,
 * its destructor and its functions, keeps pointers to libprobe's functions in its data, and needs
 * libraries that the host does not.
 */
#include "probe.h"

#include <stdlib.h>

long plugin_constructed;
long *plugin_report; /* where the destructor leaves its mark */
unsigned long (*plugin_pointers[])(unsigned long) = { probe_mix, probe_mix_odd };

__attribute__((constructor)) static void begin(void)
{
	plugin_constructed = (long)(probe_mix(7) & 0xffff);
}

__attribute__((destructor)) static void end(void)
{
	if (plugin_report)
		*plugin_report += (long)(probe_mix(8) & 0xffff);
}

static int compare(const void *left, const void *right)
{
	return (int)(probe_mix(*(const unsigned char *)left) & 0xff) -
	       (int)(probe_mix(*(const unsigned char *)right) & 0xff);
}

unsigned long plugin_run(unsigned long x)
{
	unsigned char bytes[] = { 5, 200, 77, 1, 30 };

	qsort(bytes, sizeof(bytes), 1, compare);
	return probe_mix(x) + plugin_pointers[1](x) + bytes[0];
}
