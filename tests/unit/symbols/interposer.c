/* SPDX-License-Identifier: MIT */
/* Comes before visibility.c in the scope and defines the same names, without any version. */
#include "fixtures.h"

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
