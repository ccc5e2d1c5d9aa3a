/* SPDX-License-Identifier: MIT */
/*
 * Owns what is looked at in the file of a program to be executed. Called by src/preload/exec_program.c inside the
 * program's exec, often in a child of vfork, and by `stubcache run` before its own. Does not own what comes of it.
 *
 *	#! line			-> the same of the interpreter, as deep as the kernel goes
 *	other class or machine	-> ld.so of that kind would say "wrong ELF class" of our preload
 *	PT_INTERP		-> glibc's loader, or another one, which lacks what we need
 *	no PT_INTERP		-> static; or a loader that is given the program as an argument
 *	set-id, capabilities	-> ld.so preloads nothing
 */
#include "common/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "common/sys.h"
#include "x86_64/loader.h"

#define HEAD 1024	   /* of a file: in most, the program headers and PT_INTERP are in it */
#define SCRIPT_LINE 256	   /* what the kernel reads of it */
#define SCRIPTS_DEEP 5
#define INTERPRETER_MOST 256
#define HEADERS_MOST 128
#define NOBODY 65534	   /* how an owner without a number in our user namespace is seen: its set-id bits do nothing */
#define DEFAULT_SEARCH "/bin:/usr/bin"

extern const ElfW(Ehdr) own_head __asm__("__ehdr_start") __attribute__((visibility("hidden")));

struct file {
	int fd;
	const char *path;
	struct stat stat;
	size_t size; /* of head */
	union {
		ElfW(Ehdr) elf;
		char bytes[HEAD];
	} head;
};

static bool same_text(const char *left, const char *right)
{
	while (*left && *left == *right) {
		left++;
		right++;
	}
	return *left == *right;
}

