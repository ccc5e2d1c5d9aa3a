/* SPDX-License-Identifier: MIT */
/*
 * Loading an image as clients see it: what each is served, what rejects the image, who is told.
 * Names that start with a line number belong to the protocol's numbered rules.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clients.h"

static struct bench bench;

static void accept_and_activate(void)
{
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_OK);
	sc_persist_load_activated(&bench.load);
}

START_TEST(line_2_loading_calls_the_last_registered_first)
{
	register_section(A, SC_IMAGE_RW);
	register_section(B, SC_IMAGE_RW);
	clients[A].section[SC_IMAGE_RW].size = clients[B].section[SC_IMAGE_RW].size = 8;
	make_image(&bench, 2);
	accept_and_activate();
	expect_calls("B.rw.resurrect(m0) A.rw.resurrect(m0) B.rw.resurrect(m1) A.rw.resurrect(m1)");
}
END_TEST

START_TEST(line_7_ro_rx_rw_are_resurrected_in_turn_and_served_their_own_bytes)
{
	register_client(A, 40, 130, 24);
	register_client(B, 8, 8, 8);
	make_image(&bench, 2);
	accept_and_activate();
	expect_calls("B.ro.resurrect(m0) A.ro.resurrect(m0) B.rx.resurrect(m0) A.rx.resurrect(m0) "
		     "B.rw.resurrect(m0) A.rw.resurrect(m0) "
		     "B.ro.resurrect(m1) A.ro.resurrect(m1) B.rx.resurrect(m1) A.rx.resurrect(m1) "
		     "B.rw.resurrect(m1) A.rw.resurrect(m1)");
}
END_TEST

START_TEST(two_registrations_of_one_client_keep_their_portions_apart)
{
	clients[A].section[SC_IMAGE_RO].size = 8;
	register_section(A, SC_IMAGE_RO);
	register_section(A, SC_IMAGE_RO);
	make_image(&bench, 1);
	ck_assert_uint_eq(bench.sorted[0].registration, 1);
	ck_assert_uint_eq(bench.sorted[1].registration, 0);
	accept_and_activate();
	expect_calls("A.ro.resurrect(m0) A.ro.resurrect(m0)");
}
END_TEST

/* A and B have all three sections; `client` refuses in `section`. */
static enum sc_persist_reason load_refused_by(int client, enum sc_image_section section)
{
	register_client(A, 8, 8, 8);
	register_client(B, 8, 8, 8);
	register_abandoned(A);
	register_abandoned(B);
	make_image(&bench, 2);
	clients[client].section[section].no_resurrect = true;
	clients[A].is_silent = clients[B].is_silent = true;
	return sc_persist_load(&bench.load);
}

START_TEST(line_7_a_refusal_tells_those_who_had_accepted_and_no_others)
{
	static const struct {
		int client;
		enum sc_image_section section;
		const char *told;
	} cases[] = {
		{ B, SC_IMAGE_RO, "" },
		{ A, SC_IMAGE_RO, "B.abandoned(m0,resurrect-refused)" },
		{ B, SC_IMAGE_RX, "B.abandoned(m0,resurrect-refused) A.abandoned(m0,resurrect-refused)" },
		{ A, SC_IMAGE_RX, "B.abandoned(m0,resurrect-refused) A.abandoned(m0,resurrect-refused)" },
		{ B, SC_IMAGE_RW, "B.abandoned(m0,resurrect-refused) A.abandoned(m0,resurrect-refused)" },
		{ A, SC_IMAGE_RW, "B.abandoned(m0,resurrect-refused) A.abandoned(m0,resurrect-refused)" },
	};

	ck_assert_int_eq(load_refused_by(cases[_i].client, cases[_i].section), SC_PERSIST_RESURRECT_REFUSED);
	expect_calls(cases[_i].told);
	ck_assert_uint_eq(bench.load.failure.client, (unsigned)cases[_i].client);
	ck_assert_uint_eq(bench.load.failure.section, cases[_i].section);
	ck_assert_uint_eq(bench.load.failure.module, 0);
}
END_TEST

