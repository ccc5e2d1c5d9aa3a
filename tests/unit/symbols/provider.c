/* SPDX-License-Identifier: MIT */
/* A library with a history: `moved` has two versions, `retired` only an old one. Built twice, once
 * with each kind of hash table, under two sets of names. */
#include "fixtures.h"

const char *PROVIDER(moved_before)(void);
const char *PROVIDER(moved_now)(void);
const char *PROVIDER(retired_before)(void);

SYMVER(PROVIDER(moved_before), PROVIDER(moved), "@PROVIDER_1")
SYMVER(PROVIDER(moved_now), PROVIDER(moved), "@@PROVIDER_2")
SYMVER(PROVIDER(retired_before), PROVIDER(retired), "@PROVIDER_1")

const char *PROVIDER(moved_before)(void)
{
	return "moved@PROVIDER_1";
}

const char *PROVIDER(moved_now)(void)
{
	return "moved@@PROVIDER_2";
}

const char *PROVIDER(retired_before)(void)
{
	return "retired@PROVIDER_1";
}

const char *PROVIDER(overridden)(void)
{
	return "overridden@@PROVIDER_2";
}

const char *PROVIDER(added)(void)
{
	return "added@@PROVIDER_2";
}
