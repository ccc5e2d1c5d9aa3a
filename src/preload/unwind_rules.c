/* SPDX-License-Identifier: MIT */
/*
 * Owns the rules: what libunwind has said of an address, kept for whoever comes by next. Called by unwind.c, inside
 * intercepted calls.
 *
 *	address -> table -> rule		nobody waits
 *	        \-> lock -> libunwind -> table	once an address
 *
 * Readers take no lock: a rule is complete before its address is stored, and is not changed while the address can be on
 * any stack. A table that has become too small stays, for those who look at it just now; all of them together are as large
 * as the last.
 *
 * Whoever asks libunwind has the lock and no signal is delivered to him meanwhile, so the lock is never held by what a
 * signal handler has interrupted, and the holder waits for nobody. He works on a stack of our own: the host's may be small. A
 * child of fork whose parent's other thread was at it takes the lock away from a thread that is not there.
 */
#include "preload/unwind_internal.h"

#include <elf.h>
#include <link.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "common/sys.h"
#include "preload/modules.h"
#include "preload/peek.h"
#include "preload/unwind.h"
#include "x86_64/on_stack.h"
#include "x86_64/vectors.h"

#define TABLE_FIRST 1024 /* entries */
#define TABLE_MOST (1u << 20)
#define PROBES 16
#define LOOKS 10000   /* for the lock */
#define FORGOTTEN 1u /* in place of an address: may be used again */

static struct {
	const struct sc_unwind_api *api;
	char *work; /* the state of the vector registers, then a stack */
	uint32_t parts;
	struct sc_unwind_table *table;
	uint32_t lock;
	struct sc_unwind_module vdso;
} rules;

static struct sc_unwind_entry *find(struct sc_unwind_table *table, uintptr_t at)
{
	for (uint32_t i = 0; i < PROBES; i++) {
		struct sc_unwind_entry *entry = &table->entries[(sc_unwind_slot(table, at) + i) & table->mask];
		uintptr_t there = __atomic_load_n(&entry->at, __ATOMIC_ACQUIRE);

		if (there == at)
			return entry;
		if (!there)
			break;
	}
	return NULL;
}

/* But for SIGTRAP, by which a process may step itself: blocked, it would end the process. */
static const uint64_t all_signals = ~((uint64_t)1 << (SIGTRAP - 1));

/* What asking takes, of us and of libunwind, the program may have forbidden. */
static bool may_ask(void)
{
	return sc_sys_may(SYS_rt_sigprocmask) && sc_sys_may(SYS_mmap) && sc_sys_may(SYS_munmap);
}

static uint64_t block_signals(void)
{
	uint64_t before = 0;

	sc_syscall4(SYS_rt_sigprocmask, SIG_SETMASK, &all_signals, &before, sizeof(before));
	return before;
}

