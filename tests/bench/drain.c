/* SPDX-License-Identifier: MIT */
/*
 * drain DIRECTORY: a reader of events that keeps up, so that the process under measurement writes to memory that is used
 * again and again, as under stubcache run. It looks at nothing: whatever chunk its thread has left is emptied at once.
 * Waits for a record, and ends when the file DIRECTORY/done is there. Started by rows.py beside calls.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/event.h"

#define ROOM ((size_t)2 << 30)
#define FIRST ((sizeof(struct sc_record_header) + 63) & ~(size_t)63)

static bool find_record(const char *directory, char *path, size_t size)
{
	DIR *list = opendir(directory);
	struct dirent *entry;
	bool found = false;

	while (list && !found && (entry = readdir(list))) {
		size_t length = strlen(entry->d_name);

		found = length > 7 && !strcmp(entry->d_name + length - 7, SC_RECORD_SUFFIX);
		if (found)
			snprintf(path, size, "%s/%s", directory, entry->d_name);
	}
	if (list)
		closedir(list);
	return found;
}

static void pause_for(long ns)
{
	struct timespec wait = { 0, ns };

	nanosleep(&wait, NULL);
}

/* Chunks of the only thread that writes events: all but the one with the highest sequence. */
static void drain(char *base, size_t size)
{
	uint32_t last = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t at = FIRST; at + sizeof(struct sc_record_events) <= size;) {
			struct sc_record_events *chunk = (struct sc_record_events *)(base + at);
			uint32_t sequence = __atomic_load_n(&chunk->sequence, __ATOMIC_ACQUIRE);

			if (chunk->chunk.magic != SC_RECORD_CHUNK_MAGIC || chunk->chunk.size < 64)
				break;
			at += chunk->chunk.size;
			if (chunk->chunk.kind != SC_RECORD_EVENTS || at > size)
				continue;
			if (pass == 0 && sequence > last)
				last = sequence;
			if (pass == 0 || sequence >= last || chunk->drained == sequence || chunk->used == 0)
				continue;
			memset(chunk + 1, 0, chunk->chunk.size - sizeof(*chunk));
			chunk->used = 0;
			__atomic_store_n(&chunk->drained, sequence, __ATOMIC_RELEASE);
			__atomic_fetch_add(&((struct sc_record_header *)base)->events_drained, 1, __ATOMIC_RELEASE);
		}
	}
}

int main(int argc, char **argv)
{
	char path[PATH_MAX], done[PATH_MAX];
	struct stat stat_;
	char *base;
	int fd;

	if (argc != 2)
		return 2;
	snprintf(done, sizeof(done), "%s/done", argv[1]);
	while (!find_record(argv[1], path, sizeof(path)))
		pause_for(1000000);
	fd = open(path, O_RDWR);
	base = fd < 0 ? MAP_FAILED : mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return 1;
	while (access(done, F_OK)) {
		if (fstat(fd, &stat_) == 0)
			drain(base, (size_t)stat_.st_size);
		pause_for(50000);
	}
	return 0;
}
