/* SPDX-License-Identifier: MIT */
/*
 * Owns the preload's own explain lines. Called by attach.c, which meets slots that do not hold what they must.
 */
#include "preload/explain_slots.h"

#include <fcntl.h>

#include "common/explain.h"
#include "common/sys.h"
#include "preload/modules.h"
#include "preload/runtime.h"

void sc_explain_slot_left(const struct sc_mapped_image *mapped, const struct sc_image_slot *slot, const char *reason)
{
	const struct sc_image *image = &mapped->image;
	const struct sc_image_target *target;
	int fd;

	if (!sc_runtime.config.explain)
		return;
	target = &sc_image_targets(sc_image_plan(image, slot->module))[slot->target];
	if (target->kind == SC_IMAGE_DIRECT)
		return; /* of interest to us alone */
	fd = sc_sys_openat(AT_FDCWD, sc_runtime.config.explain, O_WRONLY | O_APPEND | O_CREAT, 0600);
	sc_explain(fd, &(struct sc_explain_line){
			       .program = sc_modules.list[0].name,
			       .function = sc_image_string(image, target->name),
			       .library = sc_image_string(image, image->modules[slot->module].name),
			       .version = sc_image_string(image, target->symbol_version),
			       .action = "",
			       .way = "",
			       .slots = 1,
			       .reason = reason,
		       });
	if (fd >= 0)
		sc_sys_close(fd);
}
