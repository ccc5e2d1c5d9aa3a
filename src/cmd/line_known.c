/* SPDX-License-Identifier: MIT */
/*
 * Owns how structs look of which there is more to say than what their members are called: struct stat, sets of signals,
 * struct sigaction, sets of descriptors, limits, addresses. What they are is told by their names and sizes, as anybody
 * may declare any struct. Called by line_struct.c.
 */
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cmd/line_value.h"

#define RESTORER 0x04000000 /* the kernel's SA_RESTORER: the C library sets it */

/* What strace has of it: the kind and permissions, and the size or the device. */
static bool put_stat(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
		     const unsigned char *bytes, size_t size)
{
	struct stat stat;

	if (style->verbose || size < sizeof(stat) || type->size != sizeof(stat) || !type->name ||
	    (strcmp(type->name, "stat") && strcmp(type->name, "stat64")))
		return false;
	memcpy(&stat, bytes, sizeof(stat));
	sc_text_add(text, "{st_mode=");
	sc_line_mode(text, stat.st_mode);
	if (S_ISCHR(stat.st_mode) || S_ISBLK(stat.st_mode))
		sc_text_format(text, ", st_rdev=makedev(%#x, %#x), ...}", major(stat.st_rdev), minor(stat.st_rdev));
	else
		sc_text_format(text, ", st_size=%lld, ...}", (long long)stat.st_size);
	return true;
}

/* A set of signals: [INT CHLD], or what is not in it when that is shorter. */
static bool put_signals(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size)
{
	const char *between = "";
	uint64_t set;
	bool most;

	if (type->kind != SC_TYPE_STRUCT || type->count != 1 || !type->members[0].name ||
	    strcmp(type->members[0].name, "__val") || size < 8 || type->size != sizeof(sigset_t))
		return false;
	memcpy(&set, bytes, sizeof(set));
	most = __builtin_popcountll(set) > 32;
	sc_text_add(text, most ? "~[" : "[");
	for (int i = 1; i <= 64; i++) {
		if ((set >> (i - 1) & 1) == most)
			continue;
		sc_text_add(text, between);
		if (i < 32 && sc_line_signal_name(i))
			sc_text_add(text, sc_line_signal_name(i));
		else
			sc_text_format(text, i == 32 ? "RTMIN" : "RT_%d", i - 32);
		between = " ";
	}
	sc_text_char(text, ']');
	return true;
}

/* Two numbers that mean nothing but together. */
static bool put_fsid(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size)
{
	uint32_t words[2];

	if (type->count != 1 || !type->members[0].name || strcmp(type->members[0].name, "__val") ||
	    size < sizeof(words) || type->size != sizeof(words))
		return false;
	memcpy(words, bytes, sizeof(words));
	sc_text_add(text, "{val=[");
	sc_text_hex(text, words[0]);
	sc_text_add(text, ", ");
	sc_text_hex(text, words[1]);
	sc_text_add(text, "]}");
	return true;
}

/* The handler is in a union whose name is none for eyes; what flags there are is the set of the member sa_flags. */
static bool put_action(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size)
{
	const struct sc_member *members = type->members;
	uint64_t handler;
	int flags;

	if (!type->name || strcmp(type->name, "sigaction") || type->count != 4 || size < sizeof(struct sigaction) ||
	    type->size != sizeof(struct sigaction) || members[1].offset != offsetof(struct sigaction, sa_mask) ||
	    members[2].offset != offsetof(struct sigaction, sa_flags) ||
	    members[3].offset != offsetof(struct sigaction, sa_restorer))
		return false;
	memcpy(&handler, bytes, sizeof(handler));
	memcpy(&flags, bytes + members[2].offset, sizeof(flags));
	sc_text_add(text, "{sa_handler=");
	if (handler <= 1)
		sc_text_add(text, handler ? "SIG_IGN" : "SIG_DFL");
	else
		sc_text_hex(text, handler);
	sc_text_add(text, ", sa_mask=");
	put_signals(text, sc_type_real(members[1].type), bytes + members[1].offset, size - (size_t)members[1].offset);
	sc_text_add(text, ", sa_flags=");
	sc_line_integer(text, members[2].type, members[2].notes, (uint64_t)(int64_t)flags);
	if (flags & RESTORER) {
		memcpy(&handler, bytes + members[3].offset, sizeof(handler));
		sc_text_add(text, ", sa_restorer=");
		sc_text_hex(text, handler);
	}
	sc_text_char(text, '}');
	return true;
}

static void put_limit(struct sc_text *text, uint64_t limit)
{
	if (limit == UINT64_MAX)
		sc_text_add(text, "RLIM64_INFINITY");
	else if (limit > 1024 && limit % 1024 == 0)
		sc_text_format(text, "%llu*1024", (unsigned long long)limit / 1024);
	else
		sc_text_unsigned(text, limit);
}

static bool put_limits(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size)
{
	uint64_t limits[2];

	if (!type->name || (strcmp(type->name, "rlimit") && strcmp(type->name, "rlimit64")) || size < sizeof(limits) ||
	    type->size != sizeof(limits))
		return false;
	memcpy(limits, bytes, sizeof(limits));
	sc_text_add(text, "{rlim_cur=");
	put_limit(text, limits[0]);
	sc_text_add(text, ", rlim_max=");
	put_limit(text, limits[1]);
	sc_text_char(text, '}');
	return true;
}

/* A set of descriptors: [3 5]. */
static bool put_descriptors(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size)
{
	const char *name = type->count == 1 ? type->members[0].name : NULL, *between = "";

	if (!name || strcmp(name + strspn(name, "_"), "fds_bits") || size < sizeof(fd_set) || type->size != sizeof(fd_set))
		return false;
	sc_text_char(text, '[');
	for (unsigned i = 0; i < FD_SETSIZE; i++) {
		if (!(bytes[i / 8] >> i % 8 & 1))
			continue;
		sc_text_format(text, "%s%u", between, i);
		between = " ";
	}
	sc_text_char(text, ']');
	return true;
}

static bool put_address(struct sc_text *text, const struct sc_type *type, const unsigned char *bytes, size_t size)
{
	if (!type->name || strcmp(type->name, "in_addr") || size < 4)
		return false;
	sc_text_format(text, "inet_addr(\"%u.%u.%u.%u\")", bytes[0], bytes[1], bytes[2], bytes[3]);
	return true;
}

bool sc_line_known(struct sc_text *text, const struct sc_line_style *style, const struct sc_type *type,
		   const unsigned char *bytes, size_t size)
{
	return put_stat(text, style, type, bytes, size) || put_signals(text, type, bytes, size) ||
	       put_descriptors(text, type, bytes, size) || put_fsid(text, type, bytes, size) ||
	       put_action(text, type, bytes, size) || put_limits(text, type, bytes, size) || put_address(text, type, bytes, size);
}
