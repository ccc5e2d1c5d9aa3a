/* SPDX-License-Identifier: MIT */
/*
 * Owns `stubcache proto show`. Called by proto.c.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/json_values.h"
#include "cmd/proto.h"
#include "cmd/proto_files.h"
#include "common/glob.h"

struct options {
	const char **files; /* of -P; owned */
	size_t file_count;
	bool json, verbose;
};

/* -1: go on; else the status to end with. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },	{ "json", no_argument, NULL, 'j' },
		{ "prototypes", required_argument, NULL, 'P' }, { "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	options->files = calloc((size_t)argc, sizeof(*options->files));
	if (!options->files) {
		sc_cmd_error("out of memory");
		return SC_CMD_FOUND;
	}
	while ((option = getopt_long(argc, argv, "hP:v", longs, NULL)) != -1) {
		switch (option) {
		case 'h':
			return sc_cmd_proto_help();
		case 'j':
			options->json = true;
			break;
		case 'P':
			options->files[options->file_count++] = optarg;
			break;
		case 'v':
			options->verbose = true;
			break;
		default:
			return sc_cmd_usage("proto");
		}
	}
	return -1;
}

/* Text of any length, malloc'ed; NULL: no memory. */
static char *text_of(const struct sc_proto *proto)
{
	size_t size = sc_proto_text(proto, NULL, 0) + 1;
	char *text = malloc(size);

	if (text)
		sc_proto_text(proto, text, size);
	return text;
}

static char *type_text(const struct sc_type *type)
{
	size_t size = sc_type_text(type, "", NULL, 0) + 1;
	char *text = malloc(size);

	if (text)
		sc_type_text(type, "", text, size);
	return text;
}

static bool print(const struct sc_proto *proto, const struct options *options)
{
	char *text = text_of(proto);

	if (!text)
		return false;
	if (options->verbose)
		printf("/* %s:%u */\n", proto->source, proto->line);
	fputs(text, stdout);
	free(text);
	return true;
}

static json_t *json_of_parameters(const struct sc_type *function)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < function->count; i++) {
		char *type = type_text(function->parameters[i].type);

		json_array_append_new(array, json_pack("{s:s?, s:s?}", "name", function->parameters[i].name, "type",
						       type));
		free(type);
	}
	return array;
}

static const char *error_name(const struct sc_proto *proto)
{
	static const char *const names[] = { "none", "-1", "NULL", "returned", "negative", "nonzero" };

	return proto->error_given && proto->error < sizeof(names) / sizeof(names[0]) ? names[proto->error] : NULL;
}

static bool add_json(json_t *array, const struct sc_proto *proto)
{
	char *text = text_of(proto), *returns = type_text(proto->type->target);
	unsigned variants = 0;

	for (const struct sc_proto *variant = proto->variant; variant; variant = variant->variant)
		variants++;
	json_array_append_new(array, json_pack("{s:s, s:s?, s:s?, s:o, s:b, s:s?, s:i, s:o, s:i}", "name", proto->name,
					       "declaration", text, "returns", returns, "parameters",
					       json_of_parameters(proto->type), "variadic", (int)proto->type->variadic,
					       "error", error_name(proto), "variants", (int)variants, "file",
					       sc_json_string(proto->source), "line", (int)proto->line));
	free(text);
	free(returns);
	return text && returns;
}

/* What is near a name that is not known: the nearest one. */
static void say_unknown(const struct sc_protos *protos, const char *name)
{
	const struct sc_proto *nearest = sc_protos_nearest(protos, name);

	if (strpbrk(name, "*?["))
		sc_cmd_error("no prototype matches '%s'", name);
	else if (nearest)
		sc_cmd_error("there is no prototype of '%s': did you mean '%s'?", name, nearest->name);
	else
		sc_cmd_error("there is no prototype of '%s': declare it in a file and give that with -P", name);
}

static bool show_one(const struct sc_proto *proto, const struct options *options, json_t *array)
{
	return array ? add_json(array, proto) : print(proto, options);
}

/* False when nothing matched, or there was no memory. */
static bool show(const struct sc_protos *protos, const char *glob, const struct options *options, json_t *array)
{
	const struct sc_proto *proto = sc_protos_find(protos, glob);
	bool any = false;

	if (proto)
		return show_one(proto, options, array);
	for (proto = NULL; (proto = sc_protos_next(protos, proto));)
		if (sc_glob_match(glob, proto->name))
			any = show_one(proto, options, array) || any;
	if (!any)
		say_unknown(protos, glob);
	return any;
}

static int show_all(const struct sc_protos *protos, char **names, const struct options *options)
{
	static char all[] = "*", *everything[] = { all, NULL };
	json_t *array = options->json ? json_array() : NULL;
	int status = SC_CMD_OK;

	for (names = *names ? names : everything; *names; names++)
		if (!show(protos, *names, options, array))
			status = SC_CMD_FOUND;
	if (array) {
		json_dumpf(array, stdout, JSON_INDENT(1));
		putchar('\n');
		json_decref(array);
	}
	return status;
}

int sc_cmd_proto_show(int argc, char **argv)
{
	struct options options = { 0 };
	struct sc_arena arena = { 0 };
	struct sc_protos protos = { .arena = &arena };
	int status = parse(argc, argv, &options);

	if (status < 0) {
		int loaded = sc_protos_load(&protos, options.files, options.file_count);

		status = show_all(&protos, argv + optind, &options);
		if (loaded && status == SC_CMD_OK)
			status = SC_CMD_FOUND;
		status = sc_cmd_finish(status);
	}
	sc_arena_release(&arena);
	free(options.files);
	return status;
}
