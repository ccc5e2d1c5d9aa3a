/* SPDX-License-Identifier: MIT */
/*
 * Between any two of our system calls somebody changes what is in the cache. What is put there instead of the image is
 * a trap: an image with the right checksum and key whose code ends the process at once. It is a link, or owned by
 * another user, or writable to others, or damaged in one way: a host that runs it has believed something that was not
 * checked, or checked one thing and used another. (Who can put an honest file of the host's own user there has that
 * user's rights already; the trap does not come that way.)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "aftermath.h"
#include "common/image.h"
#include "faults.h"
#include "store_fixture.h"

enum { SKIPPED = 77, OTHER_USER = 65534 };

static const char bait_text[] = "not to be touched\n";
static char aside[PATH_MAX], other[PATH_MAX], bait[PATH_MAX], trap_path[PATH_MAX], fresh[PATH_MAX];
static unsigned char *trap;
static struct inject_record record;
static unsigned wrong;

static void must(bool done, const char *what)
{
	if (done)
		return;
	perror(what);
	exit(99);
}

/* Puts what is at `fresh` in the image's place, if there is still a directory. */
static void put(void)
{
	if (rename(fresh, aftermath_image()->path) == 0)
		return;
	/* A directory cannot replace a file. */
	unlink(aftermath_image()->path);
	if (rename(fresh, aftermath_image()->path) < 0)
		fixture_remove_tree(fresh);
}

static void put_trap(mode_t mode)
{
	victim_write(fresh, trap, aftermath_image()->size);
	must(chmod(fresh, mode) == 0, "chmod");
}

static void link_to_trap(void)
{
	must(symlink(trap_path, fresh) == 0, "symlink");
	put();
}

static void link_to_bait(void)
{
	must(link(bait, fresh) == 0, "link");
	put();
}

static void make_fifo(void)
{
	must(mkfifo(fresh, 0400) == 0, "mkfifo");
	put();
}

static void make_device(void)
{
	must(mknod(fresh, S_IFCHR | 0400, makedev(1, 5)) == 0, "mknod");
	put();
}

static void make_directory(void)
{
	must(mkdir(fresh, 0700) == 0, "mkdir");
	put();
}

static void let_others_write(void)
{
	put_trap(0646);
	put();
}

static void let_the_group_write(void)
{
	put_trap(0464);
	put();
}

static void give_away(void)
{
	put_trap(0444);
	must(chown(fresh, OTHER_USER, OTHER_USER) == 0, "chown");
	put();
}

static void damage(void)
{
	trap[aftermath_image()->size - 1] ^= 1;
	put_trap(0444);
	trap[aftermath_image()->size - 1] ^= 1;
	put();
}

/* As if it were another program's: the name says one key, the header another. */
static void rename_another(void)
{
	unsigned char *key = trap + SC_IMAGE_HEADER_OFFSET + offsetof(struct sc_image_header, key);

	key[0] ^= 1;
	sc_store_checksum_set(trap, aftermath_image()->size);
	put_trap(0444);
	key[0] ^= 1;
	sc_store_checksum_set(trap, aftermath_image()->size);
	put();
}

static void remove_image(void)
{
	unlink(aftermath_image()->path);
}

static void open_image(void)
{
	chmod(aftermath_image()->path, 0666);
}

static void open_directory(void)
{
	chmod(victim_cache(), 0777);
}

static void remove_directory(void)
{
	fixture_remove_tree(victim_cache());
}

/* `other` has the trap under the image's name. */
static void link_directory(void)
{
	if (rename(victim_cache(), aside) == 0)
		must(symlink(other, victim_cache()) == 0, "symlink");
}

static void file_for_directory(void)
{
	if (rename(victim_cache(), aside) == 0)
		must(link(bait, victim_cache()) == 0, "link");
}

static void remove_entry(const char *directory, const char *name)
{
	unlink(fixture_path(directory, name));
}

static void link_entry(const char *directory, const char *name)
{
	remove_entry(directory, name);
	must(symlink(trap_path, fixture_path(directory, name)) == 0, "symlink");
}

static void remove_temporaries(void)
{
	fixture_each(victim_cache(), SC_STORE_TEMPORARY, remove_entry);
}

static void link_temporaries(void)
{
	fixture_each(victim_cache(), SC_STORE_TEMPORARY, link_entry);
}

static const struct attack {
	const char *name;
	void (*act)(void);
	bool root; /* only root can */
} attacks[] = {
	{ "a link to a trap", link_to_trap, false },
	{ "a hard link to something else", link_to_bait, false },
	{ "a FIFO", make_fifo, false },
	{ "a device", make_device, true },
	{ "a directory", make_directory, false },
	{ "a trap that others may write", let_others_write, false },
	{ "a trap that the group may write", let_the_group_write, false },
	{ "another user's trap", give_away, true },
	{ "a damaged trap", damage, false },
	{ "a trap for another key", rename_another, false },
	{ "no image", remove_image, false },
	{ "an image that others may write", open_image, false },
	{ "a directory that others may write", open_directory, false },
	{ "no directory", remove_directory, false },
	{ "a link for the directory", link_directory, false },
	{ "a file for the directory", file_for_directory, false },
	{ "no temporary", remove_temporaries, false },
	{ "links for temporaries", link_temporaries, false },
};

enum { ATTACKS = sizeof(attacks) / sizeof(attacks[0]) };

struct scenario {
	const char *name, *argument;
	struct aftermath_before before;
	bool behind; /* only behind the constructor: what comes before is another scenario's */
};

