/* SPDX-License-Identifier: MIT */
/*
 * The phases of a generation as clients see them: order, offsets, user_data, what abandons the file,
 * and merging. Names that start with a line number belong to the protocol's numbered rules.
 */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients.h"

static struct bench bench;

static void check_portion(unsigned i, uint32_t client, uint32_t section, uint32_t module, uint32_t offset,
			  uint32_t size)
{
	const struct sc_image_portion *portion = &bench.portions[i];

	ck_assert_uint_lt(i, bench.generation.portion_count);
	ck_assert_uint_eq(portion->client, client);
	ck_assert_uint_eq(portion->section, section);
	ck_assert_uint_eq(portion->module, module);
	ck_assert_uint_eq(portion->registration, 0);
	ck_assert_uint_eq(portion->offset, offset);
	ck_assert_uint_eq(portion->size, size);
}

static bool stub_code(void *user, struct sc_persist_context *context, uint8_t **start, size_t *size)
{
	static char stubs[] = "[stubs]";

	(void)user, (void)context;
	*start = (uint8_t *)stubs;
	*size = strlen(stubs);
	return true;
}

START_TEST(line_2_every_phase_calls_the_last_registered_first)
{
	register_client(A, 8, 0, 8);
	register_client(B, 8, 0, 8);
	register_patch(A);
	register_patch(B);
	set_up(&bench, 1);
	bench.writer.code = stub_code;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	expect_calls("B.ro.size(m0,0) A.ro.size(m0,0) B.rx.size(m0,1) A.rx.size(m0,1) B.rw.size(m0,2) A.rw.size(m0,2) "
		     "B.patch(m0,3)[stubs] A.patch(m0,3)[stubs] "
		     "B.ro.persist(m0,3)@0 A.ro.persist(m0,3)@16 B.rw.persist(m0,3)@4096 A.rw.persist(m0,3)@4112");
}
END_TEST

START_TEST(line_3_all_sizes_then_patches_then_portions_in_file_order)
{
	register_client(A, 8, 8, 0);
	register_patch(A);
	set_up(&bench, 2);
	bench.writer.code = stub_code;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	expect_calls("A.ro.size(m0,0) A.ro.size(m1,0) A.rx.size(m0,1) A.rx.size(m1,1) A.rw.size(m0,2) A.rw.size(m1,2) "
		     "A.patch(m0,3)[stubs] A.patch(m1,3)[stubs] "
		     "A.ro.persist(m0,3)@0 A.ro.persist(m1,3)@16 A.rx.persist(m0,3)@4096 A.rx.persist(m1,3)@4160");
}
END_TEST

START_TEST(line_3_size_without_persist_leaves_no_trace)
{
	register_client(A, 8, 8, 8);
	set_up(&bench, 1);
	ck_assert_int_eq(sc_persist_generate_begin(&bench.generation), SC_PERSIST_OK);
	ck_assert_int_eq(sc_persist_generate_measure(&bench.generation), SC_PERSIST_OK);
	sc_persist_generate_end(&bench.generation);
	expect_calls("A.ro.size(m0,0) A.rx.size(m0,1) A.rw.size(m0,2)");
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
}
END_TEST

START_TEST(line_3_a_module_without_stubs_is_not_patched)
{
	register_client(A, 8, 0, 0);
	register_patch(A);
	set_up(&bench, 1);
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	expect_calls("A.ro.size(m0,0) A.rx.size(m0,1) A.rw.size(m0,2) A.ro.persist(m0,3)@0");
}
END_TEST

static size_t behind_tables(void *user, enum sc_image_section section, size_t end)
{
	(void)user;
	return section == SC_IMAGE_RO ? 5000 : end + 100;
}

