/* SPDX-License-Identifier: MIT */
/*
 * What clients can do without a generation or a load: register, unregister, ask about a perscxt and
 * write. Names that start with a line number belong to the protocol's numbered rules
 * (doc/persistence.md). Each test runs in a process of its own, with an empty registry.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clients.h"

static size_t size_1(void *drcontext, void *perscxt, size_t offset, void **word)
{
	(void)drcontext, (void)perscxt, (void)offset, (void)word;
	return 1;
}

static size_t size_2(void *drcontext, void *perscxt, size_t offset, void **word)
{
	(void)drcontext, (void)perscxt, (void)offset, (void)word;
	return 2;
}

static bool persist(void *drcontext, void *perscxt, file_t fd, void *word)
{
	(void)drcontext, (void)perscxt, (void)fd, (void)word;
	return true;
}

static bool other_persist(void *drcontext, void *perscxt, file_t fd, void *word)
{
	(void)drcontext, (void)perscxt, (void)fd, (void)word;
	return false;
}

static bool resurrect(void *drcontext, void *perscxt, byte **map)
{
	(void)drcontext, (void)perscxt, (void)map;
	return true;
}

static bool patch(void *drcontext, void *perscxt, byte *start, size_t size, void *word)
{
	(void)drcontext, (void)perscxt, (void)start, (void)size, (void)word;
	return true;
}

static void abandoned(void *drcontext, void *perscxt, int reason)
{
	(void)drcontext, (void)perscxt, (void)reason;
}

typedef bool registers(sc_persist_size *, sc_persist_persist *, sc_persist_resurrect *);

static const struct {
	registers *add, *remove;
	enum sc_persist_kind kind;
} sections[] = {
	{ dr_register_persist_ro, dr_unregister_persist_ro, SC_PERSIST_RO },
	{ dr_register_persist_rx, dr_unregister_persist_rx, SC_PERSIST_RX },
	{ dr_register_persist_rw, dr_unregister_persist_rw, SC_PERSIST_RW },
};

START_TEST(line_1_registering_refuses_any_null_pointer)
{
	ck_assert(!sections[_i].add(NULL, persist, resurrect));
	ck_assert(!sections[_i].add(size_1, NULL, resurrect));
	ck_assert(!sections[_i].add(size_1, persist, NULL));
	ck_assert(!sections[_i].remove(NULL, NULL, NULL));
	ck_assert_uint_eq(sc_persist_registry()->count[sections[_i].kind], 0);
	ck_assert_ptr_null(sc_persist_registry()->list[sections[_i].kind]);
}
END_TEST

START_TEST(line_1_patch_and_abandoned_refuse_null_too)
{
	ck_assert(!dr_register_persist_patch(NULL));
	ck_assert(!dr_unregister_persist_patch(NULL));
	ck_assert(!stubcache_register_persist_abandoned(NULL));
	ck_assert(!stubcache_unregister_persist_abandoned(NULL));
}
END_TEST

START_TEST(line_1_unregistering_what_is_not_registered_fails)
{
	ck_assert(!sections[_i].remove(size_1, persist, resurrect));
	ck_assert(sections[_i].add(size_1, persist, resurrect));
	ck_assert(!sections[(_i + 1) % 3].remove(size_1, persist, resurrect));
	ck_assert(sections[_i].remove(size_1, persist, resurrect));
	ck_assert(!sections[_i].remove(size_1, persist, resurrect));
}
END_TEST

START_TEST(line_1_functions_of_two_registrations_unregister_neither)
{
	ck_assert(sections[_i].add(size_1, persist, resurrect));
	ck_assert(sections[_i].add(size_2, other_persist, resurrect));
	ck_assert(!sections[_i].remove(size_1, other_persist, resurrect));
	ck_assert_uint_eq(sc_persist_registry()->count[sections[_i].kind], 2);
	ck_assert(sections[_i].remove(size_1, persist, resurrect));
	ck_assert(sections[_i].remove(size_2, other_persist, resurrect));
	ck_assert_ptr_null(sc_persist_registry()->list[sections[_i].kind]);
}
END_TEST

START_TEST(patch_and_abandoned_unregister_what_was_registered)
{
	ck_assert(!dr_unregister_persist_patch(patch));
	ck_assert(dr_register_persist_patch(patch));
	ck_assert(dr_unregister_persist_patch(patch));
	ck_assert(!dr_unregister_persist_patch(patch));
	ck_assert(stubcache_register_persist_abandoned(abandoned));
	ck_assert(stubcache_unregister_persist_abandoned(abandoned));
	ck_assert(!stubcache_unregister_persist_abandoned(abandoned));
}
END_TEST

START_TEST(line_2_the_last_registered_comes_first)
{
	const struct sc_persist_registration *r;

	ck_assert(dr_register_persist_ro(size_1, persist, resurrect));
	ck_assert(dr_register_persist_ro(size_2, persist, resurrect));
	r = sc_persist_registry()->list[SC_PERSIST_RO];
	ck_assert(r->call.section.size == size_2);
	ck_assert(r->next->call.section.size == size_1);
}
END_TEST

START_TEST(the_stub_generator_comes_first_in_rx_and_last_elsewhere)
{
	struct sc_persist_registry *registry = sc_persist_registry();

	register_client(G, 1, 1, 1);
	register_client(A, 1, 1, 1);
	register_client(B, 1, 1, 1);
	ck_assert_uint_eq(registry->list[SC_PERSIST_RO]->client, B);
	ck_assert_uint_eq(registry->list[SC_PERSIST_RX]->client, G);
	ck_assert_uint_eq(registry->list[SC_PERSIST_RX]->next->client, B);
	ck_assert_uint_eq(registry->list[SC_PERSIST_RX]->next->next->client, A);
	ck_assert_uint_eq(registry->list[SC_PERSIST_RW]->client, B);
}
END_TEST

START_TEST(registrations_are_numbered_by_client_and_stay_dense)
{
	struct sc_persist_registration *r;

	ck_assert(dr_register_persist_ro(size_1, persist, resurrect));
	ck_assert(dr_register_persist_ro(size_2, persist, resurrect));
	ck_assert(sc_persist_set_client(5));
	ck_assert(dr_register_persist_ro(size_1, other_persist, resurrect));
	r = sc_persist_registry()->list[SC_PERSIST_RO];
	ck_assert_uint_eq(r->client, 5);
	ck_assert_uint_eq(r->number, 0);
	ck_assert_uint_eq(r->next->number, 1);
	ck_assert_uint_eq(r->next->next->number, 0);
	ck_assert(dr_unregister_persist_ro(size_1, persist, resurrect));
	ck_assert_uint_eq(r->number, 0);
	ck_assert_uint_eq(r->next->number, 0);
}
END_TEST

START_TEST(a_full_table_refuses_and_works_again_once_one_has_gone)
{
	for (int i = 0; i < SC_PERSIST_REGISTRATIONS; i++) {
		ck_assert(dr_register_persist_ro(size_1, persist, resurrect));
		ck_assert(dr_register_persist_rw(size_1, persist, resurrect));
		ck_assert(dr_register_persist_patch(patch));
		ck_assert(stubcache_register_persist_abandoned(abandoned));
	}
	ck_assert(!dr_register_persist_ro(size_2, persist, resurrect));
	ck_assert(!dr_register_persist_patch(patch));
	ck_assert(!stubcache_register_persist_abandoned(abandoned));
	for (int i = 0; i < SC_PERSIST_REGISTRATIONS; i++)
		ck_assert(dr_register_persist_rx(size_1, persist, resurrect));
	ck_assert(!dr_register_persist_rx(size_1, persist, resurrect));
	ck_assert(dr_unregister_persist_ro(size_1, persist, resurrect));
	ck_assert(dr_register_persist_ro(size_2, persist, resurrect));
}
END_TEST

/* A client is told of 64, and nothing of who else keeps things in images. */
START_TEST(what_the_stub_generator_registers_takes_no_room_of_clients)
{
	ck_assert(dr_register_persist_ro(size_1, persist, resurrect));
	ck_assert(dr_register_persist_rx(size_1, persist, resurrect));
	ck_assert(dr_register_persist_rw(size_1, persist, resurrect));
	ck_assert(sc_persist_set_client(1));
	for (int i = 0; i < SC_PERSIST_REGISTRATIONS; i++) {
		ck_assert(dr_register_persist_ro(size_1, persist, resurrect));
		ck_assert(dr_register_persist_rx(size_1, persist, resurrect));
		ck_assert(dr_register_persist_rw(size_1, persist, resurrect));
		ck_assert(dr_register_persist_patch(patch));
		ck_assert(stubcache_register_persist_abandoned(abandoned));
	}
	ck_assert(!dr_register_persist_ro(size_1, persist, resurrect));
	ck_assert(!dr_register_persist_rx(size_1, persist, resurrect));
	ck_assert(!dr_register_persist_rw(size_1, persist, resurrect));
	ck_assert(!dr_register_persist_patch(patch));
	ck_assert(!stubcache_register_persist_abandoned(abandoned));
}
END_TEST

