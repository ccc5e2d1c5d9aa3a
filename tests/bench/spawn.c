/* SPDX-License-Identifier: MIT */
/*
 * spawn ROUNDS [+ NAME [VARIABLE=VALUE]...]... -- PROGRAM [ARG]...: starts PROGRAM once with each of the
 * environments, ROUNDS times over, and prints for each a line
 *
 *	NAME WALL CPU FAULTS
 *
 * of medians: microseconds from before posix_spawn to after the wait, microseconds of user and system
 * time, page faults without input. Environments take turns, so that whatever else the machine does meets all
 * of them alike. The program's output goes to /dev/null. Called by bench.py.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VARIANTS 16
#define WARMUP 5 /* rounds that do not count */

struct variant {
	const char *name;
	char **environment;
	double *wall, *cpu, *faults;
};

static struct variant variants[VARIANTS];
static size_t variant_count;
static posix_spawn_file_actions_t to_null;

static void die(const char *what)
{
	fprintf(stderr, "spawn: %s: %s\n", what, strerror(errno));
	exit(2);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double timeval_us(const struct timeval *time)
{
	return (double)time->tv_sec * 1e6 + (double)time->tv_usec;
}

static int compare(const void *left, const void *right)
{
	double l = *(const double *)left, r = *(const double *)right;

	return (l > r) - (l < r);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(values[0]), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* One processor for all, since moving from one to the other costs as much as what is measured; and ahead of
 * others, where we may be. */
static void settle(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	setpriority(PRIO_PROCESS, 0, -20);
}

static void start(struct variant *variant, char **program, size_t round, size_t rounds)
{
	struct rusage usage;
	double before = now_us(), after;
	pid_t pid;
	int status;

	errno = posix_spawn(&pid, program[0], &to_null, NULL, program, variant->environment);
	if (errno)
		die(program[0]);
	if (wait4(pid, &status, 0, &usage) < 0)
		die("wait4");
	after = now_us();
	if (!WIFEXITED(status)) {
		fprintf(stderr, "spawn: %s: '%s' did not end by itself\n", variant->name, program[0]);
		exit(1);
	}
	if (round >= rounds)
		return;
	variant->wall[round] = after - before;
	variant->cpu[round] = timeval_us(&usage.ru_utime) + timeval_us(&usage.ru_stime);
	variant->faults[round] = (double)usage.ru_minflt;
}

static double *room(size_t count)
{
	double *values = calloc(count, sizeof(*values));

	if (!values)
		die("memory");
	return values;
}

/* Splits the arguments in place: a '+' ends one environment, so it becomes the NULL that execve wants. */
static char **read_variants(char **argument, size_t rounds)
{
	while (*argument && strcmp(*argument, "+") == 0 && argument[1] && variant_count < VARIANTS) {
		struct variant *variant = &variants[variant_count++];

		*argument = NULL;
		variant->name = argument[1];
		variant->environment = argument + 2;
		variant->wall = room(rounds);
		variant->cpu = room(rounds);
		variant->faults = room(rounds);
		argument += 2;
		while (*argument && strcmp(*argument, "+") != 0 && strcmp(*argument, "--") != 0)
			argument++;
	}
	if (!*argument || strcmp(*argument, "--") != 0 || !argument[1]) {
		fprintf(stderr, "usage: spawn ROUNDS [+ NAME [VARIABLE=VALUE]...]... -- PROGRAM [ARG]...\n");
		exit(2);
	}
	*argument = NULL;
	return argument + 1;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	char **program = read_variants(argc > 2 ? argv + 2 : argv + argc, rounds);

	posix_spawn_file_actions_init(&to_null);
	posix_spawn_file_actions_addopen(&to_null, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&to_null, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&to_null, 2, "/dev/null", O_WRONLY, 0);
	settle();
	for (size_t round = rounds + WARMUP; round-- > 0;)
		for (size_t i = 0; i < variant_count; i++)
			start(&variants[i], program, round, rounds);
	for (size_t i = 0; i < variant_count; i++)
		printf("%s %.1f %.1f %.0f\n", variants[i].name, median(variants[i].wall, rounds),
		       median(variants[i].cpu, rounds), median(variants[i].faults, rounds));
	return 0;
}
