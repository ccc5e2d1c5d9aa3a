/* SPDX-License-Identifier: MIT */
/*
 * 500 processes go at one moment: they start, merge and evict in one directory, with several sets of rules, two
 * versions of us, a system layer, and a limit that few of their images fit in. All do what they do without us; whoever
 * looks meanwhile sees no image that is not whole; in the end there is what the limit allows, good, and nothing else.
 * Images and a temporary of a time to come, as a clock leaves that was set back, are in the way of nobody.
 * STUBCACHE_CROWD: another number of processes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/image.h"
#include "store_fixture.h"
#include "victim.h"

enum { CROWD = 500, MOST = 5000, RULES = 5, LIMIT = 60000, YEAR = 365 * 86400, RIGHT = 7, FUTURE_SIZE = 10000 };

static const char *base;
static char system_layer[PATH_MAX], other_version[PATH_MAX];
static int gate[2], finish[2];
static pid_t members[MOST];
static unsigned wrong;

static void must(bool done, const char *what)
{
	if (done)
		return;
	perror(what);
	exit(99);
}

static void complain(const char *what, const char *which)
{
	printf("wrong: %s: %s\n", what, which);
	wrong++;
}

static const char *out_path(unsigned number)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/out.%u", base, number);
	return path;
}

/* A library with another build-id and an engine of its own beside it: another version, as far as keys go. */
static void make_other_version(void)
{
	const char *library = getenv("LIBSTUBCACHE"), *slash = library ? strrchr(library, '/') : NULL;
	unsigned char *data, *note = NULL;
	char engine[PATH_MAX];
	size_t size;

	must(slash && mkdir(fixture_path(base, "other"), 0755) == 0, "LIBSTUBCACHE");
	snprintf(other_version, sizeof(other_version), "%s/other/libstubcache.so", base);
	data = victim_read(library, &size);
	for (size_t at = 0; at + 16 < size && !note; at++)
		if (memcmp(data + at, "\x14\0\0\0\x03\0\0\0GNU", 12) == 0)
			note = data + at + 12;
	must(note != NULL, "no build-id");
	note[0] ^= 0xff;
	victim_write(other_version, data, size);
	free(data);
	snprintf(engine, sizeof(engine), "%.*s/libstubcache-engine.so", (int)(slash - library), library);
	data = victim_read(engine, &size);
	victim_write(fixture_path(base, "other/libstubcache-engine.so"), data, size);
	free(data);
}

