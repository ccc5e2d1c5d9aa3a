/* SPDX-License-Identifier: MIT */
/*
 * A client that does as its arguments say and writes down every call it gets, for the scripts of this directory.
 *
 *	name=LETTER	who it is in the journal; its portions are filled with it
 *	journal=FILE	lines are appended to it
 *	ro=N rx=N rw=N	registers that section, and stores N bytes for each module
 *	only=NAME	0 bytes for modules of another name (the base name of the file)
 *	patch		registers func_patch; it makes the padding behind the last stub another one
 *	abandoned	registers func_abandoned
 *	refuse=WHAT	ro, rx or rw: func_resurrect returns false; persist-ro ..: func_persist; patch: func_patch
 *	short=SECTION long=SECTION	func_persist writes a byte less, or more
 *	advance=SECTION	func_resurrect advances *map by one more
 *	huge=SECTION	func_size asks for 3 GiB
 *	load=FILE	func_size of ro for client_plugin.so loads that object, which no callback should do
 *	fickle=FILE	what stands in it is refused, once: resurrect: the first func_resurrect; both: func_persist, too;
 *			merge: func_resurrect of what it has already
 *	crash=WHERE	main: in dr_client_main; abort: calls abort there; libc: lets libc crash
 *	exit-in=WHERE	main: calls exit there
 *
 * Its rx portion is a routine that returns the number in its rw portion, whose address it is given; the number is 40
 * in the file, and every process adds 2.
 */
#include "dr_api.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define MODULES_MOST 1024

enum { RO = 1, RX = 2, RW = 3 };

struct kept {
	app_pc start; /* NULL: free */
	const byte *ro;
	int (*routine)(const void *state);
	byte *rw;
};

static struct {
	const char *name, *journal, *only, *refuse, *short_in, *long_in, *advance, *huge, *load, *crash, *exit_in, *fickle;
	const char *size_of[4];
	bool patch, abandoned;
} say = { .name = "?" };

static const char *const sections[] = { "-", "ro", "rx", "rw" };
static struct kept kept[MODULES_MOST];
static unsigned generated, resurrected;

static bool is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static void note(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	file_t f;
	int n;

	va_start(ap, fmt);
	n = dr_vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	f = dr_open_file(say.journal ? say.journal : "/dev/null", DR_FILE_WRITE_APPEND);
	dr_write_file(f, line, n < 0 ? sizeof(line) : (size_t)n);
	dr_close_file(f);
}

/* What /proc/self/maps says of an address: "r-xp" into rights, and the base name of the file. */
static void look_up(const void *address, char rights[5], char name[64])
{
	static char maps[1 << 18];
	file_t f = dr_open_file("/proc/self/maps", DR_FILE_READ);
	size_t size = 0;
	ssize_t n;

	strcpy(rights, "----");
	strcpy(name, "-");
	while (size < sizeof(maps) - 1 && (n = dr_read_file(f, maps + size, sizeof(maps) - 1 - size)) > 0)
		size += (size_t)n;
	maps[size] = 0;
	dr_close_file(f);
	for (char *line = maps, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		char *after, *slash;
		uintptr_t from = strtoul(line, &after, 16), to = strtoul(after + 1, &after, 16);

		if ((uintptr_t)address < from || (uintptr_t)address >= to)
			continue;
		*end = 0;
		memcpy(rights, after + 1, 4);
		slash = strrchr(line, '/');
		if (slash)
			strncpy(name, slash + 1, 63);
		return;
	}
}

static const char *module_of(void *perscxt)
{
	static char name[64];
	char rights[5];

	if (!dr_persist_start(perscxt))
		return "gone";
	look_up(dr_persist_start(perscxt), rights, name);
	return name;
}

static bool is_fickle(const char *word)
{
	static char words[16];
	file_t f;

	if (say.fickle && !words[0]) {
		f = dr_open_file(say.fickle, DR_FILE_READ);
		words[0] = '-';
		if (f != INVALID_FILE && dr_read_file(f, words, sizeof(words) - 1) > 0) {
			dr_close_file(f);
			dr_close_file(dr_open_file(say.fickle, DR_FILE_WRITE_OVERWRITE));
		}
	}
	return strncmp(words, word, strlen(word)) == 0;
}

static size_t wanted(void *perscxt, int section)
{
	if (say.only && strcmp(say.only, module_of(perscxt)) != 0)
		return 0;
	return strtoul(say.size_of[section], NULL, 10);
}

static struct kept *keep(void *perscxt)
{
	struct kept *free_one = NULL;

