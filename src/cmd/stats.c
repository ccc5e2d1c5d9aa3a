/* SPDX-License-Identifier: MIT */
/* Owns the summary of start-up statistics. Called by run. */
#include "cmd/stats.h"

#include <stdbool.h>
#include <string.h>

#include "cmd/json_values.h"

struct sum {
	size_t processes;
	long long slots, generated, resurrected, microseconds, slowest;
};

static struct sum sum_of(const json_t *lines, const char *state)
{
	struct sum sum = { 0 };
	const json_t *line;
	size_t i;

	json_array_foreach(lines, i, line) {
		long long us = sc_json_whole(line, "startup_us");

		if (strcmp(sc_json_text(line, "state"), state))
			continue;
		sum.processes++;
		sum.slots += sc_json_whole(line, "slots");
		sum.generated += sc_json_whole(line, "generated");
		sum.resurrected += sc_json_whole(line, "resurrected");
		sum.microseconds += us;
		if (us > sum.slowest)
			sum.slowest = us;
	}
	return sum;
}

/* Whether a line before this one has the same state (or state and reason). */
static bool seen_before(const json_t *lines, size_t number, bool with_reason)
{
	const json_t *line = json_array_get(lines, number);

	for (size_t i = 0; i < number; i++) {
		const json_t *other = json_array_get(lines, i);

		if (!strcmp(sc_json_text(other, "state"), sc_json_text(line, "state")) &&
		    (!with_reason || !strcmp(sc_json_text(other, "reason"), sc_json_text(line, "reason"))))
			return true;
	}
	return false;
}

static size_t count_alike(const json_t *lines, const json_t *line)
{
	const json_t *other;
	size_t i, count = 0;

	json_array_foreach(lines, i, other)
		count += !strcmp(sc_json_text(other, "state"), sc_json_text(line, "state")) &&
			 !strcmp(sc_json_text(other, "reason"), sc_json_text(line, "reason"));
	return count;
}

size_t sc_stats_summary(const json_t *lines, FILE *out)
{
	const json_t *line;
	size_t i;

	fprintf(out, "state    processes      slots  generated resurrected  start-up mean   slowest\n");
	json_array_foreach(lines, i, line) {
		struct sum sum;

		if (seen_before(lines, i, false))
			continue;
		sum = sum_of(lines, sc_json_text(line, "state"));
		if (!sum.processes)
			continue;
		fprintf(out, "%-8s %9zu %10lld %10lld %11lld %11lld us %6lld us\n", sc_json_text(line, "state"),
			sum.processes, sum.slots, sum.generated, sum.resurrected,
			sum.microseconds / (long long)sum.processes, sum.slowest);
	}
	json_array_foreach(lines, i, line)
		if (*sc_json_text(line, "reason") && !seen_before(lines, i, true))
			fprintf(out, "%s: %s (%zu)\n", sc_json_text(line, "state"), sc_json_text(line, "reason"),
				count_alike(lines, line));
	return json_array_size(lines);
}
