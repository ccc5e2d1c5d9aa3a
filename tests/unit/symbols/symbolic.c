/* SPDX-License-Identifier: MIT */
/* Linked -Bsymbolic, for the flag. */
#include "fixtures.h"

int symbolic_answer(void)
{
	return 42;
}