START_TEST(a_client_number_without_a_bit_is_refused)
{
	ck_assert(sc_persist_set_client(SC_PERSIST_CLIENTS - 1));
	ck_assert(!sc_persist_set_client(SC_PERSIST_CLIENTS));
	ck_assert_uint_eq(sc_persist_registry()->client, SC_PERSIST_CLIENTS - 1);
}
END_TEST

START_TEST(the_shape_tells_who_registered_what_in_which_order)
{
	uint64_t empty = sc_persist_shape(sc_persist_registry()), ro, ro_rw;

	register_section(A, SC_IMAGE_RO);
	ro = sc_persist_shape(sc_persist_registry());
	register_section(B, SC_IMAGE_RW);
	ro_rw = sc_persist_shape(sc_persist_registry());
	ck_assert(empty != ro && ro != ro_rw && ro_rw != empty);
	ck_assert(unregister_section(A, SC_IMAGE_RO));
	register_section(B, SC_IMAGE_RO);
	ck_assert(sc_persist_shape(sc_persist_registry()) != ro_rw);
	ck_assert(unregister_section(B, SC_IMAGE_RO));
	register_section(A, SC_IMAGE_RO);
	ck_assert(sc_persist_shape(sc_persist_registry()) == ro_rw);
}
END_TEST