START_TEST(line_4_offsets_accumulate_aligned_from_a_page)
{
	register_client(A, 10, 65, 1);
	register_client(B, 20, 1, 4090);
	set_up(&bench, 2);
	bench.writer.section = behind_tables;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	ck_assert_uint_eq(bench.generation.portion_count, 12);
	check_portion(0, B, SC_IMAGE_RO, 0, 8192, 20);
	check_portion(1, A, SC_IMAGE_RO, 0, 8224, 10);
	check_portion(2, B, SC_IMAGE_RO, 1, 8240, 20);
	check_portion(3, A, SC_IMAGE_RO, 1, 8272, 10);
	check_portion(4, B, SC_IMAGE_RX, 0, 12288, 1);
	check_portion(5, A, SC_IMAGE_RX, 0, 12352, 65);
	check_portion(6, B, SC_IMAGE_RX, 1, 12480, 1);
	check_portion(7, A, SC_IMAGE_RX, 1, 12544, 65);
	check_portion(8, B, SC_IMAGE_RW, 0, 16384, 4090);
	check_portion(9, A, SC_IMAGE_RW, 0, 20480, 1);
	ck_assert_uint_eq(bench.generation.sections[SC_IMAGE_RX].offset, 12288);
	ck_assert_uint_eq(bench.generation.sections[SC_IMAGE_RX].end, 12609);
	ck_assert_uint_eq(clients[A].offset[SC_IMAGE_RX], 12544);
}
END_TEST

START_TEST(line_4_gaps_between_portions_are_zero_and_the_rest_untouched)
{
	register_client(A, 10, 65, 1);
	register_client(B, 20, 1, 3);
	set_up(&bench, 2);
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	prepare_load(&bench, bench.contexts);
	for (unsigned section = SC_IMAGE_RO; section <= SC_IMAGE_RW; section++) {
		const struct sc_persist_extent *extent = &bench.generation.sections[section];

		for (uint32_t at = extent->offset; at < extent->end; at++)
			ck_assert_uint_ne(bench.bytes[at], 0xff);
		ck_assert_uint_eq(bench.bytes[extent->end], 0xff);
	}
	ck_assert_uint_eq(bench.bytes[19], 'B');
	ck_assert_uint_eq(bench.bytes[20], 0);
	ck_assert_uint_eq(bench.bytes[31], 0);
	ck_assert_uint_eq(bench.bytes[32], 'A');
}
END_TEST

START_TEST(line_4_a_byte_too_few_or_too_many_abandons_the_file)
{
	static const enum sc_persist_reason reasons[] = { SC_PERSIST_WRITE_SHORT, SC_PERSIST_WRITE_LONG };
	enum sc_image_section section = (enum sc_image_section)(_i / 2 + 1);

	register_client(A, 64, 64, 64);
	clients[A].section[section].extra = _i % 2 ? 1 : -1;
	set_up(&bench, 1);
	ck_assert_int_eq(generate(&bench), reasons[_i % 2]);
	ck_assert_uint_eq(bench.generation.failure.client, A);
	ck_assert_uint_eq(bench.generation.failure.section, section);
	ck_assert_uint_eq(bench.generation.failure.module, 0);
}
END_TEST

START_TEST(line_4_nothing_is_written_behind_a_portion)
{
	register_client(A, 64, 0, 0);
	clients[A].section[SC_IMAGE_RO].extra = 4000;
	clients[A].section[SC_IMAGE_RO].no_persist = true; /* as a client that looks at what dr_write_file returns */
	set_up(&bench, 1);
	ck_assert_int_eq(ftruncate(bench.fd, 0), 0);
	ck_assert_int_eq(generate(&bench), SC_PERSIST_WRITE_LONG);
	ck_assert_int_eq(lseek(bench.fd, 0, SEEK_END), 0);
	ck_assert_int_eq(dr_write_file(bench.fd, "later", 5), 5);
}
END_TEST

START_TEST(line_4_rx_of_clients_starts_on_a_page_behind_all_stubs)
{
	register_client(G, 0, 512, 0);
	register_client(A, 0, 64, 0);
	set_up(&bench, 2);
	bench.generation.separate = true;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	ck_assert_uint_eq(bench.generation.rx_clients_offset, 4096);
	check_portion(0, G, SC_IMAGE_RX, 0, 0, 512);
	check_portion(1, G, SC_IMAGE_RX, 1, 512, 512);
	check_portion(2, A, SC_IMAGE_RX, 0, 4096, 64);
	check_portion(3, A, SC_IMAGE_RX, 1, 4160, 64);
	prepare_load(&bench, bench.contexts);
	ck_assert_uint_eq(bench.bytes[1024], 0);
	ck_assert_uint_eq(bench.bytes[4095], 0);
}
END_TEST

