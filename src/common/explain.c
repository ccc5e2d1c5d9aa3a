/* SPDX-License-Identifier: MIT */
/*
 * Owns the format of explain lines. Called by select_explain.c of the engine and by explain_slots.c of the preload.
 */
#include "common/explain.h"

#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/json.h"
#include "common/sys.h"

#define ROOM_BESIDES 256 /* member names, punctuation and numbers */

static char *append(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length);
	return at + length;
}

/* ,"name":"value" */
static char *append_member(char *at, const char *name, const char *value)
{
	at = append(append(append(at, ",\""), name), "\":\"");
	at += sc_json_escape(at, SC_JSON_ROOM(strlen(value)), value);
	return append(at, "\"");
}

static char *append_number(char *at, const char *name, unsigned value)
{
	return at + snprintf(at, ROOM_BESIDES / 4, "\"%s\":%u", name, value);
}

void sc_explain(int fd, const struct sc_explain_line *line)
{
	const struct {
		const char *name, *value;
	} members[] = {
		{ "program", line->program }, { "function", line->function }, { "library", line->library },
		{ "version", line->version }, { "action", line->action },     { "way", line->way },
		{ "reason", line->reason },
	};
	const size_t count = sizeof(members) / sizeof(members[0]);
	struct sc_arena arena = { 0 };
	size_t room = ROOM_BESIDES;
	char *text, *at;

	if (fd < 0)
		return;
	for (size_t i = 0; i < count; i++)
		room += SC_JSON_ROOM(strlen(members[i].value));
	text = sc_arena_alloc(&arena, room);
	if (text) {
		at = append_number(append(text, "{"), "pid", (unsigned)sc_sys_getpid());
		for (size_t i = 0; i < count; i++)
			at = append_member(at, members[i].name, members[i].value);
		at = append(append_number(append(at, ","), "slots", line->slots), "}\n");
		sc_sys_write_full(fd, text, (size_t)(at - text));
	}
	sc_arena_release(&arena);
}
