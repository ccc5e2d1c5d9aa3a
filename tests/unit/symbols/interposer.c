/* SPDX-License-Identifier: MIT */
/* Comes before the other libraries in the scope and defines names of theirs, without any version. */
#include "fixtures.h"

#include <unistd.h>

const char *shared_name(void)
{
	return "interposer";
}

const char *kept_name(void)
{
	return "interposer";
}

const char *hidden_name(void)
{
	return "interposer";
}

const char *gnu_overridden(void)
{
	return "interposer";
}

const char *sysv_overridden(void)
{
	return "interposer";
}

/* A reference to a version makes this library one whose own symbols have a version index, too. */
int interposer_has_versions(void)
{
	return getppid() > 0;
}
