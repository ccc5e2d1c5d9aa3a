/* SPDX-License-Identifier: MIT */
/*
 * Owns the making of lines: what stands before and behind a call, and what becomes of a line when another call comes in
 * between. Does not own how arguments look (line_call.c) nor where lines go (lines_out.c). Called through calls.c.
 *
 *	open("x", O_RDONLY)                     = 3
 *	read(3,  <unfinished ...>			another call came while it ran
 *	<... read resumed>"text", 4096)         = 4
 *
 * An entry is shown at once, as far as it can be (up to the first argument that the function fills), so that who looks at
 * the terminal sees what a program waits in.
 */
#include "cmd/lines.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/symbolize.h"
#include "common/rules.h"

enum state {
	FRESH,	  /* nothing is shown */
	SHOWN,	  /* its line is the open one, or complete */
	HIDDEN,	  /* is not to be shown */
	RESUMING, /* another line came in between */
};

enum paint { PLAIN, NAME, FAILURE, ASIDE };

struct sc_lines {
	struct sc_lines_options options;
	struct sc_lines_outs outs;
	bool colour, numbers; /* numbers: there has been more than one thread, so lines say whose they are */
	uint32_t only; /* tid of the one that there has been; 0: none yet */
	uint64_t before; /* entry of the call shown before, for -r */
	uint32_t own;
	struct sc_symbols *symbols; /* for -k, or NULL */
	struct sc_text text;
	size_t unseen; /* bytes of text that take no column */
	struct sc_line_layout layout;
};

/* ---- pieces of lines ---- */

static void paint(struct sc_lines *lines, enum paint with, const char *string)
{
	static const char *const codes[] = { [NAME] = "\033[1m", [FAILURE] = "\033[31m", [ASIDE] = "\033[2m" };

	if (!lines->colour || with == PLAIN) {
		sc_text_add(&lines->text, string);
		return;
	}
	lines->unseen += strlen(codes[with]) + 4;
	sc_text_add(&lines->text, codes[with]);
	sc_text_add(&lines->text, string);
	sc_text_add(&lines->text, "\033[0m");
}

static struct sc_lines_out *out_of(struct sc_lines *lines, struct sc_merged_thread *thread)
{
	/* Looked up each time, but for the one that all share: files of threads are few, and calls many. */
	if (!lines->outs.each_own)
		return lines->outs.first;
	return sc_lines_outs_get(&lines->outs, thread->tid);
}

static void write_out(struct sc_lines *lines, struct sc_lines_out *out)
{
	sc_lines_outs_write(&lines->outs, out, &lines->text);
	sc_text_clear(&lines->text);
	lines->unseen = 0;
}

static void note_thread(struct sc_lines *lines, const struct sc_merged_thread *thread)
{
	/* Not by its place: another thread may go on where one has ended. */
	if (!lines->only)
		lines->only = thread->tid;
	else if (lines->only != thread->tid)
		lines->numbers = true;
}

static void put_number(struct sc_lines *lines, uint32_t number)
{
	char text[32];

	if (lines->outs.each_own)
		return;
	if (lines->outs.prefix) {
		sc_text_format(&lines->text, "%-5u ", number);
	} else if (lines->numbers) {
		snprintf(text, sizeof(text), "[pid %5u] ", number);
		paint(lines, ASIDE, text);
	}
}

static void put_clock(struct sc_lines *lines, uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000u);
	unsigned long us = (unsigned long)(ns % 1000000000u / 1000);
	uint64_t passed = lines->before && ns > lines->before ? ns - lines->before : 0;
	char text[64] = "";
	struct tm local;

	switch (lines->options.clock) {
	case SC_LINES_TIME:
	case SC_LINES_TIME_US:
		if (!localtime_r(&seconds, &local))
			return;
		strftime(text, sizeof(text), "%H:%M:%S", &local);
		sc_text_add(&lines->text, text);
		if (lines->options.clock == SC_LINES_TIME_US)
			sc_text_format(&lines->text, ".%06lu", us);
		break;
	case SC_LINES_EPOCH:
		sc_text_format(&lines->text, "%lld.%06lu", (long long)seconds, us);
		break;
	case SC_LINES_RELATIVE:
		sc_text_format(&lines->text, "%6llu.%06llu", (unsigned long long)(passed / 1000000000u),
			       (unsigned long long)(passed % 1000000000u / 1000));
		break;
	default:
		return;
	}
	sc_text_char(&lines->text, ' ');
	lines->before = ns;
}

