/* SPDX-License-Identifier: MIT */
/*
 * The grammar of rules, what each message points at, and what rules select. Every text is parsed
 * from a block of exactly its size, so that a sanitizer notices the first byte read too far, and
 * with an errno that nobody sets, which must still be there afterwards.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/rules.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))
#define STRANGE_ERRNO 4242

static struct sc_arena arena;
static struct sc_rules rules;
static struct sc_rule_error error;

static const struct sc_library_names libc = {"libc.so.6", "libc-2.36.so"};
static const struct sc_library_names libm = {"libm.so.6", "libm-2.36.so"};
static const struct sc_library_names git = {NULL, "git"};

static void begin(void)
{
	memset(&error, 0, sizeof(error));
	rules = (struct sc_rules){.arena = &arena};
}

static void end(void)
{
	sc_arena_release(&arena);
}

static int parse_bytes(const char *text, size_t length, enum sc_rules_form form)
{
	char *copy = malloc(length + !length);
	int result;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, length);
	errno = STRANGE_ERRNO;
	result = sc_rules_parse(&rules, copy, length, form, &error);
	ck_assert_int_eq(errno, STRANGE_ERRNO);
	memset(copy, 'x', length); /* nothing may point into it */
	free(copy);
	return result;
}

static void parse(const char *text, enum sc_rules_form form)
{
	int result = parse_bytes(text, strlen(text), form);

	ck_assert_msg(!result, "'%s': %d: %u:%u: %s", text, result, error.rule, error.column,
		      error.message);
	ck_assert_str_eq(error.message, "");
}

static void check_target(const struct sc_rule_target *target, bool exclude, const char *function,
			 const char *library, const char *version)
{
	ck_assert_int_eq(target->exclude, exclude);
	ck_assert_str_eq(target->function, function);
	ck_assert_str_eq(target->library, library);
	ck_assert_str_eq(target->version, version);
}

static unsigned match(const char *function, const struct sc_library_names *library)
{
	return sc_rules_match(&rules, function, NULL, library, NULL, NULL);
}

/* Grammar. */

START_TEST(a_rule_keeps_every_part_as_written)
{
	parse("time=open@libc.so.6@GLIBC_2.2.5,!mem*@libc*,read:from=git", SC_RULES_ARGUMENT);
	ck_assert_uint_eq(rules.rule_count, 1);
	ck_assert_int_eq(rules.rules[0].action, SC_ACTION_TIME);
	ck_assert_str_eq(rules.rules[0].text,
			 "time=open@libc.so.6@GLIBC_2.2.5,!mem*@libc*,read:from=git");
	ck_assert_uint_eq(rules.rules[0].target_count, 3);
	check_target(&rules.rules[0].targets[0], false, "open", "libc.so.6", "GLIBC_2.2.5");
	check_target(&rules.rules[0].targets[1], true, "mem*", "libc*", "*");
	check_target(&rules.rules[0].targets[2], false, "read", "*", "*");
	ck_assert_str_eq(rules.rules[0].from, "git");
	ck_assert_uint_eq(rules.rules[0].origin, 0);
}
END_TEST

START_TEST(semicolons_separate_rules_in_environment_and_argument)
{
	enum sc_rules_form form = _i ? SC_RULES_ARGUMENT : SC_RULES_ENVIRONMENT;

	parse("count=malloc; time=*@libm.so.6:from=git ;count=free", form);
	ck_assert_uint_eq(rules.rule_count, 3);
	ck_assert_str_eq(rules.rules[0].text, "count=malloc");
	ck_assert_ptr_null(rules.rules[0].from);
	ck_assert_str_eq(rules.rules[1].text, "time=*@libm.so.6:from=git");
	ck_assert_str_eq(rules.rules[1].from, "git");
	ck_assert_str_eq(rules.rules[2].targets[0].function, "free");
	ck_assert_uint_eq(rules.rules[2].origin, 2);
}
END_TEST

