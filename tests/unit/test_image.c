/* SPDX-License-Identifier: MIT */
/*
 * The image reader against a small valid image, built here field by field, and against every
 * truncation and perturbation of it. Each attempt copies the bytes into a block of exactly their
 * size, so that a sanitizer (or a guard page) notices the first byte read too far.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/capture.h"
#include "common/image.h"

enum {
	PAGE = 4096,
	RX = PAGE,
	RW = 2 * PAGE,
	LOAD = RW + 64,
	FILE_SIZE = LOAD + 200,
	MODULES = 704,
	PORTIONS = 784,
	COMPONENTS = 928,
	STRINGS = 976,
	RO_MAIN = 1088,
	RO_LIBC = 1168,
	CAPTURE = 152, /* in libc's portion */
	PORTION_COUNT = 5,
	FRAME_CODE = RX,
	TAIL_CODE = RX + 512,
};

static const char strings[] = "\0main\0libc.so.6\0open\0GLIBC_2.2.5\0read\0_exit";

static uint32_t string_of(const char *text)
{
	for (size_t i = 0; i < sizeof(strings); i += strlen(strings + i) + 1)
		if (!strcmp(strings + i, text))
			return (uint32_t)i;
	ck_abort_msg("no such string: %s", text);
	return 0;
}

static void put_module(unsigned char *at, unsigned number, const char *name, uint32_t first, uint32_t count)
{
	struct sc_image_module *module = (struct sc_image_module *)(at + MODULES) + number;

	memset(module->identity, (int)number + 1, sizeof(module->identity));
	module->name = string_of(name);
	module->flags = SC_IMAGE_MODULE_STARTUP;
	module->first_portion = first;
	module->portion_count = count;
}

static void put_portion(unsigned char *at, unsigned number, uint32_t module, uint32_t section, uint32_t offset,
			uint32_t size)
{
	struct sc_image_portion *portion = (struct sc_image_portion *)(at + PORTIONS) + number;

	portion->section = section;
	portion->offset = offset;
	portion->size = size;
	portion->module = module;
}

/* The program: two slots, no target. */
static void put_main_plan(unsigned char *at)
{
	struct sc_image_plan *plan = (struct sc_image_plan *)(at + RO_MAIN);
	struct sc_image_slot *slots = (struct sc_image_slot *)(plan + 1);

	plan->slot_count = 2;
	plan->targets_offset = sizeof(*plan);
	plan->slots_offset = sizeof(*plan);
	plan->captures_offset = sizeof(*plan);
	slots[0] = (struct sc_image_slot){ .offset = 0x4018, .module = 1, .target = 0, .flags = SC_IMAGE_SLOT_LAZY };
	slots[1] = (struct sc_image_slot){ .offset = 0x4020, .module = 1, .target = 1 };
}

/* libc: open with a frame stub, its path recorded, read with a tail stub, _exit without a stub; no slot. */
static void put_libc_plan(unsigned char *at)
{
	struct sc_image_plan *plan = (struct sc_image_plan *)(at + RO_LIBC);
	struct sc_image_target *targets = (struct sc_image_target *)(plan + 1);
	struct sc_image_capture *captures = (struct sc_image_capture *)(targets + 3);
	struct sc_capture *open = (struct sc_capture *)(at + RO_LIBC + CAPTURE);

	plan->target_count = 3;
	plan->targets_offset = sizeof(*plan);
	plan->slots_offset = sizeof(*plan) + 3 * sizeof(*targets);
	plan->code_offset = RX;
	plan->words_offset = RW;
	plan->captures_offset = plan->slots_offset;
	plan->capture_count = 1;
	captures[0] = (struct sc_image_capture){ .target = 0, .offset = CAPTURE,
						 .size = sizeof(*open) + sizeof(open->items[0]) };
	*open = (struct sc_capture){ .general = 3, .returns = SC_RETURN_RAX, .item_count = 1 };
	open->items[0] = (struct sc_capture_item){ .kind = SC_CAPTURE_STRING, .when = SC_CAPTURE_ENTER };
	targets[0] = (struct sc_image_target){ .value = 0x1000, .name = string_of("open"),
					       .symbol_version = string_of("GLIBC_2.2.5"), .code = FRAME_CODE,
					       .word = RW, .kind = SC_IMAGE_FRAME };
	targets[1] = (struct sc_image_target){ .value = 0x2000, .name = string_of("read"), .code = TAIL_CODE,
					       .word = RW + 8, .kind = SC_IMAGE_TAIL,
					       .flags = SC_IMAGE_TARGET_IFUNC };
	targets[2] = (struct sc_image_target){ .value = 0x3000, .name = string_of("_exit"), .kind = SC_IMAGE_DIRECT };
}

