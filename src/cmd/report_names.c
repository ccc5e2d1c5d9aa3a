/* SPDX-License-Identifier: MIT */
/*
 * Owns the images beside the records while a report is made: each is read once, checked as the
 * preload checks it, and gives indexes their names. Called by report_gather.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report.h"
#include "common/hash.h"
#include "common/store.h"
#include "common/sys.h"

/* The bytes of images/<hex id>.so if they are that image. */
static void *read_image(int directory, const uint8_t id[16], struct sc_image *image)
{
	char name[33 + sizeof(SC_STORE_SUFFIX)];
	struct sc_hash128 hash;
	struct stat stat;
	const char *why;
	void *data = NULL;
	int fd;

	memcpy(hash.bytes, id, sizeof(hash.bytes));
	sc_hash128_hex(&hash, name);
	strcat(name, SC_STORE_SUFFIX);
	fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && (uint64_t)stat.st_size <= SC_STORE_FILE_MOST)
		data = malloc((size_t)stat.st_size + 1);
	if (data && (sc_sys_pread_full(fd, data, (size_t)stat.st_size, 0) ||
		     !sc_store_checksum_ok(data, (size_t)stat.st_size) ||
		     sc_image_open(image, data, (size_t)stat.st_size, &why) || memcmp(image->header->id, id, 16))) {
		free(data);
		data = NULL;
	}
	close(fd);
	return data;
}

void sc_names_open(struct sc_named_images *images, int directory)
{
	*images = (struct sc_named_images){ .directory = openat(directory, "images", O_PATH | O_DIRECTORY | O_CLOEXEC) };
}

struct sc_named_image *sc_names_get(struct sc_named_images *images, const uint8_t id[16])
{
	struct sc_named_image *named;

	for (named = images->first; named; named = named->next)
		if (!memcmp(named->id, id, 16))
			return named;
	named = calloc(1, sizeof(*named));
	if (!named)
		return NULL;
	memcpy(named->id, id, 16);
	named->data = read_image(images->directory, id, &named->image);
	if (named->data) {
		named->rows = calloc((size_t)named->image.header->stub_count + 1, sizeof(*named->rows));
		if (!named->rows) {
			free(named->data);
			free(named);
			return NULL;
		}
	} else {
		images->unreadable++;
	}
	named->next = images->first;
	images->first = named;
	return named;
}

void sc_names_close(struct sc_named_images *images)
{
	while (images->first) {
		struct sc_named_image *next = images->first->next;

		free(images->first->rows);
		free(images->first->data);
		free(images->first);
		images->first = next;
	}
	if (images->directory >= 0)
		close(images->directory);
	images->directory = -1;
}