START_TEST(blanks_around_any_part_are_ignored)
{
	parse("\t count = open @ libc* @ G* , ! read\n: from = git \n", SC_RULES_ENVIRONMENT);
	ck_assert_str_eq(rules.rules[0].text, "count = open @ libc* @ G* , ! read\n: from = git");
	check_target(&rules.rules[0].targets[0], false, "open", "libc*", "G*");
	check_target(&rules.rules[0].targets[1], true, "read", "*", "*");
	ck_assert_str_eq(rules.rules[0].from, "git");
}
END_TEST

START_TEST(empty_text_and_empty_rules_add_nothing)
{
	static const char *const texts[] = {"", " ", ";", " ; ;; ", "\n"};

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		parse(texts[i], SC_RULES_ENVIRONMENT);
		ck_assert_uint_eq(rules.rule_count, 0);
		ck_assert_ptr_null(arena.blocks);
	}
	parse("# nothing\n\n  \n   # here\n", SC_RULES_FILE);
	ck_assert_uint_eq(rules.rule_count, 0);
	ck_assert_int_eq(sc_rules_parse(&rules, NULL, 0, SC_RULES_FILE, &error), 0);
	parse(";;count=a;", SC_RULES_ENVIRONMENT);
	ck_assert_uint_eq(rules.rule_count, 1);
}
END_TEST

START_TEST(a_file_holds_one_rule_a_line_with_comments)
{
	parse("# counted\n"
	      "count=malloc # the allocator\r\n"
	      "\n"
	      "\ttime=a#b:from=git\n"
	      "  #time=never\n"
	      "time=last",
	      SC_RULES_FILE);
	ck_assert_uint_eq(rules.rule_count, 3);
	ck_assert_str_eq(rules.rules[0].text, "count=malloc");
	ck_assert_str_eq(rules.rules[1].text, "time=a#b:from=git");
	ck_assert_str_eq(rules.rules[1].targets[0].function, "a#b");
	ck_assert_str_eq(rules.rules[2].targets[0].function, "last");
}
END_TEST

START_TEST(later_texts_are_appended_and_numbered_on)
{
	const struct sc_rule *targets_owner;

	parse("count=a;count=b", SC_RULES_ENVIRONMENT);
	targets_owner = rules.rules;
	parse("time=c", SC_RULES_FILE);
	ck_assert_uint_eq(rules.rule_count, 3);
	ck_assert_ptr_eq(rules.rules[1].targets, targets_owner[1].targets);
	ck_assert_str_eq(rules.rules[1].targets[0].function, "b");
	ck_assert_str_eq(rules.rules[2].targets[0].function, "c");
	ck_assert_uint_eq(rules.rules[2].origin, 2);
}
END_TEST

START_TEST(bytes_outside_ascii_are_part_of_names)
{
	parse("count=gr\xc3\xbc\xc3\x9f*", SC_RULES_ENVIRONMENT);
	ck_assert_uint_eq(match("gr\xc3\xbc\xc3\x9f" "en", &libc), SC_ACTION_COUNT);
}
END_TEST

/* Messages. */