static struct sc_image_header *header_of(unsigned char *at)
{
	return (struct sc_image_header *)(at + SC_IMAGE_HEADER_OFFSET);
}

static unsigned char *valid_image(void)
{
	unsigned char *at = calloc(1, FILE_SIZE);
	struct sc_image_header *header;

	ck_assert_ptr_nonnull(at);
	header = header_of(at);
	*header = (struct sc_image_header){
		.version = SC_IMAGE_VERSION, .header_size = sizeof(*header), .file_size = FILE_SIZE,
		.load_size = LOAD, .rx_offset = RX, .rw_offset = RW, .page_size = PAGE, .stub_count = 3,
		.modules_offset = MODULES, .module_count = 2, .portions_offset = PORTIONS,
		.portion_count = PORTION_COUNT, .components_offset = COMPONENTS, .component_count = 2,
		.strings_offset = STRINGS, .strings_size = sizeof(strings), .slot_count = 2, .startup_modules = 2,
	};
	memcpy(header->magic, SC_IMAGE_MAGIC, sizeof(header->magic));
	memcpy(at + STRINGS, strings, sizeof(strings));
	put_module(at, 0, "main", 0, 1);
	put_module(at, 1, "libc.so.6", 1, 4);
	put_portion(at, 0, 0, SC_IMAGE_RO, RO_MAIN, 80);
	put_portion(at, 1, 1, SC_IMAGE_RO, RO_LIBC, 192);
	put_portion(at, 2, 1, SC_IMAGE_RX, RX, 1024);
	put_portion(at, 3, 1, SC_IMAGE_RW, RW, 16);
	put_portion(at, 4, 1, SC_IMAGE_RW, RW + 16, 16);
	((struct sc_image_portion *)(at + PORTIONS))[4].client = 1;
	for (unsigned i = 0; i < 2; i++)
		((struct sc_image_component *)(at + COMPONENTS))[i].kind = SC_IMAGE_MODULE;
	put_main_plan(at);
	put_libc_plan(at);
	return at;
}

/* Uses everything an accepted image offers, as the preload would. */
static uint64_t walk(const struct sc_image *image)
{
	const struct sc_image_header *header = image->header;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < header->component_count; i++)
		sum += strlen(sc_image_string(image, image->components[i].name)) + image->components[i].digest[15];
	for (uint32_t i = 0; i < header->portion_count; i++)
		for (uint32_t j = 0; j < image->portions[i].size; j++)
			sum += image->base[image->portions[i].offset + j];
	for (uint32_t i = 0; i < header->module_count; i++) {
		const struct sc_image_plan *plan = sc_image_plan(image, i);

		sum += strlen(sc_image_string(image, image->modules[i].name));
		for (uint32_t j = 0; plan && j < plan->target_count; j++) {
			const struct sc_image_target *target = &sc_image_targets(plan)[j];

			sum += strlen(sc_image_string(image, target->name));
			sum += strlen(sc_image_string(image, target->symbol_version));
			for (uint32_t k = 0; k < sc_image_stub_size(target->kind); k++)
				sum += image->base[target->code + k];
			if (target->word)
				sum += *(const uint64_t *)(image->base + target->word);
		}
		for (uint32_t j = 0; plan && j < plan->slot_count; j++) {
			const struct sc_image_slot *slot = &sc_image_slots(plan)[j];

			sum += sc_image_targets(sc_image_plan(image, slot->module))[slot->target].value;
		}
	}
	for (uint32_t i = 0; i < header->stub_count && i < 64; i++) {
		const struct sc_image_target *target;
		uint32_t module;

		if (sc_image_stub(image, i, &module, &target))
			sum += target->value + module;
	}
	return sum;
}

