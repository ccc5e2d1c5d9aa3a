/* SPDX-License-Identifier: MIT */
/* Owns the directories and the environment of the program that tests of the store start (victim.h). */
#include "victim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/image.h"
#include "store_fixture.h"

#define GREETING "unharmed\n"
#define RIGHT 7

static char host[PATH_MAX], cache[PATH_MAX], stats[PATH_MAX], output[PATH_MAX], image[PATH_MAX];
static char variables[5][PATH_MAX + 32];
static char *environment[12];

static void die(const char *what)
{
	perror(what);
	exit(99);
}

static const char *need(const char *name)
{
	const char *value = getenv(name);

	if (value)
		return value;
	fprintf(stderr, "%s is not set\n", name);
	exit(99);
}

void victim_make(const char *base)
{
	snprintf(host, sizeof(host), "%s/tests/store/small_host", need("top_builddir"));
	snprintf(cache, sizeof(cache), "%s/cache", base);
	snprintf(stats, sizeof(stats), "%s/stats", base);
	snprintf(output, sizeof(output), "%s/output", base);
	snprintf(variables[0], sizeof(variables[0]), "LD_PRELOAD=%s", need("LIBSTUBCACHE"));
	snprintf(variables[1], sizeof(variables[1]), "STUBCACHE=time=*");
	snprintf(variables[2], sizeof(variables[2]), "STUBCACHE_DIR=%s", cache);
	snprintf(variables[3], sizeof(variables[3]), "STUBCACHE_STATS=%s", stats);
	snprintf(variables[4], sizeof(variables[4]), "STUBCACHE_LOG=quiet");
	for (int i = 0; i < 5; i++)
		environment[i] = variables[i];
}

const char *victim_cache(void)
{
	return cache;
}

const char *victim_statistics(void)
{
	return stats;
}

void victim_set(const char *variable)
{
	unsigned i = 5;

	if (!variable) {
		environment[i] = NULL;
		return;
	}
	while (environment[i])
		i++;
	if (i + 1 == sizeof(environment) / sizeof(environment[0]))
		die("too many variables");
	environment[i] = (char *)variable;
	environment[i + 1] = NULL;
}

const char *victim_image(void)
{
	DIR *stream = opendir(cache);
	struct dirent *entry;
	unsigned count = 0;

	while (stream && (entry = readdir(stream))) {
		if (strncmp(entry->d_name, "small_host-", 11) != 0)
			continue;
		if (snprintf(image, sizeof(image), "%s/%s", cache, entry->d_name) < (int)sizeof(image))
			count++;
	}
	if (stream)
		closedir(stream);
	return count == 1 ? image : NULL;
}

void victim_become(const char *argument)
{
	char *arguments[] = { host, (char *)argument, NULL };
	int out, nothing;

	unlink(stats);
	out = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (out >= 0 && nothing >= 0 && dup2(nothing, 0) >= 0 && dup2(out, 1) >= 0 && dup2(nothing, 2) >= 0)
		execve(host, arguments, environment);
	_exit(98);
}

/* The text between quotes behind "name":, as it is in JSON. */
static void get_field(const char *line, const char *name, char *out, size_t size)
{
	char key[32];
	const char *at;
	size_t length;

	snprintf(key, sizeof(key), "\"%s\":\"", name);
	at = strstr(line, key);
	length = at ? strcspn(at + strlen(key), "\"") : 0;
	if (length >= size)
		length = size - 1;
	if (at)
		memcpy(out, at + strlen(key), length);
	out[length] = 0;
}

void victim_look(int status, struct victim_end *end)
{
	char line[4096] = "", greeting[64] = "";
	FILE *file = fopen(stats, "r");

	end->status = status;
	if (file) {
		line[fread(line, 1, sizeof(line) - 1, file)] = 0;
		fclose(file);
	}
	get_field(line, "state", end->state, sizeof(end->state));
	get_field(line, "reason", end->reason, sizeof(end->reason));
	file = fopen(output, "r");
	if (file) {
		greeting[fread(greeting, 1, sizeof(greeting) - 1, file)] = 0;
		fclose(file);
	}
	end->unharmed = WIFEXITED(status) && WEXITSTATUS(status) == RIGHT && strcmp(greeting, GREETING) == 0;
}

void victim_start(struct victim_end *end)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		die("fork");
	if (child == 0)
		victim_become(NULL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	victim_look(status, end);
}

unsigned char *victim_read(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char *data;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(path);
	*size = (size_t)st.st_size;
	data = malloc(*size);
	if (!data || read(fd, data, *size) != st.st_size)
		die(path);
	close(fd);
	return data;
}

void victim_write(const char *path, const unsigned char *data, size_t size)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) < 0)
		die(path);
}

bool victim_image_good(void)
{
	const char *path = victim_image(), *why;
	struct sc_image opened;
	unsigned char *data;
	size_t size;
	bool good;

	if (!path)
		return false;
	data = victim_read(path, &size);
	good = sc_store_checksum_ok(data, size) && sc_image_open(&opened, data, size, &why) == 0;
	free(data);
	return good;
}