static const struct refusal {
	enum sc_rules_form form;
	const char *text;
	unsigned rule;
	unsigned column;
	const char *message;
} refusals[] = {
	/* actions */
	{SC_RULES_ARGUMENT, "malloc", 1, 1, "no '=' in the rule: expected ACTION=TARGETS"},
	{SC_RULES_ARGUMENT, "=malloc", 1, 1, "no action before '=': expected ACTION=TARGETS"},
	{SC_RULES_ARGUMENT, "cuont=malloc", 1, 1, "unknown action 'cuont': did you mean 'count'?"},
	{SC_RULES_ARGUMENT, "tme=malloc", 1, 1, "unknown action 'tme': did you mean 'time'?"},
	{SC_RULES_ARGUMENT, "Time=x", 1, 1, "unknown action 'Time': did you mean 'time'?"},
	{SC_RULES_ARGUMENT, "x=y", 1, 1, "unknown action 'x': expected one of: count, time"},
	{SC_RULES_ARGUMENT, "a\vb\xff=y", 1, 1, "unknown action 'a?b?': expected one of: count, time"},
	{SC_RULES_ARGUMENT, "trace=*", 1, 1, "action 'trace' is not available in this version"},
	{SC_RULES_ARGUMENT, "stack=*:depth=3", 1, 1, "action 'stack' is not available in this version"},
	{SC_RULES_ARGUMENT, "inject=*:x", 1, 1, "action 'inject' is not available in this version"},
	{SC_RULES_ARGUMENT, "replace=", 1, 1, "action 'replace' is not available in this version"},
	{SC_RULES_ARGUMENT, "client=*", 1, 1, "action 'client' is not available in this version"},
	{SC_RULES_ARGUMENT, "open:from=git", 1, 5,
	 "':' before '=': expected ACTION=TARGETS[:OPTION...]"},
	/* targets */
	{SC_RULES_ARGUMENT, "count=", 1, 7, "empty target: expected [!]function[@library[@version]]"},
	{SC_RULES_ARGUMENT, "count=a,", 1, 9, "empty target: expected [!]function[@library[@version]]"},
	{SC_RULES_ARGUMENT, "count=a, ,b", 1, 10,
	 "empty target: expected [!]function[@library[@version]]"},
	{SC_RULES_ARGUMENT, "count=:from=git", 1, 7,
	 "empty target: expected [!]function[@library[@version]]"},
	{SC_RULES_ARGUMENT, "count=!", 1, 8, "empty function name: '*' is any"},
	{SC_RULES_ARGUMENT, "count=!!a", 1, 8, "'!' twice in a target"},
	{SC_RULES_ARGUMENT, "count=@libc.so.6", 1, 7, "empty function name: '*' is any"},
	{SC_RULES_ARGUMENT, "count=a@", 1, 9, "empty library name: '*' is any"},
	{SC_RULES_ARGUMENT, "count=a@@V", 1, 9, "empty library name: '*' is any"},
	{SC_RULES_ARGUMENT, "count=a@b@", 1, 11, "empty version name: '*' is any"},
	{SC_RULES_ARGUMENT, "count=a@b@c@d", 1, 12,
	 "third '@' in a target: expected [!]function[@library[@version]]"},
	{SC_RULES_ARGUMENT, "count=a@/lib/libc.so.6", 1, 9,
	 "'/' in a library name: give its soname or file name"},
	{SC_RULES_ARGUMENT, "count=a b", 1, 8, "blank in a function name"},
	{SC_RULES_ARGUMENT, "count=a,time=b", 1, 13,
	 "'=' in a function name: rules are separated by ';'"},
	{SC_RULES_FILE, "count=a,time=b", 1, 13, "'=' in a function name: one rule a line"},
	{SC_RULES_ARGUMENT, "count=a[bc", 1, 8, "'[' in a glob is not closed"},
	{SC_RULES_ARGUMENT, "count=a@b[]", 1, 10, "'[' in a glob is not closed"},
	{SC_RULES_ARGUMENT, "count=a[x,y]", 1, 8, "'[' in a glob is not closed"},
	{SC_RULES_ARGUMENT, "count=[ab][z-a]", 1, 12, "range in a glob is backwards"},
	{SC_RULES_ARGUMENT, "count=[^a]", 1, 8, "'[^' in a glob: '[!' is what negates"},
	{SC_RULES_ARGUMENT, "count=a\033[2J", 1, 8, "control character 0x1b in a rule"},
	{SC_RULES_ARGUMENT, "count=a\177", 1, 8, "control character 0x7f in a rule"},
	/* options */
	{SC_RULES_ARGUMENT, "count=a:", 1, 9, "empty option: expected NAME=VALUE after ':'"},
	{SC_RULES_ARGUMENT, "count=a:=git", 1, 9, "empty option: expected NAME=VALUE after ':'"},
	{SC_RULES_ARGUMENT, "count=a: form=git", 1, 10, "unknown option 'form': did you mean 'from'?"},
	{SC_RULES_ARGUMENT, "count=a:eror=EIO", 1, 9, "unknown option 'eror': expected one of: from"},
	{SC_RULES_ARGUMENT, "count=a:error=ENOMEM", 1, 9, "option 'error' is for action 'inject' only"},
	{SC_RULES_ARGUMENT, "time=a:from=b:retval=0", 1, 15,
	 "option 'retval' is for action 'inject' only"},
	{SC_RULES_ARGUMENT, "time=a:signal=9", 1, 8, "option 'signal' is for action 'inject' only"},
	{SC_RULES_ARGUMENT, "time=a:delay_enter=9", 1, 8,
	 "option 'delay_enter' is for action 'inject' only"},
	{SC_RULES_ARGUMENT, "time=a:delay_exit=9", 1, 8,
	 "option 'delay_exit' is for action 'inject' only"},
	{SC_RULES_ARGUMENT, "time=a:when=1+", 1, 8, "option 'when' is for action 'inject' only"},
	{SC_RULES_ARGUMENT, "time=a:prob=1", 1, 8, "option 'prob' is for action 'inject' only"},
	{SC_RULES_ARGUMENT, "time=a:seed=1", 1, 8, "option 'seed' is for action 'inject' only"},
	{SC_RULES_ARGUMENT, "time=a:with=x.so", 1, 8, "option 'with' is for action 'replace' only"},
	{SC_RULES_ARGUMENT, "time=a:depth=3", 1, 8, "option 'depth' is for action 'stack' only"},
	{SC_RULES_ARGUMENT, "time=a:from", 1, 8, "option 'from' needs a value: from=LIBRARY"},
	{SC_RULES_ARGUMENT, "time=a:from=", 1, 13, "empty library name: '*' is any"},
	{SC_RULES_ARGUMENT, "time=a:from=b:from=c", 1, 15, "option 'from' given twice"},
	{SC_RULES_ARGUMENT, "time=a:from=./b", 1, 14,
	 "'/' in a library name: give its soname or file name"},
	/* where */
	{SC_RULES_ENVIRONMENT, ";; count=a ;  tmie=b", 2, 1, "unknown action 'tmie': did you mean 'time'?"},
	{SC_RULES_ENVIRONMENT, "count=a; time=b; time=c[", 3, 7, "'[' in a glob is not closed"},
	{SC_RULES_FILE, "# one\ncount=a\n\n  time=,b\n", 4, 8,
	 "empty target: expected [!]function[@library[@version]]"},
	{SC_RULES_FILE, "count=a\n count=b; count=c", 2, 9, "';' in a file of rules: one rule a line"},
	{SC_RULES_FILE, "count=a# no comment", 1, 9, "blank in a function name"},
};

