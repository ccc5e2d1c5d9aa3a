/* SPDX-License-Identifier: MIT */
/* Writes the fixture's image to a file, for tests/build/image_tools.sh to try tools on. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "image_fixture.h"

int main(int argc, char **argv)
{
	char failure[160] = "cannot be opened";
	struct sc_plan plan;
	int fd, error;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: image_sample FILE [clock]\n");
		return 2;
	}
	fixture_register();
	fixture_plan(&plan, argc == 3 && !strcmp(argv[2], "clock"));
	fd = open(argv[1], O_RDWR | O_CREAT | O_EXCL, 0600);
	error = fd < 0 ? -1 : fixture_write(&plan, fd, failure);
	sc_plan_release(&plan);
	if (error)
		fprintf(stderr, "%s: %s\n", argv[1], failure);
	return error != 0;
}