START_TEST(line_5_user_data_is_fresh_for_every_file_and_not_shared_between_clients)
{
	register_client(A, 8, 0, 0);
	register_client(B, 0, 0, 8);
	for (int file = 0; file < 2; file++) {
		set_up(&bench, 2);
		ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
		expect_calls("B.ro.size(m0,0) A.ro.size(m0,0) B.ro.size(m1,0) A.ro.size(m1,0) "
			     "B.rx.size(m0,1) A.rx.size(m0,1) B.rx.size(m1,1) A.rx.size(m1,1) "
			     "B.rw.size(m0,2) A.rw.size(m0,2) B.rw.size(m1,2) A.rw.size(m1,2) "
			     "A.ro.persist(m0,3)@0 A.ro.persist(m1,3)@16 "
			     "B.rw.persist(m0,3)@4096 B.rw.persist(m1,3)@4112");
	}
}
END_TEST

START_TEST(line_5_a_client_with_a_patch_alone_gets_null)
{
	register_patch(B);
	set_up(&bench, 1);
	bench.writer.code = stub_code;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	expect_calls("B.patch(m0,0)[stubs]");
}
END_TEST

START_TEST(line_6_persist_false_abandons_the_file_at_once)
{
	register_client(A, 8, 0, 8);
	register_client(B, 8, 0, 0);
	clients[B].section[SC_IMAGE_RO].no_persist = true;
	clients[A].is_silent = clients[B].is_silent = true;
	set_up(&bench, 1);
	ck_assert_int_eq(generate(&bench), SC_PERSIST_WRITE_REFUSED);
	expect_calls("B.ro.persist(m0,3)@0");
	ck_assert_uint_eq(bench.generation.failure.client, B);
}
END_TEST

START_TEST(line_6_patch_false_abandons_the_file_before_anything_is_written)
{
	register_client(A, 8, 0, 0);
	register_patch(A);
	register_patch(B);
	clients[A].is_silent = clients[B].no_patch = true;
	set_up(&bench, 2);
	bench.writer.code = stub_code;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_PATCH_REFUSED);
	expect_calls("B.patch(m0,0)[stubs]");
	ck_assert_int_eq(sc_persist_generate_write(&bench.generation, bench.fd), SC_PERSIST_PATCH_REFUSED);
	expect_calls("");
}
END_TEST

START_TEST(line_6_an_abandoned_file_does_not_hold_up_the_next)
{
	register_client(A, 8, 0, 0);
	clients[A].section[SC_IMAGE_RO].no_persist = true;
	set_up(&bench, 1);
	ck_assert_int_eq(generate(&bench), SC_PERSIST_WRITE_REFUSED);
	clients[A].section[SC_IMAGE_RO].no_persist = false;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
}
END_TEST

START_TEST(line_8_size_0_is_not_persisted_and_takes_no_room)
{
	register_client(A, 0, 0, 0);
	register_client(B, 0, 16, 0);
	set_up(&bench, 1);
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	ck_assert_uint_eq(bench.generation.portion_count, 1);
	check_portion(0, B, SC_IMAGE_RX, 0, 0, 16);
}
END_TEST

static void ignore(void *drcontext, void *perscxt, int reason)
{
	(void)drcontext, (void)perscxt, (void)reason;
}

static void *load_meanwhile(void *load)
{
	ck_assert(!stubcache_register_persist_abandoned(ignore));
	return (void *)(uintptr_t)sc_persist_load(load);
}

START_TEST(line_10_no_other_thread_gets_in_between_size_and_persist)
{
	pthread_t thread;
	void *reason;

	register_client(A, 8, 0, 0);
	make_image(&bench, 1);
	ck_assert_int_eq(sc_persist_generate_begin(&bench.generation), SC_PERSIST_OK);
	ck_assert_int_eq(sc_persist_generate_measure(&bench.generation), SC_PERSIST_OK);
	forget_calls();
	ck_assert_int_eq(pthread_create(&thread, NULL, load_meanwhile, &bench.load), 0);
	pthread_join(thread, &reason);
	ck_assert_uint_eq((uintptr_t)reason, SC_PERSIST_BUSY);
	ck_assert_int_eq(sc_persist_generate_write(&bench.generation, bench.fd), SC_PERSIST_OK);
	sc_persist_generate_end(&bench.generation);
	expect_calls("A.ro.persist(m0,3)@0");
}
END_TEST

