/* SPDX-License-Identifier: MIT */
/*
 * Owns the summary's columns and order. Reads this process's own record; called by exit.c at the very end.
 */
#include "preload/summary.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/image_load.h"
#include "preload/log.h"
#include "preload/record_map.h"
#include "preload/runtime.h"

struct row {
	uint64_t total, calls;
	uint32_t index; /* of the record */
	uint32_t image, module, target;
};

static uint64_t to_ns(uint64_t ticks)
{
	const struct sc_record_header *header = sc_record_header();
	uint64_t span_ticks = header->last_ticks - header->start_ticks;
	uint64_t span_ns = header->last_mono - header->start_mono;

	if (header->clock == SC_RECORD_CLOCK_MONOTONIC || span_ticks == 0)
		return ticks;
	return (uint64_t)((unsigned __int128)ticks * span_ns / span_ticks);
}

static uint64_t percentile(const struct sc_record_sum *sum, unsigned percent)
{
	uint64_t want = (sum->returned * percent + 99) / 100, seen = 0;

	for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++) {
		seen += sum->histogram[i];
		if (seen >= want && seen > 0) {
			uint64_t low = sc_histogram_lowest(i), high = sc_histogram_lowest(i + 1);

			low += (high - low) / 2;
			return low > sum->max ? sum->max : low < sum->min ? sum->min : low;
		}
	}
	return sum->max;
}

static size_t gather(struct row *rows, size_t room, uint64_t *all)
{
	static struct sc_record_sum sum;
	size_t n = 0;

	for (uint32_t i = 0; i < sc_image_count(); i++) {
		const struct sc_mapped_image *mapped = sc_image_at(i);

		for (uint32_t m = 0; m < mapped->image.header->module_count; m++) {
			const struct sc_image_plan *plan = sc_image_plan(&mapped->image, m);

			for (uint32_t t = 0; plan && t < plan->target_count && n < room; t++) {
				uint32_t index = mapped->first_index + plan->first_index + t;

				if (sc_image_targets(plan)[t].kind == SC_IMAGE_DIRECT)
					continue;
				sc_record_sum(index, &sum);
				if (sum.calls == 0)
					continue;
				rows[n++] = (struct row){ sum.self, sum.calls, index, i, m, t };
				*all += sum.self;
			}
		}
	}
	return n;
}

/* By self time, then by calls: few rows, so a plain insertion sort does. */
static void sort(struct row *rows, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct row row = rows[i];
		size_t at = i;

		for (; at > 0 && (rows[at - 1].total < row.total ||
				  (rows[at - 1].total == row.total && rows[at - 1].calls < row.calls));
		     at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
}

static void print_row(const struct row *row, uint64_t all)
{
	static struct sc_record_sum sum;
	const struct sc_mapped_image *mapped = sc_image_at(row->image);
	const struct sc_image_target *target =
		&sc_image_targets(sc_image_plan(&mapped->image, row->module))[row->target];
	unsigned long long total, self, average, permille;
	char line[512];
	int n;

	sc_record_sum(row->index, &sum);
	total = to_ns(sum.total);
	self = to_ns(sum.self);
	average = sum.returned ? total / sum.returned : 0;
	permille = all ? (unsigned long long)((unsigned __int128)sum.self * 10000 / all) : 0;
	n = snprintf(line, sizeof(line), "%3llu.%02llu %7llu.%03llu %7llu.%03llu %10llu %9llu %9llu %9llu %9llu %s@%s\n",
		     permille / 100, permille % 100, total / 1000000, total / 1000 % 1000, self / 1000000,
		     self / 1000 % 1000, (unsigned long long)sum.calls, average,
		     (unsigned long long)(sum.returned ? to_ns(percentile(&sum, 50)) : 0),
		     (unsigned long long)(sum.returned ? to_ns(percentile(&sum, 99)) : 0),
		     (unsigned long long)(sum.returned ? to_ns(sum.max) : 0),
		     sc_image_string(&mapped->image, target->name),
		     sc_image_string(&mapped->image, mapped->image.modules[row->module].name));
	if (n > 0)
		sc_log_write(line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void sc_summary_write(void)
{
	static const char heading[] = "% self  total ms     self ms         calls    avg ns    p50 ns    p99 ns    max ns "
				      "function\n";
	size_t room = sc_runtime.indexes + 1, size = room * sizeof(struct row), n;
	uint64_t all = 0, calls = 0;
	struct row *rows;
	char line[640];
	int length;

	rows = sc_sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (rows == MAP_FAILED)
		return;
	n = gather(rows, room, &all);
	sort(rows, n);
	for (size_t i = 0; i < n; i++)
		calls += rows[i].calls;
	length = snprintf(line, sizeof(line), "stubcache: %s (pid %u): %llu calls of %zu functions%s\n",
			  sc_runtime.program, sc_runtime.pid, (unsigned long long)calls, n,
			  sc_record_header()->lost ? "; some calls were lost" : "");
	sc_log_write(line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
	if (n > 0)
		sc_log_write(heading, sizeof(heading) - 1);
	for (size_t i = 0; i < n; i++)
		print_row(&rows[i], all);
	sc_sys_munmap(rows, size);
}
