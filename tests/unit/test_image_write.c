/* SPDX-License-Identifier: MIT */
/* Images as they are written: accepted by the reader, and every stub leading to its words. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/persist.h"
#include "common/store.h"
#include "engine/emit.h"
#include "engine/image_write.h"
#include "image_fixture.h"

static struct sc_plan plan;
static struct sc_image image;
static size_t size;

static void start(void)
{
	fixture_plan(&plan, false);
	size = fixture_open_image(&image, &plan);
}

static void stop(void)
{
	munmap((void *)image.base, size);
	sc_plan_release(&plan);
}

START_TEST(the_reader_accepts_what_is_written)
{
	const struct sc_image_header *header = image.header;

	ck_assert_uint_eq(header->module_count, 4);
	ck_assert_uint_eq(header->startup_modules, 3);
	ck_assert_uint_eq(header->stub_count, 7);
	ck_assert_uint_eq(header->slot_count, 4);
	ck_assert_uint_eq(header->component_count, 2);
	ck_assert_mem_eq(header->key, fixture_key, 16);
	ck_assert_uint_eq(header->file_size, size);
	ck_assert_str_eq(sc_image_string(&image, image.modules[LIBC].name), "libc.so.6");
	ck_assert_str_eq(sc_image_string(&image, image.components[0].name), "rules");
	ck_assert_str_eq(sc_image_string(&image, fixture_target(&image, LIBC, 1)->name), "read");
	ck_assert_str_eq(sc_image_string(&image, fixture_target(&image, LIBC, 1)->symbol_version), "GLIBC_2.2.5");
	ck_assert_uint_eq(fixture_target(&image, LIBC, 1)->flags, SC_IMAGE_TARGET_IFUNC);
	ck_assert_uint_eq(fixture_target(&image, LIBC, 1)->value, 0x2000);
}
END_TEST

START_TEST(the_checksum_and_the_id_are_right)
{
	struct sc_image_header *header;
	struct sc_hash128 id;
	uint8_t *copy;

	ck_assert(sc_store_checksum_ok(image.base, size));
	copy = malloc(size);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, image.base, size);
	header = (void *)(copy + SC_IMAGE_HEADER_OFFSET);
	memset(header->id, 0, sizeof(header->id));
	id = sc_hash128(copy, header->load_size);
	ck_assert_mem_eq(id.bytes, image.header->id, 16);
	free(copy);
}
END_TEST

START_TEST(a_module_has_the_portions_it_needs)
{
	ck_assert_ptr_nonnull(sc_image_find_portion(&image, PROG, 0, SC_IMAGE_RO));
	ck_assert_ptr_null(sc_image_find_portion(&image, PROG, 0, SC_IMAGE_RX));
	ck_assert_ptr_null(sc_image_find_portion(&image, PROG, 0, SC_IMAGE_RW));
	ck_assert_uint_eq(image.modules[LIBC].portion_count, 3);
	ck_assert_uint_eq(image.modules[LIBZ].portion_count, 3);
	ck_assert_uint_eq(image.modules[LIBM].portion_count, 0);
}
END_TEST

START_TEST(direct_targets_have_words_and_no_code)
{
	struct sc_plan_target direct = { .name = "dlopen", .version = "", .kind = SC_IMAGE_DIRECT, .wrapper = 1 };
	uint32_t out;

	stop();
	fixture_plan(&plan, false);
	ck_assert_int_eq(sc_plan_target(&plan, LIBM, &direct, &out), 0);
	size = fixture_open_image(&image, &plan);
	ck_assert_ptr_null(sc_image_find_portion(&image, LIBM, 0, SC_IMAGE_RX));
	ck_assert_uint_eq(sc_image_find_portion(&image, LIBM, 0, SC_IMAGE_RW)->size, SC_WORDS_FIXED);
	ck_assert_uint_eq(sc_image_plan(&image, LIBM)->code_offset, 0);
	ck_assert_uint_eq(fixture_target(&image, LIBM, 0)->wrapper, 1);
	ck_assert_uint_eq(fixture_target(&image, LIBC, 2)->code, 0);
}
END_TEST

START_TEST(stubs_are_numbered_through_all_modules)
{
	const struct sc_image_target *found;
	uint32_t module;

	ck_assert(sc_image_stub(&image, 5, &module, &found));
	ck_assert_ptr_eq(found, fixture_target(&image, LIBC, 5));
	ck_assert(sc_image_stub(&image, 6, &module, &found));
	ck_assert_uint_eq(module, LIBZ);
	ck_assert(!sc_image_stub(&image, 7, &module, &found));
}
END_TEST

/* Where a displacement leads, as the processor reckons it. */
static uint32_t leads_to(const struct sc_image *of, uint32_t code, uint32_t field)
{
	int32_t distance;

	memcpy(&distance, of->base + code + field, sizeof(distance));
	return (uint32_t)((int32_t)(code + field + 4) + distance);
}

