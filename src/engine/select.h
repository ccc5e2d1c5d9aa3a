/* SPDX-License-Identifier: MIT */
/*
 * Selection: from rules and loaded modules to a plan. Looks at every relocation of the wanted modules that can be a
 * slot, binds it as ld.so does, and asks the rules.
 */
#ifndef SC_SELECT_H
#define SC_SELECT_H

#include "engine/engine.h"
#include "engine/plan.h"

/* 0, -ENOMEM, or -ENOENT when request->symbol_name is no function that can have a stub. Fills request->selection
 * and writes the explain lines. */
int sc_select(struct sc_engine_request *request, struct sc_plan *plan);

/* See struct sc_engine_api. */
enum sc_rule_reach sc_select_suggest(const struct sc_engine_request *request, const struct sc_rule *rule, char *out,
				     size_t size);

#endif