START_TEST(line_7_nothing_is_called_after_the_first_refusal)
{
	register_client(A, 8, 8, 0);
	register_client(B, 8, 0, 0);
	register_abandoned(B);
	make_image(&bench, 2);
	clients[A].section[SC_IMAGE_RO].no_resurrect = true;
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_RESURRECT_REFUSED);
	expect_calls("B.ro.resurrect(m0) A.ro.resurrect(m0) B.abandoned(m0,resurrect-refused)");
}
END_TEST

static bool accept_m0_alone(void *drcontext, void *perscxt, byte **map)
{
	(void)drcontext;
	*map += 8;
	return !strcmp(((struct sc_persist_context *)perscxt)->name, "m0");
}

static size_t size_8(void *drcontext, void *perscxt, size_t offset, void **word)
{
	(void)drcontext, (void)perscxt, (void)offset, (void)word;
	return 8;
}

static bool write_8(void *drcontext, void *perscxt, file_t fd, void *word)
{
	(void)drcontext, (void)perscxt, (void)word;
	return dr_write_file(fd, "12345678", 8) == 8;
}

START_TEST(line_7_a_refusal_in_a_later_module_takes_back_the_earlier_ones)
{
	register_client(B, 8, 0, 0);
	register_abandoned(B);
	register_abandoned(A);
	ck_assert(sc_persist_set_client(A));
	ck_assert(dr_register_persist_rw(size_8, write_8, accept_m0_alone));
	make_image(&bench, 2);
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_RESURRECT_REFUSED);
	expect_calls("B.ro.resurrect(m0) B.ro.resurrect(m1) A.abandoned(m0,resurrect-refused) "
		     "B.abandoned(m0,resurrect-refused) B.abandoned(m1,resurrect-refused)");
	ck_assert_uint_eq(bench.load.failure.module, 1);
}
END_TEST

START_TEST(line_7_map_must_be_advanced_by_exactly_the_size)
{
	static const int wrong[] = { -8, -1, 1, 8 };
	enum sc_image_section section = (enum sc_image_section)(_i / 4 + 1);

	register_client(A, 8, 8, 8);
	register_abandoned(A);
	make_image(&bench, 1);
	clients[A].is_silent = true;
	clients[A].section[section].advance = wrong[_i % 4];
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_RESURRECT_ADVANCE);
	ck_assert_uint_eq(bench.load.failure.section, section);
	expect_calls("A.abandoned(m0,resurrect-advance)");
}
END_TEST

START_TEST(a_rejected_image_can_be_generated_anew_at_once)
{
	ck_assert_int_eq(load_refused_by(A, SC_IMAGE_RX), SC_PERSIST_RESURRECT_REFUSED);
	forget_calls();
	clients[A].section[SC_IMAGE_RX].no_resurrect = false;
	make_image(&bench, 2);
	accept_and_activate();
	expect_calls("");
}
END_TEST

START_TEST(an_accepted_image_that_cannot_be_activated_is_taken_back)
{
	register_client(A, 8, 0, 0);
	register_client(B, 0, 0, 0);
	register_abandoned(A);
	register_abandoned(B);
	make_image(&bench, 2);
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_OK);
	forget_calls();
	sc_persist_load_abandon(&bench.load, SC_PERSIST_NOT_ACTIVATED);
	expect_calls("A.abandoned(m0,not-activated) A.abandoned(m1,not-activated)");
	accept_and_activate();
}
END_TEST

START_TEST(the_registry_is_held_until_the_image_is_active)
{
	register_client(A, 8, 0, 0);
	make_image(&bench, 1);
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_OK);
	ck_assert(!unregister_section(A, SC_IMAGE_RO));
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_BUSY);
	sc_persist_load_activated(&bench.load);
	ck_assert(unregister_section(A, SC_IMAGE_RO));
}
END_TEST

