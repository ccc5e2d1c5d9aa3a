/* SPDX-License-Identifier: MIT */
/*
 * Owns the text of sc_runtime.reason. Called wherever the preload gives up something: start.c, generate.c,
 * recording.c.
 */
#include "preload/reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "preload/log.h"
#include "preload/runtime.h"

static void add(const char *text)
{
	size_t used = strlen(sc_runtime.reason), room = sizeof(sc_runtime.reason) - used;

	snprintf(sc_runtime.reason + used, room, "%s%s", used ? "; " : "", text);
}

void sc_reason(enum sc_log_level level, const char *format, ...)
{
	char text[sizeof(sc_runtime.reason)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (strstr(sc_runtime.reason, text))
		return;
	add(text);
	sc_log(level, "%s", text);
}

void sc_reason_store(enum sc_store_reason reason, int error)
{
	char text[256];

	sc_store_reason_text(&sc_runtime.store, reason, error, text, sizeof(text));
	sc_reason(SC_LOG_INFO, "%s: %s", sc_store_reason_name(reason), text);
}