/* What complaints name. */
struct moment {
	const struct scenario *scenario;
	const struct attack *attack;
	unsigned call;
};

static void complain(void *user, const char *what)
{
	const struct moment *moment = user;
	const struct fault_call *call = fault_find(record.calls[moment->call].number);

	printf("wrong: %s, before call %u (%s) %s: %s\n", moment->scenario->name, moment->call,
	       call ? call->name : "?", moment->attack->name, what);
	wrong++;
}

static void act(void *user)
{
	const struct moment *moment = user;

	moment->attack->act();
}

static void check_bait(struct moment *moment)
{
	char text[64] = "";
	struct stat st;
	int fd = open(bait, O_RDONLY | O_CLOEXEC);

	must(fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0 && fstat(fd, &st) == 0, bait);
	close(fd);
	if (strcmp(text, bait_text) != 0 || (st.st_mode & 07777) != 0640)
		complain(moment, "a file elsewhere was changed");
	if (fixture_count(other, "") != 1)
		complain(moment, "something was written elsewhere");
}

static void prepare(const struct scenario *scenario)
{
	fixture_remove_tree(aside);
	aftermath_prepare(&scenario->before);
}

static void attack_at(struct moment *moment)
{
	const struct scenario *scenario = moment->scenario;
	const struct inject_fault fault = {
		.call = moment->call,
		.number = record.calls[moment->call].number,
		.way = INJECT_ACT,
		.act = act,
		.user = moment,
	};
	struct inject_end end;
	struct victim_end next;

	prepare(scenario);
	inject_run(scenario->argument, &fault, 1, NULL, &end);
	if (end.reached != 1)
		complain(moment, "did not come to the call");
	aftermath_check_host(&end, complain, moment);
	check_bait(moment);
	/* With whatever was left there. */
	victim_start(&next);
	if (!next.unharmed)
		complain(moment, "the next start is harmed");
	check_bait(moment);
}

/* Our calls that look at names or files, or map them. What happens between others may as well be between these. */
static bool matters(const struct scenario *scenario, const struct inject_call *call)
{
	static const int numbers[] = {
		SYS_close,	SYS_fchmod, SYS_fstat,	 SYS_getdents64, SYS_linkat,	SYS_mkdirat,  SYS_mmap,
		SYS_newfstatat, SYS_openat, SYS_pread64, SYS_renameat,	 SYS_renameat2, SYS_unlinkat, SYS_utimensat,
	};

	if (!call->ours || (scenario->behind && call->constructor))
		return false;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (call->number == numbers[i])
			return true;
	return false;
}

static void attack_everywhere(const struct scenario *scenario)
{
	struct moment moment = { .scenario = scenario };
	unsigned moments = 0, count = 0;
	struct inject_end end;

	prepare(scenario);
	if (!inject_run(scenario->argument, NULL, 0, &record, &end)) {
		fprintf(stderr, "skipped: ptrace is not allowed here\n");
		fixture_remove();
		exit(SKIPPED);
	}
	for (moment.call = 0; moment.call < record.count; moment.call++) {
		if (!matters(scenario, &record.calls[moment.call]))
			continue;
		moments++;
		for (size_t i = 0; i < ATTACKS; i++) {
			moment.attack = &attacks[i];
			if (attacks[i].root && geteuid() != 0)
				continue;
			attack_at(&moment);
			count++;
		}
	}
	printf("%s: %u attacks at %u moments\n", scenario->name, count, moments);
	fflush(stdout);
	wrong += moments < 10;
}

static void make_trap(void)
{
	const struct aftermath_image *image = aftermath_image();
	const struct sc_image_header *header;

	trap = victim_read(image->path, &(size_t){ 0 });
	header = (const void *)(trap + SC_IMAGE_HEADER_OFFSET);
	memset(trap + header->rx_offset, 0xcc /* int3 */, header->rw_offset - header->rx_offset);
	sc_store_checksum_set(trap, image->size);
	victim_write(trap_path, trap, image->size);
	must(mkdir(other, 0700) == 0, other);
	victim_write(fixture_path(other, strrchr(image->path, '/') + 1), trap, image->size);
}

/* It has everything an image must have, and is run where nothing is amiss: or the test would show nothing. */
static void try_trap(void)
{
	struct victim_end end;

	victim_write(aftermath_image()->path, trap, aftermath_image()->size);
	victim_start(&end);
	if (!end.unharmed)
		return;
	printf("wrong: the trap is none: state '%s', reason '%s'\n", end.state, end.reason);
	wrong++;
}

int main(void)
{
	static const struct scenario scenarios[] = {
		{ .name = "cold" },
		{ .name = "warm", .before.image = true },
		{ .name = "merge", .before.image = true, .argument = "load", .behind = true },
	};
	const char *base = fixture_make();
	int fd;

	snprintf(aside, sizeof(aside), "%.4000s/aside", base);
	snprintf(other, sizeof(other), "%.4000s/other", base);
	snprintf(bait, sizeof(bait), "%.4000s/bait", base);
	snprintf(trap_path, sizeof(trap_path), "%.4000s/trap", base);
	snprintf(fresh, sizeof(fresh), "%.4000s/fresh", base);
	victim_make(base);
	make_trap();
	fd = open(bait, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, bait_text, sizeof(bait_text) - 1) > 0 && fchmod(fd, 0640) == 0, bait);
	close(fd);
	try_trap();
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		attack_everywhere(&scenarios[i]);
	if (geteuid() != 0)
		printf("not as root: without another user's files and devices\n");
	free(trap);
	fixture_remove();
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