/* Ends the line that is open, so that another can begin. */
static void interrupt_line(struct sc_lines *lines, struct sc_lines_out *out)
{
	if (!out->open)
		return;
	paint(lines, ASIDE, " <unfinished ...>");
	sc_text_char(&lines->text, '\n');
	out->open->state = RESUMING;
	out->open = NULL;
	write_out(lines, out);
}

/* Up to and with the opening parenthesis. */
static void begin_line(struct sc_lines *lines, struct sc_lines_out *out, const struct sc_calls_call *call, uint64_t time)
{
	interrupt_line(lines, out);
	put_number(lines, call->thread->tid);
	put_clock(lines, time);
	out->column = 0;
	/* The column is counted from here. */
	lines->unseen = lines->text.length;
	for (uint64_t i = (uint64_t)lines->options.indent * call->depth; i > 0 && lines->text.length < 4096; i--)
		sc_text_char(&lines->text, ' ');
}

/* Arguments from the one not shown yet on; all: also those that are known only at the return. */
static void put_arguments(struct sc_lines *lines, struct sc_calls_call *call, bool all)
{
	const struct sc_line_style *style = &lines->options.style;

	for (; call->shown < lines->layout.count; call->shown++) {
		if (!all && sc_line_waits(&lines->layout, &call->line, call->shown))
			return;
		sc_line_argument(&lines->text, style, &lines->layout, &call->line, call->shown);
		if (call->shown + 1 < lines->layout.count || lines->layout.more)
			sc_text_add(&lines->text, ", ");
	}
	if (all && lines->layout.more)
		sc_text_add(&lines->text, "...");
}

static void put_name(struct sc_lines *lines, const struct sc_calls_call *call)
{
	paint(lines, NAME, call->function->function);
	sc_text_char(&lines->text, '(');
}

static void put_injected(struct sc_lines *lines, uint64_t detail)
{
	static const struct {
		enum sc_rule_fault fault;
		const char *name;
	} others[] = { { SC_RULE_SIGNAL, "SIGNAL" }, { SC_RULE_DELAY_ENTER, "DELAYED" }, { SC_RULE_DELAY_EXIT, "DELAYED" } };
	unsigned faults = detail >> 32 & 0xff;

	if (faults & (SC_RULE_ERROR | SC_RULE_RETVAL))
		paint(lines, FAILURE, " (INJECTED)");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (faults & (unsigned)others[i].fault) {
			sc_text_format(&lines->text, " (%s)", others[i].name);
			break;
		}
	}
}

static void put_result(struct sc_lines *lines, const struct sc_lines_out *out, const struct sc_calls_call *call)
{
	struct sc_text result = { 0 };
	size_t column = out->column + lines->text.length - lines->unseen;

	sc_text_char(&lines->text, ')');
	for (column++; column < lines->options.column; column++)
		sc_text_char(&lines->text, ' ');
	sc_text_add(&lines->text, " = ");
	sc_line_result(&result, &lines->options.style, &lines->layout, &call->line);
	paint(lines, lines->layout.failed ? FAILURE : PLAIN, sc_text_string(&result));
	sc_text_release(&result);
	if (call->injected)
		put_injected(lines, call->injected);
	if (lines->options.durations && call->start && call->end >= call->start) {
		uint64_t ns = call->end - call->start;

		sc_text_format(&lines->text, " <%llu.%09llu>", (unsigned long long)(ns / 1000000000u),
			       (unsigned long long)(ns % 1000000000u));
	}
	sc_text_char(&lines->text, '\n');
	if (lines->options.stacks)
		sc_lines_stack(&lines->text, lines->symbols, call);
}