	for (unsigned i = 0; i < MODULES_MOST; i++) {
		if (kept[i].start == dr_persist_start(perscxt))
			return &kept[i];
		if (!kept[i].start && !free_one)
			free_one = &kept[i];
	}
	if (!free_one)
		free_one = &kept[0];
	free_one->start = dr_persist_start(perscxt);
	return free_one;
}

static size_t size(void *perscxt, size_t file_offs, void **user_data, int section)
{
	size_t size = is(say.huge, sections[section]) ? 3ul << 30 : wanted(perscxt, section);

	if (section == RO && say.load && is(module_of(perscxt), "client_plugin.so") && !dlopen(say.load, RTLD_NOW))
		note("%s cannot load\n", say.name);
	note("%s size %s %s %s %lu\n", say.name, sections[section], module_of(perscxt),
	     file_offs % (section == RX ? 64 : 16) ? "unaligned" : "aligned", (unsigned long)(uintptr_t)*user_data);
	*user_data = (void *)((uintptr_t)*user_data + 1);
	return size;
}

/* mov (%rdi), %eax; ret */
static const byte routine[] = { 0x8b, 0x07, 0xc3 };

static void fill(byte *out, size_t size, int section)
{
	int number = 40;

	memset(out, say.name[0], size);
	if (section == RX)
		memcpy(out, routine, sizeof(routine));
	if (section == RW)
		memcpy(out, &number, sizeof(number));
}

static bool persist(void *perscxt, file_t fd, void *user_data, int section)
{
	static byte bytes[1 << 16];
	size_t size = wanted(perscxt, section), extra = is(say.long_in, sections[section]);
	char refusal[16];

	generated++;
	note("%s persist %s %s %lu\n", say.name, sections[section], module_of(perscxt),
	     (unsigned long)(uintptr_t)user_data);
	dr_snprintf(refusal, sizeof(refusal), "persist-%s", sections[section]);
	if (is(say.refuse, refusal) || is_fickle("both"))
		return false;
	fill(bytes, size + extra, section);
	size = size + extra - (size_t)is(say.short_in, sections[section]);
	return dr_write_file(fd, bytes, size) == (ssize_t)size;
}

static bool is_right(const byte *map, size_t size, int section)
{
	static byte bytes[1 << 16];

	fill(bytes, size, section);
	return memcmp(map, bytes, size) == 0;
}

static bool resurrect(void *perscxt, byte **map, int section)
{
	struct kept *of = keep(perscxt);
	size_t size = wanted(perscxt, section);
	const char *module = module_of(perscxt);
	char rights[5], name[64];

	resurrected++;
	look_up(*map, rights, name);
	note("%s resurrect %s %s %s %s\n", say.name, sections[section], module, rights,
	     is_right(*map, size, section) ? "right" : "wrong");
	if (is(say.refuse, sections[section]) || (resurrected == 1 && (is_fickle("resurrect") || is_fickle("both"))) ||
	    (of->ro && section == RO && is_fickle("merge")))
		return false;
	if (section == RO)
		of->ro = *map;
	if (section == RX)
		of->routine = (int (*)(const void *))(uintptr_t)*map;
	if (section == RW) {
		of->rw = *map;
		*(int *)*map += 2;
	}
	*map += size + (size_t)is(say.advance, sections[section]);
	return true;
}

static int inside;

/* What func_size has promised and func_persist has not written yet, and who is at it. */
static struct {
	pid_t process, thread;
	unsigned portions;
} promised;

static void promise(void)
{
	promised.process = getpid();
	promised.thread = gettid();
	promised.portions++;
}

/* Nobody else is in a callback, nor comes in until alone_end: of this client, which has no locks. Between func_size and
 * func_persist no other thread does. */
static void alone_begin(void)
{
	if (__atomic_exchange_n(&inside, 1, __ATOMIC_ACQ_REL))
		dr_fprintf(STDERR, "%s: two callbacks at once\n", say.name);
	if (promised.portions && promised.process == getpid() && promised.thread != gettid())
		dr_fprintf(STDERR, "%s: another thread between size and persist\n", say.name);
}

static void alone_end(void)
{
	__atomic_store_n(&inside, 0, __ATOMIC_RELEASE);
}

