/* SPDX-License-Identifier: MIT */
/*
 * Owns the comparison of this process's key with those of the images that the program has already. Called by start.c on
 * cold starts, where the time to open a few files does not matter; it reads them as untrusted, and uses nothing of
 * them but words for the user.
 */
#include "preload/miss.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "common/image.h"
#include "common/sys.h"
#include "preload/key.h"
#include "preload/modules.h"
#include "preload/reason.h"
#include "preload/runtime.h"

#define LOOKS_MOST 32 /* images of the program that are compared */
#define NAMES_MOST 3  /* differences that are named */

struct difference {
	unsigned count;
	char text[160]; /* the first few, joined */
};

struct search {
	const struct sc_engine_component *components;
	uint32_t count;
	unsigned looks;
	struct difference nearest;
	bool found;
};

static void note(struct difference *difference, const char *name, const char *what)
{
	size_t used = strlen(difference->text);

	if (difference->count < NAMES_MOST)
		snprintf(difference->text + used, sizeof(difference->text) - used, "%s%s %s", used ? ", " : "", name,
			 what);
	else if (difference->count == NAMES_MOST)
		snprintf(difference->text + used, sizeof(difference->text) - used, " and more");
	difference->count++;
}

static bool same_digest(const struct sc_engine_component *ours, const struct sc_image_component *theirs)
{
	return memcmp(ours->digest, theirs->digest, sizeof(ours->digest)) == 0;
}

static bool is_preload(const struct sc_engine_component *component)
{
	return memcmp(component->digest, sc_modules_self()->identity, sizeof(component->digest)) == 0;
}

/* The image's component of this kind and name, or NULL. */
static const struct sc_image_component *find(const struct sc_image *image, uint32_t kind, const char *name)
{
	for (uint32_t i = 0; i < image->header->component_count; i++) {
		const struct sc_image_component *component = &image->components[i];

		if (component->kind == kind && strcmp(sc_image_string(image, component->name), name) == 0)
			return component;
	}
	return NULL;
}

static bool have(const struct search *search, const struct sc_image *image, const struct sc_image_component *theirs)
{
	for (uint32_t i = 0; i < search->count; i++)
		if (search->components[i].kind == theirs->kind &&
		    strcmp(search->components[i].name, sc_image_string(image, theirs->name)) == 0)
			return true;
	return false;
}

static void compare(const struct search *search, const struct sc_image *image, struct difference *out)
{
	*out = (struct difference){ 0 };
	for (uint32_t i = 0; i < search->count; i++) {
		const struct sc_engine_component *ours = &search->components[i];
		const struct sc_image_component *theirs = find(image, ours->kind, ours->name);

		if (ours->kind == SC_IMAGE_MODULE && is_preload(ours))
			continue; /* it has a component of its own */
		if (!theirs)
			note(out, ours->name, "is new");
		else if (!same_digest(ours, theirs))
			note(out, ours->name, ours->kind == SC_IMAGE_RULES ? "differ" : "changed");
	}
	for (uint32_t i = 0; i < image->header->component_count; i++)
		if (!have(search, image, &image->components[i]))
			note(out, sc_image_string(image, image->components[i].name), "is gone");
	if (out->count == 0)
		note(out, "the order of libraries", "changed");
}

static void look_at(struct search *search, const char *name)
{
	struct difference difference;
	struct sc_store_file file;
	struct sc_image image;
	const char *why;
	void *data;
	int error;

	if (sc_store_lookup(&sc_runtime.store, name, &file, &error) != SC_STORE_OK)
		return;
	data = sc_sys_mmap(NULL, file.size, PROT_READ, MAP_PRIVATE, file.fd, 0);
	sc_sys_close(file.fd);
	if (data == MAP_FAILED)
		return;
	if (sc_store_checksum_ok(data, file.size) && sc_image_open(&image, data, file.size, &why) == 0) {
		compare(search, &image, &difference);
		if (!search->found || difference.count < search->nearest.count)
			search->nearest = difference;
		search->found = true;
	}
	sc_sys_munmap(data, file.size);
}

/* Images of this program: all but the key's 32 digits and the suffix of the file name agrees. */
static bool visit(void *user, const char *name, const struct stat *stat)
{
	struct search *search = user;
	const char *ours = sc_runtime.key.file;
	size_t prefix = strlen(ours) - 32 - (sizeof(SC_STORE_SUFFIX) - 1);
	(void)stat;

	if (strlen(name) != strlen(ours) || strncmp(name, ours, prefix) != 0 || strcmp(name, ours) == 0)
		return true;
	look_at(search, name);
	return ++search->looks < LOOKS_MOST;
}

void sc_miss_explain(void)
{
	struct search search = { 0 };
	int error;

	search.components = sc_key_components(&sc_runtime.key, &search.count);
	sc_store_list(&sc_runtime.store, false, visit, &search, &error);
	if (!search.found)
		sc_store_list(&sc_runtime.store, true, visit, &search, &error);
	if (search.found)
		sc_reason(SC_LOG_DEBUG, "no image for this program with these libraries and rules: %s",
			  search.nearest.text);
	else
		sc_reason(SC_LOG_DEBUG, "no image for this program");
}