static volatile uint64_t walked; /* keeps the reads of walk() from being optimised away */

/* Opens a copy that ends at an unreadable page, and walks what was accepted. */
static int open_guarded(const unsigned char *bytes, size_t size, const char **why)
{
	size_t room = (size + PAGE - 1) / PAGE * PAGE;
	/* The contract wants 8-byte alignment, so up to seven bytes stay between the end and the guard. */
	size_t at = (room - size) & ~(size_t)7;
	unsigned char *map = mmap(NULL, room + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sc_image image;
	int r;

	ck_assert_ptr_ne(map, MAP_FAILED);
	ck_assert_int_eq(mprotect(map + room, PAGE, PROT_NONE), 0);
	memcpy(map + at, bytes, size);
	r = sc_image_open(&image, map + at, size, why);
	if (r == 0)
		walked += walk(&image);
	munmap(map, room + PAGE);
	return r;
}

START_TEST(code_of_clients_among_stubs_is_refused)
{
	static const uint32_t offsets[] = { RX, RX + 1024 }; /* before the stubs; on their page */
	unsigned char *bytes = valid_image();
	struct sc_image_portion *portion = (struct sc_image_portion *)(bytes + PORTIONS) + 4;
	const char *why = "";

	portion->section = SC_IMAGE_RX;
	portion->offset = offsets[_i];
	ck_assert_int_eq(open_guarded(bytes, FILE_SIZE, &why), -EINVAL);
	ck_assert_str_eq(why, "client-code");
	free(bytes);
}
END_TEST

START_TEST(a_valid_image_opens_and_names_its_stubs)
{
	unsigned char *bytes = valid_image();
	const struct sc_image_target *target;
	struct sc_image image;
	const char *why = NULL;
	uint32_t module;

	ck_assert_int_eq(sc_image_open(&image, bytes, FILE_SIZE, &why), 0);
	ck_assert_int_eq(sc_image_open(&image, bytes, LOAD, &why), 0);
	ck_assert(sc_image_stub(&image, 1, &module, &target));
	ck_assert_uint_eq(module, 1);
	ck_assert_str_eq(sc_image_string(&image, target->name), "read");
	ck_assert(sc_image_stub(&image, 2, &module, &target));
	ck_assert_uint_eq(target->kind, SC_IMAGE_DIRECT);
	ck_assert(!sc_image_stub(&image, 3, &module, &target));
	ck_assert_uint_eq(sc_image_plan(&image, 0)->slot_count, 2);
	ck_assert_ptr_null(sc_image_find_portion(&image, 0, 0, SC_IMAGE_RX));
	ck_assert_uint_eq(sc_image_find_portion(&image, 1, 1, SC_IMAGE_RW)->offset, RW + 16);
	free(bytes);
}
END_TEST

START_TEST(an_image_truncated_anywhere_is_refused_or_complete)
{
	unsigned char *bytes = valid_image();

	for (size_t size = 0; size <= FILE_SIZE; size++) {
		const char *why = NULL;
		int r = open_guarded(bytes, size, &why);

		ck_assert_int_eq(r, size < LOAD ? -EINVAL : 0);
		ck_assert_int_eq(r != 0, why != NULL);
	}
	free(bytes);
}
END_TEST

START_TEST(a_flipped_bit_never_leads_out_of_bounds)
{
	unsigned char *bytes = valid_image();

	for (size_t bit = SC_IMAGE_HEADER_OFFSET * 8; bit < (RO_LIBC + 128) * 8; bit++) {
		const char *why;

		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		open_guarded(bytes, LOAD, &why);
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	free(bytes);
}
END_TEST

START_TEST(an_extreme_number_anywhere_never_leads_out_of_bounds)
{
	static const uint32_t extremes[] = { 0, 1, 2, 3, 7, 8, 16, PAGE - 1, PAGE, RX - 1, RX, RW, LOAD - 1, LOAD, LOAD + 1,
					     0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
	unsigned char *bytes = valid_image();

	for (size_t at = SC_IMAGE_HEADER_OFFSET; at < RO_LIBC + 128; at += 4) {
		for (size_t i = 0; i < sizeof(extremes) / sizeof(*extremes); i++) {
			const char *why;
			uint32_t saved;

			memcpy(&saved, bytes + at, 4);
			memcpy(bytes + at, &extremes[i], 4);
			open_guarded(bytes, LOAD, &why);
			memcpy(bytes + at, &saved, 4);
		}
	}
	free(bytes);
}
END_TEST

START_TEST(a_refused_image_leaves_the_output_alone)
{
	unsigned char *bytes = valid_image();
	struct sc_image image, before;
	const char *why;

	memset(&image, 0xa5, sizeof(image));
	before = image;
	header_of(bytes)->version++;
	ck_assert_int_eq(sc_image_open(&image, bytes, LOAD, &why), -EINVAL);
	ck_assert_mem_eq(&image, &before, sizeof(image));
	free(bytes);
}
END_TEST

/* What is wrong, where, and the word it must be called by. */
static const struct damage {
	size_t offset;
	uint32_t value;
	const char *why;
} damages[] = {
#define HEADER(field) (SC_IMAGE_HEADER_OFFSET + offsetof(struct sc_image_header, field))
#define MODULE(i, field) (MODULES + (i) * sizeof(struct sc_image_module) + offsetof(struct sc_image_module, field))
#define PORTION(i, field) (PORTIONS + (i) * sizeof(struct sc_image_portion) + offsetof(struct sc_image_portion, field))
#define COMPONENT(i, field) (COMPONENTS + (i) * sizeof(struct sc_image_component) + offsetof(struct sc_image_component, field))
#define PLAN(at, field) ((at) + offsetof(struct sc_image_plan, field))
#define TARGET(i, field) \
	(RO_LIBC + sizeof(struct sc_image_plan) + (i) * sizeof(struct sc_image_target) + offsetof(struct sc_image_target, field))
#define SLOT(i, field) \
	(RO_MAIN + sizeof(struct sc_image_plan) + (i) * sizeof(struct sc_image_slot) + offsetof(struct sc_image_slot, field))
	{ HEADER(magic), 0, "magic" },
	{ HEADER(version), 3, "version" },
	{ HEADER(header_size), 16, "version" },
	{ HEADER(page_size), 0, "segments" },
	{ HEADER(page_size), 4097, "segments" },
	{ HEADER(rx_offset), RX + 8, "segments" },
	{ HEADER(rx_offset), 3 * PAGE, "segments" },
	{ HEADER(rw_offset), 0, "segments" },
	{ HEADER(load_size), LOAD + 1, "segments" },
	{ HEADER(file_size), LOAD - 1, "segments" },
	{ HEADER(strings_size), 0, "strings" },
	{ HEADER(strings_size), sizeof(strings) - 1, "strings" }, /* no terminator */
	{ HEADER(strings_offset), STRINGS + 1, "strings" },	  /* offset 0 is not "" */
	{ HEADER(module_count), 1u << 30, "modules" },
	{ HEADER(modules_offset), MODULES + 2, "modules" },
	{ HEADER(modules_offset), 0, "modules" }, /* would overlap the ELF header */
	{ HEADER(startup_modules), 3, "modules" },
	{ MODULE(1, name), sizeof(strings), "modules" },
	{ MODULE(1, first_portion), 0xffffffff, "modules" },
	{ MODULE(1, portion_count), 5, "modules" },
	{ MODULE(1, portion_count), 3, "portions" }, /* one portion belongs to nobody */
	{ MODULE(0, first_portion), 1, "portions" }, /* another module's portion */
	{ HEADER(portions_offset), RX, "portions" },
	{ PORTION(0, section), 4, "portions" },
	{ PORTION(0, offset), RO_MAIN + 8, "portions" },
	{ PORTION(0, size), RX, "portions" },
	{ PORTION(2, offset), RW, "portions" },
	{ PORTION(3, offset), LOAD + 16, "portions" },
	{ PORTION(1, module), 2, "portions" },
	{ PORTION(1, module), 0, "portions" },
	{ HEADER(component_count), 1000, "components" },
	{ COMPONENT(1, name), sizeof(strings), "components" },
	{ PORTION(0, size), 16, "plan" },
	{ PLAN(RO_LIBC, target_count), 4, "plan" },
	{ PLAN(RO_LIBC, targets_offset), 36, "plan" },
	{ PLAN(RO_LIBC, targets_offset), 0, "plan" },
	{ PLAN(RO_LIBC, first_index), 1, "plan" },
	{ PLAN(RO_LIBC, first_index), 0xffffffff, "plan" },
	{ PLAN(RO_LIBC, code_offset), RX - 1, "plan" },
	{ PLAN(RO_LIBC, words_offset), LOAD + 1, "plan" },
	{ PLAN(RO_MAIN, slot_count), 1, "plan" },
	{ HEADER(slot_count), 3, "plan" },
	{ TARGET(0, name), sizeof(strings), "targets" },
	{ TARGET(0, symbol_version), sizeof(strings), "targets" },
	{ TARGET(0, kind), 9, "targets" },
	{ TARGET(0, code), RX + 16, "targets" }, /* not at the start of a stub */
	{ TARGET(1, code), RW, "targets" },
	{ TARGET(1, word), LOAD, "targets" },
	{ TARGET(1, word), RW + 4, "targets" },
	{ TARGET(2, word), RW, "targets" },
	{ SLOT(0, module), 2, "slots" },
	{ SLOT(0, module), 0, "slots" },
	{ SLOT(1, target), 3, "slots" },
#define CAPTURES(field) (RO_LIBC + 136 + offsetof(struct sc_image_capture, field))
	{ PLAN(RO_LIBC, captures_offset), 8, "plan" },
	{ PLAN(RO_LIBC, capture_count), 5, "plan" },
	{ CAPTURES(target), 3, "captures" },
	{ CAPTURES(offset), CAPTURE + 4, "captures" },
	{ CAPTURES(size), 48, "captures" },
	{ CAPTURES(size), 31, "captures" },
	{ RO_LIBC + CAPTURE, 7, "captures" },
	{ RO_LIBC + CAPTURE + sizeof(struct sc_capture), 99, "captures" }, /* no such kind of item */
};

START_TEST(damage_is_called_by_its_stable_word)
{
	const struct damage *damage = &damages[_i];
	unsigned char *bytes = valid_image();
	const char *why = "(accepted)";

	memcpy(bytes + damage->offset, &damage->value, sizeof(damage->value));
	open_guarded(bytes, LOAD, &why);
	ck_assert_msg(!strcmp(why, damage->why), "offset %zu value %u: %s, not %s", damage->offset, damage->value, why,
		      damage->why);
	free(bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("image");
	TCase *tests = tcase_create("reader");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, a_valid_image_opens_and_names_its_stubs);
	tcase_add_loop_test(tests, code_of_clients_among_stubs_is_refused, 0, 2);
	tcase_add_test(tests, an_image_truncated_anywhere_is_refused_or_complete);
	tcase_add_test(tests, a_flipped_bit_never_leads_out_of_bounds);
	tcase_add_test(tests, an_extreme_number_anywhere_never_leads_out_of_bounds);
	tcase_add_test(tests, a_refused_image_leaves_the_output_alone);
	tcase_add_loop_test(tests, damage_is_called_by_its_stable_word, 0, sizeof(damages) / sizeof(*damages));
	tcase_set_timeout(tests, 120);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
