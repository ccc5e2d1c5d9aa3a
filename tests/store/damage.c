/* SPDX-License-Identifier: MIT */
/*
 * A real image, cut off at every length and with every bit flipped: the checksum notices each, and the reader behind
 * it, given the same bytes without a checksum, stays within them. Then some of each in front of a real process: it
 * regenerates, says so, and is not harmed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/image.h"
#include "store_fixture.h"
#include "victim.h"

enum { CUTS = 250, SHORT = 80, FLIPS = 500 };

static unsigned wrong;

static void complain(const char *what, size_t at, const char *more)
{
	printf("wrong: %s %zu: %s\n", what, at, more);
	wrong++;
}

/* size bytes before a page that cannot be touched; 8-byte aligned, so up to seven bytes may stay free. */
static unsigned char *before_nothing(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) & -page;
	unsigned char *at = mmap(NULL, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED || mprotect(at + whole, page, PROT_NONE) < 0) {
		perror("mmap");
		exit(99);
	}
	return at + whole - ((size + 7) & ~(size_t)7);
}

static void release(unsigned char *at, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) & -page;

	munmap((void *)((uintptr_t)at & -page), whole + page);
}

static size_t walk_string(const struct sc_image *image, uint32_t offset)
{
	return strlen(sc_image_string(image, offset));
}

/* Follows all that an image that was accepted leads to. */
static size_t walk(const struct sc_image *image)
{
	size_t sum = 0;

	for (uint32_t m = 0; m < image->header->module_count; m++) {
		const struct sc_image_plan *plan = sc_image_plan(image, m);

		sum += walk_string(image, image->modules[m].name);
		for (uint32_t i = 0; plan && i < plan->target_count; i++) {
			const struct sc_image_target *target = &sc_image_targets(plan)[i];

			sum += walk_string(image, target->name) + walk_string(image, target->symbol_version);
			if (target->kind != SC_IMAGE_DIRECT)
				sum += image->base[target->code] + image->base[target->word];
		}
		for (uint32_t i = 0; plan && i < plan->slot_count; i++) {
			const struct sc_image_slot *slot = &sc_image_slots(plan)[i];
			const struct sc_image_plan *definer = sc_image_plan(image, slot->module);

			sum += sc_image_targets(definer)[slot->target].kind;
		}
	}
	for (uint32_t i = 0; i < image->header->component_count; i++)
		sum += walk_string(image, image->components[i].name);
	return sum;
}

static volatile size_t walked; /* or the compiler would not walk */

static bool readable(const unsigned char *data, size_t size)
{
	struct sc_image image;
	const char *why;

	if (sc_image_open(&image, data, size, &why) < 0)
		return false;
	walked += walk(&image);
	return true;
}

static void cut_everywhere(const unsigned char *data, size_t size)
{
	for (size_t length = 0; length < size; length++) {
		unsigned char *at = before_nothing(length);

		memcpy(at, data, length);
		if (sc_store_checksum_ok(at, length))
			complain("checksum accepts a length of", length, "");
		readable(at, length);
		release(at, length);
	}
}

static void flip_everywhere(const unsigned char *data, size_t size)
{
	unsigned char *at = before_nothing(size);
	size_t read = 0;

	memcpy(at, data, size);
	if (!sc_store_checksum_ok(at, size) || !readable(at, size))
		complain("an image is refused, of size", size, "");
	for (size_t bit = 0; bit < size * 8; bit++) {
		at[bit / 8] ^= (unsigned char)(1u << bit % 8);
		if (sc_store_checksum_ok(at, size))
			complain("checksum accepts another bit", bit, "");
		read += readable(at, size);
		at[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	printf("%zu lengths and %zu bits: none has the checksum; without it the reader accepts %zu bits\n", size,
	       size * 8, read);
	release(at, size);
}

/* Starts in front of a damaged image, and again. */
static void face(const char *path, const unsigned char *data, size_t size, const char *what, size_t at)
{
	const char *reason = size < SC_STORE_FILE_LEAST ? "cache-file-size" : "image rejected: checksum";
	struct victim_end end;

	victim_write(path, data, size);
	victim_start(&end);
	if (!end.unharmed)
		complain(what, at, "the host was harmed");
	if (strcmp(end.state, "cold") != 0 || !strstr(end.reason, reason))
		complain(what, at, end.reason[0] ? end.reason : end.state);
	if (!victim_image_good())
		complain(what, at, "not regenerated");
}

static void start_damaged(const char *path, const unsigned char *data, size_t size)
{
	unsigned char *copy = malloc(size);

	if (!copy)
		exit(99);
	for (size_t i = 0; i < CUTS; i++) {
		/* All short ones, then some up to the last. */
		size_t length = i < SHORT ? i : SHORT + (i - SHORT) * (size - 1 - SHORT) / (CUTS - 1 - SHORT);

		face(path, data, length, "cut off at", length);
	}
	memcpy(copy, data, size);
	for (size_t i = 0; i < FLIPS; i++) {
		size_t bit = i * (size * 8 - 1) / (FLIPS - 1);

		copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
		face(path, copy, size, "flipped bit", bit);
		copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	free(copy);
}

int main(void)
{
	struct victim_end end;
	unsigned char *data;
	const char *path;
	size_t size;

	victim_make(fixture_make());
	victim_start(&end);
	path = victim_image();
	if (!end.unharmed || !path) {
		printf("no image: %s: %s\n", end.state, end.reason);
		return 99;
	}
	data = victim_read(path, &size);
	cut_everywhere(data, size);
	flip_everywhere(data, size);
	start_damaged(path, data, size);
	printf("%d starts with a damaged image, all regenerated\n", CUTS + FLIPS);
	free(data);
	fixture_remove();
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