/* What makes this member different. The first rules are those of the image in the system layer. */
static void become_member(unsigned number)
{
	static char preload[PATH_MAX + 32], rules[64], directory[PATH_MAX + 32], layer[PATH_MAX + 64];
	static char statistics[PATH_MAX + 32];
	char program[PATH_MAX];
	char *environment[] = { preload, rules, directory, layer, statistics, "STUBCACHE_LIMIT=60000",
				"STUBCACHE_LOG=quiet", NULL };
	char *arguments[] = { "small_host", number % 3 == 1 ? "load" : NULL, NULL };
	int out = open(out_path(number), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", number % 4 == 3 ? other_version : getenv("LIBSTUBCACHE"));
	snprintf(rules, sizeof(rules), "STUBCACHE=time=*%.*s", (int)(number / 4 % RULES), ";;;;;;;;");
	snprintf(statistics, sizeof(statistics), "STUBCACHE_STATS=%s", victim_statistics());
	snprintf(directory, sizeof(directory), "STUBCACHE_DIR=%s", victim_cache());
	snprintf(layer, sizeof(layer), "STUBCACHE_SYSTEM_DIR=%s", number % 2 ? "" : system_layer);
	snprintf(program, sizeof(program), "%s/tests/store/small_host", getenv("top_builddir"));
	if (out >= 0 && dup2(out, 1) >= 0 && dup2(open("/dev/null", O_RDWR), 2) >= 0)
		execve(program, arguments, environment);
	_exit(98);
}

static pid_t start_member(unsigned number)
{
	pid_t child = fork();
	char byte;

	must(child >= 0, "fork");
	if (child > 0)
		return child;
	close(gate[1]);
	if (read(gate[0], &byte, 1) != 0)
		_exit(98);
	close_range(3, ~0u, 0);
	become_member(number);
	return 0;
}

/* Whether what is in a directory under an image's name is whole. */
static void check_image(const char *directory, const char *name)
{
	const char *path = fixture_path(directory, name), *why = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct sc_image image;
	struct stat st;
	void *data;

	if (fd < 0 && errno == ENOENT)
		return; /* evicted meanwhile */
	must(fd >= 0 && fstat(fd, &st) == 0, path);
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	must(data != MAP_FAILED, path);
	if (strncmp(name, "future-", 7) != 0 && (!sc_store_checksum_ok(data, (size_t)st.st_size) ||
						  sc_image_open(&image, data, (size_t)st.st_size, &why) < 0))
		complain(path, why);
	munmap(data, (size_t)st.st_size);
}

/* A process that looks at all images, again and again, until the crowd has gone. */
static pid_t start_watcher(void)
{
	struct pollfd until = { .fd = finish[0] };
	pid_t child = fork();

	must(child >= 0, "fork");
	if (child > 0)
		return child;
	close(gate[1]);
	close(finish[1]);
	while (poll(&until, 1, 0) == 0)
		fixture_each(victim_cache(), "small_host-", check_image);
	_exit(wrong ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void make_future(void)
{
	static const char *const names[] = { "future-00000000000000000000000000000000.so",
					     "future-00000000000000000000000000000001.so",
					     "future-00000000000000000000000000000002.so",
					     SC_STORE_TEMPORARY "999999999-1" };
	static unsigned char data[FUTURE_SIZE];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = fixture_path(victim_cache(), names[i]);

		victim_write(path, data, sizeof(data));
		fixture_age(path, -YEAR);
	}
}

static uint64_t total;

static void add_size(const char *directory, const char *name)
{
	struct stat st;

	must(stat(fixture_path(directory, name), &st) == 0, name);
	total += (uint64_t)st.st_size;
	check_image(directory, name);
}

static void check_members(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char text[64] = "", said[64];
		int status, fd;

		must(waitpid(members[i], &status, 0) == members[i], "waitpid");
		fd = open(out_path(i), O_RDONLY | O_CLOEXEC);
		must(fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0, out_path(i));
		close(fd);
		if (WIFEXITED(status) && WEXITSTATUS(status) == RIGHT && strcmp(text, "unharmed\n") == 0)
			continue;
		snprintf(said, sizeof(said), "number %u, status %#x", i, (unsigned)status);
		complain("a host was harmed", said);
	}
}

static unsigned count_state(const char *statistics, const char *state)
{
	unsigned count = 0;
	char field[32];

	snprintf(field, sizeof(field), "\"state\":\"%s\"", state);
	for (const char *at = statistics; (at = strstr(at, field)); at++)
		count++;
	return count;
}

static void check_statistics(unsigned count)
{
	size_t size;
	char *text = (char *)victim_read(victim_statistics(), &size);
	unsigned cold, warm, merged;

	text[size - 1] = 0;
	cold = count_state(text, "cold");
	warm = count_state(text, "warm");
	merged = count_state(text, "merged");
	printf("%u processes: %u cold, %u warm, %u merged\n", count, cold, warm, merged);
	if (cold + warm + merged != count || !cold || !warm || !merged)
		complain(victim_statistics(), "a process that was not intercepted, or too little was seen");
	free(text);
}

static void check_cache(void)
{
	unsigned images, all = fixture_count(victim_cache(), "");

	fixture_each(victim_cache(), "", add_size);
	images = fixture_count(victim_cache(), "small_host-");
	printf("%u images of %llu bytes\n", images, (unsigned long long)total);
	if (total > LIMIT)
		complain(victim_cache(), "more than the limit allows");
	if (images == 0 || images != all)
		complain(victim_cache(), "something else is there, or nothing");
	if (fixture_count(system_layer, "") != 1)
		complain(system_layer, "was written to");
}

static void make_system_layer(void)
{
	struct victim_end end;

	victim_start(&end);
	must(end.unharmed && rename(victim_cache(), system_layer) == 0, system_layer);
	must(mkdir(victim_cache(), 0700) == 0 && unlink(victim_statistics()) == 0, victim_cache());
}

static void run(unsigned count)
{
	int status;
	pid_t watcher;

	must(pipe2(gate, O_CLOEXEC) == 0 && pipe2(finish, O_CLOEXEC) == 0, "pipe");
	watcher = start_watcher();
	for (unsigned i = 0; i < count; i++)
		members[i] = start_member(i);
	close(gate[0]);
	close(gate[1]);
	check_members(count);
	close(finish[0]);
	close(finish[1]);
	must(waitpid(watcher, &status, 0) == watcher, "waitpid");
	if (status != 0)
		complain("an image was not whole", "see above");
	check_statistics(count);
	check_cache();
}

int main(void)
{
	const char *number = getenv("STUBCACHE_CROWD");
	unsigned count = number ? (unsigned)atoi(number) : CROWD;

	base = fixture_make();
	snprintf(system_layer, sizeof(system_layer), "%s/system", base);
	victim_make(base);
	make_other_version();
	make_system_layer();
	make_future();
	run(count < MOST ? count : MOST);
	fixture_remove();
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