START_TEST(a_refusal_names_the_place_and_the_reason)
{
	const struct refusal *refusal = &refusals[_i];
	struct sc_rule *before;

	parse("count=before", SC_RULES_ARGUMENT);
	before = rules.rules;
	ck_assert_msg(parse_bytes(refusal->text, strlen(refusal->text), refusal->form) == -EINVAL,
		      "'%s' is not refused", refusal->text);
	ck_assert_msg(!strcmp(error.message, refusal->message), "'%s': %s", refusal->text,
		      error.message);
	ck_assert_msg(error.rule == refusal->rule && error.column == refusal->column,
		      "'%s': rule %u column %u", refusal->text, error.rule, error.column);
	ck_assert_ptr_eq(rules.rules, before);
	ck_assert_uint_eq(rules.rule_count, 1);
	ck_assert_ptr_eq(rules.arena, &arena);
}
END_TEST

START_TEST(a_zero_byte_within_a_rule_is_refused)
{
	ck_assert_int_eq(parse_bytes("count=a\0b", 9, SC_RULES_FILE), -EINVAL);
	ck_assert_uint_eq(error.column, 8);
	ck_assert_str_eq(error.message, "control character 0x00 in a rule");
}
END_TEST

START_TEST(a_refused_text_takes_nothing_from_the_arena)
{
	char *before = sc_arena_alloc(&arena, 16);

	ck_assert_int_eq(parse_bytes("count=a;time=b:from=c;time=d:x", 30, SC_RULES_ENVIRONMENT), -EINVAL);
	ck_assert_ptr_eq(sc_arena_alloc(&arena, 16), before + 16);
}
END_TEST

