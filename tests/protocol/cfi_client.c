/* SPDX-License-Identifier: MIT */
/*
 * A client whose code exceptions pass through: it keeps unwind rules beside the routine, with addresses relative to
 * themselves, so that both are right wherever they are mapped, and tells libgcc of them in every process. The program
 * of the test has a pointer that it fills with the routine.
 */
#include "dr_api.h"

#include <string.h>

/* Of the program and its libgcc, if it has them. */
extern void (*cfi_routine)(void (*function)(void)) __attribute__((weak));
extern void __register_frame(void *begin) __attribute__((weak));
extern void __deregister_frame(void *begin) __attribute__((weak));

static const byte code[] = {
	0x48, 0x83, 0xec, 0x08, /*  0 sub $8, %rsp */
	0xff, 0xd7,		/*  4 call *%rdi */
	0x48, 0x83, 0xc4, 0x08, /*  6 add $8, %rsp */
	0xc3,			/* 10 ret */
	0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
	/* 16 CIE: version 1, "zR", code 1, data -8, return address in 16, addresses relative and 4 bytes wide */
	20, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b,
	0x0c, 7, 8,		/* 33 def_cfa rsp + 8 */
	0x90, 1,		/* 36 return address at cfa - 8 */
	0, 0,
	/* 40 FDE of the CIE at 16, for the 11 bytes from 0 on */
	20, 0, 0, 0, 28, 0, 0, 0, 0xd0, 0xff, 0xff, 0xff, 11, 0, 0, 0, 0,
	0x44, 0x0e, 16,		/* 57 from 4 on: cfa is rsp + 16 */
	0x46, 0x0e, 8,		/* 60 from 10 on: rsp + 8 */
	0,
	/* 64 no more */
	0, 0, 0, 0,
};

enum { RULES = 16 };

static byte *registered;

static bool is_program(void *perscxt)
{
	byte *slot = (byte *)&cfi_routine;

	return slot && slot >= dr_persist_start(perscxt) && slot < dr_persist_start(perscxt) + dr_persist_size(perscxt);
}

static size_t size(void *drcontext, void *perscxt, size_t file_offs, void **user_data)
{
	(void)drcontext;
	(void)file_offs;
	(void)user_data;
	return is_program(perscxt) ? sizeof(code) : 0;
}

static bool persist(void *drcontext, void *perscxt, file_t fd, void *user_data)
{
	(void)drcontext;
	(void)perscxt;
	(void)user_data;
	return dr_write_file(fd, code, sizeof(code)) == sizeof(code);
}

static bool resurrect(void *drcontext, void *perscxt, byte **map)
{
	byte *at = *map;
	(void)drcontext;
	(void)perscxt;

	if (memcmp(at, code, sizeof(code)) != 0 || !__register_frame || !__deregister_frame)
		return false;
	*map += sizeof(code);
	if (registered)
		return true; /* a merge: what is in use stays in use */
	registered = at;
	__register_frame(at + RULES);
	cfi_routine = (void (*)(void (*)(void)))(uintptr_t)at;
	return true;
}

static void abandoned(void *drcontext, void *perscxt, int reason)
{
	(void)drcontext;
	(void)perscxt;
	if (reason == STUBCACHE_SUPERSEDED || !registered)
		return;
	__deregister_frame(registered + RULES);
	cfi_routine = NULL;
	registered = NULL;
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	(void)id;
	(void)argc;
	(void)argv;
	dr_register_persist_rx(size, persist, resurrect);
	stubcache_register_persist_abandoned(abandoned);
}
