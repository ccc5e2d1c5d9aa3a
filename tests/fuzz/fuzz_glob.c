/* SPDX-License-Identifier: MIT */
/*
 * Globs (common/glob.c). An input is a glob, a newline, a text. Where there is no class, the answer is compared with
 * that of a table that tries everything.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/glob.h"
#include "fuzz.h"

enum { LONGEST = 200 };

/* Row by row: whether the first g bytes of glob match the first t of text. */
static bool match_slowly(const char *glob, const char *text)
{
	bool row[LONGEST + 1] = { true }, next[LONGEST + 1];
	size_t length = strlen(text);

	for (; *glob; glob++) {
		next[0] = *glob == '*' && row[0];
		for (size_t t = 1; t <= length; t++)
			next[t] = *glob == '*' ? row[t] || next[t - 1] :
						 row[t - 1] && (*glob == '?' || *glob == text[t - 1]);
		memcpy(row, next, sizeof(row));
	}
	return row[length];
}

static void check(const char *glob, const char *text)
{
	size_t at = SIZE_MAX, length = strlen(glob);
	const char *fault = sc_glob_fault(glob, length, &at);
	bool matches = sc_glob_match(glob, text);

	FUZZ_PROMISE(fault ? at <= length : at == SIZE_MAX);
	if (!strchr(glob, '[') && length <= LONGEST && strlen(text) <= LONGEST)
		FUZZ_PROMISE(matches == match_slowly(glob, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
	size_t length = newline ? (size_t)(newline - data) : size;
	size_t rest = newline ? size - length - 1 : 0;
	char *glob, *text;

	if (size > 4096) /* matching may take the product of both lengths */
		return 0;
	glob = calloc(length + 1, 1);
	text = calloc(rest + 1, 1);
	if (glob && text) {
		memcpy(glob, data, length);
		if (rest)
			memcpy(text, newline + 1, rest);
		check(glob, text);
	}
	free(glob);
	free(text);
	return 0;
}