START_TEST(without_memory_the_rules_stay_as_they_were)
{
	struct rlimit whole, none;
	size_t length = (size_t)1 << 20; /* more than the block that the first rule left */
	char *text = malloc(length);
	struct sc_rule *before;
	int result;

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', length);
	memcpy(text, "count=", 6);
	parse("count=before", SC_RULES_ARGUMENT);
	before = rules.rules;
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &whole), 0);
	none = whole;
	none.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
	result = sc_rules_parse(&rules, text, length, SC_RULES_ARGUMENT, &error);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &whole), 0);
	ck_assert_int_eq(result, -ENOMEM);
	ck_assert_ptr_eq(rules.rules, before);
	ck_assert_uint_eq(rules.rule_count, 1);
	free(text);
}
END_TEST

/* Length. */

START_TEST(a_very_long_list_is_parsed_whole)
{
	size_t targets = 200000;
	char *text = malloc(6 + targets * 2);

	ck_assert_ptr_nonnull(text);
	memcpy(text, "count=", 6);
	for (size_t i = 0; i < targets; i++)
		memcpy(text + 6 + 2 * i, "a,", 2);
	ck_assert_int_eq(parse_bytes(text, 6 + targets * 2 - 1, SC_RULES_ENVIRONMENT), 0);
	ck_assert_uint_eq(rules.rules[0].target_count, targets);
	check_target(&rules.rules[0].targets[targets - 1], false, "a", "*", "*");
	ck_assert_int_eq(parse_bytes(text, 6 + targets * 2, SC_RULES_ENVIRONMENT), -EINVAL);
	ck_assert_uint_eq(error.column, 7 + targets * 2);
	free(text);
}
END_TEST

START_TEST(a_very_long_word_is_shortened_in_the_message)
{
	size_t length = 100000;
	char *text = malloc(length);

	ck_assert_ptr_nonnull(text);
	memset(text, 'a', length);
	text[length - 2] = '=';
	ck_assert_int_eq(parse_bytes(text, length, SC_RULES_ENVIRONMENT), -EINVAL);
	ck_assert_str_eq(error.message, "unknown action 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa': "
					"expected one of: count, time");
	free(text);
}
END_TEST

START_TEST(text_longer_than_any_use_is_refused_unread)
{
	ck_assert_int_eq(sc_rules_parse(&rules, "count=a", SIZE_MAX, SC_RULES_FILE, &error), -EINVAL);
	ck_assert_str_eq(error.message, "more than 16 MiB of rules");
	ck_assert_uint_eq(error.rule, 1);
	ck_assert_uint_eq(error.column, 1);
}
END_TEST

/* A cheap generator, the same on every run: texts of the grammar's own characters. */
START_TEST(no_text_of_the_grammars_characters_reads_or_writes_out_of_bounds)
{
	static const char *const pieces[] = {"count", "time", "=", ":",	 ",", ";",  "@", "!", "[",
					     "]",     "-",    "*", "\n", "#", " ", "a", "from"};
	uint32_t state = 1;

	for (int round = 0; round < 20000; round++) {
		char text[128] = "";
		unsigned count;

		for (count = 0; count < 16; count++) {
			state = state * 1664525 + 1013904223;
			strcat(text, pieces[(state >> 16) % COUNT_OF(pieces)]);
		}
		if (!parse_bytes(text, strlen(text), (enum sc_rules_form)(round % 3)) &&
		    rules.rule_count)
			match("a", &libc);
		begin();
		if (round % 500 == 0)
			sc_arena_release(&arena);
	}
}
END_TEST

/* Selection. */

START_TEST(a_function_is_selected_by_any_including_item)
{
	parse("count=open,read@libc.so.6", SC_RULES_ARGUMENT);
	ck_assert_uint_eq(match("open", &libm), SC_ACTION_COUNT);
	ck_assert_uint_eq(match("read", &libc), SC_ACTION_COUNT);
	ck_assert_uint_eq(match("read", &libm), 0);
	ck_assert_uint_eq(match("write", &libc), 0);
	ck_assert_uint_eq(match("openat", &libc), 0);
}
END_TEST

START_TEST(an_exclusion_wins_wherever_it_stands)
{
	static const char *const texts[] = {"time=!mem*@libc.so.6,*", "time=*,!mem*@libc.so.6"};

	parse(texts[_i], SC_RULES_ARGUMENT);
	ck_assert_uint_eq(match("memcpy", &libc), 0);
	ck_assert_uint_eq(match("memcpy", &git), SC_ACTION_TIME);
	ck_assert_uint_eq(match("open", &libc), SC_ACTION_TIME);
}
END_TEST