START_TEST(registering_fails_while_the_registry_is_held)
{
	ck_assert(sc_persist_take(sc_persist_registry()));
	ck_assert(!dr_register_persist_ro(size_1, persist, resurrect));
	sc_persist_give(sc_persist_registry());
	ck_assert(dr_register_persist_ro(size_1, persist, resurrect));
	ck_assert(sc_persist_take(sc_persist_registry()));
	ck_assert(!dr_unregister_persist_ro(size_1, persist, resurrect));
	sc_persist_forked();
	ck_assert(dr_unregister_persist_ro(size_1, persist, resurrect));
}
END_TEST

START_TEST(a_perscxt_gives_its_module)
{
	uint8_t module[16];
	struct sc_persist_context context = { .base = module, .size = sizeof(module) };

	ck_assert_ptr_eq(dr_persist_start(&context), module);
	ck_assert_uint_eq(dr_persist_size(&context), sizeof(module));
	ck_assert_ptr_null(dr_persist_start(NULL));
	ck_assert_uint_eq(dr_persist_size(NULL), 0);
}
END_TEST

static int with_stub, without_stub;

static bool has_stub(void *perscxt, const void *tag)
{
	return perscxt != NULL && tag == &with_stub;
}

START_TEST(line_11_fragment_persistable_asks_the_generator)
{
	struct sc_persist_context context = { .size = 0 };

	ck_assert(!dr_fragment_persistable(NULL, &context, &with_stub));
	sc_persist_set_persistable(has_stub);
	ck_assert(dr_fragment_persistable(NULL, &context, &with_stub));
	ck_assert(!dr_fragment_persistable(NULL, &context, &without_stub));
	ck_assert(!dr_fragment_persistable(NULL, NULL, &with_stub));
}
END_TEST

