/* SPDX-License-Identifier: MIT */
/*
 * What a campaign knows, and its journal: lines that are no lines of a journal are refused and change nothing; a
 * journal that was cut anywhere gives the lines that are whole, and is written on from there; commands are quoted;
 * faults in records are counted, whatever their bytes are.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/campaign.h"
#include "cmd/json_values.h"
#include "common/event.h"

static const char *const journal_lines[] = {
	"{'event':'campaign','version':1,'rules':['inject=malloc:error=ENOMEM'],'command':['true']}",
	"{'event':'site','site':'00000000000000a1','function':'malloc@libc.so.6','rules':[0],'run':0,'after':[]}",
	"{'event':'site','site':'00000000000004a1','function':'malloc@libc.so.6','rules':[0],'run':0,'after':[]}",
	"{'event':'baseline','first':0,'last':1,'exit':0,'stdout':'same'}",
	"{'event':'run','run':2,'faults':[{'site':'00000000000000a1','rule':0}],'verdict':'handled','exit':1}",
	"{'event':'site','site':'00000000000008a1','rules':[0],'run':2,'after':[{'site':'00000000000000a1','rule':0}]}",
	"{'event':'run','run':4,'faults':[{'site':'00000000000004a1','rule':0}],'verdict':'crash','signal':11}",
};

#define LINES (sizeof(journal_lines) / sizeof(journal_lines[0]))

/* 'single' quotes stand for double ones. */
static json_t *line_of(const char *text)
{
	char *copy = strdup(text);
	json_t *line;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	line = json_loads(copy, 0, NULL);
	ck_assert_ptr_nonnull(line);
	free(copy);
	return line;
}

static int take(struct sc_campaign_state *state, const char *text)
{
	json_t *line = line_of(text);
	int r = sc_campaign_state_take(state, line);

	json_decref(line);
	return r;
}

static void take_all(struct sc_campaign_state *state)
{
	for (size_t i = 0; i < LINES; i++)
		ck_assert_int_eq(take(state, journal_lines[i]), 0);
}

START_TEST(lines_make_sites_and_results)
{
	struct sc_campaign_state state = { 0 };
	struct sc_campaign_site *site;

	take_all(&state);
	ck_assert_uint_eq(state.site_count, 3);
	ck_assert_uint_eq(state.result_count, 2);
	ck_assert_uint_eq(sc_campaign_state_wanted(&state), 3);
	ck_assert_uint_eq(state.next_run, 5);
	ck_assert_uint_eq(state.counts[SC_CAMPAIGN_CRASH], 1);
	ck_assert_int_eq(sc_campaign_state_status(&state), 1);
	site = sc_campaign_state_find(&state, 0x8a1); /* all three fall into one place of the index */
	ck_assert_ptr_nonnull(site);
	ck_assert_int_eq(site->progress[0], SC_CAMPAIGN_WAITING);
	ck_assert_uint_eq(site->after_count, 1);
	ck_assert_uint_eq(site->after[0].site, 0xa1);
	ck_assert_ptr_null(sc_campaign_state_find(&state, 0xca1));
	sc_campaign_state_release(&state);
}
END_TEST

START_TEST(what_was_done_twice_counts_once)
{
	struct sc_campaign_state state = { 0 };

	take_all(&state);
	ck_assert_int_eq(take(&state, journal_lines[1]), 0);
	ck_assert_int_eq(take(&state, journal_lines[4]), 0);
	ck_assert_uint_eq(state.site_count, 3);
	ck_assert_uint_eq(state.result_count, 2);
	sc_campaign_state_release(&state);
}
END_TEST

static const char *const bad_lines[] = {
	"{'event':'campaign','version':1}",
	"{'event':'site','rules':[0],'after':[]}",
	"{'event':'site','site':'00000000000000A1','rules':[0],'after':[]}",
	"{'event':'site','site':'0000000000000000','rules':[0],'after':[]}",
	"{'event':'site','site':'a1','rules':[0],'after':[]}",
	"{'event':'site','site':16,'rules':[0],'after':[]}",
	"{'event':'site','site':'00000000000000b1','rules':[32],'after':[]}",
	"{'event':'site','site':'00000000000000b1','rules':[-1],'after':[]}",
	"{'event':'site','site':'00000000000000b1','rules':[0],'after':[{}]}",
	"{'event':'site','site':'00000000000000b1','rules':[0],'after':[1,2,3,4,5,6,7,8,9]}",
	"{'event':'run','faults':[],'verdict':'crash'}",
	"{'event':'run','verdict':'crash'}",
	"{'event':'run','faults':[{'site':'00000000000000b1','rule':0}],'verdict':'crash'}",
	"{'event':'run','faults':[{'site':'00000000000000a1','rule':99}],'verdict':'crash'}",
	"{'event':'run','faults':[{'site':'00000000000000a1','rule':0}],'verdict':'odd'}",
	"{'event':'run','faults':[{'site':'00000000000000a1','rule':1}],'verdict':'crash'}", /* there is no such rule */
	"{'event':'site','site':'00000000000000c1','rules':[0,31],'run':0,'after':[]}",
	"{'event':'site','site':'00000000000000c1','rules':[0],'run':2,'after':[{'site':'00000000000000a1','rule':7}]}",
};