START_TEST(a_second_generation_meanwhile_is_put_off)
{
	struct sc_persist_generation second;

	set_up(&bench, 1);
	second = bench.generation;
	ck_assert_int_eq(sc_persist_generate_begin(&bench.generation), SC_PERSIST_OK);
	ck_assert_int_eq(sc_persist_generate_begin(&second), SC_PERSIST_BUSY);
	sc_persist_generate_end(&bench.generation);
	ck_assert_int_eq(sc_persist_generate_begin(&second), SC_PERSIST_OK);
}
END_TEST

START_TEST(a_size_beyond_the_limit_is_refused_without_overflow)
{
	static const size_t sizes[] = { 4097, UINT32_MAX, (size_t)UINT32_MAX + 1, SIZE_MAX, SIZE_MAX - 4095 };

	register_client(A, 16, sizes[_i], 0);
	set_up(&bench, 1);
	bench.generation.limit = 8192;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_TOO_LARGE);
	ck_assert_uint_eq(bench.generation.failure.section, SC_IMAGE_RX);
}
END_TEST

START_TEST(a_portion_may_end_exactly_at_the_limit)
{
	register_client(A, 16, 1024, 0);
	set_up(&bench, 1);
	bench.generation.limit = 4096 + 1024;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_TOO_LARGE); /* rw would start past it */
	bench.generation.limit = 8192;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
}
END_TEST

START_TEST(too_little_room_is_noticed_before_any_callback)
{
	register_client(A, 16, 16, 16);
	set_up(&bench, 2);
	sc_persist_generate_room(sc_persist_registry(), 2, &bench.generation.portion_most, &bench.generation.word_most);
	ck_assert_uint_eq(bench.generation.portion_most, 6);
	ck_assert_uint_eq(bench.generation.word_most, 4);
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	forget_calls();
	bench.generation.portion_most = 5;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_TOO_MANY);
	bench.generation.portion_most = 6;
	bench.generation.word_most = 3;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_TOO_MANY);
	expect_calls("");
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_an_io_failure)
{
	int pipes[2];

	register_client(A, 16, 0, 0);
	set_up(&bench, 1);
	ck_assert_int_eq(pipe(pipes), 0);
	bench.fd = pipes[1]; /* cannot seek */
	ck_assert_int_eq(generate(&bench), SC_PERSIST_IO);
}
END_TEST

START_TEST(portions_are_stored_by_module_in_the_order_of_calling)
{
	register_client(A, 8, 8, 0);
	register_client(B, 8, 0, 8);
	set_up(&bench, 2);
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	prepare_load(&bench, bench.contexts);
	for (unsigned i = 0; i < 8; i++) {
		static const uint32_t owner[] = { B, A, A, B };
		static const uint32_t section[] = { SC_IMAGE_RO, SC_IMAGE_RO, SC_IMAGE_RX, SC_IMAGE_RW };

		ck_assert_uint_eq(bench.sorted[i].module, i / 4);
		ck_assert_uint_eq(bench.sorted[i].client, owner[i % 4]);
		ck_assert_uint_eq(bench.sorted[i].section, section[i % 4]);
	}
	ck_assert_uint_eq(bench.modules[1].first_portion, 4);
	ck_assert_uint_eq(bench.modules[1].portion_count, 4);
}
END_TEST

/* An image of A and B, about to be merged into the next. */
static void begin_merge(struct bench *older, struct bench *newer)
{
	register_client(A, 8, 0, 8);
	register_client(B, 8, 0, 0);
	register_abandoned(A);
	register_abandoned(B);
	make_image(older, 1);
	prepare_load(older, older->older_contexts);
	set_up(newer, 1);
	ck_assert_int_eq(sc_persist_generate_begin(&newer->generation), SC_PERSIST_OK);
}

START_TEST(line_3_an_older_image_is_resurrected_before_any_size)
{
	static struct bench older;

	begin_merge(&older, &bench);
	ck_assert_int_eq(sc_persist_generate_merge(&bench.generation, &older.load), SC_PERSIST_OK);
	ck_assert_int_eq(sc_persist_generate_measure(&bench.generation), SC_PERSIST_OK);
	ck_assert_int_eq(sc_persist_generate_write(&bench.generation, bench.fd), SC_PERSIST_OK);
	sc_persist_generate_end(&bench.generation);
	expect_calls("B.ro.resurrect(m0) A.ro.resurrect(m0) A.rw.resurrect(m0) "
		     "B.ro.size(m0,0) A.ro.size(m0,0) B.rx.size(m0,1) A.rx.size(m0,1) B.rw.size(m0,2) A.rw.size(m0,2) "
		     "B.ro.persist(m0,3)@0 A.ro.persist(m0,3)@16 A.rw.persist(m0,3)@4096 "
		     "B.abandoned(m0,superseded) A.abandoned(m0,superseded)");
}
END_TEST

