/* SPDX-License-Identifier: MIT */
/*
 * What the command has to do with JSON besides what jansson does: files of JSON lines, members that may be missing or
 * of another type, and text in any encoding. Thread safe for different values.
 */
#ifndef SC_CMD_JSON_VALUES_H
#define SC_CMD_JSON_VALUES_H

#include <jansson.h>

/* An array of the objects in a file of JSON lines; an empty one when the file is not there. Lines that are no object (a
 * full disk cuts some) are passed over. NULL when memory is short. The caller has the reference. */
json_t *sc_json_lines(const char *path);

/* The member's text, or "" when it is missing or no string. Belongs to the object. */
const char *sc_json_text(const json_t *object, const char *member);
/* A number, cut to a whole one within the range of the type; true is 1; 0 when missing. */
long long sc_json_whole(const json_t *object, const char *member);

/* A string of text that may be no UTF-8, such as names of files: a byte that belongs to no character becomes U+0080 to
 * U+00FF. NULL when memory is short, or text is NULL. */
json_t *sc_json_string(const char *text);

#endif
