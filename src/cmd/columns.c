/* SPDX-License-Identifier: MIT */
/* Owns how wide text is on a terminal, for tables whose columns hold names. Called by explain.c and cache.c. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cmd/cmd.h"

int sc_cmd_width(const char *text)
{
	size_t length = mbstowcs(NULL, text, 0);
	wchar_t *wide = length == (size_t)-1 ? NULL : calloc(length + 1, sizeof(*wide));
	int width = -1;

	if (wide && mbstowcs(wide, text, length + 1) != (size_t)-1)
		width = wcswidth(wide, length);
	free(wide);
	return width >= 0 ? width : (int)strlen(text);
}