START_TEST(line_7_a_portion_of_a_client_that_is_not_there_rejects_the_image)
{
	register_client(A, 8, 8, 8);
	register_client(B, 8, 0, 0);
	register_abandoned(A);
	make_image(&bench, 1);
	ck_assert(unregister_section(B, SC_IMAGE_RO));
	clients[A].is_silent = true;
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_PORTION_UNMATCHED);
	ck_assert_uint_eq(bench.load.failure.client, B);
	expect_calls("");
}
END_TEST

START_TEST(a_portion_left_over_at_the_end_rejects_the_image)
{
	register_client(A, 8, 0, 0);
	register_client(B, 0, 0, 8);
	register_abandoned(A);
	make_image(&bench, 1);
	ck_assert(unregister_section(B, SC_IMAGE_RW));
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_PORTION_UNMATCHED);
	ck_assert_uint_eq(bench.load.failure.section, SC_IMAGE_RW);
	expect_calls("A.ro.resurrect(m0) A.abandoned(m0,portion-unmatched)");
}
END_TEST

START_TEST(a_portion_table_that_lies_rejects_the_image)
{
	struct sc_image_portion *portion = &bench.sorted[0];

	register_client(A, 8, 0, 8);
	make_image(&bench, 1);
	switch (_i) {
	case 0: /* another module's */
		portion->module = 1;
		break;
	case 1: /* the same one twice */
		portion[1] = portion[0];
		break;
	case 2: /* out of order */
		bench.sorted[2] = portion[0];
		portion[0] = portion[1];
		portion[1] = bench.sorted[2];
		break;
	case 3: /* of a registration that was never made */
		portion->registration = 1;
		break;
	default: /* of a section that does not exist */
		portion->section = 4;
	}
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_PORTION_UNMATCHED);
}
END_TEST

START_TEST(an_image_without_portions_loads_and_calls_nobody)
{
	register_client(A, 0, 0, 0);
	make_image(&bench, 2);
	ck_assert_uint_eq(bench.generation.portion_count, 0);
	accept_and_activate();
	expect_calls("");
}
END_TEST

START_TEST(only_the_given_modules_are_resurrected)
{
	register_client(A, 8, 0, 0);
	make_image(&bench, 2);
	bench.load.contexts = &bench.contexts[1];
	bench.load.context_count = 1;
	accept_and_activate();
	expect_calls("A.ro.resurrect(m1)");
}
END_TEST

START_TEST(line_8_size_0_is_not_resurrected)
{
	register_client(A, 0, 8, 0);
	register_client(B, 8, 0, 0);
	make_image(&bench, 1);
	accept_and_activate();
	expect_calls("B.ro.resurrect(m0) A.rx.resurrect(m0)");
}
END_TEST

/* A client as one would be written: code that is run where it was mapped, and data it may change. */
static const unsigned char code[] = {
	0x8b, 0x07,       /* mov (%rdi),%eax */
	0x83, 0xc0, 0x02, /* add $2,%eax */
	0xc3,             /* ret */
};
static const int forty = 40;
static int (*resurrected_code)(const int *);
static int *resurrected_data;

static size_t code_size(void *drcontext, void *perscxt, size_t offset, void **word)
{
	(void)drcontext, (void)perscxt, (void)word;
	ck_assert_uint_eq(offset % 64, 0);
	return sizeof(code);
}

static bool code_persist(void *drcontext, void *perscxt, file_t fd, void *word)
{
	(void)drcontext, (void)perscxt, (void)word;
	return dr_write_file(fd, code, sizeof(code)) == sizeof(code);
}

static bool code_resurrect(void *drcontext, void *perscxt, byte **map)
{
	(void)drcontext, (void)perscxt;
	memcpy(&resurrected_code, map, sizeof(resurrected_code));
	*map += sizeof(code);
	return true;
}

static size_t data_size(void *drcontext, void *perscxt, size_t offset, void **word)
{
	(void)drcontext, (void)perscxt, (void)word;
	ck_assert_uint_eq(offset % 16, 0);
	return sizeof(forty);
}

static bool data_persist(void *drcontext, void *perscxt, file_t fd, void *word)
{
	(void)drcontext, (void)perscxt, (void)word;
	return dr_write_file(fd, &forty, sizeof(forty)) == sizeof(forty);
}

