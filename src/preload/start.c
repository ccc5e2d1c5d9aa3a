/* SPDX-License-Identifier: MIT */
/*
 * Owns the constructor: what happens between the loader's last relocation and the program's first instruction, in
 * the order of doc/architecture.md. It runs before every other constructor (-z initfirst), libc's own included, so
 * environ is not set: the environment is the constructor's third argument.
 *
 *	no rules, no clients -> nothing at all
 *	key -> lookup -> map, check, resurrect -> attach		(warm)
 *	   \-> engine: select, plan, emit, write, publish -> the same	(cold)
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "common/sys.h"
#include "preload/activate.h"
#include "preload/clients.h"
#include "preload/engine_file.h"
#include "preload/exec_follow.h"
#include "preload/exit.h"
#include "preload/fork.h"
#include "preload/generate.h"
#include "preload/generator.h"
#include "preload/hot.h"
#include "preload/imports.h"
#include "preload/log.h"
#include "preload/miss.h"
#include "preload/modules.h"
#include "preload/prototypes.h"
#include "preload/reason.h"
#include "preload/recording.h"
#include "preload/runtime.h"
#include "preload/stats.h"
#include "preload/typed.h"
#include "x86_64/tsc.h"

struct sc_runtime sc_runtime SC_HOT_LONG;

/* Phases of the constructor, for STUBCACHE_LOG=debug. */
enum phase { PHASE_RULES, PHASE_MODULES, PHASE_KEY, PHASE_LOOKUP, PHASE_MAP, PHASE_RECORD, PHASE_ATTACH, PHASE_GENERATE,
	     PHASE_WATCH, PHASES };

static uint64_t phase_ns[PHASES] SC_HOT, phase_last SC_HOT;

