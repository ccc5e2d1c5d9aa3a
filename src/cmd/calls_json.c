/* SPDX-License-Identifier: MIT */
/*
 * Owns calls as JSON: one object a line (`report --events --format=json`), and Chrome's trace events
 * (`--format=chrome`), which Perfetto opens. Called by report_events.c.
 *
 * Times of trace events are microseconds since the first call, so that their nanoseconds fit into a double.
 */
#include "cmd/calls_json.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/json_values.h"

struct sc_calls_json {
	struct sc_lines_options options;
	FILE *file;
	bool chrome, failed;
	uint64_t events; /* written, of a trace */
	uint64_t first;  /* ns since the epoch */
	void *named; /* a tree of struct named, of a trace */
	struct sc_text text;
	struct sc_line_layout layout;
};

static void write_out(struct sc_calls_json *json, json_t *object)
{
	const char *before = json->chrome ? json->events++ ? ",\n" : "\n" : "";

	if (!object || fputs(before, json->file) < 0 || json_dumpf(object, json->file, JSON_COMPACT) ||
	    (!json->chrome && fputc('\n', json->file) < 0))
		json->failed = true;
	json_decref(object);
}

static json_t *argument(struct sc_calls_json *json, const struct sc_calls_call *call, unsigned n)
{
	const char *name = json->layout.arguments[n].name;
	json_t *object = json_object();

	sc_text_clear(&json->text);
	sc_line_argument(&json->text, &json->options.style, &json->layout, &call->line, n);
	if (name)
		json_object_set_new(object, "name", sc_json_string(name));
	json_object_set_new(object, "value", sc_json_string(sc_text_string(&json->text)));
	return object;
}

/* By position; those of trace events by name. */
static json_t *arguments(struct sc_calls_json *json, const struct sc_calls_call *call)
{
	json_t *array = json_array();

	for (unsigned i = 0; call->line.enter && i < json->layout.count; i++)
		json_array_append_new(array, argument(json, call, i));
	return array;
}

static json_t *named_arguments(struct sc_calls_json *json, const struct sc_calls_call *call)
{
	json_t *object = json_object();
	char number[16];

	for (unsigned i = 0; call->line.enter && i < json->layout.count; i++) {
		const char *name = json->layout.arguments[i].name;

		snprintf(number, sizeof(number), "%u", i);
		sc_text_clear(&json->text);
		sc_line_argument(&json->text, &json->options.style, &json->layout, &call->line, i);
		json_object_set_new(object, name ? name : number, sc_json_string(sc_text_string(&json->text)));
	}
	return object;
}

static void set_result(struct sc_calls_json *json, json_t *object, const struct sc_calls_call *call)
{
	if (!call->line.leave)
		return;
	sc_text_clear(&json->text);
	sc_line_result(&json->text, &json->options.style, &json->layout, &call->line);
	json_object_set_new(object, "result", sc_json_string(sc_text_string(&json->text)));
	if (json->layout.failed)
		json_object_set_new(object, "errno", json_integer(json->layout.error));
}

static json_t *place(const struct sc_calls_call *call, uint64_t address)
{
	const struct sc_events *events = call->thread->process->events;
	const struct sc_events_module *module = events ? sc_events_module_at(events, address, call->ticks) : NULL;
	json_t *object = json_object();
	char text[32];

	snprintf(text, sizeof(text), "%#llx", (unsigned long long)address);
	json_object_set_new(object, "address", json_string(text));
	if (module) {
		json_object_set_new(object, "module", sc_json_string(module->path));
		json_object_set_new(object, "offset", json_integer((json_int_t)(address - module->module.base)));
	}
	return object;
}

static json_t *stack(const struct sc_calls_call *call)
{
	struct sc_blob_view blob;
	json_t *array;

	if (!sc_event_find_blob(call->line.enter, 255, 1u << SC_BLOB_STACK, &blob) &&
	    !sc_event_find_blob(call->line.leave, 255, 1u << SC_BLOB_STACK, &blob))
		return NULL;
	array = json_array();
	for (size_t at = 0; blob.length - at >= 8; at += 8) {
		uint64_t address;

		memcpy(&address, blob.bytes + at, sizeof(address));
		json_array_append_new(array, place(call, address));
	}
	return array;
}

static void put_call(struct sc_calls_json *json, const struct sc_calls_call *call)
{
	const struct sc_merged_process *process = call->thread->process;
	json_t *object = json_object(), *frames;

	json_object_set_new(object, "event", json_string("call"));
	json_object_set_new(object, "pid", json_integer(process->header.pid));
	json_object_set_new(object, "tid", json_integer(call->thread->tid));
	json_object_set_new(object, "time_ns", json_integer((json_int_t)(call->start ? call->start : call->end)));
	if (call->start && call->end >= call->start)
		json_object_set_new(object, "duration_ns", json_integer((json_int_t)(call->end - call->start)));
	json_object_set_new(object, "depth", json_integer(call->depth));
	json_object_set_new(object, "function", sc_json_string(call->function->function));
	json_object_set_new(object, "library", sc_json_string(call->function->library));
	json_object_set_new(object, "version", sc_json_string(call->function->version));
	json_object_set_new(object, "prototype", json_boolean(call->line.proto));
	json_object_set_new(object, "arguments", arguments(json, call));
	json_object_set_new(object, "returned", json_boolean(call->line.leave));
	set_result(json, object, call);
	if (call->injected)
		json_object_set_new(object, "injected", json_true());
	if (call->caller)
		json_object_set_new(object, "caller", place(call, call->caller));
	frames = stack(call);
	if (frames)
		json_object_set_new(object, "stack", frames);
	write_out(json, object);
}

