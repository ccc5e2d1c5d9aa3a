/* SPDX-License-Identifier: MIT */
/*
 * The grammar of rules, and what each message says and points at. Every text is parsed from a block
 * of exactly its size, so that a sanitizer notices the first byte read too far, and with an errno
 * that nobody sets, which must still be there afterwards.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/rules.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))
#define STRANGE_ERRNO 4242

static struct sc_arena arena;
static struct sc_rules rules;
static struct sc_rule_error error;

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
	const struct sc_rule *before;

	parse("count=a;count=b", SC_RULES_ENVIRONMENT);
	before = rules.rules;
	parse("time=c", SC_RULES_FILE);
	ck_assert_uint_eq(rules.rule_count, 3);
	ck_assert_ptr_eq(rules.rules[1].targets, before[1].targets);
	ck_assert_str_eq(rules.rules[1].targets[0].function, "b");
	ck_assert_str_eq(rules.rules[2].targets[0].function, "c");
	ck_assert_uint_eq(rules.rules[2].origin, 2);
}
END_TEST

START_TEST(bytes_outside_ascii_are_part_of_names)
{
	parse("count=gr\xc3\xbc\xc3\x9f*", SC_RULES_ENVIRONMENT);
	check_target(&rules.rules[0].targets[0], false, "gr\xc3\xbc\xc3\x9f*", "*", "*");
}
END_TEST

START_TEST(a_replacement_is_an_object_and_perhaps_a_symbol)
{
	parse("replace=open:with=./my=1.so;replace=read:with= my.so : my_read : from = git", SC_RULES_ARGUMENT);
	ck_assert_int_eq(rules.rules[0].action, SC_ACTION_REPLACE);
	ck_assert_str_eq(rules.rules[0].replace.object, "./my=1.so");
	ck_assert_ptr_null(rules.rules[0].replace.symbol);
	ck_assert_str_eq(rules.rules[1].replace.object, "my.so");
	ck_assert_str_eq(rules.rules[1].replace.symbol, "my_read");
	ck_assert_str_eq(rules.rules[1].from, "git");
}
END_TEST

static const struct sc_rule_inject *inject(const char *options)
{
	char text[200];

	snprintf(text, sizeof(text), "inject=a:%s", options);
	begin();
	parse(text, SC_RULES_ARGUMENT);
	ck_assert_int_eq(rules.rules[0].action, SC_ACTION_INJECT);
	return &rules.rules[0].inject;
}

START_TEST(a_fault_is_all_that_is_given_for_it)
{
	const struct sc_rule_inject *all = inject("error=ENOMEM:retval=-1:signal=SIGUSR1:delay_enter=5:delay_exit=2ms");

	ck_assert_uint_eq(all->faults, SC_RULE_ERROR | SC_RULE_RETVAL | SC_RULE_SIGNAL | SC_RULE_DELAY_ENTER |
				       SC_RULE_DELAY_EXIT);
	ck_assert_int_eq(all->error, ENOMEM);
	ck_assert_uint_eq(all->retval, UINT64_MAX);
	ck_assert_int_eq(all->signal, SIGUSR1);
	ck_assert_uint_eq(all->delay_enter, 5000);
	ck_assert_uint_eq(all->delay_exit, 2000000);
	ck_assert_uint_eq(inject("retval=0")->faults, SC_RULE_RETVAL);
}
END_TEST

START_TEST(errors_and_signals_have_names_and_numbers)
{
	ck_assert_int_eq(inject("error=EWOULDBLOCK")->error, EAGAIN);
	ck_assert_int_eq(inject("error=ENOTSUP")->error, ENOTSUP);
	ck_assert_int_eq(inject("error=EHWPOISON")->error, EHWPOISON);
	ck_assert_int_eq(inject("error=4095")->error, 4095);
	ck_assert_int_eq(inject("signal=KILL")->signal, SIGKILL);
	ck_assert_int_eq(inject("signal=SIGCLD")->signal, SIGCHLD);
	ck_assert_int_eq(inject("signal=64")->signal, 64);
}
END_TEST

START_TEST(values_have_signs_bases_and_units)
{
	ck_assert_uint_eq(inject("retval=0xFFffffff00000001")->retval, 0xffffffff00000001);
	ck_assert_uint_eq(inject("retval=18446744073709551615")->retval, UINT64_MAX);
	ck_assert_uint_eq(inject("retval=-9223372036854775808")->retval, (uint64_t)1 << 63);
	ck_assert_uint_eq(inject("delay_exit=7ns")->delay_exit, 7);
	ck_assert_uint_eq(inject("delay_exit=7us")->delay_exit, 7000);
	ck_assert_uint_eq(inject("delay_exit=7s")->delay_exit, 7000000000);
}
END_TEST

static void check_when(const char *options, uint64_t first, uint64_t last, uint64_t step)
{
	const struct sc_rule_when *when = &inject(options)->when;

	ck_assert_uint_eq(when->first, first);
	ck_assert_uint_eq(when->last, last);
	ck_assert_uint_eq(when->step, step);
}

START_TEST(when_is_read_as_strace_reads_it)
{
	check_when("error=1", 1, 0, 1);
	check_when("error=1:when=3", 3, 0, 0);
	check_when("error=1:when=3+", 3, 0, 1);
	check_when("error=1:when=3+5", 3, 0, 5);
	check_when("error=1:when=3..7", 3, 7, 1);
	check_when("error=1:when=3..7+", 3, 7, 1);
	check_when("error=1:when=3..7+2", 3, 7, 2);
	check_when("error=1:when=70000", 70000, 0, 0);
}
END_TEST

START_TEST(a_probability_is_a_fraction_or_a_percentage)
{
	ck_assert_uint_eq(inject("error=1")->chance, SC_RULE_ALWAYS);
	ck_assert_uint_eq(inject("error=1:prob=1")->chance, SC_RULE_ALWAYS);
	ck_assert_uint_eq(inject("error=1:prob=100%")->chance, SC_RULE_ALWAYS);
	ck_assert_uint_eq(inject("error=1:prob=0")->chance, 0);
	ck_assert_uint_eq(inject("error=1:prob=0.5")->chance, SC_RULE_ALWAYS / 2);
	ck_assert_uint_eq(inject("error=1:prob=.25")->chance, SC_RULE_ALWAYS / 4);
	ck_assert_uint_eq(inject("error=1:prob=12.5%")->chance, SC_RULE_ALWAYS / 8);
	ck_assert_uint_eq(inject("error=1:prob=0.000001")->chance, 4294);
	ck_assert_uint_eq(inject("error=1:prob=1:seed=18446744073709551615")->seed, UINT64_MAX);
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
	{SC_RULES_ARGUMENT, "tame=x", 1, 1, "unknown action 'tame': did you mean 'time'?"},
	{SC_RULES_ARGUMENT, "Time=x", 1, 1, "unknown action 'Time': did you mean 'time'?"},
	{SC_RULES_ARGUMENT, "x=y", 1, 1, "unknown action 'x': expected one of: count, time, trace, stack, inject, replace, client"},
	{SC_RULES_ARGUMENT, "a\vb\xff=y", 1, 1, "unknown action 'a?b?': expected one of: count, time, trace, stack, inject, replace, client"},
	{SC_RULES_ARGUMENT, "inject=*:x=1", 1, 10,
	 "unknown option 'x': expected one of: from, depth, error, retval, signal, delay_enter, delay_exit, when, prob, seed, per, at"},
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
	{SC_RULES_ARGUMENT, "replace=a", 1, 1, "nothing to replace by: give with=OBJECT.so[:SYMBOL]"},
	{SC_RULES_ARGUMENT, "replace=a:with", 1, 11,
	 "option 'with' needs a value: with=OBJECT.so[:SYMBOL]"},
	{SC_RULES_ARGUMENT, "replace=a:with=", 1, 16, "option 'with' is empty: expected with=OBJECT.so[:SYMBOL]"},
	{SC_RULES_ARGUMENT, "replace=a:with=b:with=c", 1, 18, "option 'with' given twice"},
	{SC_RULES_ARGUMENT, "replace=a:with=b.so:", 1, 21, "empty option: expected NAME=VALUE after ':'"},
	{SC_RULES_ARGUMENT, "replace=a:with=b.so:a b", 1, 22, "blank in a symbol's name"},
	{SC_RULES_ARGUMENT, "replace=a:with=b.so:from", 1, 21, "option 'from' needs a value: from=LIBRARY"},
	{SC_RULES_ARGUMENT, "replace=a:with=b.so:my_a:x", 1, 26,
	 "unknown option 'x': expected one of: from, with"},
	{SC_RULES_ARGUMENT, "replace=a:from=b:my_a:with=c", 1, 18,
	 "unknown option 'my_a': expected one of: from, with"},
	{SC_RULES_ARGUMENT, "replace=a:error=EIO", 1, 11, "option 'error' is for action 'inject' only"},
	{SC_RULES_ARGUMENT, "inject=a", 1, 1,
	 "nothing to inject: give error, retval, signal, delay_enter or delay_exit"},
	{SC_RULES_ARGUMENT, "inject=a:when=3", 1, 1,
	 "nothing to inject: give error, retval, signal, delay_enter or delay_exit"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:with=b", 1, 20, "option 'with' is for action 'replace' only"},
	{SC_RULES_ARGUMENT, "inject=a:eror=EIO", 1, 10, "unknown option 'eror': did you mean 'error'?"},
	{SC_RULES_ARGUMENT, "inject=a:error", 1, 10, "option 'error' needs a value: error=ENOMEM"},
	{SC_RULES_ARGUMENT, "inject=a:error=", 1, 16, "option 'error' is empty: expected error=ENOMEM"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:error=EIO", 1, 20, "option 'error' given twice"},
	{SC_RULES_ARGUMENT, "inject=a:error=ENOMEN", 1, 16, "unknown error 'ENOMEN': did you mean 'ENOMEM'?"},
	{SC_RULES_ARGUMENT, "inject=a:error=no", 1, 16, "unknown error 'no'"},
	{SC_RULES_ARGUMENT, "inject=a:error=0", 1, 16, "error '0': expected a number from 1 to 4095"},
	{SC_RULES_ARGUMENT, "inject=a:error=4096", 1, 16, "error '4096': expected a number from 1 to 4095"},
	{SC_RULES_ARGUMENT, "inject=a:retval=1x", 1, 17, "return value '1x': expected a number of 64 bits"},
	{SC_RULES_ARGUMENT, "inject=a:retval=-", 1, 17, "return value '-': expected a number of 64 bits"},
	{SC_RULES_ARGUMENT, "inject=a:retval=0x", 1, 17, "return value '0x': expected a number of 64 bits"},
	{SC_RULES_ARGUMENT, "inject=a:retval=18446744073709551616", 1, 17,
	 "return value '18446744073709551616': expected a number of 64 bits"},
	{SC_RULES_ARGUMENT, "inject=a:retval=-9223372036854775809", 1, 17,
	 "return value '-9223372036854775809': expected a number of 64 bits"},
	{SC_RULES_ARGUMENT, "inject=a:signal=USR", 1, 17, "unknown signal 'USR': did you mean 'USR1'?"},
	{SC_RULES_ARGUMENT, "inject=a:signal=SIG", 1, 20, "unknown signal ''"},
	{SC_RULES_ARGUMENT, "inject=a:signal=65", 1, 17, "signal '65': expected a number from 1 to 64"},
	{SC_RULES_ARGUMENT, "inject=a:delay_enter=1m", 1, 22,
	 "delay '1m': expected microseconds, or a number with s, ms, us or ns"},
	{SC_RULES_ARGUMENT, "inject=a:delay_exit=99999999999s", 1, 21,
	 "delay '99999999999s': expected microseconds, or a number with s, ms, us or ns"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:when=0", 1, 25,
	 "calls '0': expected FIRST[..LAST][+[STEP]], counted from 1"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:when=3..2", 1, 25,
	 "calls '3..2': expected FIRST[..LAST][+[STEP]], counted from 1"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:when=3..", 1, 25,
	 "calls '3..': expected FIRST[..LAST][+[STEP]], counted from 1"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:when=3+0", 1, 25,
	 "calls '3+0': expected FIRST[..LAST][+[STEP]], counted from 1"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:when=+3", 1, 25,
	 "calls '+3': expected FIRST[..LAST][+[STEP]], counted from 1"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:when=3+4..9", 1, 25,
	 "calls '3+4..9': expected FIRST[..LAST][+[STEP]], counted from 1"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:prob=1.5", 1, 25,
	 "probability '1.5': expected 0 to 1, or 0% to 100%, with at most 6 decimals"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:prob=101%", 1, 25,
	 "probability '101%': expected 0 to 1, or 0% to 100%, with at most 6 decimals"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:prob=0.1234567", 1, 25,
	 "probability '0.1234567': expected 0 to 1, or 0% to 100%, with at most 6 decimals"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:prob=.", 1, 25,
	 "probability '.': expected 0 to 1, or 0% to 100%, with at most 6 decimals"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:seed=1", 1, 1,
	 "a seed without a probability: give prob=PROBABILITY, too"},
	{SC_RULES_ARGUMENT, "inject=a:error=EIO:prob=1:seed=x", 1, 32,
	 "seed 'x': expected a number from 0 to 18446744073709551615"},
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
					"expected one of: count, time, trace, stack, inject, replace, client");
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
					     "]",     "-",    "*", "\n", "#", " ", "a", "from", "inject", "error",
					     "when", "prob", "1", ".", "+", "%", "replace", "with", "seed"};
	uint32_t state = 1;

	for (int round = 0; round < 20000; round++) {
		char text[128] = "";
		unsigned count;

		for (count = 0; count < 16; count++) {
			state = state * 1664525 + 1013904223;
			strcat(text, pieces[(state >> 16) % COUNT_OF(pieces)]);
		}
		parse_bytes(text, strlen(text), (enum sc_rules_form)(round % 3));
		begin();
		if (round % 500 == 0)
			sc_arena_release(&arena);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rules");
	TCase *tests = tcase_create("grammar");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, a_rule_keeps_every_part_as_written);
	tcase_add_loop_test(tests, semicolons_separate_rules_in_environment_and_argument, 0, 2);
	tcase_add_test(tests, blanks_around_any_part_are_ignored);
	tcase_add_test(tests, empty_text_and_empty_rules_add_nothing);
	tcase_add_test(tests, a_file_holds_one_rule_a_line_with_comments);
	tcase_add_test(tests, later_texts_are_appended_and_numbered_on);
	tcase_add_test(tests, bytes_outside_ascii_are_part_of_names);
	tcase_add_test(tests, a_replacement_is_an_object_and_perhaps_a_symbol);
	tcase_add_test(tests, a_fault_is_all_that_is_given_for_it);
	tcase_add_test(tests, errors_and_signals_have_names_and_numbers);
	tcase_add_test(tests, values_have_signs_bases_and_units);
	tcase_add_test(tests, when_is_read_as_strace_reads_it);
	tcase_add_test(tests, a_probability_is_a_fraction_or_a_percentage);
	tcase_add_loop_test(tests, a_refusal_names_the_place_and_the_reason, 0, COUNT_OF(refusals));
	tcase_add_test(tests, a_zero_byte_within_a_rule_is_refused);
	tcase_add_test(tests, a_refused_text_takes_nothing_from_the_arena);
	tcase_add_test(tests, without_memory_the_rules_stay_as_they_were);
	tcase_add_test(tests, a_very_long_list_is_parsed_whole);
	tcase_add_test(tests, a_very_long_word_is_shortened_in_the_message);
	tcase_add_test(tests, text_longer_than_any_use_is_refused_unread);
	tcase_add_test(tests, no_text_of_the_grammars_characters_reads_or_writes_out_of_bounds);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