/* ---- what calls.c tells ---- */

static bool hidden(const struct sc_lines *lines, const struct sc_calls_call *call)
{
	return lines->options.depth && call->depth >= lines->options.depth;
}

static int enter(void *context, struct sc_calls_call *call)
{
	struct sc_lines *lines = context;
	struct sc_lines_out *out = out_of(lines, call->thread);

	note_thread(lines, call->thread);
	/* How long it takes is not known yet. */
	if (hidden(lines, call) || !out)
		call->state = HIDDEN;
	if (call->state == HIDDEN || lines->options.longer_than)
		return 0;
	begin_line(lines, out, call, call->start);
	put_name(lines, call);
	sc_line_layout(&lines->layout, &call->line);
	put_arguments(lines, call, false);
	out->column = (unsigned)(lines->text.length - lines->unseen);
	out->open = call;
	call->state = SHOWN;
	write_out(lines, out);
	return lines->outs.error;
}

static int leave(void *context, struct sc_calls_call *call)
{
	struct sc_lines *lines = context;
	struct sc_lines_out *out = out_of(lines, call->thread);
	bool returned = call->line.leave;

	note_thread(lines, call->thread);
	if (call->state == HIDDEN || hidden(lines, call) || !out)
		return 0;
	if (lines->options.longer_than &&
	    (!returned || !call->start || call->end - call->start < lines->options.longer_than || call->end < call->start))
		return 0;
	sc_line_layout(&lines->layout, &call->line);
	if (call->state == FRESH) {
		begin_line(lines, out, call, call->start ? call->start : call->end);
		if (call->line.enter) {
			put_name(lines, call);
		} else {
			call->shown = lines->layout.count;
			lines->layout.more = false;
			paint(lines, ASIDE, "<... ");
			paint(lines, NAME, call->function->function);
			paint(lines, ASIDE, " resumed>");
		}
	} else if (call->state == RESUMING) {
		begin_line(lines, out, call, returned ? call->end : call->start);
		paint(lines, ASIDE, "<... ");
		paint(lines, NAME, call->function->function);
		paint(lines, ASIDE, " resumed>");
	} else if (out->open != call) {
		return 0;
	}
	put_arguments(lines, call, true);
	put_result(lines, out, call);
	out->open = NULL;
	out->column = 0;
	write_out(lines, out);
	return lines->outs.error;
}

static int injected(void *context, const struct sc_merged *merged, const struct sc_calls_function *function)
{
	struct sc_lines *lines = context;
	struct sc_calls_call call = { .thread = merged->thread, .function = function, .depth = merged->event->depth };
	struct sc_lines_out *out = out_of(lines, merged->thread);

	note_thread(lines, merged->thread);
	if (!out)
		return 0;
	begin_line(lines, out, &call, merged->time);
	put_name(lines, &call);
	sc_text_add(&lines->text, "...)");
	if ((int16_t)merged->event->detail) {
		sc_text_add(&lines->text, " = ");
		sc_line_error(&lines->text, (int16_t)merged->event->detail);
	}
	put_injected(lines, merged->event->detail);
	sc_text_char(&lines->text, '\n');
	write_out(lines, out);
	return lines->outs.error;
}

static void put_end(struct sc_lines *lines, uint32_t pid, uint64_t time, const char *how)
{
	struct sc_lines_out *out = lines->outs.each_own ? sc_lines_outs_get(&lines->outs, pid) : lines->outs.first;

	if (!out)
		return;
	interrupt_line(lines, out);
	put_number(lines, pid);
	put_clock(lines, time);
	paint(lines, ASIDE, how);
	sc_text_char(&lines->text, '\n');
	write_out(lines, out);
}

