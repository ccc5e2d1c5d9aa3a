/* SPDX-License-Identifier: MIT */
/* The same references without versions: linked without the library they are to, as if the program
 * were older than its versions. */
#include "fixtures.h"

const char *unversioned_moved(int sysv)
{
	return sysv ? sysv_moved() : gnu_moved();
}

const char *unversioned_retired(int sysv)
{
	return sysv ? sysv_retired() : gnu_retired();
}

const char *unversioned_added(int sysv)
{
	return sysv ? sysv_added() : gnu_added();
}
