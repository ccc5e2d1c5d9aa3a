/* SPDX-License-Identifier: MIT */
/* What client_host loads: one function, which calls another library. Built twice, under two names. */
#include <stdlib.h>

int plugin_answer(void);

int plugin_answer(void)
{
	return atoi("7");
}
