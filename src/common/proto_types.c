/* SPDX-License-Identifier: MIT */
/*
 * Owns how types are made of others: pointers, qualified types and arrays, each pointer and const type once. Called by
 * the files that read prototypes.
 */
#include "common/proto_internal.h"

struct sc_type_node *sc_type_node_new(struct sc_proto_reader *p, enum sc_type_kind kind)
{
	struct sc_type_node *node = sc_proto_alloc(p, sizeof(*node));

	node->type.kind = (uint8_t)kind;
	return node;
}

/* Everything but the constants of proto_basic.c, which no database points to, is part of a node. */
static struct sc_type_node *node_of(const struct sc_type *type)
{
	return (struct sc_type_node *)((uintptr_t)type - offsetof(struct sc_type_node, type));
}

const struct sc_type *sc_type_builtin(struct sc_proto_reader *p, enum sc_basic basic)
{
	return &p->tables->basics[basic].type;
}

unsigned sc_type_depth(const struct sc_type *type)
{
	unsigned depth = 0;

	for (; type->kind == SC_TYPE_TYPEDEF || type->kind == SC_TYPE_QUALIFIED; type = type->target)
		depth++;
	return depth + type->depth;
}

bool sc_type_check_depth(struct sc_proto_reader *p, const struct sc_token *token, unsigned depth)
{
	if (depth <= SC_TYPE_DEPTH)
		return true;
	sc_proto_refuse(p, token, "more than %d types one in the other", SC_TYPE_DEPTH);
	return false;
}

const struct sc_type *sc_type_pointer_to(struct sc_proto_reader *p, const struct sc_type *target)
{
	const struct sc_type *real = sc_type_real(target);
	bool by_tag = real->kind == SC_TYPE_STRUCT || real->kind == SC_TYPE_UNION;
	unsigned depth = sc_type_depth(target) - (by_tag ? real->depth : 0) + 1;
	struct sc_type_node *node = node_of(target), *pointer = node->pointer;

	if (pointer || !sc_type_check_depth(p, &p->token, depth))
		return pointer ? &pointer->type : target;
	pointer = sc_type_node_new(p, SC_TYPE_POINTER);
	pointer->type.complete = true;
	pointer->type.size = pointer->type.align = 8;
	pointer->type.depth = (uint8_t)depth;
	pointer->type.target = target;
	node->pointer = pointer;
	return &pointer->type;
}

const struct sc_type *sc_type_qualify(struct sc_proto_reader *p, const struct sc_type *target, unsigned qualifiers)
{
	struct sc_type_node *node = node_of(target), *qualified;

	if (!qualifiers)
		return target;
	if (qualifiers == SC_TYPE_CONST && node->constant)
		return &node->constant->type;
	if (!sc_type_check_depth(p, &p->token, sc_type_depth(target) + 1))
		return target;
	qualified = sc_type_node_new(p, SC_TYPE_QUALIFIED);
	qualified->type.qualifiers = (uint8_t)qualifiers;
	qualified->type.target = target;
	if (qualifiers == SC_TYPE_CONST)
		node->constant = qualified;
	return &qualified->type;
}

const struct sc_type *sc_type_array_of(struct sc_proto_reader *p, const struct sc_token *token,
				       const struct sc_type *element, uint64_t count, bool complete)
{
	const struct sc_type *real = sc_type_real(element);
	struct sc_type_node *node = sc_type_node_new(p, SC_TYPE_ARRAY);
	unsigned depth = sc_type_depth(element) + 1;
	uint64_t size;

	node->type.target = element;
	if (real->kind == SC_TYPE_VOID || real->kind == SC_TYPE_FUNCTION || !real->complete)
		sc_proto_refuse(p, token, "an array of elements whose size is not known");
	else if (count > UINT32_MAX || __builtin_mul_overflow(count, real->size, &size) || size > INT64_MAX / 16)
		sc_proto_refuse(p, token, "this array is too large");
	else if (sc_type_check_depth(p, token, depth))
		node->type = (struct sc_type){ .kind = SC_TYPE_ARRAY, .complete = complete, .target = element,
					       .count = (uint32_t)count, .size = size, .depth = (uint8_t)depth,
					       .align = (uint16_t)sc_type_align(element) };
	return &node->type;
}

bool sc_type_is_word(const struct sc_type *type)
{
	type = sc_type_real(type);
	return (type->kind == SC_TYPE_BOOL || type->kind == SC_TYPE_CHAR || type->kind == SC_TYPE_INTEGER ||
		type->kind == SC_TYPE_ENUM) && type->size <= 8;
}
