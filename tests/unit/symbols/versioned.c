/* SPDX-License-Identifier: MIT */
/* References with versions: to an old one, to the default one, to a hidden one. */
#include "fixtures.h"

const char *gnu_moved_old(void);
const char *gnu_retired_old(void);
const char *sysv_moved_old(void);
const char *sysv_retired_old(void);

SYMVER(gnu_moved_old, gnu_moved, "@PROVIDER_1")
SYMVER(gnu_retired_old, gnu_retired, "@PROVIDER_1")
SYMVER(sysv_moved_old, sysv_moved, "@PROVIDER_1")
SYMVER(sysv_retired_old, sysv_retired, "@PROVIDER_1")

const char *versioned_moved_before(int sysv)
{
	return sysv ? sysv_moved_old() : gnu_moved_old();
}

const char *versioned_moved_now(int sysv)
{
	return sysv ? sysv_moved() : gnu_moved();
}

const char *versioned_retired(int sysv)
{
	return sysv ? sysv_retired_old() : gnu_retired_old();
}

const char *versioned_added(int sysv)
{
	return sysv ? sysv_added() : gnu_added();
}

const char *versioned_overridden(int sysv)
{
	return sysv ? sysv_overridden() : gnu_overridden();
}