static int end(void *context, const struct sc_merged *merged)
{
	struct sc_lines *lines = context;
	const struct sc_record_header *header = &merged->process->header;

	if (header->pid == lines->own)
		return 0;
	/* One of which no call was there. */
	if (lines->only && lines->only != header->pid)
		lines->numbers = true;
	if (merged->process->state == SC_PROCESS_ENDED)
		put_end(lines, header->pid, merged->time, "+++ exited +++");
	else if (merged->process->state == SC_PROCESS_KILLED)
		put_end(lines, header->pid, merged->time, "+++ killed +++");
	return lines->outs.error;
}

void sc_lines_own(struct sc_lines *lines, uint32_t pid)
{
	lines->own = pid;
}

void sc_lines_ended(struct sc_lines *lines, int status)
{
	struct sc_text how = { 0 };
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (WIFSIGNALED(status)) {
		sc_text_add(&how, "+++ killed by ");
		sc_line_signal(&how, WTERMSIG(status));
		sc_text_add(&how, WCOREDUMP(status) ? " (core dumped) +++" : " +++");
	} else {
		sc_text_format(&how, "+++ exited with %d +++", WEXITSTATUS(status));
	}
	put_end(lines, lines->own, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, sc_text_string(&how));
	sc_text_release(&how);
}

struct sc_calls_sink sc_lines_sink(struct sc_lines *lines)
{
	return (struct sc_calls_sink){ .context = lines, .enter = enter, .leave = leave, .injected = injected, .end = end };
}

void sc_lines_flush(struct sc_lines *lines)
{
	sc_lines_outs_flush(&lines->outs);
}

static bool wants_colour(const struct sc_lines_options *options, FILE *standard)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (options->colour != SC_LINES_AUTO)
		return options->colour == SC_LINES_ALWAYS;
	if (options->file || (no && *no) || (terminal && !strcmp(terminal, "dumb")))
		return false;
	return isatty(fileno(standard));
}

int sc_lines_open(struct sc_lines **out, const struct sc_lines_options *options, FILE *standard)
{
	struct sc_lines *lines = calloc(1, sizeof(*lines));
	int r;

	if (!lines)
		return -ENOMEM;
	lines->options = *options;
	lines->colour = wants_colour(options, standard);
	if (options->stacks)
		lines->symbols = sc_symbols_open(true);
	r = sc_lines_outs_open(&lines->outs, options, standard);
	if (r)
		sc_lines_close(lines);
	else
		*out = lines;
	return r;
}

int sc_lines_close(struct sc_lines *lines)
{
	int r;

	if (!lines)
		return 0;
	r = sc_lines_outs_close(&lines->outs);
	if (lines->symbols)
		sc_symbols_close(lines->symbols);
	sc_text_release(&lines->text);
	free(lines);
	return r;
}

void sc_lines_notes(const struct sc_merge *merge, const struct sc_calls *calls)
{
	const struct sc_merge_losses *losses = sc_merge_losses(merge);
	const struct sc_calls_function *function;
	struct sc_text names = { 0 };
	size_t n = 0;

	for (; (function = sc_calls_unknown(calls, n)); n++)
		if (n < 10)
			sc_text_format(&names, "%s%s", n ? ", " : "", function->function);
	if (n > 10)
		sc_text_format(&names, " and %zu more", n - 10);
	if (n)
		sc_cmd_error("no prototype, so registers are shown: %s", sc_text_string(&names));
	sc_text_release(&names);
	if (losses->dropped)
		sc_cmd_error("%llu events found no room and are missing", (unsigned long long)losses->dropped);
	if (losses->denied)
		sc_cmd_error("programs had forbidden (by seccomp) system calls that recording takes: %llu were not made, so that "
			     "events found no room and strings could not be read", (unsigned long long)losses->denied);
	if (losses->unfinished)
		sc_cmd_error("%llu events were not finished and are missing", (unsigned long long)losses->unfinished);
	if (losses->damaged)
		sc_cmd_error("record '%s' is damaged (%s), what could be read is shown", losses->damaged_file, losses->damage);
	if (losses->refused)
		sc_cmd_error("cannot read record '%s': %s", losses->refused_file,
			     sc_record_why_text(losses->refused_why));
}
