/* SPDX-License-Identifier: MIT */
/*
 * Owns functions as text: what C cannot say, in [[...]]. Types are proto_text.c's. Called by the command.
 */
#include "common/proto_text.h"

static void put_factor(struct sc_text *t, const struct sc_factor *factor, const struct sc_type *function)
{
	if (factor->kind == SC_FACTOR_RETURN) {
		sc_text_put(t, "return");
		return;
	}
	if (factor->kind == SC_FACTOR_POINTED)
		sc_text_put(t, "*");
	if (function && factor->parameter < function->count && function->parameters[factor->parameter].name)
		sc_text_put(t, function->parameters[factor->parameter].name);
}

static void put_measure(struct sc_text *t, const struct sc_measure *measure, const struct sc_type *function)
{
	const char *between = "";

	sc_text_put(t, "(");
	for (unsigned i = 0; i < measure->factor_count; i++) {
		sc_text_put(t, between);
		put_factor(t, &measure->factors[i], function);
		between = " * ";
	}
	if (measure->times != 1 || !measure->factor_count) {
		sc_text_put(t, between);
		sc_text_put_number(t, measure->times);
	}
	sc_text_put(t, ")");
}

/* The bracket of the first note, a comma before the others. */
static void begin_note(struct sc_text *t, const char **between)
{
	sc_text_put(t, *between);
	*between = ", ";
}

static void put_marks(struct sc_text *t, uint32_t marks, const char **between)
{
	static const struct {
		const char *name;
		uint32_t marks;
	} names[] = {
		{ "octal", SC_MARK_OCTAL }, { "hex", SC_MARK_HEX }, { "decimal", SC_MARK_DECIMAL }, { "fd", SC_MARK_FD },
		{ "path", SC_MARK_STRING | SC_MARK_PATH }, { "string", SC_MARK_STRING }, { "strings", SC_MARK_STRINGS },
		{ "opaque", SC_MARK_OPAQUE },
		{ "sockaddr", SC_MARK_SOCKADDR }, { "signal", SC_MARK_SIGNAL }, { "errno", SC_MARK_ERRNO },
		{ "char", SC_MARK_CHAR },
		{ "inout", SC_MARK_IN | SC_MARK_OUT }, { "in", SC_MARK_IN }, { "out", SC_MARK_OUT },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((marks & names[i].marks) != names[i].marks)
			continue;
		marks &= ~names[i].marks;
		begin_note(t, between);
		sc_text_put(t, names[i].name);
	}
}

void sc_text_put_notes(struct sc_text *t, const struct sc_notes *notes, const struct sc_type *function)
{
	const char *between = " [[";

	if (!notes)
		return;
	put_marks(t, notes->marks, &between);
	if (notes->set) {
		begin_note(t, &between);
		sc_text_put(t, notes->marks & SC_MARK_FLAGS ? "flags(" : "enum(");
		sc_text_put(t, notes->set->name ? notes->set->name : "");
		sc_text_put(t, ")");
	}
	if (notes->size.times) {
		begin_note(t, &between);
		sc_text_put(t, "size");
		put_measure(t, &notes->size, function);
	}
	sc_text_put(t, between[0] == ',' ? "]]" : "");
}

void sc_text_put_parameter(struct sc_text *t, const struct sc_type *function, const struct sc_parameter *parameter)
{
	const struct sc_type *real = sc_type_real(parameter->type);

	if (parameter->elements > 1) {
		const struct sc_type array = { .kind = SC_TYPE_ARRAY, .complete = true, .count = parameter->elements,
					       .target = real->target };

		sc_text_put_type(t, &array, parameter->name, 0);
	} else {
		sc_text_put_type(t, parameter->type, parameter->name, 0);
	}
	sc_text_put_notes(t, parameter->notes, function);
}

static void put_error(struct sc_text *t, const struct sc_proto *proto, const char **between)
{
	static const char *const names[] = {
		[SC_ERROR_NONE] = "none", [SC_ERROR_MINUS_ONE] = "-1", [SC_ERROR_NULL] = "NULL",
		[SC_ERROR_RETURNED] = "returned", [SC_ERROR_NEGATIVE] = "negative", [SC_ERROR_NONZERO] = "nonzero",
	};

	if (!proto->error_given || proto->error > SC_ERROR_NONZERO)
		return;
	begin_note(t, between);
	sc_text_put(t, "error(");
	sc_text_put(t, names[proto->error]);
	sc_text_put(t, ")");
}

static void put_parameter_name(struct sc_text *t, const struct sc_proto *proto, unsigned number)
{
	if (number < proto->type->count && proto->type->parameters[number].name)
		sc_text_put(t, proto->type->parameters[number].name);
}

static void put_format(struct sc_text *t, const struct sc_proto *proto, const char **between)
{
	if (proto->format == SC_PARAMETER_NONE)
		return;
	begin_note(t, between);
	sc_text_put(t, proto->valist == SC_PARAMETER_NONE ? "printf(" : "vprintf(");
	put_parameter_name(t, proto, proto->format);
	if (proto->valist != SC_PARAMETER_NONE) {
		sc_text_put(t, ", ");
		put_parameter_name(t, proto, proto->valist);
	}
	sc_text_put(t, ")");
}

static void put_conditions(struct sc_text *t, const struct sc_proto *proto, const char **between)
{
	if (!proto->condition_count)
		return;
	begin_note(t, between);
	sc_text_put(t, "case(");
	for (unsigned i = 0; i < proto->condition_count; i++) {
		sc_text_put(t, i ? " || " : "");
		put_parameter_name(t, proto, proto->conditions[i].parameter);
		sc_text_put(t, proto->conditions[i].equal ? " == " : " & ");
		sc_text_put_number(t, proto->conditions[i].value);
	}
	sc_text_put(t, ")");
}

static void put_function(struct sc_text *t, const struct sc_proto *proto)
{
	const char *between = "[[";

	put_error(t, proto, &between);
	put_format(t, proto, &between);
	if (proto->bytes) {
		begin_note(t, &between);
		sc_text_put(t, "bytes");
		put_measure(t, proto->bytes, proto->type);
	}
	put_conditions(t, proto, &between);
	sc_text_put(t, between[0] == ',' ? "]] " : "");
	sc_text_put_type(t, proto->type, proto->name, 0);
	sc_text_put_notes(t, proto->result, proto->type);
	sc_text_put(t, ";\n");
}

size_t sc_proto_text(const struct sc_proto *proto, char *out, size_t size)
{
	struct sc_text t = { .out = out, .size = size };

	for (; proto; proto = proto->variant)
		put_function(&t, proto);
	return sc_text_end(&t);
}
