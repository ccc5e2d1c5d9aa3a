/* SPDX-License-Identifier: MIT */
/*
 * The C half of registers_lib.S: its memory, which only the library itself reaches by name.
 */
#include "registers.h"

__attribute__((visibility("hidden"))) struct registers registers_found, registers_given;
__attribute__((visibility("hidden"))) int registers_lib_level;

void registers_set_level(int level)
{
	registers_lib_level = level;
}

struct registers *registers_seen(void)
{
	return &registers_found;
}

struct registers *registers_to_return(void)
{
	return &registers_given;
}