START_TEST(line_3_a_refused_merge_is_skipped_and_generation_goes_on)
{
	static struct bench older;

	begin_merge(&older, &bench);
	clients[A].section[SC_IMAGE_RO].no_resurrect = true;
	ck_assert_int_eq(sc_persist_generate_merge(&bench.generation, &older.load), SC_PERSIST_RESURRECT_REFUSED);
	expect_calls("B.ro.resurrect(m0) A.ro.resurrect(m0)");
	ck_assert_int_eq(sc_persist_generate_measure(&bench.generation), SC_PERSIST_OK);
	ck_assert_int_eq(sc_persist_generate_write(&bench.generation, bench.fd), SC_PERSIST_OK);
	ck_assert_uint_eq(bench.generation.portion_count, 3);
	forget_calls();
	sc_persist_generate_end(&bench.generation);
	expect_calls("B.abandoned(m0,superseded)");
}
END_TEST

START_TEST(line_3_a_client_that_refuses_a_merge_costs_only_its_own)
{
	static struct bench older;

	begin_merge(&older, &bench);
	clients[A].section[SC_IMAGE_RW].no_resurrect = true;
	ck_assert_int_eq(sc_persist_generate_merge(&bench.generation, &older.load), SC_PERSIST_RESURRECT_REFUSED);
	expect_calls("B.ro.resurrect(m0) A.ro.resurrect(m0) A.rw.resurrect(m0) A.abandoned(m0,resurrect-refused)");
	ck_assert_int_eq(sc_persist_generate_measure(&bench.generation), SC_PERSIST_OK);
	ck_assert_int_eq(sc_persist_generate_write(&bench.generation, bench.fd), SC_PERSIST_OK);
	forget_calls();
	sc_persist_generate_end(&bench.generation);
	expect_calls("B.abandoned(m0,superseded)");
}
END_TEST

START_TEST(line_3_the_stub_generator_is_left_out_of_a_merge)
{
	static struct bench older;

	register_client(G, 16, 0, 0);
	begin_merge(&older, &bench);
	ck_assert_int_eq(sc_persist_generate_merge(&bench.generation, &older.load), SC_PERSIST_OK);
	expect_calls("B.ro.resurrect(m0) A.ro.resurrect(m0) A.rw.resurrect(m0)");
	sc_persist_generate_end(&bench.generation);
	expect_calls("B.abandoned(m0,superseded) A.abandoned(m0,superseded)");
}
END_TEST

START_TEST(portions_of_a_module_that_is_not_loaded_are_copied_and_nobody_is_asked)
{
	static struct bench older;
	struct sc_persist_older of;

	begin_merge(&older, &bench);
	of = (struct sc_persist_older){ .file = older.bytes, .portions = older.sorted, .count = 3 };
	bench.contexts[0].is_closed = true;
	bench.contexts[0].older = &of;
	ck_assert_int_eq(sc_persist_generate_measure(&bench.generation), SC_PERSIST_OK);
	ck_assert_int_eq(sc_persist_generate_write(&bench.generation, bench.fd), SC_PERSIST_OK);
	expect_calls("");
	ck_assert_uint_eq(bench.generation.portion_count, 3);
	sc_persist_generate_end(&bench.generation);
	prepare_load(&bench, bench.contexts);
	ck_assert_int_eq(sc_persist_load(&bench.load), SC_PERSIST_OK);
	expect_calls("B.ro.resurrect(m0) A.ro.resurrect(m0) A.rw.resurrect(m0)");
	sc_persist_load_activated(&bench.load);
}
END_TEST

