/* SPDX-License-Identifier: MIT */
/*
 * Tries what include/dr_api.h offers, in dr_client_main, in the callbacks and at the end, and prints what is not as
 * promised, or "helpers right". argv[1] is a directory to work in.
 */
#include "dr_api.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *directory;
static client_id_t me;
static unsigned wrong, events;

#define expect(condition)                                                                                              \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			dr_fprintf(STDERR, "wrong: line %d: %s\n", __LINE__, #condition);                              \
			wrong++;                                                                                       \
		}                                                                                                      \
	} while (0)

static void try_snprintf(void)
{
	char buf[8];

	memset(buf, 'x', sizeof(buf));
	expect(dr_snprintf(buf, 4, "%s", "abc") == 3 && strcmp(buf, "abc") == 0);
	memset(buf, 'x', sizeof(buf));
	expect(dr_snprintf(buf, 4, "%s", "abcd") == 4 && memcmp(buf, "abcdx", 5) == 0);
	memset(buf, 'x', sizeof(buf));
	expect(dr_snprintf(buf, 4, "%s", "abcdef") == -1 && memcmp(buf, "abcdx", 5) == 0);
	expect(dr_snprintf(buf, sizeof(buf), "%d %x", -7, 0x2a) == 5 && strcmp(buf, "-7 2a") == 0);
	expect(dr_snprintf(NULL, 0, "%s", "") == 0);
	expect(dr_snprintf(NULL, 0, "%s", "a") == -1);
	expect(dr_snprintf(buf, sizeof(buf), UINT64_FORMAT_STRING, (uint64)1 << 20) == 7);
	expect(dr_snprintf(buf, sizeof(buf), PFX, (void *)buf) == -1);
	expect(dr_snprintf(buf, sizeof(buf), SZFMT " " SSZFMT, (size_t)12, (ssize_t)-3) == 5);
	expect(dr_snprintf(buf, sizeof(buf), PIFX, (ptr_uint_t)0xabc) == 5 && strcmp(buf, "0xabc") == 0);
}

static const char *path_of(const char *name)
{
	static char path[MAXIMUM_PATH];

	dr_snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void try_files(void)
{
	char buf[16];
	file_t f = dr_open_file(path_of("file"), DR_FILE_WRITE_REQUIRE_NEW);

	expect(f > 100 && dr_write_file(f, "12345", 5) == 5);
	expect(dr_open_file(path_of("file"), DR_FILE_WRITE_REQUIRE_NEW) == INVALID_FILE);
	dr_flush_file(f);
	dr_close_file(f);
	f = dr_open_file(path_of("file"), DR_FILE_WRITE_APPEND);
	expect(dr_fprintf(f, "%d", 67) == 2);
	dr_close_file(f);
	f = dr_open_file(path_of("file"), DR_FILE_READ);
	expect(dr_read_file(f, buf, sizeof(buf)) == 7 && memcmp(buf, "1234567", 7) == 0);
	expect(dr_read_file(f, buf, sizeof(buf)) == 0);
	expect(dr_write_file(f, "x", 1) < 0);
	expect(fcntl(f, F_GETFD) & FD_CLOEXEC);
	dr_close_file(f);
	f = dr_open_file(path_of("file"), DR_FILE_WRITE_OVERWRITE | DR_FILE_ALLOW_LARGE);
	expect(dr_read_file(f, buf, sizeof(buf)) == 0);
	dr_close_file(f);
	f = dr_open_file(path_of("write only"), DR_FILE_WRITE_ONLY);
	expect(dr_write_file(f, "1", 1) == 1 && dr_read_file(f, buf, 1) == -EBADF);
	dr_close_file(f);
	expect(dr_open_file(path_of("write only"), DR_FILE_WRITE_ONLY | DR_FILE_WRITE_APPEND) == INVALID_FILE);
	expect(dr_open_file(path_of("file"), 0) == INVALID_FILE);
	expect(dr_open_file(path_of("file"), DR_FILE_WRITE_APPEND | DR_FILE_WRITE_OVERWRITE) == INVALID_FILE);
	expect(dr_open_file(path_of("none"), DR_FILE_READ) == INVALID_FILE);
	expect(dr_open_file(NULL, DR_FILE_READ) == INVALID_FILE);
	expect(dr_fprintf(INVALID_FILE, "x") == -1);
	expect(dr_read_file(INVALID_FILE, buf, 1) == -EBADF);
}

/* The file that is to be closed is, the other one is not. */
static void try_fork(void)
{
	file_t f = dr_open_file(path_of("kept"), DR_FILE_WRITE_OVERWRITE);
	file_t other = dr_open_file(path_of("closed"), DR_FILE_WRITE_OVERWRITE | DR_FILE_CLOSE_ON_FORK);
	int status = 1;

	expect(f != other);
	if (fork() == 0)
		_exit(dr_write_file(f, "1", 1) == 1 && dr_write_file(other, "1", 1) == -EBADF ? 0 : 1);
	wait(&status);
	expect(status == 0);
	dr_close_file(f);
	dr_close_file(other);
}

static void try_memory(void)
{
	static byte *pieces[200];

	expect(dr_global_alloc(0) == NULL);
	dr_global_free(NULL, 10);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 200; i++) {
			pieces[i] = dr_global_alloc(i * i + 1);
			expect(pieces[i] && (uintptr_t)pieces[i] % 16 == 0);
			memset(pieces[i], (int)i, i * i + 1);
		}
		for (size_t i = 0; i < 200; i++) {
			expect(pieces[i][0] == (byte)i && pieces[i][i * i] == (byte)i);
			dr_global_free(pieces[i], i * i + 1);
		}
	}
	expect(dr_global_alloc((size_t)1 << 62) == NULL);
}

static void try_all(void)
{
	errno = 12345;
	try_snprintf();
	try_memory();
	expect(errno == 12345);
}

static size_t size_none(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	(void)drcontext;
	(void)perscxt;
	(void)file_offs;
	(void)user_data;
	try_all();
	return 0;
}

static bool persist(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	(void)drcontext;
	(void)perscxt;
	(void)fd;
	(void)user_data;
	return false;
}

static bool resurrect(void *drcontext, void *perscxt, byte **map)
{
	(void)drcontext;
	(void)perscxt;
	(void)map;
	return false;
}

static void never(void)
{
	expect(!"an event that was unregistered");
}

static void last(void)
{
	events++;
	expect(events == 2);
	try_all();
	dr_printf(wrong ? "helpers wrong\n" : "helpers right\n");
}

static void first(void)
{
	events++;
	expect(events == 1);
	expect(!dr_unregister_exit_event(first)); /* it is running */
	expect(!dr_register_persist_ro(size_none, persist, resurrect)); /* the key says what is registered */
	try_fork();
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	me = id;
	directory = argc > 1 ? argv[1] : "/nowhere";
	expect(argv[argc] == NULL);
	expect(strcmp(dr_get_client_path(id), argv[0]) == 0);
	expect(dr_get_client_base(id) && (byte *)&me > dr_get_client_base(id));
	expect(!dr_get_client_base(id + 1) && !dr_get_client_path(0));
	expect(STDOUT > 0 && STDERR > 0);
	dr_register_exit_event(NULL);
	dr_register_exit_event(last);
	dr_register_exit_event(never);
	dr_register_exit_event(first);
	expect(dr_unregister_exit_event(never) && !dr_unregister_exit_event(never));
	expect(dr_register_persist_ro(size_none, persist, resurrect));
	expect(!dr_fragment_persistable(NULL, NULL, (void *)(uintptr_t)dr_client_main));
	try_all();
	try_files();
}
