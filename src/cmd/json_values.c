/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from files and from text in any encoding to values of JSON, and to their members. Called by all that
 * reads or shows JSON.
 */
#include "cmd/json_values.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

json_t *sc_json_lines(const char *path)
{
	json_t *lines = json_array();
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	while (lines && file && (length = getline(&line, &room, file)) > 0) {
		json_t *object = json_loadb(line, (size_t)length, 0, NULL);

		if (json_is_object(object))
			json_array_append_new(lines, object);
		else
			json_decref(object);
	}
	free(line);
	if (file)
		fclose(file);
	return lines;
}

const char *sc_json_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

long long sc_json_whole(const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);
	double real = json_real_value(value);

	if (json_is_integer(value))
		return json_integer_value(value);
	if (!(real > -9e18 && real < 9e18))
		return real > 0 ? LLONG_MAX : LLONG_MIN;
	return json_is_true(value) ? 1 : (long long)real;
}

json_t *sc_json_string(const char *text)
{
	json_t *out = json_string(text);
	size_t room = text ? SC_JSON_ROOM(strlen(text)) + 2 : 0;
	char *quoted = out || !text ? NULL : malloc(room);

	if (!quoted)
		return out;
	quoted[0] = '"';
	strcpy(quoted + 1 + sc_json_escape(quoted + 1, room - 2, text), "\"");
	out = json_loads(quoted, JSON_DECODE_ANY, NULL);
	free(quoted);
	return out;
}