START_TEST(an_image_in_use_has_the_portions_of_a_closed_module_without_older_ones)
{
	register_client(A, 8, 0, 8);
	register_client(G, 16, 0, 0);
	set_up(&bench, 1);
	bench.contexts[0].is_closed = true;
	ck_assert_int_eq(generate(&bench), SC_PERSIST_OK);
	expect_calls("G.ro.size(m0,0) G.rx.size(m0,1) G.rw.size(m0,2) G.ro.persist(m0,3)@0");
	ck_assert_uint_eq(bench.generation.portion_count, 1);
}
END_TEST

START_TEST(clients_that_merged_are_told_when_the_new_file_is_abandoned)
{
	static struct bench older;

	begin_merge(&older, &bench);
	ck_assert_int_eq(sc_persist_generate_merge(&bench.generation, &older.load), SC_PERSIST_OK);
	clients[B].section[SC_IMAGE_RO].no_persist = true;
	ck_assert_int_eq(sc_persist_generate_measure(&bench.generation), SC_PERSIST_OK);
	ck_assert_int_eq(sc_persist_generate_write(&bench.generation, bench.fd), SC_PERSIST_WRITE_REFUSED);
	forget_calls();
	sc_persist_generate_end(&bench.generation);
	expect_calls("B.abandoned(m0,persist-refused) A.abandoned(m0,persist-refused)");
}
END_TEST

static void add_phases(TCase *tests)
{
	tcase_add_test(tests, line_2_every_phase_calls_the_last_registered_first);
	tcase_add_test(tests, line_3_all_sizes_then_patches_then_portions_in_file_order);
	tcase_add_test(tests, line_3_size_without_persist_leaves_no_trace);
	tcase_add_test(tests, line_3_a_module_without_stubs_is_not_patched);
	tcase_add_test(tests, line_4_offsets_accumulate_aligned_from_a_page);
	tcase_add_test(tests, line_4_gaps_between_portions_are_zero_and_the_rest_untouched);
	tcase_add_loop_test(tests, line_4_a_byte_too_few_or_too_many_abandons_the_file, 0, 6);
	tcase_add_test(tests, line_4_nothing_is_written_behind_a_portion);
	tcase_add_test(tests, line_4_rx_of_clients_starts_on_a_page_behind_all_stubs);
	tcase_add_test(tests, line_5_user_data_is_fresh_for_every_file_and_not_shared_between_clients);
	tcase_add_test(tests, line_5_a_client_with_a_patch_alone_gets_null);
	tcase_add_test(tests, line_6_persist_false_abandons_the_file_at_once);
	tcase_add_test(tests, line_6_patch_false_abandons_the_file_before_anything_is_written);
	tcase_add_test(tests, line_6_an_abandoned_file_does_not_hold_up_the_next);
	tcase_add_test(tests, line_8_size_0_is_not_persisted_and_takes_no_room);
	tcase_add_test(tests, line_10_no_other_thread_gets_in_between_size_and_persist);
}

static void add_limits_and_merge(TCase *tests)
{
	tcase_add_test(tests, a_second_generation_meanwhile_is_put_off);
	tcase_add_loop_test(tests, a_size_beyond_the_limit_is_refused_without_overflow, 0, 5);
	tcase_add_test(tests, a_portion_may_end_exactly_at_the_limit);
	tcase_add_test(tests, too_little_room_is_noticed_before_any_callback);
	tcase_add_test(tests, a_file_that_cannot_be_written_is_an_io_failure);
	tcase_add_test(tests, portions_are_stored_by_module_in_the_order_of_calling);
	tcase_add_test(tests, line_3_an_older_image_is_resurrected_before_any_size);
	tcase_add_test(tests, line_3_a_refused_merge_is_skipped_and_generation_goes_on);
	tcase_add_test(tests, line_3_a_client_that_refuses_a_merge_costs_only_its_own);
	tcase_add_test(tests, line_3_the_stub_generator_is_left_out_of_a_merge);
	tcase_add_test(tests, portions_of_a_module_that_is_not_loaded_are_copied_and_nobody_is_asked);
	tcase_add_test(tests, an_image_in_use_has_the_portions_of_a_closed_module_without_older_ones);
	tcase_add_test(tests, clients_that_merged_are_told_when_the_new_file_is_abandoned);
}

int main(void)
{
	Suite *suite = suite_create("persistence generation");
	TCase *tests = tcase_create("generation");
	SRunner *runner = srunner_create(suite);
	int failed;

	add_phases(tests);
	add_limits_and_merge(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
