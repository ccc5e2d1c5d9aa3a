/* SPDX-License-Identifier: MIT */
/*
 * Owns the meaning of ticks: nanoseconds per tick for each boot, and whether a process that left a
 * record is still there. Called by report_gather.c.
 *
 * The time stamp counter is one for all processes of a boot, so the earliest and the latest pair of
 * any record (and a pair of our own, on the same boot) make one long baseline: a process of 100 us
 * alone would give a poor rate.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include <errno.h>

#include "cmd/report.h"

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static size_t read_text(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = 0;
	return n > 0 ? (size_t)n : 0;
}

/* When the machine began to count CLOCK_MONOTONIC. The wall clock may be set meanwhile, but not by as much as a machine
 * takes to start again; a larger step only makes two groups of one. */
#define BOOT_SAME_NS ((uint64_t)10 * 1000000000u)

static uint64_t boot_of(const struct sc_record_header *header)
{
	return header->start_realtime - header->start_mono;
}

static bool same_boot(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) < BOOT_SAME_NS;
}

static bool this_boot(uint64_t boot)
{
	return same_boot(boot, clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC));
}

static struct sc_clock_rate *find(const struct sc_clock_rates *rates, const struct sc_record_header *header)
{
	for (size_t i = 0; i < rates->count; i++)
		if (rates->rates[i].clock == header->clock && same_boot(rates->rates[i].boot, boot_of(header)))
			return &rates->rates[i];
	return NULL;
}

const struct sc_clock_rate *sc_clock_find(const struct sc_clock_rates *rates, const struct sc_record_header *header)
{
	return find(rates, header);
}

uint64_t sc_clock_time(const struct sc_clock_rate *rate, uint64_t ticks)
{
	int64_t passed;
	double ns;

	if (!rate)
		return 0;
	passed = (int64_t)(ticks - rate->first_ticks);
	ns = (double)passed * (rate->ns_per_tick > 0 ? rate->ns_per_tick : 1);
	/* Ticks of a damaged record may say anything. */
	if (ns > 1e18 || ns < -1e18)
		ns = 0;
	return rate->boot + rate->first_mono + (uint64_t)(int64_t)ns;
}

static void note_pair(struct sc_clock_rate *rate, uint64_t mono, uint64_t ticks)
{
	if (mono < rate->first_mono) {
		rate->first_mono = mono;
		rate->first_ticks = ticks;
	}
	if (mono > rate->last_mono) {
		rate->last_mono = mono;
		rate->last_ticks = ticks;
	}
}

int sc_clock_note(struct sc_clock_rates *rates, const struct sc_record_header *header)
{
	struct sc_clock_rate *rate = find(rates, header);

	if (!rate) {
		struct sc_clock_rate *grown = reallocarray(rates->rates, rates->count + 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		rates->rates = grown;
		rate = &grown[rates->count++];
		*rate = (struct sc_clock_rate){ .boot = boot_of(header), .clock = header->clock,
						.first_mono = UINT64_MAX };
	}
	note_pair(rate, header->start_mono, header->start_ticks);
	if (header->last_mono)
		note_pair(rate, header->last_mono, header->last_ticks);
	return 0;
}

void sc_clock_solve(struct sc_clock_rates *rates)
{
	for (size_t i = 0; i < rates->count; i++) {
		struct sc_clock_rate *rate = &rates->rates[i];

		if (rate->clock == SC_RECORD_CLOCK_MONOTONIC) {
			rate->ns_per_tick = 1;
			continue;
		}
		if (rate->clock != SC_RECORD_CLOCK_TSC)
			continue;
		if (this_boot(rate->boot))
			note_pair(rate, clock_ns(CLOCK_MONOTONIC), __rdtsc());
		if (rate->last_mono > rate->first_mono && rate->last_ticks > rate->first_ticks)
			rate->ns_per_tick = (double)(rate->last_mono - rate->first_mono) /
					    (double)(rate->last_ticks - rate->first_ticks);
	}
}

double sc_clock_rate_of(const struct sc_clock_rates *rates, const struct sc_record_header *header)
{
	const struct sc_clock_rate *rate = find(rates, header);

	return rate ? rate->ns_per_tick : 0;
}

void sc_clock_release(struct sc_clock_rates *rates)
{
	free(rates->rates);
	*rates = (struct sc_clock_rates){ 0 };
}

/* When a process began, in ns of CLOCK_BOOTTIME; 0 when it is gone. /proc/PID/stat: the 22nd field,
 * counted behind the command, which may hold spaces and parentheses. */
static uint64_t process_start(uint32_t pid)
{
	char path[64], text[1024];
	const char *at;
	unsigned field = 2;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	if (!read_text(path, text, sizeof(text)))
		return 0;
	at = strrchr(text, ')');
	if (at && (at[1] != ' ' || at[2] == 'Z' || at[2] == 'X')) /* dead, only not yet waited for */
		return 0;
	while (at && field < 22) {
		at = strchr(at + 1, ' ');
		field++;
	}
	if (!at)
		return 0;
	return strtoull(at + 1, NULL, 10) * (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK));
}

static bool has_number(const struct sc_record_header *header)
{
	const uint64_t granularity = 20000000; /* start times are in hundredths of a second */
	uint64_t start, asleep, record;

	start = process_start(header->pid);
	asleep = clock_ns(CLOCK_BOOTTIME) - clock_ns(CLOCK_MONOTONIC);
	/* A sleep of the machine after the record began makes it look younger: that errs towards
	 * "lives", and only when the pid was used again. */
	record = header->start_mono + asleep;
	return start && start <= record + granularity;
}

bool sc_clock_process_lives(const struct sc_record_header *header)
{
	return this_boot(boot_of(header)) && (has_number(header) || sc_record_mapped_elsewhere(header));
}

bool sc_clock_process_writes(const struct sc_record_header *header)
{
	if (!this_boot(boot_of(header)))
		return false;
	return (has_number(header) && sc_record_mapped_here(header)) || sc_record_mapped_elsewhere(header);
}