/* ---- Chrome's trace events ---- */

static void put_name(struct sc_calls_json *json, const char *what, uint32_t pid, uint32_t tid, const char *name)
{
	write_out(json, json_pack("{s:s, s:s, s:I, s:I, s:{s:o}}", "name", what, "ph", "M", "pid", (json_int_t)pid, "tid",
				  (json_int_t)tid, "args", "name", sc_json_string(name)));
}

/* What has got its name: another program in the same process is another one. */
struct named {
	const struct sc_merged_process *process;
	uint32_t tid; /* 0: of the process itself */
};

static int compare_named(const void *a, const void *b)
{
	const struct named *first = a, *second = b;

	if (first->process != second->process)
		return (uintptr_t)first->process < (uintptr_t)second->process ? -1 : 1;
	return first->tid < second->tid ? -1 : first->tid > second->tid;
}

/* Whether it has no name yet, and gets one now. */
static bool is_new(struct sc_calls_json *json, const struct sc_merged_process *process, uint32_t tid)
{
	const struct named key = { .process = process, .tid = tid };
	struct named *named, **node = tfind(&key, &json->named, compare_named);

	if (node)
		return false;
	named = malloc(sizeof(*named));
	if (named)
		*named = key;
	if (!named || !tsearch(named, &json->named, compare_named)) {
		free(named);
		json->failed = true;
	}
	return true;
}

static void put_names(struct sc_calls_json *json, const struct sc_merged_thread *thread)
{
	const struct sc_record_header *header = &thread->process->header;
	char name[32];

	if (is_new(json, thread->process, 0))
		put_name(json, "process_name", header->pid, header->pid, header->program);
	if (is_new(json, thread->process, thread->tid)) {
		snprintf(name, sizeof(name), thread->tid == header->pid ? "main" : "thread %u", thread->tid);
		put_name(json, "thread_name", header->pid, thread->tid, name);
	}
}

static json_t *microseconds(uint64_t ns)
{
	return json_real((double)ns / 1000);
}

static void put_trace_event(struct sc_calls_json *json, const struct sc_calls_call *call)
{
	uint64_t start = call->start ? call->start : call->end;
	json_t *object = json_object(), *args = json_object();
	bool whole = call->start && call->end >= call->start;

	if (!json->first)
		json->first = start;
	put_names(json, call->thread);
	json_object_set_new(object, "name", sc_json_string(call->function->function));
	json_object_set_new(object, "cat",
			    sc_json_string(*call->function->library ? call->function->library : "unknown"));
	/* What did not return begins and does not end. */
	json_object_set_new(object, "ph", json_string(whole ? "X" : call->start ? "B" : "i"));
	json_object_set_new(object, "ts", microseconds(start > json->first ? start - json->first : 0));
	if (whole)
		json_object_set_new(object, "dur", microseconds(call->end - call->start));
	json_object_set_new(object, "pid", json_integer(call->thread->process->header.pid));
	json_object_set_new(object, "tid", json_integer(call->thread->tid));
	json_object_set_new(args, "arguments", named_arguments(json, call));
	set_result(json, args, call);
	if (call->injected)
		json_object_set_new(args, "injected", json_true());
	json_object_set_new(object, "args", args);
	write_out(json, object);
}

/* ---- what calls.c tells ---- */

static int leave(void *context, struct sc_calls_call *call)
{
	struct sc_calls_json *json = context;
	uint64_t longest = json->options.longer_than;

	if (json->options.depth && call->depth >= json->options.depth)
		return 0;
	if (longest && (!call->start || call->end < call->start || call->end - call->start < longest))
		return 0;
	sc_line_layout(&json->layout, &call->line);
	if (json->chrome)
		put_trace_event(json, call);
	else
		put_call(json, call);
	return json->failed ? -EIO : 0;
}

static int end(void *context, const struct sc_merged *merged)
{
	struct sc_calls_json *json = context;

	if (json->chrome)
		return 0;
	write_out(json, json_pack("{s:s, s:I, s:o, s:I, s:s}", "event", "end", "pid",
				  (json_int_t)merged->process->header.pid, "program",
				  sc_json_string(merged->process->header.program), "time_ns", (json_int_t)merged->time,
				  "state", sc_process_state_name(merged->process->state)));
	return json->failed ? -EIO : 0;
}

int sc_calls_json_open(struct sc_calls_json **out, const struct sc_lines_options *options, bool chrome, FILE *file)
{
	struct sc_calls_json *json = calloc(1, sizeof(*json));

	if (!json)
		return -ENOMEM;
	json->options = *options;
	json->chrome = chrome;
	json->file = file;
	if (chrome)
		fputs("{\"traceEvents\":[", file);
	*out = json;
	return 0;
}

struct sc_calls_sink sc_calls_json_sink(struct sc_calls_json *json)
{
	return (struct sc_calls_sink){ .context = json, .leave = leave, .end = end };
}

int sc_calls_json_close(struct sc_calls_json *json)
{
	int r;

	if (!json)
		return 0;
	if (json->chrome)
		fprintf(json->file, "\n],\"displayTimeUnit\":\"ns\",\"otherData\":{\"start_ns\":\"%llu\",\"tool\":\"stubcache " SC_VERSION
				    "\"}}\n", (unsigned long long)json->first);
	r = json->failed || ferror(json->file) ? -EIO : 0;
	tdestroy(json->named, free);
	sc_text_release(&json->text);
	free(json);
	return r;
}