START_TEST(exclusions_alone_mean_everything_else)
{
	parse("count=!mem*,!*@libm*", SC_RULES_ARGUMENT);
	ck_assert_uint_eq(match("memcpy", &libc), 0);
	ck_assert_uint_eq(match("sin", &libm), 0);
	ck_assert_uint_eq(match("open", &libc), SC_ACTION_COUNT);
}
END_TEST

START_TEST(an_exclusion_concerns_its_own_rule_alone)
{
	parse("count=*,!open;time=open", SC_RULES_ENVIRONMENT);
	ck_assert_uint_eq(match("open", &libc), SC_ACTION_TIME);
	ck_assert_uint_eq(match("read", &libc), SC_ACTION_COUNT);
}
END_TEST

START_TEST(a_library_goes_by_soname_and_by_file_name)
{
	parse("count=a@libc.so.6;time=a@libc-2.36.so", SC_RULES_ENVIRONMENT);
	ck_assert_uint_eq(match("a", &libc), SC_ACTION_COUNT | SC_ACTION_TIME);
	begin();
	parse("count=a@git", SC_RULES_ARGUMENT);
	ck_assert_uint_eq(match("a", &git), SC_ACTION_COUNT);
	begin();
	parse("count=*,!*@libc-2.36.so", SC_RULES_ARGUMENT);
	ck_assert_uint_eq(match("a", &libc), 0);
}
END_TEST

START_TEST(a_version_is_looked_at_only_where_one_is_meant)
{
	parse("count=cond@*@GLIBC_2.3.2;time=cond", SC_RULES_ENVIRONMENT);
	ck_assert_uint_eq(sc_rules_match(&rules, "cond", "GLIBC_2.3.2", &libc, NULL, NULL),
			  SC_ACTION_COUNT | SC_ACTION_TIME);
	ck_assert_uint_eq(sc_rules_match(&rules, "cond", "GLIBC_2.2.5", &libc, NULL, NULL),
			  SC_ACTION_TIME);
	ck_assert_uint_eq(sc_rules_match(&rules, "cond", NULL, &libc, NULL, NULL), SC_ACTION_TIME);
}
END_TEST

START_TEST(from_is_looked_at_when_the_caller_is_known)
{
	parse("count=*:from=git;time=*:from=libc.so.?", SC_RULES_ENVIRONMENT);
	ck_assert_uint_eq(match("a", &libm), SC_ACTION_COUNT | SC_ACTION_TIME);
	ck_assert_uint_eq(sc_rules_match(&rules, "a", NULL, &libm, &git, NULL), SC_ACTION_COUNT);
	ck_assert_uint_eq(sc_rules_match(&rules, "a", NULL, &libm, &libc, NULL), SC_ACTION_TIME);
	ck_assert_uint_eq(sc_rules_match(&rules, "a", NULL, &libm, &libm, NULL), 0);
}
END_TEST

START_TEST(the_rules_that_select_are_added_to_those_that_did)
{
	char text[66 * 8 + 1] = "";
	uint64_t selected = 2;

	for (int i = 0; i < 66; i++)
		strcat(text, i == 65 || i == 3 ? "count=b;" : "count=a;");
	parse(text, SC_RULES_ENVIRONMENT);
	ck_assert_uint_eq(rules.rule_count, 66);
	sc_rules_match(&rules, "c", NULL, &libc, NULL, &selected);
	ck_assert_uint_eq(selected, 2);
	selected = 4;
	sc_rules_match(&rules, "b", NULL, &libc, NULL, &selected);
	ck_assert_uint_eq(selected, 4 | 1 << 3 | 1 << (65 % 64));
}
END_TEST

START_TEST(no_rules_select_nothing_and_want_no_library)
{
	ck_assert_uint_eq(match("a", &libc), 0);
	ck_assert(!sc_rules_want_library(&rules, &libc));
}
END_TEST

