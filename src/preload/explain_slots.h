/* SPDX-License-Identifier: MIT */
/*
 * What `stubcache explain` hears of slots that were selected and then left as they are.
 */
#ifndef SC_EXPLAIN_SLOTS_H
#define SC_EXPLAIN_SLOTS_H

#include "preload/image_load.h"

/* Says of one slot, whose target is that of an image's module, why it was left. Nothing without STUBCACHE_EXPLAIN.
 * Under the dl lock, or before other threads exist. */
void sc_explain_slot_left(const struct sc_mapped_image *mapped, const struct sc_image_slot *slot, const char *reason);

#endif
