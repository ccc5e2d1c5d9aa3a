/* SPDX-License-Identifier: MIT */
/*
 * Owns what is shown of a site or a run beyond its numbers: stacks with names, and the end of what the test said.
 * Called by campaign_json.c.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/campaign.h"
#include "cmd/json_values.h"
#include "cmd/symbolize.h"

#define TAIL_LINES 5
#define TAIL_BYTES 2048

static unsigned nibble(char c)
{
	return isdigit((unsigned char)c) ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10) & 15;
}

static size_t read_id(const char *hex, uint8_t id[32])
{
	size_t size = strlen(hex) / 2;

	size = size < 32 ? size : 32;
	for (size_t i = 0; i < size; i++)
		id[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
	return size;
}

static json_t *frame_json(const struct sc_symbol *symbol, const json_t *frame, bool inlined)
{
	json_t *out = json_object();

	json_object_set_new(out, "function", sc_json_string(symbol->function));
	if (symbol->file) {
		json_object_set_new(out, "file", sc_json_string(symbol->file));
		if (symbol->line)
			json_object_set_new(out, "line", json_integer(symbol->line));
	}
	json_object_set(out, "module", json_object_get(frame, "module"));
	json_object_set(out, "offset", json_object_get(frame, "offset"));
	if (inlined)
		json_object_set_new(out, "inlined", json_true());
	return out;
}

json_t *sc_campaign_stack(struct sc_symbols *symbols, const json_t *frames)
{
	static const struct sc_symbol unknown = { .function = "?" };
	json_t *out = json_array();
	const json_t *frame;
	size_t i;

	json_array_foreach(frames, i, frame) {
		const char *path = sc_json_text(frame, "module");
		const struct sc_symbol_place *place = NULL;
		uint8_t id[32];
		size_t id_size = read_id(sc_json_text(frame, "build_id"), id);
		int module = *path ? sc_symbols_module(symbols, path, id, id_size) : -1;

		/* What is recorded is where a call returns to: the call is before that. */
		if (module >= 0)
			place = sc_symbols_find(symbols, module, (uint64_t)sc_json_whole(frame, "offset") - 1);
		if (!place)
			json_array_append_new(out, frame_json(&unknown, frame, false));
		for (size_t n = 0; place && n < place->count; n++)
			json_array_append_new(out, frame_json(&place->symbols[n], frame, n + 1 < place->count));
	}
	return out;
}

/* The last bytes of a file, terminated; from the beginning of a line on. */
static char *end_of(const char *path)
{
	char *text = calloc(1, TAIL_BYTES + 1), *line;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
	off_t from = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
	ssize_t n = text && fd >= 0 ? pread(fd, text, TAIL_BYTES, from) : 0;

	if (fd >= 0)
		close(fd);
	if (!text)
		return NULL;
	text[n > 0 ? n : 0] = 0;
	for (ssize_t i = 0; i < n; i++) /* it goes to a terminal */
		if (text[i] != '\n' && text[i] != '\t' && (unsigned char)text[i] < ' ')
			text[i] = '?';
	line = from ? strchr(text, '\n') : NULL;
	if (line)
		memmove(text, line + 1, strlen(line + 1) + 1);
	return text;
}

json_t *sc_campaign_tail(const char *directory, long long run)
{
	json_t *lines = json_array();
	char path[PATH_MAX], *text, *rest, *line;

	sc_campaign_path(path, directory, (unsigned)run, "stderr");
	text = rest = end_of(path);
	while (rest && *rest) {
		line = strsep(&rest, "\n");
		json_array_append_new(lines, sc_json_string(line));
		if (json_array_size(lines) > TAIL_LINES)
			json_array_remove(lines, 0);
	}
	free(text);
	return lines;
}
