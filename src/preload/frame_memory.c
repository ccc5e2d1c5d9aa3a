/* SPDX-License-Identifier: MIT */
/*
 * Owns the memory of shadow frames and the return trampolines that belong to it. Does not own the frames (frames.c).
 *
 *	sc_frames_first		in .bss, for trampolines that are code of ours: enough for most programs
 *	sc_frame_area		address space that comes with the library, as does sc_trampoline_area for their trampolines;
 *				opened block by block
 *
 * A block's trampolines are mapped from libstubcache.so's file, in which they lie ready. The file may have been exchanged:
 * it is mapped elsewhere first and held against what is in memory. Two that open a block at once do the same, which does no
 * harm: what one has mapped and uses is mapped over with nothing else.
 */
#include "preload/frame_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "common/sys.h"
#include "preload/hot.h"
#include "preload/modules.h"
#include "preload/threads.h"
#include "x86_64/layout.h"

#define BLOCKS (SC_TRAMPOLINE_AREA / SC_TRAMPOLINE_BLOCK)
#define REFUSALS 4096 /* a block that could not be opened is not tried again at each call */

extern const unsigned char sc_trampolines[], sc_trampoline_block[], sc_leave[];
extern unsigned char sc_trampoline_area[], sc_frame_area[];

struct sc_frame sc_frames_first[SC_TRAMPOLINES_FIRST] SC_HOT_LONG __attribute__((aligned(64), visibility("hidden")));

_Static_assert(sizeof(struct sc_frame) == SC_FRAME_SIZE, "a frame is as large as its trampoline, and a cache line");
_Static_assert(SC_FRAME_MEMORY_LEAST % SC_FRAME_SIZE == 0 && sizeof(sc_frames_first) % SC_FRAME_MEMORY_LEAST == 0, "whole");

/* Bytes that were given out, from the beginning on. */
static uint64_t first_given SC_HOT;
static uint64_t area_given SC_HOT;
static bool opened[BLOCKS];
static uint32_t refusals;

/* Where the library's file has what lies at an address of ours; 0: nowhere. */
static uint64_t file_offset(uintptr_t address)
{
	const struct sc_module *self = sc_modules_self();

	for (uint16_t i = 0; i < self->phnum; i++) {
		const ElfW(Phdr) *segment = &self->phdr[i];

		if (segment->p_type == PT_LOAD && address - self->base - segment->p_vaddr < segment->p_filesz)
			return segment->p_offset + (address - self->base - segment->p_vaddr);
	}
	return 0;
}

static bool same(const unsigned char *left, const unsigned char *right, size_t size)
{
	const uint64_t *l = (const uint64_t *)left, *r = (const uint64_t *)right;

	for (size_t i = 0; i < size / sizeof(*l); i++)
		if (l[i] != r[i])
			return false;
	return true;
}

static int map_trampolines(unsigned char *at)
{
	uint64_t offset = file_offset((uintptr_t)sc_trampoline_block);
	int fd = sc_sys_openat(AT_FDCWD, sc_modules_self()->path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0), r;
	struct stat stat;
	void *copy;

	if (fd < 0)
		return fd;
	r = sc_sys_fstat(fd, &stat);
	if (r == 0 && (!S_ISREG(stat.st_mode) || stat.st_size < (off_t)(offset + SC_TRAMPOLINE_BLOCK)))
		r = -ESTALE;
	copy = r == 0 ? sc_sys_mmap(NULL, SC_TRAMPOLINE_BLOCK, PROT_READ, MAP_PRIVATE, fd, (off_t)offset) : MAP_FAILED;
	if (copy != MAP_FAILED) {
		r = same(copy, sc_trampoline_block, SC_TRAMPOLINE_BLOCK) ?
			    sc_sys_mmap_over(at, SC_TRAMPOLINE_BLOCK, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, (off_t)offset) :
			    -ESTALE;
		sc_sys_munmap(copy, SC_TRAMPOLINE_BLOCK);
	} else if (r == 0) {
		r = -ENOMEM;
	}
	sc_sys_close(fd);
	return r;
}