START_TEST(a_line_that_is_none_is_refused_and_changes_nothing)
{
	struct sc_campaign_state state = { 0 };

	take_all(&state);
	ck_assert_int_eq(take(&state, bad_lines[_i]), -EINVAL);
	ck_assert_uint_eq(state.site_count, 3);
	ck_assert_uint_eq(state.result_count, 2);
	ck_assert_int_eq(take(&state, "{'event':'of a later version'}"), 0);
	sc_campaign_state_release(&state);
	ck_assert_int_eq(take(&state, "{'event':'campaign','version':2}"), -EINVAL);
	ck_assert_int_eq(take(&state, journal_lines[1]), -EINVAL);
	sc_campaign_state_release(&state);
}
END_TEST

START_TEST(many_sites_are_found_again)
{
	struct sc_campaign_state state = { 0 };

	ck_assert_int_eq(take(&state, journal_lines[0]), 0);
	for (unsigned i = 1; i <= 5000; i++) {
		char text[128];

		snprintf(text, sizeof(text), "{'event':'site','site':'%016x','rules':[0],'after':[]}", i * 256);
		ck_assert_int_eq(take(&state, text), 0);
	}
	for (unsigned i = 1; i <= 5000; i++)
		ck_assert_ptr_eq(sc_campaign_state_find(&state, (uint64_t)i * 256), &state.sites[i - 1]);
	ck_assert_ptr_null(sc_campaign_state_find(&state, 255));
	sc_campaign_state_release(&state);
}
END_TEST

/* ---- journal ---- */

static char directory[] = "/tmp/sc-campaign-XXXXXX";

static void write_journal(size_t size, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/" SC_CAMPAIGN_JOURNAL, directory);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
}

static char *whole_journal(size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	for (size_t i = 0; i < LINES; i++) {
		json_t *line = line_of(journal_lines[i]);

		json_dumpf(line, out, JSON_COMPACT);
		fputc('\n', out);
		json_decref(line);
	}
	fclose(out);
	return text;
}

static size_t lines_known(const struct sc_campaign_state *state)
{
	return (state->header != NULL) + (state->baseline != NULL) + state->site_count + state->result_count;
}

START_TEST(a_journal_cut_anywhere_goes_on_behind_its_last_whole_line)
{
	size_t size, whole = 0;
	char *text;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	text = whole_journal(&size);
	for (size_t cut = 0; cut <= size; cut++) {
		struct sc_campaign_journal journal = { .fd = -1 };
		struct sc_campaign_state state = { 0 };
		struct stat stat;
		size_t from = 0;

		whole += cut > 0 && text[cut - 1] == '\n';
		write_journal(cut, text);
		ck_assert_int_eq(sc_campaign_journal_open(&journal, directory, false, &state), 0);
		ck_assert_uint_eq(lines_known(&state), whole);
		/* The next line is added behind: with it everything can be read again. */
		for (size_t i = 0; i < whole; i++)
			from += strcspn(text + from, "\n") + 1;
		ck_assert_int_eq(fstat(journal.fd, &stat), 0);
		ck_assert_uint_eq((size_t)stat.st_size, from);
		if (whole < LINES)
			ck_assert_int_eq(sc_campaign_journal_add(&journal, &state, line_of(journal_lines[whole]),
								 true), 0);
		sc_campaign_journal_close(&journal);
		sc_campaign_state_release(&state);
		ck_assert_int_eq(sc_campaign_journal_read(directory, &state), 0);
		ck_assert_uint_eq(lines_known(&state), whole < LINES ? whole + 1 : LINES);
		sc_campaign_state_release(&state);
	}
	free(text);
	sc_campaign_remove(directory);
}
END_TEST

/* ---- plan ---- */

static struct sc_campaign_plan plan_of(const char *rule)
{
	struct sc_campaign_plan plan = { .depth = SC_RULE_DEPTH };

	ck_assert_int_eq(sc_campaign_plan_init(&plan, &rule, 1), 0);
	return plan;
}

START_TEST(commands_can_be_given_to_a_shell)
{
	struct sc_campaign_plan plan = plan_of(" inject = read , !pread @ libc.so.6 : error = EIO ");
	struct sc_campaign_fault fault = { 0x12ab, 0 };
	json_t *command = json_pack("[s, s, s, s]", "./a.out", "it's", "", "a b");
	char *text = sc_campaign_plan_reproduce(&plan, &fault, 1, command);

	ck_assert_str_eq(text, "stubcache run -e 'inject = read , !pread @ libc.so.6 : error = "
			       "EIO:at=00000000000012ab' -- ./a.out 'it'\\''s' '' 'a b' </dev/null");
	free(text);
	json_decref(command);
	sc_campaign_plan_release(&plan);
}
END_TEST