static void *read_slowly(void *fd)
{
	static char block[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = read(*(int *)fd, block, sizeof(block))) > 0)
		total += (size_t)n;
	return (void *)total;
}

START_TEST(write_file_goes_on_after_a_short_write)
{
	static char bytes[300000]; /* more than a pipe holds */
	pthread_t reader;
	void *total;
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(pthread_create(&reader, NULL, read_slowly, &pipes[0]), 0);
	ck_assert_int_eq(dr_write_file(pipes[1], bytes, sizeof(bytes)), sizeof(bytes));
	close(pipes[1]);
	pthread_join(reader, &total);
	ck_assert_uint_eq((size_t)total, sizeof(bytes));
}
END_TEST

START_TEST(write_file_says_how_far_it_came)
{
	static char bytes[300000];
	int pipes[2];
	ssize_t n;

	errno = ENOTTY;
	ck_assert_int_eq(dr_write_file(-1, bytes, 1), -EBADF);
	ck_assert_int_eq(dr_write_file(-1, bytes, 0), 0);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq(pipe2(pipes, O_NONBLOCK), 0);
	n = dr_write_file(pipes[1], bytes, sizeof(bytes));
	ck_assert_int_gt(n, 0);
	ck_assert_int_lt(n, (ssize_t)sizeof(bytes));
}
END_TEST

START_TEST(every_reason_has_a_word_of_its_own)
{
	for (int i = 0; i <= SC_PERSIST_SUPERSEDED; i++) {
		const char *name = stubcache_persist_reason(i);

		ck_assert_str_ne(name, "");
		ck_assert_str_ne(name, "unknown");
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(name, stubcache_persist_reason(j));
	}
	ck_assert_str_eq(stubcache_persist_reason(SC_PERSIST_SUPERSEDED + 1), "unknown");
	ck_assert_str_eq(stubcache_persist_reason(-1), "unknown");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("persistence registry");
	TCase *tests = tcase_create("registry");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, line_1_registering_refuses_any_null_pointer, 0, 3);
	tcase_add_test(tests, line_1_patch_and_abandoned_refuse_null_too);
	tcase_add_loop_test(tests, line_1_unregistering_what_is_not_registered_fails, 0, 3);
	tcase_add_loop_test(tests, line_1_functions_of_two_registrations_unregister_neither, 0, 3);
	tcase_add_test(tests, patch_and_abandoned_unregister_what_was_registered);
	tcase_add_test(tests, line_2_the_last_registered_comes_first);
	tcase_add_test(tests, the_stub_generator_comes_first_in_rx_and_last_elsewhere);
	tcase_add_test(tests, registrations_are_numbered_by_client_and_stay_dense);
	tcase_add_test(tests, a_full_table_refuses_and_works_again_once_one_has_gone);
	tcase_add_test(tests, what_the_stub_generator_registers_takes_no_room_of_clients);
	tcase_add_test(tests, a_client_number_without_a_bit_is_refused);
	tcase_add_test(tests, the_shape_tells_who_registered_what_in_which_order);
	tcase_add_test(tests, registering_fails_while_the_registry_is_held);
	tcase_add_test(tests, a_perscxt_gives_its_module);
	tcase_add_test(tests, line_11_fragment_persistable_asks_the_generator);
	tcase_add_test(tests, write_file_goes_on_after_a_short_write);
	tcase_add_test(tests, write_file_says_how_far_it_came);
	tcase_add_test(tests, every_reason_has_a_word_of_its_own);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