static uint32_t number_at(const struct sc_image *of, uint32_t offset)
{
	uint32_t out;

	memcpy(&out, of->base + offset, sizeof(out));
	return out;
}

static void check_stub(const struct sc_image *of, const struct sc_image_plan *in, uint32_t number, bool clock)
{
	const struct sc_image_target *stub = &sc_image_targets(in)[number];
	uint32_t index = FIXTURE_FIRST_INDEX + in->first_index + number, code = stub->code, words = in->words_offset;
	bool frame = stub->kind == SC_IMAGE_FRAME;

	ck_assert_uint_eq(code % sc_image_stub_size(stub->kind), 0);
	ck_assert_uint_eq(of->base[code | (SC_CELL_SIZE - 1)], frame ? SC_CELL_FRAME : SC_CELL_TAIL);
	ck_assert_uint_eq(leads_to(of, code, frame ? SC_FRAME_TLS : SC_TAIL_TLS), words + SC_WORD_TLS);
	ck_assert_uint_eq(leads_to(of, code, frame ? SC_FRAME_WORD : SC_TAIL_WORD), stub->word);
	ck_assert_uint_eq(number_at(of, code + (frame ? SC_FRAME_INDEX : SC_TAIL_INDEX)), SC_REGION_COUNTS + 8 * index);
	ck_assert_uint_ge(stub->word, words + SC_WORDS_FIXED);
	if (!frame) {
		ck_assert_uint_eq(leads_to(of, code, SC_TAIL_SLOW), words + SC_WORD_SLOW_TAIL);
		return;
	}
	ck_assert_uint_eq(leads_to(of, code, SC_FRAME_SLOW_WORD), words + SC_WORD_SLOW_FRAME);
	ck_assert_uint_eq(number_at(of, code + SC_FRAME_NUMBER), index | (clock ? SC_FRAME_KIND_CLOCK : 0) | (uint32_t)SC_FRAME_USED);
	if (clock)
		ck_assert_uint_eq(leads_to(of, code, SC_FRAME_CLOCK_ENTER), words + SC_WORD_CLOCK_ENTER);
}

/* Every byte of the stub area says what its cell is, the unused ones, too. */
static void check_cells(const struct sc_image *of)
{
	for (uint32_t at = of->header->rx_offset; at < of->header->rw_offset; at += SC_CELL_SIZE)
		ck_assert_uint_le(of->base[at + SC_CELL_SIZE - 1], SC_CELL_FRAME);
}

START_TEST(every_stub_leads_to_its_words)
{
	bool clock = _i;

	stop();
	fixture_plan(&plan, clock);
	size = fixture_open_image(&image, &plan);
	for (uint32_t m = LIBC; m <= LIBZ; m++) {
		const struct sc_image_plan *in = sc_image_plan(&image, m);

		for (uint32_t t = 0; t < in->target_count; t++)
			if (sc_image_targets(in)[t].kind != SC_IMAGE_DIRECT)
				check_stub(&image, in, t, clock);
	}
	check_cells(&image);
}
END_TEST

START_TEST(no_two_stubs_share_a_word_or_code)
{
	const struct sc_image_plan *in = sc_image_plan(&image, LIBC);
	const struct sc_image_target *targets = sc_image_targets(in);

	for (uint32_t a = 0; a < in->target_count; a++)
		for (uint32_t b = 0; b < a; b++) {
			if (targets[a].kind == SC_IMAGE_DIRECT || targets[b].kind == SC_IMAGE_DIRECT)
				continue;
			ck_assert_uint_ne(targets[a].word, targets[b].word);
			ck_assert_uint_ne(targets[a].code, targets[b].code);
		}
}
END_TEST

START_TEST(words_are_zero_in_the_file)
{
	for (uint64_t at = image.header->rw_offset; at < image.header->load_size; at++)
		ck_assert_uint_eq(image.base[at], 0);
}
END_TEST

START_TEST(the_same_plan_gives_the_same_bytes)
{
	struct sc_plan again;
	const uint8_t *bytes;
	size_t other;

	fixture_plan(&again, false);
	bytes = fixture_image(&again, &other);
	ck_assert_uint_eq(other, size);
	ck_assert_mem_eq(bytes, image.base, size);
	munmap((void *)bytes, other);
	sc_plan_release(&again);
}
END_TEST