START_TEST(a_library_is_wanted_if_a_rule_could_select_in_it)
{
	static const struct {
		const char *text;
		bool libc, libm;
	} cases[] = {
		{"count=open", true, true},
		{"count=open@libc.so.6", true, false},
		{"count=open@libc-2.36.so@V;time=sin@libm*", true, true},
		{"count=!mem*", true, true},
		{"count=!*@libc*", false, true},
		{"count=*,!**@libc.so.6", false, true},
		{"count=*,!*@libc.so.6@GLIBC_2.2.5", true, true},
		{"count=a@libx,!b@liby", false, false},
		{"count=*,!*@libc*;time=open@libc*", true, true},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		begin();
		parse(cases[i].text, SC_RULES_ENVIRONMENT);
		ck_assert_msg(sc_rules_want_library(&rules, &libc) == cases[i].libc, "%s",
			      cases[i].text);
		ck_assert_msg(sc_rules_want_library(&rules, &libm) == cases[i].libm, "%s",
			      cases[i].text);
	}
}
END_TEST

/* Globs. */

static const struct glob_case {
	const char *glob, *text;
	bool match;
} globs[] = {
	{"", "", true}, {"", "a", false}, {"a", "", false}, {"abc", "abc", true},
	{"abc", "abcd", false}, {"abcd", "abc", false}, {"Abc", "abc", false},
	{"*", "", true}, {"**", "a", true}, {"a*", "a", true}, {"*a", "ba", true},
	{"*a", "ab", false}, {"a*c*e", "abcde", true}, {"a*c*e", "abde", false},
	{"*aab", "aaaab", true}, {"*ab*cd", "abababcdcd", true},
	{"?", "a", true}, {"?", "", false}, {"a?c", "abc", true}, {"*?", "", false},
	{"[abc]", "b", true}, {"[abc]", "d", false}, {"[abc]", "", false},
	{"[!abc]", "d", true}, {"[!abc]", "a", false}, {"[!abc]", "", false},
	{"[a-c]x", "bx", true}, {"[a-c]", "d", false}, {"[!a-c]", "b", false},
	{"[a-cx-z]", "y", true}, {"[]]", "]", true}, {"[!]]", "]", false}, {"[!]]", "a", true},
	{"[]a]", "a", true}, {"[-a]", "-", true}, {"[a-]", "-", true}, {"[a-]", "b", false},
	{"[a!]", "!", true}, {"[*]", "*", true}, {"[*]", "a", false}, {"[?]", "a", false},
	{"[[]", "[", true}, {"[a", "[a", true}, {"[a", "a", false}, {"*[0-9]", "mem64", true},
	{"lib[cm].so.[0-9]", "libm.so.6", true}, {"\\*", "\\x", true},
	{"[\x80-\xff]", "\xc3", true}, {"[a-z]", "\xc3", false},
};

START_TEST(globs_match_bytes_as_documented)
{
	for (size_t i = 0; i < COUNT_OF(globs); i++)
		ck_assert_msg(sc_glob_match(globs[i].glob, globs[i].text) == globs[i].match,
			      "'%s' on '%s'", globs[i].glob, globs[i].text);
}
END_TEST

/* 60 stars on 20,000 letters: a matcher that tries earlier stars again would not end in years. */
START_TEST(many_stars_take_no_exponential_time)
{
	char glob[2 * 60 + 2] = "";
	char text[20001];

	for (int i = 0; i < 60; i++)
		strcat(glob, "*a");
	strcat(glob, "b");
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert(!sc_glob_match(glob, text));
	text[sizeof(text) - 2] = 'b';
	ck_assert(sc_glob_match(glob, text));
}
END_TEST

START_TEST(a_sound_glob_has_no_fault)
{
	static const char *const sound[] = {"", "*", "a?[]x]", "[!]]", "[a-z][-][a-]", "]", "[[]"};
	size_t at = 77;

	for (size_t i = 0; i < COUNT_OF(sound); i++)
		ck_assert_msg(!sc_glob_fault(sound[i], strlen(sound[i]), &at), "%s", sound[i]);
	ck_assert_uint_eq(at, 77);
}
END_TEST

/* Suggestions. */

