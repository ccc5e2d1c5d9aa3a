/* SPDX-License-Identifier: MIT */
/*
 * The reader of events and all that makes text of them (cmd/events_*.c, cmd/line_*.c), with prototypes of many kinds:
 * whatever a record says, nothing is read outside of it, and text comes of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/events_read.h"
#include "cmd/events_view.h"
#include "cmd/line_call.h"
#include "fuzz.h"

static const char declarations[] =
	"enum [[flags]] o { RD [[mask(3)]] = 0, WR [[mask(3)]] = 1, CR = 0100 };\n"
	"struct s { int a; char b[8]; struct { long x, y; } c; unsigned d : 3; const char *e; double f; };\n"
	"struct stat { unsigned long st_dev, st_ino, st_nlink; unsigned st_mode, st_uid, st_gid, __pad; char rest[104]; };\n"
	"union u { int i; double d; void *p; };\n"
	"[[printf(s)]] int f0(const char *s, ...);\n"
	"[[vprintf(s, ap)]] int f1(const char *s, va_list ap);\n"
	"int f2(const struct s *p, const union u *q, const struct stat *t, const int *n [[in, size(40)]]);\n"
	"struct s f3(struct s p, long double l, double _Complex c, float g);\n"
	"[[error(-1)]] ssize_t f4(int fd [[fd]], void *b [[out, size(return)]], size_t n);\n"
	"[[error(NULL)]] char *f5(const char *s, char *const v[] [[strings]], int flags [[flags(o)]]) [[string]];\n"
	"int f6(const void *a [[in, size(n), sockaddr]], unsigned n, unsigned *m [[inout, size(4)]]);\n"
	"[[error(-1)]] int f7(const char *p, int flags [[flags(o)]], ...);\n"
	"[[error(-1)]] [[case(flags & 0100)]] int f7(const char *p, int flags [[flags(o)]], unsigned mode [[octal]]);\n"
	"double _Complex f8(double a, char b, signed char c, _Bool d, enum o e, int f [[signal]], int g [[errno]]);\n"
	"long double _Complex f9(void);\n"
	"struct s (*f10(int (*g)(int), FILE *h))(void);\n";

static const struct sc_proto *protos[12];
static volatile size_t summed;

static void read_protos(void)
{
	static struct sc_arena arena;
	static struct sc_protos all = { .arena = &arena };
	char name[] = "f00";

	if (all.tables)
		return;
	FUZZ_PROMISE(sc_protos_read(&all, declarations, sizeof(declarations) - 1, "fuzz", NULL) == 0);
	for (unsigned i = 0; i < 11; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		protos[i] = sc_protos_find(&all, name);
		FUZZ_PROMISE(protos[i]);
	}
}

/* Each event as the entry or the return of a call of some function, and of the one before it. */
static int sink(void *context, const struct sc_events_thread *thread, const struct sc_event *event)
{
	static const struct sc_line_style style = { .string_limit = 32 }, whole = { .string_limit = 1000, .verbose = true };
	static _Alignas(8) unsigned char before[SC_EVENT_MOST];
	const struct sc_event *last = (const struct sc_event *)before;
	struct sc_line_call call = { .proto = protos[event->index % 12] };
	struct sc_text text = { 0 };

	(void)context;
	(void)thread;
	FUZZ_PROMISE(sc_event_valid(event, event->size));
	if (event->kind == SC_EVENT_LEAVE) {
		call.leave = event;
		if (last->kind == SC_EVENT_ENTER && last->size)
			call.enter = last;
	} else {
		call.enter = event;
	}
	sc_line_call(&text, event->depth & 1 ? &style : &whole, &call);
	FUZZ_PROMISE(text.length >= 2 && strlen(text.at) == text.length);
	summed += text.length;
	sc_text_release(&text);
	memcpy(before, event, event->size);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_events *events;
	const char *why = NULL;
	int r = sc_events_open_bytes(&events, data, size, &why);

	read_protos();
	FUZZ_PROMISE(r == 0 || (r == -EINVAL && why && why[0]) || r == -ENODATA || r == -ENOMEM);
	if (r)
		return 0;
	if (sc_events_look(events) == 0)
		for (size_t i = 0; i < sc_events_thread_count(events); i++)
			while (sc_events_take(events, i, sink, NULL) > 0)
				;
	summed += sc_events_module_at(events, size, 0) != NULL;
	sc_events_close(events);
	return 0;
}
