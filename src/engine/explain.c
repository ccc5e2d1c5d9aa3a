/* SPDX-License-Identifier: MIT */
/*
 * Owns the format of explain lines. Called by select.c.
 */
#include "engine/explain.h"

#include <stdio.h>

#include "common/sys.h"

void sc_explain(int fd, const struct sc_explain_line *line)
{
	char text[1024];
	int n;

	if (fd < 0)
		return;
	/* Symbol and library names hold no character that JSON would want escaped, but for what a hostile
	 * object could bring: such a line is cut by the reader as invalid. */
	n = snprintf(text, sizeof(text),
		     "{\"function\":\"%s\",\"library\":\"%s\",\"version\":\"%s\",\"action\":\"%s\",\"way\":\"%s\","
		     "\"slots\":%u,\"reason\":\"%s\"}\n",
		     line->function, line->library, line->version, line->action, line->way, line->slots, line->reason);
	if (n > 0 && (size_t)n < sizeof(text))
		sc_sys_write_full(fd, text, (size_t)n);
}
