/* SPDX-License-Identifier: MIT */
/* Owns the fixture of image_fixture.h. */
#include "image_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/persist.h"
#include "engine/image_write.h"

const uint8_t fixture_key[16] = { 0xab, 0xcd, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 };

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "fixture: %s\n", what);
	abort();
}

static bool resurrect(void *drcontext, void *perscxt, byte **map)
{
	(void)drcontext;
	(void)perscxt;
	(void)map;
	return false;
}

void fixture_register(void)
{
	const struct sc_generator_functions *generator = sc_generator_functions();

	require(dr_register_persist_ro(generator->size[0], generator->persist[0], resurrect) &&
			dr_register_persist_rx(generator->size[1], generator->persist[1], resurrect) &&
			dr_register_persist_rw(generator->size[2], generator->persist[2], resurrect),
		"cannot register");
}

static uint32_t add_module(struct sc_plan *plan, const char *name, uint32_t flags)
{
	uint8_t identity[16] = { (uint8_t)name[3], (uint8_t)name[0] };
	uint32_t out;

	require(sc_plan_module(plan, identity, 0, name, flags, &out) == 0, "no module");
	return out;
}

static uint32_t add_target(struct sc_plan *plan, uint32_t module, const char *name, const char *version, uint64_t value,
			   uint16_t kind, uint16_t flags)
{
	struct sc_plan_target target = {
		.name = name, .version = version, .value = value, .kind = kind, .flags = flags
	};
	uint32_t out;

	require(sc_plan_target(plan, module, &target, &out) == 0, "no target");
	return out;
}

static void add_slot(struct sc_plan *plan, uint32_t module, uint32_t offset, uint32_t definer, uint32_t target)
{
	struct sc_plan_slot slot = { .offset = offset, .module = definer, .target = target };

	require(sc_plan_slot(plan, module, &slot) == 0, "no slot");
}

void fixture_plan(struct sc_plan *plan, bool clock)
{
	static const char version[] = "GLIBC_2.2.5";
	uint32_t prog, libc, libz, open_target, read_target, crc32_target;

	sc_plan_start(plan, FIXTURE_FIRST_INDEX, clock);
	prog = add_module(plan, "prog", SC_IMAGE_MODULE_STARTUP);
	libc = add_module(plan, "libc.so.6", SC_IMAGE_MODULE_STARTUP);
	libz = add_module(plan, "libz.so.1", SC_IMAGE_MODULE_STARTUP);
	add_module(plan, "libm.so.6", 0);
	open_target = add_target(plan, libc, "open", version, 0x1000, SC_IMAGE_FRAME, 0);
	read_target = add_target(plan, libc, "read", version, 0x2000, SC_IMAGE_TAIL, SC_IMAGE_TARGET_IFUNC);
	add_target(plan, libc, "_exit", version, 0x3000, SC_IMAGE_DIRECT, 0);
	add_target(plan, libc, "write", version, 0x4000, SC_IMAGE_FRAME, 0);
	add_target(plan, libc, "close", version, 0x5000, SC_IMAGE_TAIL, 0);
	add_target(plan, libc, "lseek", version, 0x6000, SC_IMAGE_TAIL, 0);
	crc32_target = add_target(plan, libz, "crc32", "", 0x7000, SC_IMAGE_TAIL, 0);
	add_slot(plan, prog, 0x4018, libc, open_target);
	add_slot(plan, prog, 0x4020, libc, read_target);
	add_slot(plan, prog, 0x4028, libz, crc32_target);
	add_slot(plan, libc, 0x9000, libc, open_target);
}

int fixture_write(struct sc_plan *plan, int fd, char *failure)
{
	static const struct sc_engine_component components[] = {
		{ .kind = SC_IMAGE_RULES, .name = "rules", .digest = { 1 } },
		{ .kind = SC_IMAGE_MODULE, .name = "libc.so.6", .digest = { 2 } },
	};
	struct sc_image_write write = {
		.plan = plan,
		.registry = sc_persist_registry(),
		.key = fixture_key,
		.components = components,
		.component_count = 2,
		.fd = fd,
		.failure = failure,
		.failure_size = 160,
	};

	return sc_image_write(&write);
}

const uint8_t *fixture_image(struct sc_plan *plan, size_t *size)
{
	int fd = memfd_create("image", MFD_CLOEXEC);
	char failure[160] = "";
	struct stat stat;
	void *data;

	require(fd >= 0, "no memfd");
	require(fixture_write(plan, fd, failure) == 0, failure);
	require(fstat(fd, &stat) == 0, "no size");
	*size = (size_t)stat.st_size;
	data = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	require(data != MAP_FAILED, "no mapping");
	close(fd);
	return data;
}

size_t fixture_open_image(struct sc_image *out, struct sc_plan *plan)
{
	size_t size;
	const uint8_t *data = fixture_image(plan, &size);
	const char *why = "";

	require(sc_image_open(out, data, size, &why) == 0, why);
	return size;
}

const struct sc_image_target *fixture_target(const struct sc_image *of, uint32_t module, uint32_t number)
{
	return &sc_image_targets(sc_image_plan(of, module))[number];
}
