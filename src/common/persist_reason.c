/* SPDX-License-Identifier: MIT */
/*
 * Owns the words for the persistence protocol's reasons, and nothing else. Called by whoever logs:
 * the preload, the engine, and clients through stubcache_persist_reason.
 */
#include "common/persist.h"

#include <stdio.h>

static const char names[][20] = {
	[SC_PERSIST_OK] = "ok",
	[SC_PERSIST_BUSY] = "persist-busy",
	[SC_PERSIST_TOO_MANY] = "persist-too-many",
	[SC_PERSIST_TOO_LARGE] = "persist-too-large",
	[SC_PERSIST_PATCH_REFUSED] = "patch-refused",
	[SC_PERSIST_WRITE_REFUSED] = "persist-refused",
	[SC_PERSIST_WRITE_SHORT] = "persist-short",
	[SC_PERSIST_WRITE_LONG] = "persist-long",
	[SC_PERSIST_IO] = "persist-io",
	[SC_PERSIST_PORTION_UNMATCHED] = "portion-unmatched",
	[SC_PERSIST_RESURRECT_REFUSED] = "resurrect-refused",
	[SC_PERSIST_RESURRECT_ADVANCE] = "resurrect-advance",
	[SC_PERSIST_NOT_ACTIVATED] = "not-activated",
	[SC_PERSIST_SUPERSEDED] = "superseded",
};

void sc_persist_describe(enum sc_persist_reason reason, const struct sc_persist_failure *failure, const char *module,
			 char *out, size_t size)
{
	static const char sections[][3] = { "-", "ro", "rx", "rw" };

	if (failure->client == UINT32_MAX)
		snprintf(out, size, "%s", sc_persist_reason_name(reason));
	else
		snprintf(out, size, "%s (client %u, section %s of module '%s')", sc_persist_reason_name(reason),
			 failure->client, sections[failure->section <= SC_PERSIST_RW ? failure->section : 0], module);
}

const char *sc_persist_reason_name(enum sc_persist_reason reason)
{
	if ((size_t)reason >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[reason];
}