static void unblock_signals(uint64_t before)
{
	sc_syscall4(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
}

/* With signals blocked. */
static bool take_lock(void)
{
	for (int i = 0; i < LOOKS; i++) {
		uint32_t none = 0;

		if (__atomic_compare_exchange_n(&rules.lock, &none, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
		if (i % 100 == 99)
			sc_syscall0(SYS_sched_yield);
		__builtin_ia32_pause();
	}
	return false;
}

static void give_lock(void)
{
	__atomic_store_n(&rules.lock, 0, __ATOMIC_RELEASE);
}

void sc_unwind_forked(void)
{
	give_lock();
}

/* The rest is for who has the lock. */

static struct sc_unwind_table *make_table(uint32_t size)
{
	size_t bytes = sizeof(struct sc_unwind_table) + size * sizeof(struct sc_unwind_entry);
	struct sc_unwind_table *table =
		sc_sys_mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (table == MAP_FAILED)
		return NULL;
	table->mask = size - 1;
	return table;
}

/* Where a register was saved, relative to the CFA; false: relative to something else. */
static bool cfa_offset_of(const struct sc_unwind_rule *rule, unsigned number, int32_t *out)
{
	if (rule->base[number] != SC_UNWIND_CFA && rule->base[number] != rule->cfa_base)
		return false;
	*out = rule->offset[number] - (rule->base[number] == SC_UNWIND_CFA ? 0 : rule->cfa_offset);
	return *out < 0;
}

static void simplify(struct sc_unwind_entry *entry)
{
	struct sc_unwind_rule rule = entry->rule;

	entry->simple = rule.kind == SC_UNWIND_PLAIN && !rule.indirect && rule.pc_base == rule.cfa_base &&
			rule.pc_offset == rule.cfa_offset - 8 &&
			(rule.cfa_base == SC_UNWIND_RSP || rule.cfa_base == SC_UNWIND_RBP);
	entry->saved = 0;
	entry->lowest = -8;
	for (unsigned i = 0; entry->simple && i < SC_UNWIND_RSP; i++) {
		if (rule.base[i] == SC_UNWIND_SAME) {
			rule.offset[i] = -8;
			continue;
		}
		entry->simple = cfa_offset_of(&rule, i, &rule.offset[i]);
		rule.base[i] = SC_UNWIND_CFA;
		entry->saved |= (uint8_t)(1u << i);
		if (rule.offset[i] < entry->lowest)
			entry->lowest = rule.offset[i];
	}
	if (entry->simple)
		entry->rule = rule;
}

static bool put(struct sc_unwind_table *table, uintptr_t at, const struct sc_unwind_rule *rule)
{
	for (uint32_t i = 0; i < PROBES; i++) {
		struct sc_unwind_entry *entry = &table->entries[(sc_unwind_slot(table, at) + i) & table->mask];

		if (entry->at > FORGOTTEN)
			continue;
		entry->rule = *rule;
		simplify(entry);
		table->used += entry->at == 0;
		__atomic_store_n(&entry->at, at, __ATOMIC_RELEASE);
		return true;
	}
	return false;
}

/* Twice as large. What finds no place there is asked for again. */
static bool grow(void)
{
	struct sc_unwind_table *old = rules.table, *table;

	if (old->mask + 1 >= TABLE_MOST)
		return false;
	table = make_table((old->mask + 1) * 2);
	if (!table)
		return false;
	for (uint32_t i = 0; i <= old->mask; i++)
		if (old->entries[i].at > FORGOTTEN)
			put(table, old->entries[i].at, &old->entries[i].rule);
	__atomic_store_n(&rules.table, table, __ATOMIC_RELEASE);
	return true;
}

static struct sc_unwind_entry *keep(uintptr_t at, const struct sc_unwind_rule *rule)
{
	if (rules.table->used > rules.table->mask / 4 * 3)
		grow();
	while (!put(rules.table, at, rule))
		if (!grow())
			return NULL;
	return find(rules.table, at);
}

static void set_table(struct sc_unwind_module *out, uintptr_t base, const ElfW(Phdr) *phdr, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		if (phdr[i].p_type == PT_GNU_EH_FRAME) {
			out->eh_frame_hdr = base + phdr[i].p_vaddr;
			out->eh_frame_hdr_size = phdr[i].p_memsz;
		}
}

static bool module_at(uintptr_t at, struct sc_unwind_module *out, bool *loader)
{
	const struct sc_module *module = sc_modules_at(at);

	*loader = module && (module->flags & SC_MODULE_LOADER);
	if (module) {
		if (!sc_module_has_code(module, at))
			return false;
		*out = (struct sc_unwind_module){ .start = module->start, .end = module->end,
						  .code_start = module->code_start, .code_end = module->code_end };
		set_table(out, module->base, module->phdr, module->phnum);
		return true;
	}
	*out = rules.vdso;
	return at >= out->start && at < out->end;
}

struct question {
	struct sc_unwind_module module;
	uintptr_t at;
	struct sc_unwind_rule *rule; /* what is asked for: this, or */
	struct sc_unwind_state *state;
	sc_unwind_peek *peek;
	void *context; /* of peek */
	int answer;
};

static void ask_here(void *argument)
{
	struct question *question = argument;

	if (question->rule)
		question->answer = rules.api->rule(&question->module, question->at, question->rule);
	else
		question->answer = rules.api->step(&question->module, question->at, question->state, question->peek,
						   question->context);
}

/* libunwind uses vector registers, and more stack than a host may have left. */
static void ask(struct question *question)
{
	sc_vectors_save(rules.work, rules.parts);
	sc_on_stack(ask_here, question, rules.work + SC_UNWIND_WORK);
	sc_vectors_restore(rules.work, rules.parts);
}

static const struct sc_unwind_entry *learn(uintptr_t at)
{
	struct sc_unwind_entry *entry = find(rules.table, at); /* another may have been quicker */
	struct sc_unwind_rule rule;
	struct question question = { .at = at, .rule = &rule };
	bool loader;

	if (entry)
		return entry;
	if (!module_at(at, &question.module, &loader))
		return NULL;
	ask(&question);
	if (loader && question.answer == 0 && rule.kind == SC_UNWIND_NONE)
		rule.kind = SC_UNWIND_END; /* the kernel's entry point, which calls the constructors, is not described */
	return question.answer == 0 ? keep(at, &rule) : NULL;
}

/* Both of these: inside of any call. */

const struct sc_unwind_table *sc_unwind_table(void)
{
	return __atomic_load_n(&rules.table, __ATOMIC_ACQUIRE);
}

const struct sc_unwind_entry *sc_unwind_entry_of(uintptr_t at)
{
	struct sc_unwind_table *table = __atomic_load_n(&rules.table, __ATOMIC_ACQUIRE);
	const struct sc_unwind_entry *entry = table ? find(table, at) : NULL;
	uint64_t signals;

	if (entry)
		return entry;
	if (!table || at <= FORGOTTEN || !may_ask())
		return NULL;
	signals = block_signals();
	if (take_lock()) {
		entry = learn(at);
		give_lock();
	}
	unblock_signals(signals);
	return entry;
}

int sc_unwind_step(uintptr_t at, struct sc_unwind_state *state, sc_unwind_peek *peek, void *context)
{
	struct question question = { .at = at, .state = state, .peek = peek, .context = context, .answer = -1 };
	uint64_t signals;
	bool loader;

	if (!rules.api || !may_ask())
		return -1;
	signals = block_signals();
	if (take_lock()) {
		if (module_at(at, &question.module, &loader))
			ask(&question);
		give_lock();
	}
	unblock_signals(signals);
	return question.answer;
}

static void forget(struct sc_unwind_table *table, uintptr_t start, uintptr_t end)
{
	for (uint32_t i = 0; i <= table->mask; i++) {
		uintptr_t at = table->entries[i].at;

		if (at >= start && at < end)
			__atomic_store_n(&table->entries[i].at, FORGOTTEN, __ATOMIC_RELEASE);
	}
}

void sc_unwind_forget(uintptr_t start, uintptr_t end)
{
	uint64_t signals;

	if (!rules.table || start >= end || start <= FORGOTTEN)
		return;
	signals = block_signals();
	/* The lock cannot be had only when its holder has died with it: then nothing is learned any more, either. */
	if (take_lock()) {
		forget(rules.table, start, end);
		give_lock();
	} else {
		forget(rules.table, start, end);
	}
	unblock_signals(signals);
}

void sc_unwind_forget_gone(void)
{
	for (uint32_t i = 0; rules.table && i < sc_modules.count; i++) {
		const struct sc_module *module = &sc_modules.list[i];

		if ((module->flags & SC_MODULE_GONE) && !(module->flags & SC_MODULE_FREE))
			sc_unwind_forget(module->start, module->end);
	}
}

/* The vdso is a module in all but the list: a signal may come while a clock is read. */
static void note_vdso(void)
{
	const ElfW(Ehdr) *vdso = (const ElfW(Ehdr) *)getauxval(AT_SYSINFO_EHDR);
	const ElfW(Phdr) *phdr = vdso ? (const ElfW(Phdr) *)((const char *)vdso + vdso->e_phoff) : NULL;
	uintptr_t base = (uintptr_t)vdso;

	for (uint16_t i = 0; phdr && i < vdso->e_phnum; i++)
		if (phdr[i].p_type == PT_LOAD) {
			rules.vdso.start = rules.vdso.code_start = base;
			rules.vdso.end = rules.vdso.code_end = base + phdr[i].p_vaddr + phdr[i].p_memsz;
		}
	if (phdr)
		set_table(&rules.vdso, base, phdr, vdso->e_phnum);
}

void sc_unwind_rules_start(const struct sc_unwind_api *api, void *work)
{
	rules.api = api;
	rules.work = work;
	rules.parts = sc_vectors_parts();
	note_vdso();
	__atomic_store_n(&rules.table, make_table(TABLE_FIRST), __ATOMIC_RELEASE);
}