START_TEST(name_distance_is_levenshteins_up_to_a_bound)
{
	char longest[300];

	ck_assert_uint_eq(sc_name_distance("", "", 2), 0);
	ck_assert_uint_eq(sc_name_distance("malloc", "malloc", 0), 0);
	ck_assert_uint_eq(sc_name_distance("maloc", "malloc", 2), 1);
	ck_assert_uint_eq(sc_name_distance("malloc", "maloc", 2), 1);
	ck_assert_uint_eq(sc_name_distance("mlaloc", "malloc", 3), 2);
	ck_assert_uint_eq(sc_name_distance("kitten", "sitting", 5), 3);
	ck_assert_uint_eq(sc_name_distance("kitten", "sitting", 2), 3);
	ck_assert_uint_eq(sc_name_distance("abcdef", "ghijkl", 1), 2);
	ck_assert_uint_eq(sc_name_distance("", "abc", 5), 3);
	ck_assert_uint_eq(sc_name_distance("abc", "", 5), 3);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_uint_eq(sc_name_distance(longest, longest, 9), 10);
	longest[255] = '\0';
	ck_assert_uint_eq(sc_name_distance(longest, longest, 9), 0);
}
END_TEST

static TCase *grammar_tests(void)
{
	TCase *tests = tcase_create("grammar");

	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, a_rule_keeps_every_part_as_written);
	tcase_add_loop_test(tests, semicolons_separate_rules_in_environment_and_argument, 0, 2);
	tcase_add_test(tests, blanks_around_any_part_are_ignored);
	tcase_add_test(tests, empty_text_and_empty_rules_add_nothing);
	tcase_add_test(tests, a_file_holds_one_rule_a_line_with_comments);
	tcase_add_test(tests, later_texts_are_appended_and_numbered_on);
	tcase_add_test(tests, bytes_outside_ascii_are_part_of_names);
	tcase_add_loop_test(tests, a_refusal_names_the_place_and_the_reason, 0, COUNT_OF(refusals));
	tcase_add_test(tests, a_zero_byte_within_a_rule_is_refused);
	tcase_add_test(tests, a_refused_text_takes_nothing_from_the_arena);
	tcase_add_test(tests, without_memory_the_rules_stay_as_they_were);
	tcase_add_test(tests, a_very_long_list_is_parsed_whole);
	tcase_add_test(tests, a_very_long_word_is_shortened_in_the_message);
	tcase_add_test(tests, text_longer_than_any_use_is_refused_unread);
	tcase_add_test(tests, no_text_of_the_grammars_characters_reads_or_writes_out_of_bounds);
	return tests;
}

static TCase *selection_tests(void)
{
	TCase *tests = tcase_create("selection");

	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, a_function_is_selected_by_any_including_item);
	tcase_add_loop_test(tests, an_exclusion_wins_wherever_it_stands, 0, 2);
	tcase_add_test(tests, exclusions_alone_mean_everything_else);
	tcase_add_test(tests, an_exclusion_concerns_its_own_rule_alone);
	tcase_add_test(tests, a_library_goes_by_soname_and_by_file_name);
	tcase_add_test(tests, a_version_is_looked_at_only_where_one_is_meant);
	tcase_add_test(tests, from_is_looked_at_when_the_caller_is_known);
	tcase_add_test(tests, the_rules_that_select_are_added_to_those_that_did);
	tcase_add_test(tests, no_rules_select_nothing_and_want_no_library);
	tcase_add_test(tests, a_library_is_wanted_if_a_rule_could_select_in_it);
	return tests;
}

static TCase *name_tests(void)
{
	TCase *tests = tcase_create("names");

	tcase_add_test(tests, globs_match_bytes_as_documented);
	tcase_add_test(tests, many_stars_take_no_exponential_time);
	tcase_add_test(tests, a_sound_glob_has_no_fault);
	tcase_add_test(tests, name_distance_is_levenshteins_up_to_a_bound);
	return tests;
}

int main(void)
{
	Suite *suite = suite_create("rules");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, grammar_tests());
	suite_add_tcase(suite, selection_tests());
	suite_add_tcase(suite, name_tests());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
