/* SPDX-License-Identifier: MIT */
/* Owns the making and removing of a private directory. Called by run, explain and cache warm. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/private_dir.h"

bool sc_private_dir_make(struct sc_private_dir *dir)
{
	const char *parent = getenv("TMPDIR");

	if (!parent || *parent != '/')
		parent = "/tmp";
	if ((size_t)snprintf(dir->path, sizeof(dir->path), "%s/stubcache-XXXXXX", parent) < sizeof(dir->path) &&
	    mkdtemp(dir->path))
		return true;
	sc_cmd_error("cannot make a directory in '%s': %s", parent, strerror(errno));
	dir->path[0] = 0;
	return false;
}

bool sc_private_dir_file(const struct sc_private_dir *dir, const char *name, char *out, size_t size)
{
	if ((size_t)snprintf(out, size, "%s/%s", dir->path, name) < size)
		return true;
	sc_cmd_error("cannot use '%s': the path is too long", dir->path);
	return false;
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

void sc_private_dir_remove(struct sc_private_dir *dir)
{
	if (dir->path[0])
		nftw(dir->path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	dir->path[0] = 0;
}