static bool open_block(size_t number)
{
	unsigned char *frames = sc_frame_area + number * SC_TRAMPOLINE_BLOCK;
	uint32_t left = __atomic_load_n(&refusals, __ATOMIC_RELAXED);

	if (__atomic_load_n(&opened[number], __ATOMIC_ACQUIRE))
		return true;
	if (left) {
		__atomic_store_n(&refusals, left - 1, __ATOMIC_RELAXED);
		return false;
	}
	if (map_trampolines(sc_trampoline_area + number * SC_TRAMPOLINE_BLOCK) < 0 ||
	    sc_sys_mprotect(frames, SC_TRAMPOLINE_BLOCK, PROT_READ | PROT_WRITE) < 0) {
		__atomic_store_n(&refusals, REFUSALS, __ATOMIC_RELAXED);
		return false;
	}
	*(uintptr_t *)frames = (uintptr_t)sc_leave; /* trampolines.S */
	__atomic_store_n(&opened[number], true, __ATOMIC_RELEASE);
	return true;
}

static void *take_first(size_t *size)
{
	uint64_t at = __atomic_load_n(&first_given, __ATOMIC_RELAXED), given;

	do {
		given = sizeof(sc_frames_first) - at;
		if (given > *size)
			given = *size;
		if (given == 0)
			return NULL;
	} while (!__atomic_compare_exchange_n(&first_given, &at, at + given, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	*size = given;
	return (char *)sc_frames_first + at;
}

static void *take_area(size_t *size)
{
	uint64_t before = __atomic_load_n(&area_given, __ATOMIC_RELAXED), at, given;

	do {
		at = before % SC_TRAMPOLINE_BLOCK ? before : before + SC_FRAME_SIZE;
		given = SC_TRAMPOLINE_BLOCK - at % SC_TRAMPOLINE_BLOCK;
		if (given > *size)
			given = *size;
		if (before == SC_TRAMPOLINE_AREA || !open_block(at / SC_TRAMPOLINE_BLOCK))
			return NULL;
	} while (!__atomic_compare_exchange_n(&area_given, &before, at + given, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	*size = given;
	return sc_frame_area + at;
}

void *sc_frame_memory_take(size_t *size)
{
	void *memory = take_first(size);

	return memory ? memory : take_area(size);
}

void sc_frame_memory_prepare(void)
{
	uint64_t given = __atomic_load_n(&area_given, __ATOMIC_RELAXED);

	if (given < SC_TRAMPOLINE_AREA)
		open_block(given / SC_TRAMPOLINE_BLOCK);
}

bool sc_frame_memory_has(uintptr_t address)
{
	return address % SC_FRAME_SIZE == 0 && (address - (uintptr_t)sc_frames_first < sizeof(sc_frames_first) ||
						address - (uintptr_t)sc_frame_area < SC_TRAMPOLINE_AREA);
}

uintptr_t sc_frame_memory_trampoline(const struct sc_frame *frame)
{
	uintptr_t of_first = (uintptr_t)frame - (uintptr_t)sc_frames_first;

	if (of_first < sizeof(sc_frames_first))
		return (uintptr_t)sc_trampolines + of_first;
	return (uintptr_t)frame - SC_TRAMPOLINE_AREA;
}

struct sc_frame *sc_frame_memory_of(uintptr_t address)
{
	uintptr_t of_first = address - (uintptr_t)sc_trampolines, of_area = address - (uintptr_t)sc_trampoline_area;

	if (of_first < sizeof(sc_frames_first))
		return &sc_frames_first[of_first / SC_FRAME_SIZE];
	if (of_area < SC_TRAMPOLINE_AREA && __atomic_load_n(&opened[of_area / SC_TRAMPOLINE_BLOCK], __ATOMIC_ACQUIRE))
		return (struct sc_frame *)(sc_frame_area + of_area / SC_FRAME_SIZE * SC_FRAME_SIZE);
	return NULL;
}

struct sc_frame *sc_frame_memory_returning(uintptr_t return_address)
{
	return return_address % SC_FRAME_SIZE == SC_TRAMPOLINE_SITE ? sc_frame_memory_of(return_address) : NULL;
}
