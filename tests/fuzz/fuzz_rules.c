/* SPDX-License-Identifier: MIT */
/* The parser of rules (common/rules.c) in its three forms, and the matching of what it has accepted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/rules.h"
#include "fuzz.h"

static volatile unsigned matched;

static void match(const struct sc_rules *rules)
{
	static const struct sc_library_names libc = { "libc.so.6", "libc-2.36.so" }, plain = { NULL, "a" };
	static const char *const functions[] = { "open", "", "_ZN3foo3barEv", "[" };
	uint64_t selected = 0;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		matched += sc_rules_match(rules, functions[i], "GLIBC_2.2.5", &libc, &plain, &selected);
		matched += sc_rules_match(rules, functions[i], NULL, &plain, NULL, NULL);
	}
}

static void parse(const char *text, size_t length, enum sc_rules_form form)
{
	struct sc_arena arena = { 0 };
	struct sc_rules rules = { .arena = &arena };
	struct sc_rule_error error;
	int r;

	memset(&error, 0xa5, sizeof(error));
	r = sc_rules_parse(&rules, text, length, form, &error);
	FUZZ_PROMISE(r == 0 || r == -EINVAL || r == -ENOMEM);
	if (r == 0) {
		match(&rules);
	} else if (r == -EINVAL) {
		FUZZ_PROMISE(rules.rule_count == 0);
		FUZZ_PROMISE(error.rule >= 1 && error.rule <= length + 1);
		FUZZ_PROMISE(error.column >= 1 && error.column <= length + 1);
		FUZZ_PROMISE(memchr(error.message, 0, sizeof(error.message)) && error.message[0]);
	}
	sc_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1); /* no terminator behind it */

	if (!text)
		return 0;
	memcpy(text, data, size);
	for (int form = SC_RULES_ENVIRONMENT; form <= SC_RULES_FILE; form++)
		parse(text, size, (enum sc_rules_form)form);
	free(text);
	return 0;
}