static bool data_resurrect(void *drcontext, void *perscxt, byte **map)
{
	(void)drcontext, (void)perscxt;
	resurrected_data = (int *)*map;
	*map += sizeof(forty);
	return true;
}

/* Maps one section as the preload would, at an address of its own; returns its base. */
static uint8_t *map_section(enum sc_image_section section, size_t offset, int protection)
{
	size_t size = bench.generation.sections[section].end - offset;
	uint8_t *at = mmap(NULL, size, protection, MAP_PRIVATE, bench.fd, (off_t)offset);

	ck_assert_ptr_ne(at, MAP_FAILED);
	return at - offset;
}

START_TEST(line_9_rx_runs_where_it_is_mapped_and_rw_is_a_private_copy)
{
	uint32_t data_offset;
	int on_disk = 0;

	register_client(G, 0, 512, 0);
	ck_assert(sc_persist_set_client(A));
	ck_assert(dr_register_persist_rx(code_size, code_persist, code_resurrect));
	ck_assert(dr_register_persist_rw(data_size, data_persist, data_resurrect));
	set_up(&bench, 1);
	bench.generation.separate = true;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	prepare_load(&bench, bench.contexts);
	data_offset = bench.generation.sections[SC_IMAGE_RW].offset;
	bench.load.bases.rx_clients =
		map_section(SC_IMAGE_RX, bench.generation.rx_clients_offset, PROT_READ | PROT_EXEC);
	bench.load.bases.rw = map_section(SC_IMAGE_RW, data_offset, PROT_READ | PROT_WRITE);
	accept_and_activate();
	ck_assert_int_eq(resurrected_code(resurrected_data), 42);
	*resurrected_data = 1;
	ck_assert_int_eq(resurrected_code(resurrected_data), 3);
	ck_assert_int_eq(pread(bench.fd, &on_disk, sizeof(on_disk), data_offset), sizeof(on_disk));
	ck_assert_int_eq(on_disk, forty);
}
END_TEST

static void add_order_and_refusals(TCase *tests)
{
	tcase_add_test(tests, line_2_loading_calls_the_last_registered_first);
	tcase_add_test(tests, line_7_ro_rx_rw_are_resurrected_in_turn_and_served_their_own_bytes);
	tcase_add_test(tests, two_registrations_of_one_client_keep_their_portions_apart);
	tcase_add_loop_test(tests, line_7_a_refusal_tells_those_who_had_accepted_and_no_others, 0, 6);
	tcase_add_test(tests, line_7_nothing_is_called_after_the_first_refusal);
	tcase_add_test(tests, line_7_a_refusal_in_a_later_module_takes_back_the_earlier_ones);
	tcase_add_loop_test(tests, line_7_map_must_be_advanced_by_exactly_the_size, 0, 12);
	tcase_add_test(tests, a_rejected_image_can_be_generated_anew_at_once);
	tcase_add_test(tests, an_accepted_image_that_cannot_be_activated_is_taken_back);
	tcase_add_test(tests, the_registry_is_held_until_the_image_is_active);
}

static void add_portions(TCase *tests)
{
	tcase_add_test(tests, line_7_a_portion_of_a_client_that_is_not_there_rejects_the_image);
	tcase_add_test(tests, a_portion_left_over_at_the_end_rejects_the_image);
	tcase_add_loop_test(tests, a_portion_table_that_lies_rejects_the_image, 0, 5);
	tcase_add_test(tests, an_image_without_portions_loads_and_calls_nobody);
	tcase_add_test(tests, only_the_given_modules_are_resurrected);
	tcase_add_test(tests, line_8_size_0_is_not_resurrected);
	tcase_add_test(tests, line_9_rx_runs_where_it_is_mapped_and_rw_is_a_private_copy);
}

int main(void)
{
	Suite *suite = suite_create("persistence loading");
	TCase *tests = tcase_create("loading");
	SRunner *runner = srunner_create(suite);
	int failed;

	add_order_and_refusals(tests);
	add_portions(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