uint64_t sc_clock_monotonic(void)
{
	struct timespec now = { 0, 0 };

	/* On machines whose clock cannot be read otherwise, the vdso makes the system call. */
	if (sc_sys_may(SYS_clock_gettime))
		clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* By system call: a process reads it twice here, and libc's and the vdso's pages would be touched for it. */
static uint64_t now_ns(void)
{
	struct timespec now = { 0, 0 };

	sc_sys_clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void phase_done(enum phase phase)
{
	uint64_t now;

	if (sc_log_level() < SC_LOG_DEBUG)
		return;
	now = now_ns();
	phase_ns[phase] += now - phase_last;
	phase_last = now;
}

static void log_phases(void)
{
	static const char *const names[] = { "rules", "modules", "key", "lookup", "map", "record", "attach", "generate",
					     "watch" };
	char line[400];
	int n = 0;

	if (sc_log_level() < SC_LOG_DEBUG)
		return;
	for (unsigned i = 0; i < PHASES; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, " %s %llu.%llu", names[i],
			      (unsigned long long)(phase_ns[i] / 1000), (unsigned long long)(phase_ns[i] / 100 % 10));
	sc_log(SC_LOG_DEBUG, "constructor %llu.%llu us:%s", (unsigned long long)(sc_runtime.startup_ns / 1000),
	       (unsigned long long)(sc_runtime.startup_ns / 100 % 10), line);
}

static bool rules_file_failed(const char *problem)
{
	sc_reason(SC_LOG_ERROR, "cannot read rules file '%s': %s", sc_runtime.config.rules_file, problem);
	return false;
}

/* The whole of a rules file, behind what STUBCACHE says. */
static bool read_rules_file(void)
{
	size_t have = sc_runtime.rules_environment, size;
	struct stat stat;
	char *text;
	int fd = sc_sys_openat(AT_FDCWD, sc_runtime.config.rules_file, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0), r;

	if (fd < 0)
		return rules_file_failed(strerrordesc_np(-fd));
	r = sc_sys_fstat(fd, &stat);
	if (r == 0 && (!S_ISREG(stat.st_mode) || stat.st_size > 16 << 20))
		r = -EFBIG;
	size = r == 0 ? (size_t)stat.st_size : 0;
	text = sc_arena_alloc(&sc_runtime.arena, have + size + 2);
	if (r == 0)
		r = text ? sc_sys_pread_full(fd, text + have + 1, size, 0) : -ENOMEM;
	sc_sys_close(fd);
	if (r < 0)
		return rules_file_failed(r == -EFBIG ? "not a plain file of at most 16 MiB" : strerrordesc_np(-r));
	if (have)
		memcpy(text, sc_runtime.config.rules, have);
	sc_runtime.rules_text = text;
	sc_runtime.rules_size = have + 1 + size;
	return true;
}

/* The text of the rules: the key needs that alone. */
static bool read_rules(void)
{
	const char *text = sc_runtime.config.rules;

	sc_runtime.rules_environment = text ? strlen(text) : 0;
	sc_runtime.rules_text = (char *)text;
	sc_runtime.rules_size = sc_runtime.rules_environment;
	if (sc_runtime.config.rules_file && !read_rules_file())
		return sc_runtime.rules_size > 0;
	return sc_runtime.rules_size > 0;
}

static void report_rule_error(const char *where, const struct sc_rule_error *error, bool file)
{
	sc_reason(SC_LOG_ERROR, "%s: %s %u, column %u: %s", where, file ? "line" : "rule", error->rule, error->column,
		  error->message);
	sc_runtime.rules.rule_count = 0;
}

bool sc_runtime_rules(void)
{
	struct sc_runtime *runtime = &sc_runtime;
	struct sc_rule_error error;
	size_t environment = runtime->rules_environment;

	if (runtime->rules_parsed)
		return runtime->rules.rule_count > 0;
	runtime->rules_parsed = true;
	runtime->rules.arena = &runtime->arena;
	if (environment &&
	    sc_rules_parse(&runtime->rules, runtime->rules_text, environment, SC_RULES_ENVIRONMENT, &error) == -EINVAL) {
		report_rule_error("STUBCACHE", &error, false);
		return false;
	}
	if (runtime->rules_size > environment + 1 &&
	    sc_rules_parse(&runtime->rules, runtime->rules_text + environment + 1,
			   runtime->rules_size - environment - 1, SC_RULES_FILE, &error) == -EINVAL) {
		report_rule_error(runtime->config.rules_file, &error, true);
		return false;
	}
	if (sc_typed_add_rules(&runtime->rules) < 0)
		runtime->rules.rule_count = 0;
	return runtime->rules.rule_count > 0;
}

static void open_store(void)
{
	const struct sc_config *config = &sc_runtime.config;
	const struct sc_store_options options = {
		.mode = config->store_mode,
		.directory = config->directory,
		.system_directory = config->system_directory,
		.xdg_cache_home = config->xdg_cache_home,
		.home = config->home,
		.limit = config->limit_bytes,
	};

	sc_store_open(&sc_runtime.store, &options);
}

static void image_path(char path[PATH_MAX + 100], const struct sc_store_file *file)
{
	const char *directory = file->from_system ? sc_runtime.store.system : sc_runtime.store.user;
	size_t length = strlen(directory);

	memcpy(path, directory, length);
	path[length] = '/';
	strcpy(path + length + 1, sc_runtime.key.file);
}

/* Warm: true when an image was found, believed and activated. */
static bool start_warm(void)
{
	struct sc_mapped_image *mapped = NULL;
	struct sc_store_file file;
	const char *why = "";
	char path[PATH_MAX + 100];
	int error = 0;
	enum sc_store_reason reason = sc_store_lookup(&sc_runtime.store, sc_runtime.key.file, &file, &error);
	bool ok = false;

	phase_done(PHASE_LOOKUP);
	if (reason != SC_STORE_OK) {
		if (reason != SC_STORE_ABSENT)
			sc_reason_store(reason, error);
		return false;
	}
	mapped = sc_generate_map(file.fd, file.size, &why);
	phase_done(PHASE_MAP);
	if (!mapped)
		goto out;
	sc_runtime.indexes = mapped->image.header->stub_count;
	if (sc_runtime.config.out) /* printf would touch pages of libc that the program may never need */
		image_path(path, &file);
	why = "no memory for the record";
	ok = sc_recording_image(mapped, sc_runtime.config.out ? path : NULL, file.fd);
	phase_done(PHASE_RECORD);
	ok = ok && sc_activate(mapped, &why);
	phase_done(PHASE_ATTACH);
	if (ok)
		sc_store_touch(&file);
out:
	if (!ok) {
		sc_reason(SC_LOG_INFO, "image rejected: %s", why);
		if (mapped)
			sc_image_unload(mapped);
		sc_runtime.indexes = 0;
	}
	sc_sys_close(file.fd);
	return ok;
}

static bool start_key(void)
{
	uint8_t engine[16] = { 0 };

	sc_runtime.clock = !sc_tsc_invariant();
	/* Two engines that cannot be told apart must not share images. */
	if (!sc_engine_identity(engine)) {
		sc_reason(SC_LOG_DEBUG, "cannot see the engine's file: no image is looked up or kept");
		sc_runtime.config.store_mode = SC_STORE_OFF;
	}
	if (sc_key_make(&sc_runtime.key, sc_runtime.rules_text, sc_runtime.rules_size, engine, sc_runtime.clock) == 0)
		return true;
	sc_reason(SC_LOG_INFO, "not intercepted: more modules than a key can hold");
	return false;
}

/* What runs, where the kernel was given a script: it puts the interpreter and its one argument before the script's path
 * (Linux, fs/binfmt_script.c). All scripts of an interpreter share an image. */
static const char *interpreter(const struct sc_start_arguments *arguments)
{
	const char *script = sc_runtime.program;
	char **argv = arguments->argv;

	for (int i = 1; i <= 2 && i < arguments->argc; i++)
		if (argv[0][0] == '/' && strcmp(argv[i], script) == 0)
			return argv[0];
	return script;
}

static void intercept(void)
{
	/* Before anything is loaded: a malloc of the program's that is called then registers handlers, too. In a child
	 * ours must be the first, for those make calls, and until ours has run the record is the parent's. */
	sc_fork_watch();
	if (sc_modules_start(interpreter(sc_runtime.starting)) < 0) {
		sc_reason(SC_LOG_INFO, "not intercepted: no memory for the list of modules");
		return;
	}
	phase_done(PHASE_MODULES);
	if (sc_modules_second()) {
		sc_reason(SC_LOG_INFO, "not intercepted: another libstubcache.so was loaded before this one");
		return;
	}
	sc_generator_register();
	if (sc_runtime.config.clients)
		sc_clients_load();
	sc_prototypes_look();
	if (!start_key())
		return;
	phase_done(PHASE_KEY);
	open_store();
	sc_exec_follow_start();
	if (start_warm()) {
		sc_runtime.state = SC_STATE_WARM;
		sc_runtime.resurrected = sc_runtime.functions;
	} else {
		if (sc_generate_start())
			sc_runtime.state = SC_STATE_COLD;
		phase_done(PHASE_GENERATE);
	}
	if (sc_runtime.state == SC_STATE_OFF && !sc_runtime.clients)
		return;
	if (sc_runtime.state == SC_STATE_COLD && !sc_runtime.reason[0])
		sc_miss_explain();
	sc_exit_watch();
	if (!sc_runtime.config.out)
		sc_log_keep();
	phase_done(PHASE_WATCH);
}

/* What the kernel says of the process: the auxiliary vector lies behind the environment (System V ABI, AMD64
 * supplement, 3.4.1). Read here and not by getauxval: each function of libc's that we call first costs a page fault. */
struct kernel_says {
	bool secure;
	uint64_t page_size;
	const char *program;
	const ElfW(Phdr) *phdr;
	size_t phnum;
};

static struct kernel_says read_auxiliary_vector(char **env)
{
	struct kernel_says says = { 0 };

	while (*env)
		env++;
	for (const ElfW(auxv_t) *entry = (const void *)(env + 1); entry->a_type != AT_NULL; entry++) {
		if (entry->a_type == AT_SECURE)
			says.secure = entry->a_un.a_val != 0;
		else if (entry->a_type == AT_PAGESZ)
			says.page_size = entry->a_un.a_val;
		else if (entry->a_type == AT_EXECFN)
			says.program = (const char *)entry->a_un.a_val;
		else if (entry->a_type == AT_PHDR)
			says.phdr = (const ElfW(Phdr) *)entry->a_un.a_val;
		else if (entry->a_type == AT_PHNUM)
			says.phnum = entry->a_un.a_val;
	}
	return says;
}

/* Whether there is anything to do, found out without writing to a page: without rules or clients (STUBCACHE_RULES,
 * STUBCACHE_CLIENTS) we cost little more than an empty preload. */
static bool rules_are_set(char **env)
{
	static const char name[] = "STUBCACHE";

	for (; *env; env++) {
		const char *at = *env, *expected = name;

		while (*expected && *at == *expected) {
			at++;
			expected++;
		}
		if (!*expected && (*at == '=' || (*at == '_' && (at[1] == 'R' || at[1] == 'C'))))
			return true;
	}
	return false;
}

static void __attribute__((constructor)) start(int argc, char **argv, char **env)
{
	const struct sc_start_arguments arguments = { argc, argv, env };
	struct kernel_says says;
	int saved;

	if (!env || !rules_are_set(env))
		return;
	says = read_auxiliary_vector(env);
	/* A program that runs with another's rights gets nothing from its environment. */
	if (says.secure || !says.page_size)
		return;
	sc_imports_settle(says.phdr, says.phnum);
	saved = errno;
	sc_config_read(&sc_runtime.config, env);
	if (!sc_runtime.config.rules && !sc_runtime.config.rules_file && !sc_runtime.config.clients)
		return;
	sc_log_look();
	sc_runtime.page_size = says.page_size;
	sc_runtime.starting = &arguments;
	sc_runtime.started = phase_last = now_ns();
	sc_runtime.pid = (uint32_t)sc_sys_getpid();
	sc_runtime.program = says.program;
	if (!sc_runtime.program)
		sc_runtime.program = argv && argv[0] ? argv[0] : "?";
	if (read_rules() || sc_runtime.config.clients) {
		phase_done(PHASE_RULES);
		intercept();
	}
	sc_runtime.starting = NULL;
	sc_runtime.startup_ns = now_ns() - sc_runtime.started;
	sc_stats_write();
	log_phases();
	if (sc_runtime.config.warm)
		_exit(sc_runtime.state == SC_STATE_OFF ? 1 : 0);
	errno = saved;
}