START_TEST(an_image_without_stubs_is_valid)
{
	const uint8_t identity[16] = { 1 };
	uint32_t out;

	stop();
	sc_plan_start(&plan, 0, false);
	size = fixture_open_image(&image, &plan);
	ck_assert_uint_eq(image.header->module_count, 0);
	stop();
	sc_plan_start(&plan, 0, false);
	ck_assert_int_eq(sc_plan_module(&plan, identity, 0, "prog", 0, &out), 0);
	size = fixture_open_image(&image, &plan);
	ck_assert_uint_eq(image.header->module_count, 1);
	ck_assert_uint_eq(image.header->stub_count, 0);
}
END_TEST

/* Changes the first trap of every cell that has one, and notes how much there was. */
static size_t patched_size;

static bool patch(void *drcontext, void *perscxt, byte *start, size_t length, void *user_data)
{
	(void)drcontext;
	(void)perscxt;
	(void)user_data;
	for (size_t cell = 0; cell < length; cell += SC_CELL_SIZE)
		start[cell + SC_CELL_SIZE - 2] = 0x90;
	patched_size += length;
	return true;
}

START_TEST(code_that_is_patched_is_the_code_that_is_written)
{
	struct sc_plan again;
	const uint8_t *bytes;
	size_t other, differences = 0;

	ck_assert(dr_register_persist_patch(patch));
	fixture_plan(&again, false);
	bytes = fixture_image(&again, &other);
	ck_assert(dr_unregister_persist_patch(patch));
	ck_assert_uint_eq(other, size);
	ck_assert_uint_eq(patched_size, 5 * SC_CELL_SIZE);
	for (uint32_t at = image.header->rx_offset; at < image.header->rw_offset; at++) {
		if (bytes[at] == image.base[at])
			continue;
		ck_assert_uint_eq(at % SC_CELL_SIZE, SC_CELL_SIZE - 2);
		differences++;
	}
	ck_assert_uint_eq(differences, patched_size / SC_CELL_SIZE);
	munmap((void *)bytes, other);
	sc_plan_release(&again);
}
END_TEST

START_TEST(many_stubs_are_all_written)
{
	char name[32];

	stop();
	sc_plan_start(&plan, FIXTURE_FIRST_INDEX, false);
	ck_assert_int_eq(sc_plan_module(&plan, fixture_key, 0, "many", 0, &(uint32_t){ 0 }), 0);
	for (uint32_t i = 0; i < 2001; i++) {
		struct sc_plan_target wanted = {
			.name = name, .version = "", .kind = i % 3 ? SC_IMAGE_TAIL : SC_IMAGE_FRAME
		};
		uint32_t out;

		snprintf(name, sizeof(name), "function_%u", i);
		ck_assert_int_eq(sc_plan_target(&plan, 0, &wanted, &out), 0);
	}
	size = fixture_open_image(&image, &plan);
	for (uint32_t i = 0; i < 2001; i++)
		check_stub(&image, sc_image_plan(&image, 0), i, false);
	check_cells(&image);
}
END_TEST

START_TEST(numbers_past_what_code_can_hold_are_refused)
{
	char failure[160] = "";

	plan.first_index = SC_EMIT_INDEX_MOST - 6;
	ck_assert_int_eq(fixture_write(&plan, -1, failure), -E2BIG);
	ck_assert_str_ne(failure, "");
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_an_error)
{
	char failure[160] = "";
	int fd = open("/dev/full", O_RDWR | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_lt(fixture_write(&plan, fd, failure), 0);
	ck_assert_str_ne(failure, "");
	close(fd);
	ck_assert_int_lt(fixture_write(&plan, -1, failure), 0);
	ck_assert(sc_persist_take(sc_persist_registry()));
	ck_assert_int_eq(fixture_write(&plan, -1, failure), -EBUSY);
	sc_persist_give(sc_persist_registry());
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("image_write");
	TCase *tests = tcase_create("image_write");
	SRunner *runner;
	int failed;

	fixture_register();
	tcase_add_checked_fixture(tests, start, stop);
	tcase_add_test(tests, the_reader_accepts_what_is_written);
	tcase_add_test(tests, the_checksum_and_the_id_are_right);
	tcase_add_test(tests, a_module_has_the_portions_it_needs);
	tcase_add_test(tests, direct_targets_have_words_and_no_code);
	tcase_add_test(tests, stubs_are_numbered_through_all_modules);
	tcase_add_loop_test(tests, every_stub_leads_to_its_words, 0, 2);
	tcase_add_test(tests, no_two_stubs_share_a_word_or_code);
	tcase_add_test(tests, words_are_zero_in_the_file);
	tcase_add_test(tests, the_same_plan_gives_the_same_bytes);
	tcase_add_test(tests, an_image_without_stubs_is_valid);
	tcase_add_test(tests, code_that_is_patched_is_the_code_that_is_written);
	tcase_add_test(tests, many_stubs_are_all_written);
	tcase_add_test(tests, numbers_past_what_code_can_hold_are_refused);
	tcase_add_test(tests, a_file_that_cannot_be_written_is_an_error);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