static const char *base_name(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

/* What is read through a descriptor that exec may have without the right to read is opened once more. */
static int open_for(int directory, const char *path, int flags)
{
	char name[32] = "/proc/self/fd/";
	size_t at = sizeof("/proc/self/fd/") - 1, digits = 1;

	if (path[0] || !(flags & AT_EMPTY_PATH))
		return sc_sys_openat(directory, path, O_RDONLY | O_NONBLOCK | O_NOCTTY |
				     (flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0), 0);
	for (int rest = directory; rest >= 10; rest /= 10)
		digits++;
	name[at + digits] = 0;
	for (int rest = directory; digits > 0; rest /= 10)
		name[at + --digits] = (char)('0' + rest % 10);
	return directory < 0 ? -EBADF : sc_sys_openat(AT_FDCWD, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
}

/* Looked at first: to open a device may do something. */
static bool open_file(struct file *file, int directory, const char *path, int flags)
{
	ssize_t n;

	if (sc_sys_fstatat(directory, path, &file->stat, flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) ||
	    !S_ISREG(file->stat.st_mode))
		return false;
	file->path = path;
	file->fd = open_for(directory, path, flags);
	if (file->fd < 0)
		return false;
	n = (ssize_t)sc_syscall4(SYS_pread64, file->fd, &file->head, sizeof(file->head), 0);
	file->size = n > 0 ? (size_t)n : 0;
	return true;
}

/* Bytes of the file, out of what is there of it already when they are. */
static bool bytes_at(const struct file *file, void *out, uint64_t offset, size_t size)
{
	if (offset <= file->size && size <= file->size - offset) {
		memcpy(out, file->head.bytes + offset, size);
		return true;
	}
	return offset <= INT64_MAX - size && sc_sys_pread_full(file->fd, out, size, (off_t)offset) == 0;
}

/* The file is glibc's loader, or a link to it, under a name of the Linux Standard Base for example. */
static bool is_our_loader(const char *path, const struct stat *stat)
{
	struct stat ours, theirs;

	if (same_text(base_name(path), SC_LOADER_NAME))
		return true;
	if (sc_sys_fstatat(AT_FDCWD, SC_LOADER_PATH, &ours, 0))
		return false;
	if (!stat && sc_sys_fstatat(AT_FDCWD, path, &theirs, 0))
		return false;
	stat = stat ? stat : &theirs;
	return stat->st_dev == ours.st_dev && stat->st_ino == ours.st_ino;
}

/* Whether a file without an interpreter says of itself that it is a program. */
static bool is_program(const struct file *file, const ElfW(Phdr) *dynamic)
{
	ElfW(Dyn) entry;

	for (uint64_t at = 0; at + sizeof(entry) <= dynamic->p_filesz; at += sizeof(entry)) {
		if (!bytes_at(file, &entry, dynamic->p_offset + at, sizeof(entry)) || entry.d_tag == DT_NULL)
			return false;
		if (entry.d_tag == DT_FLAGS_1)
			return entry.d_un.d_val & DF_1_PIE;
	}
	return false;
}

static enum sc_unobserved look_at_interpreter(const struct file *file, const ElfW(Phdr) *header)
{
	char path[INTERPRETER_MOST];
	size_t size = header->p_filesz < sizeof(path) ? (size_t)header->p_filesz : sizeof(path) - 1;

	if (!bytes_at(file, path, header->p_offset, size))
		return SC_OBSERVED;
	path[size] = 0;
	return is_our_loader(path, NULL) ? SC_OBSERVED : SC_UNOBSERVED_LOADER;
}

static enum sc_unobserved look_at_headers(const struct file *file)
{
	const ElfW(Ehdr) *elf = &file->head.elf;
	ElfW(Phdr) header, dynamic = { 0 };

	if (elf->e_phentsize != sizeof(header))
		return SC_OBSERVED;
	for (unsigned i = 0; i < elf->e_phnum && i < HEADERS_MOST; i++) {
		if (elf->e_phoff > INT64_MAX - HEADERS_MOST * sizeof(header) ||
		    !bytes_at(file, &header, elf->e_phoff + i * sizeof(header), sizeof(header)))
			return SC_OBSERVED;
		if (header.p_type == PT_INTERP)
			return look_at_interpreter(file, &header);
		if (header.p_type == PT_DYNAMIC)
			dynamic = header;
	}
	if (!dynamic.p_filesz || is_program(file, &dynamic))
		return SC_UNOBSERVED_STATIC;
	return is_our_loader(file->path, &file->stat) ? SC_OBSERVED : SC_UNOBSERVED_LOADER;
}

static bool set_ids_count(const struct file *file)
{
	struct statfs system;

	if (sc_syscall6(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0) == 1)
		return false;
	return sc_syscall2(SYS_fstatfs, file->fd, &system) || !(system.f_flags & ST_NOSUID);
}

/* What makes the kernel set AT_SECURE (security/commoncap.c). Where the host has forbidden itself to ask: no. */
static bool gets_rights(const struct file *file)
{
	long real = sc_syscall0(SYS_getuid), user = sc_syscall0(SYS_geteuid);
	long real_group = sc_syscall0(SYS_getgid), group = sc_syscall0(SYS_getegid);
	mode_t mode = file->stat.st_mode;

	if (real < 0 || user < 0 || real_group < 0 || group < 0)
		return false;
	if (mode & (S_ISUID | S_ISGID) && set_ids_count(file)) {
		if (mode & S_ISUID && file->stat.st_uid != NOBODY)
			user = file->stat.st_uid;
		if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && file->stat.st_gid != NOBODY)
			group = file->stat.st_gid;
	}
	if (user != real || group != real_group)
		return true;
	return real && sc_syscall4(SYS_fgetxattr, file->fd, "security.capability", NULL, 0) > 0 && set_ids_count(file);
}

/* The interpreter's path out of a "#!" line, terminated in place; NULL: it is none. The end of the file ends it, too,
 * but not that of what the kernel reads. */
static const char *script_interpreter(struct file *file)
{
	char *at = file->head.bytes + 2, *end = file->head.bytes + (file->size < SCRIPT_LINE ? file->size : SCRIPT_LINE);
	char *start;

	if (file->size < 3 || file->head.bytes[0] != '#' || file->head.bytes[1] != '!')
		return NULL;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	start = at;
	while (at < end && *at && *at != ' ' && *at != '\t' && *at != '\n')
		at++;
	if (at == start || at == file->head.bytes + SCRIPT_LINE)
		return NULL;
	*at = 0;
	return start;
}

static enum sc_unobserved look_at_file(const struct file *file)
{
	const ElfW(Ehdr) *elf = &file->head.elf;

	if (file->size < sizeof(*elf) || memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0)
		return SC_OBSERVED;
	if (elf->e_ident[EI_CLASS] != own_head.e_ident[EI_CLASS] || elf->e_machine != own_head.e_machine)
		return SC_UNOBSERVED_MACHINE;
	return look_at_headers(file);
}

enum sc_unobserved sc_program_look(int directory, const char *path, int flags)
{
	enum sc_unobserved reason = SC_OBSERVED;
	char interpreter[SCRIPT_LINE];
	struct file file;

	for (unsigned deep = 0; deep <= SCRIPTS_DEEP; deep++) {
		const char *next;

		if (!open_file(&file, directory, path, flags))
			return SC_OBSERVED;
		next = script_interpreter(&file);
		if (!next) {
			reason = look_at_file(&file);
			if (reason == SC_OBSERVED && file.size >= SELFMAG && !memcmp(file.head.bytes, ELFMAG, SELFMAG) &&
			    gets_rights(&file))
				reason = SC_UNOBSERVED_RIGHTS;
			sc_sys_close(file.fd);
			return reason;
		}
		sc_sys_close(file.fd);
		path = strcpy(interpreter, next);
		directory = AT_FDCWD;
		flags = 0;
	}
	return SC_OBSERVED;
}

static bool executable(const char *path)
{
	struct stat stat;

	return sc_sys_fstatat(AT_FDCWD, path, &stat, 0) == 0 && S_ISREG(stat.st_mode) && stat.st_mode & 0111;
}

void sc_program_find(const char *file, const char *search, void (*visit)(void *context, const char *path),
		     void *context)
{
	size_t length = strlen(file);

	if (memchr(file, '/', length)) {
		visit(context, file);
		return;
	}
	if (!search)
		search = DEFAULT_SEARCH;
	if (length == 0 || length > NAME_MAX)
		return;
	char path[(strlen(search) < PATH_MAX ? strlen(search) : PATH_MAX) + length + 2];

	for (;;) {
		size_t directory = 0;

		while (search[directory] && search[directory] != ':')
			directory++;
		if (directory < PATH_MAX) {
			memcpy(path, search, directory);
			if (directory)
				path[directory] = '/';
			memcpy(path + directory + (directory > 0), file, length + 1);
			if (executable(path)) {
				visit(context, path);
				return;
			}
		}
		if (!search[directory])
			return;
		search += directory + 1;
	}
}
