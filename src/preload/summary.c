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
	uint64_t self, calls;
	uint32_t index; /* of the record */
	uint32_t image, module, target;
};

struct table {
	struct row *rows;
	size_t count, room;
	uint64_t self, calls; /* of all rows */
	bool timed;	      /* one at least */
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

static void gather_image(struct table *table, uint32_t number)
{
	static struct sc_record_sum sum;
	const struct sc_mapped_image *mapped = sc_image_at(number);

	for (uint32_t m = 0; m < mapped->image.header->module_count; m++) {
		const struct sc_image_plan *plan = sc_image_plan(&mapped->image, m);

		for (uint32_t t = 0; plan && t < plan->target_count && table->count < table->room; t++) {
			uint32_t index = mapped->first_index + plan->first_index + t;

			if (sc_image_targets(plan)[t].kind == SC_IMAGE_DIRECT)
				continue;
			sc_record_sum(index, &sum);
			if (sum.calls == 0)
				continue;
			table->rows[table->count++] = (struct row){ sum.self, sum.calls, index, number, m, t };
			table->self += sum.self;
			table->calls += sum.calls;
			table->timed = table->timed || sum.returned > 0;
		}
	}
}

/* By self time, then by calls: few rows, so a plain insertion sort does. */
static void sort(struct row *rows, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct row row = rows[i];
		size_t at = i;

		for (; at > 0 && (rows[at - 1].self < row.self ||
				  (rows[at - 1].self == row.self && rows[at - 1].calls < row.calls));
		     at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
}

static unsigned long long permyriad(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned long long)((unsigned __int128)part * 10000 / whole) : 0;
}

/* What was measured of a row; returns its length. */
static int format_times(char *out, size_t size, const struct row *row, const struct table *table)
{
	static struct sc_record_sum sum;
	unsigned long long total, self, share = permyriad(row->self, table->self);

	sc_record_sum(row->index, &sum);
	total = to_ns(sum.total);
	self = to_ns(sum.self);
	return snprintf(out, size, "%3llu.%02llu %7llu.%03llu %7llu.%03llu %10llu %9llu %9llu %9llu %9llu", share / 100,
			share % 100, total / 1000000, total / 1000 % 1000, self / 1000000, self / 1000 % 1000,
			(unsigned long long)sum.calls, sum.returned ? total / sum.returned : 0,
			(unsigned long long)(sum.returned ? to_ns(percentile(&sum, 50)) : 0),
			(unsigned long long)(sum.returned ? to_ns(percentile(&sum, 99)) : 0),
			(unsigned long long)(sum.returned ? to_ns(sum.max) : 0));
}

static int format_count(char *out, size_t size, const struct row *row, const struct table *table)
{
	unsigned long long share = permyriad(row->calls, table->calls);

	return snprintf(out, size, "%4llu.%02llu %10llu", share / 100, share % 100, (unsigned long long)row->calls);
}

static void print_row(const struct row *row, const struct table *table)
{
	const struct sc_mapped_image *mapped = sc_image_at(row->image);
	const struct sc_image_target *target =
		&sc_image_targets(sc_image_plan(&mapped->image, row->module))[row->target];
	char line[512];
	int n = (table->timed ? format_times : format_count)(line, sizeof(line), row, table);

	n += snprintf(line + n, sizeof(line) - (size_t)n, " %s@%s\n", sc_image_string(&mapped->image, target->name),
		      sc_image_string(&mapped->image, mapped->image.modules[row->module].name));
	if ((size_t)n >= sizeof(line)) { /* names of templates are long */
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	sc_log_write(line, (size_t)n);
}

static void print_head(const struct table *table)
{
	static const char timed[] = "% self    total ms     self ms      calls    avg ns    p50 ns    p99 ns    max ns "
				    "function\n";
	static const char counted[] = "% calls      calls function\n";
	char line[640];
	int n = snprintf(line, sizeof(line), "stubcache: %s (pid %u): %llu %s of %zu %s%s\n", sc_runtime.program,
			 sc_runtime.pid, (unsigned long long)table->calls, table->calls == 1 ? "call" : "calls",
			 table->count, table->count == 1 ? "function" : "functions",
			 sc_record_header()->lost ? "; some calls were lost" : "");

	sc_log_write(line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
	if (table->count > 0 && table->timed)
		sc_log_write(timed, sizeof(timed) - 1);
	else if (table->count > 0)
		sc_log_write(counted, sizeof(counted) - 1);
}

void sc_summary_write(void)
{
	struct table table = { .room = sc_runtime.indexes + 1 };
	size_t size = table.room * sizeof(struct row);

	table.rows = sc_sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (table.rows == MAP_FAILED)
		return;
	for (uint32_t i = 0; i < sc_image_count(); i++)
		gather_image(&table, i);
	sort(table.rows, table.count);
	print_head(&table);
	for (size_t i = 0; i < table.count; i++)
		print_row(&table.rows[i], &table);
	sc_sys_munmap(table.rows, size);
}
