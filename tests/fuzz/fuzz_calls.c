/* SPDX-License-Identifier: MIT */
/*
 * From one record in a directory to a table, to lines and to JSON: what is kept between events (cmd/events_merge.c,
 * cmd/calls.c, cmd/lines.c), and what is added up (cmd/report_*.c). Whatever the record says, each call that began ends
 * once, and JSON is valid.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/calls_json.h"
#include "cmd/lines.h"
#include "cmd/symbolize.h"
#include "fuzz.h"

static const char declarations[] = "[[printf(s)]] int printf(const char *s, ...);\n"
				   "[[error(-1)]] long read(int fd [[fd]], void *b [[out, size(return)]], unsigned long n);\n"
				   "void *malloc(unsigned long n);\nvoid free(void *p [[opaque]]);\n";
static char directory[] = "/tmp/fuzz-calls-XXXXXX";
static struct sc_arena arena;
static struct sc_protos protos = { .arena = &arena };
static FILE *nowhere;

/* Stacks have no names here: those of files that a record names would be others on each machine. */
struct sc_symbols *sc_symbols_open(bool demangle)
{
	(void)demangle;
	return NULL;
}

void sc_symbols_close(struct sc_symbols *symbols)
{
	(void)symbols;
}

int sc_symbols_module(struct sc_symbols *symbols, const char *path, const uint8_t *build_id, size_t id_size)
{
	(void)symbols;
	(void)path;
	(void)build_id;
	(void)id_size;
	return -1;
}

const struct sc_symbol_place *sc_symbols_find(struct sc_symbols *symbols, int module, uint64_t address)
{
	(void)symbols;
	(void)module;
	(void)address;
	return NULL;
}

int sc_stack_set_add(struct sc_stack_set *set, struct sc_report *report, struct sc_named_images *images,
		     const struct sc_record_file *record, const void *bytes, size_t size, double ns_per_tick,
		     const char **damage);

/* Of report_gather.c, which is asked for no stacks. */
int sc_stack_set_add(struct sc_stack_set *set, struct sc_report *report, struct sc_named_images *images,
		     const struct sc_record_file *record, const void *bytes, size_t size, double ns_per_tick,
		     const char **damage)
{
	(void)set;
	(void)report;
	(void)images;
	(void)record;
	(void)bytes;
	(void)size;
	(void)ns_per_tick;
	(void)damage;
	return -ENOSYS;
}

static void remove_all(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/1-1.record", directory);
	unlink(path);
	rmdir(directory);
}

static void begin(void)
{
	if (nowhere)
		return;
	nowhere = fopen("/dev/null", "w");
	FUZZ_PROMISE(nowhere && mkdtemp(directory));
	FUZZ_PROMISE(sc_protos_read(&protos, declarations, sizeof(declarations) - 1, "fuzz", NULL) == 0);
	atexit(remove_all);
}

static void put_record(const uint8_t *data, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/1-1.record", directory);
	file = fopen(path, "w");
	FUZZ_PROMISE(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static void take(const struct sc_calls_sink *sink)
{
	struct sc_calls *calls;
	struct sc_merge *merge;

	FUZZ_PROMISE(sc_merge_open(&merge, directory, 0, 0) == 0);
	FUZZ_PROMISE(sc_calls_open(&calls, merge, &protos, sink) == 0);
	FUZZ_PROMISE(sc_calls_take(calls, LONG_MAX) >= 0);
	FUZZ_PROMISE(sc_calls_take(calls, LONG_MAX) == 0);
	sc_calls_close(calls);
	sc_merge_close(merge);
}

static void show_lines(void)
{
	struct sc_lines_options options = SC_LINES_DEFAULT;
	struct sc_calls_sink sink;
	struct sc_lines *lines;

	options.stacks = options.durations = true;
	options.clock = SC_LINES_TIME_US;
	options.indent = 2;
	options.colour = SC_LINES_ALWAYS;
	FUZZ_PROMISE(sc_lines_open(&lines, &options, nowhere) == 0);
	sink = sc_lines_sink(lines);
	take(&sink);
	FUZZ_PROMISE(sc_lines_close(lines) == 0);
}

static void show_json(bool chrome)
{
	struct sc_lines_options options = SC_LINES_DEFAULT;
	struct sc_calls_sink sink;
	struct sc_calls_json *json;
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	FUZZ_PROMISE(out && sc_calls_json_open(&json, &options, chrome, out) == 0);
	sink = sc_calls_json_sink(json);
	take(&sink);
	FUZZ_PROMISE(sc_calls_json_close(json) == 0 && fclose(out) == 0);
	for (char *line = text, *end; line < text + size; line = end + 1) {
		json_t *value;

		end = chrome ? text + size - 1 : strchr(line, '\n');
		FUZZ_PROMISE(end);
		value = json_loadb(line, (size_t)(end - line), 0, NULL);
		FUZZ_PROMISE(json_is_object(value));
		json_decref(value);
	}
	free(text);
}

static void show_table(enum sc_report_by by)
{
	struct sc_report report;

	FUZZ_PROMISE(sc_report_gather(&report, directory, by, 0) == 0);
	sc_report_sort(&report, SC_SORT_DEFAULT);
	sc_report_text(&report, nowhere);
	sc_report_csv(&report, nowhere);
	FUZZ_PROMISE(sc_report_json(&report, nowhere) == 0);
	sc_report_release(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	begin();
	put_record(data, size);
	show_lines();
	show_json(false);
	show_json(true);
	show_table(SC_BY_FUNCTION);
	show_table(SC_BY_PROCESS);
	return 0;
}