#define SECTION(name, number)                                                                                          \
	static size_t size_##name(void *drcontext, void *perscxt, size_t file_offs, void **user_data)                  \
	{                                                                                                              \
		size_t n;                                                                                              \
		(void)drcontext;                                                                                       \
                                                                                                                       \
		alone_begin();                                                                                         \
		n = size(perscxt, file_offs, user_data, number);                                                       \
		if (n)                                                                                                 \
			promise();                                                                                     \
		alone_end();                                                                                           \
		return n;                                                                                              \
	}                                                                                                              \
	static bool persist_##name(void *drcontext, void *perscxt, file_t fd, void *user_data)                         \
	{                                                                                                              \
		bool ok;                                                                                               \
		(void)drcontext;                                                                                       \
                                                                                                                       \
		alone_begin();                                                                                         \
		ok = persist(perscxt, fd, user_data, number);                                                          \
		promised.portions--;                                                                                   \
		alone_end();                                                                                           \
		return ok;                                                                                             \
	}                                                                                                              \
	static bool resurrect_##name(void *drcontext, void *perscxt, byte **map)                                       \
	{                                                                                                              \
		bool ok;                                                                                               \
		(void)drcontext;                                                                                       \
                                                                                                                       \
		alone_begin();                                                                                         \
		ok = resurrect(perscxt, map, number);                                                                  \
		alone_end();                                                                                           \
		return ok;                                                                                             \
	}

SECTION(ro, RO)
SECTION(rx, RX)
SECTION(rw, RW)

/* The last byte of a cell says what the cell is; the ones before it are padding. */
static bool patch(void *drcontext, void *perscxt, byte *bb_start, size_t bb_size, void *user_data)
{
	size_t n = 0;
	(void)drcontext;

	alone_begin();
	for (byte *at = bb_start + bb_size - 2; *at == 0xcc; at--, n++)
		*at = 0xf4;
	note("%s patch %s %s %lu\n", say.name, module_of(perscxt), n ? "padding" : "nothing",
	     (unsigned long)(uintptr_t)user_data);
	alone_end();
	return !is(say.refuse, "patch");
}

static void abandoned(void *drcontext, void *perscxt, int reason)
{
	(void)drcontext;
	alone_begin();
	note("%s abandoned %s %s\n", say.name, module_of(perscxt), stubcache_persist_reason(reason));
	memset(keep(perscxt), 0, sizeof(struct kept));
	alone_end();
}

static void at_exit(void)
{
	unsigned routines = 0, right = 0;
	char rights[5] = "----", name[64];

	alone_begin();
	for (unsigned i = 0; i < MODULES_MOST; i++) {
		if (!kept[i].routine || !kept[i].rw)
			continue;
		routines++;
		right += kept[i].routine(kept[i].rw) == 42;
		look_up((void *)(uintptr_t)kept[i].routine, rights, name);
	}
	note("%s exit generated %s resurrected %s routines %s %s\n", say.name, generated ? "some" : "none",
	     resurrected ? "some" : "none", routines == 0 ? "none" : right == routines ? "right" : "wrong", rights);
	alone_end();
}

static void read_argument(const char *argument)
{
	const struct {
		const char *name;
		const char **value;
	} known[] = {
		{ "name=", &say.name },	      { "journal=", &say.journal },  { "ro=", &say.size_of[RO] },
		{ "rx=", &say.size_of[RX] },  { "rw=", &say.size_of[RW] },   { "only=", &say.only },
		{ "refuse=", &say.refuse },   { "short=", &say.short_in },   { "long=", &say.long_in },
		{ "advance=", &say.advance }, { "huge=", &say.huge },	     { "load=", &say.load },
		{ "crash=", &say.crash },     { "exit-in=", &say.exit_in },  { "fickle=", &say.fickle },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(argument, known[i].name, strlen(known[i].name)) == 0)
			*known[i].value = argument + strlen(known[i].name);
	say.patch = say.patch || is(argument, "patch");
	say.abandoned = say.abandoned || is(argument, "abandoned");
}

static void misbehave(void)
{
	volatile char *volatile nowhere = NULL;

	if (is(say.crash, "main"))
		*nowhere = 1;
	if (is(say.crash, "abort"))
		abort();
	if (is(say.crash, "libc"))
		note("%lu", (unsigned long)strlen((const char *)nowhere));
	if (is(say.exit_in, "main"))
		exit(3);
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	bool ok = true;

	for (int i = 1; i < argc; i++)
		read_argument(argv[i]);
	if (say.size_of[RO])
		ok = ok && dr_register_persist_ro(size_ro, persist_ro, resurrect_ro);
	if (say.size_of[RX])
		ok = ok && dr_register_persist_rx(size_rx, persist_rx, resurrect_rx);
	if (say.size_of[RW])
		ok = ok && dr_register_persist_rw(size_rw, persist_rw, resurrect_rw);
	if (say.patch)
		ok = ok && dr_register_persist_patch(patch);
	if (say.abandoned)
		ok = ok && stubcache_register_persist_abandoned(abandoned);
	dr_register_exit_event(at_exit);
	note("%s main %u %s%s\n", say.name, id, ok ? "registered" : "not registered",
	     is(dr_get_client_path(id), argv[0]) && dr_get_client_base(id) ? "" : " path or base wrong");
	misbehave();
}