START_TEST(every_run_records_stacks_and_some_fail)
{
	struct sc_campaign_plan plan = plan_of("inject=read,write@libc.so.6:error=EIO:from=lib*;"
					       "inject=malloc:error=ENOMEM");
	struct sc_campaign_fault faults[] = { { 1, 1 }, { 0xfedcba9876543210, 0 } };
	char *text;

	plan.depth = 8;
	plan.once = true;
	text = sc_campaign_plan_environment(&plan, faults, 2);
	ck_assert_str_eq(text, "inject=malloc:error=ENOMEM:at=0000000000000001:depth=8:when=1;"
			       "inject=read,write@libc.so.6:error=EIO:from=lib*:at=fedcba9876543210:depth=8:when=1;"
			       "stack=read,write@libc.so.6:from=lib*:depth=8;stack=malloc:depth=8");
	free(text);
	sc_campaign_plan_release(&plan);
}
END_TEST

/* ---- faults ---- */

enum {
	FIRST = (sizeof(struct sc_record_header) + 63) / 64 * 64,
	CHUNK = 512,
	EVENTS = FIRST + sizeof(struct sc_record_events),
};

static void make_record(unsigned char *bytes)
{
	struct sc_record_header *header = (struct sc_record_header *)bytes;
	struct sc_record_events *chunk = (struct sc_record_events *)(bytes + FIRST);

	memset(bytes, 0, FIRST + CHUNK);
	memcpy(header->magic, SC_RECORD_MAGIC, 8);
	header->header_size = sizeof(*header);
	header->version = 1;
	chunk->chunk = (struct sc_record_chunk){ SC_RECORD_CHUNK_MAGIC, SC_RECORD_EVENTS, CHUNK };
	chunk->used = CHUNK - sizeof(*chunk);
}

static struct sc_event *put_event(unsigned char *bytes, size_t *at, unsigned kind, unsigned rule)
{
	struct sc_event *event = (struct sc_event *)(bytes + *at);

	event->size = sizeof(*event);
	event->kind = (uint8_t)kind;
	event->detail = (uint64_t)rule << 40 | EIO;
	*at += sizeof(*event);
	return event;
}

START_TEST(faults_of_one_rule_are_counted)
{
	static unsigned char bytes[FIRST + CHUNK] __attribute__((aligned(64)));
	size_t at = EVENTS;

	make_record(bytes);
	put_event(bytes, &at, SC_EVENT_INJECT, 1);
	put_event(bytes, &at, SC_EVENT_ENTER, 1);
	put_event(bytes, &at, SC_EVENT_INJECT, 1)->size |= SC_EVENT_OPEN; /* killed in the middle */
	at += 16;							  /* or before that */
	put_event(bytes, &at, SC_EVENT_INJECT, 0);
	put_event(bytes, &at, SC_EVENT_INJECT, 1);
	ck_assert_uint_eq(sc_campaign_faults_count(bytes, sizeof(bytes), 0), 1);
	ck_assert_uint_eq(sc_campaign_faults_count(bytes, sizeof(bytes), 1), 2);
	ck_assert_uint_eq(sc_campaign_faults_count(bytes, sizeof(bytes), 2), 0);
	((struct sc_record_header *)bytes)->events_dropped = 5;
	ck_assert_uint_eq(sc_campaign_faults_count(bytes, sizeof(bytes), 1), 7);
	ck_assert_uint_eq(sc_campaign_faults_count(bytes, sizeof(bytes), 2), 0);
}
END_TEST

START_TEST(garbage_in_events_never_leads_out_of_bounds)
{
	unsigned seed = 1;

	for (unsigned round = 0; round < 20000; round++) {
		size_t size = FIRST + CHUNK - (unsigned)rand_r(&seed) % CHUNK, at = EVENTS;
		unsigned char *bytes = aligned_alloc(64, FIRST + CHUNK), *exact = malloc(size);

		make_record(bytes);
		for (unsigned i = 0; i < 5; i++)
			put_event(bytes, &at, SC_EVENT_INJECT, 0);
		for (unsigned i = 0; i < 4; i++)
			bytes[FIRST + 16 + (unsigned)rand_r(&seed) % (CHUNK - 16)] = (unsigned char)rand_r(&seed);
		memcpy(exact, bytes, size); /* so that tools see what is read behind it */
		sc_campaign_faults_count(exact, size, 0);
		free(exact);
		free(bytes);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("campaign");
	TCase *tests = tcase_create("campaign");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, lines_make_sites_and_results);
	tcase_add_test(tests, what_was_done_twice_counts_once);
	tcase_add_loop_test(tests, a_line_that_is_none_is_refused_and_changes_nothing, 0,
			    sizeof(bad_lines) / sizeof(*bad_lines));
	tcase_add_test(tests, many_sites_are_found_again);
	tcase_add_test(tests, a_journal_cut_anywhere_goes_on_behind_its_last_whole_line);
	tcase_add_test(tests, commands_can_be_given_to_a_shell);
	tcase_add_test(tests, every_run_records_stacks_and_some_fail);
	tcase_add_test(tests, faults_of_one_rule_are_counted);
	tcase_add_test(tests, garbage_in_events_never_leads_out_of_bounds);
	tcase_set_timeout(tests, 300);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
