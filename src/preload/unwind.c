/* SPDX-License-Identifier: MIT */
/*
 * Owns the walk along a stack. Called by hooks inside intercepted calls. Does not own what is known of addresses
 * (unwind_rules.c).
 *
 * Three kinds of frames are stepped over here, each by what it is:
 *	code of any module	the rule for the address
 *	a stub, a trampoline	as their unwind rules say (x86_64/area_rules.h), which libunwind does not understand: a
 *				shadow frame has the return address
 *	a signal		the registers that the kernel has saved at rsp
 *
 * Call frame information may be wrong, and rsp with it after one step; and what lies beyond the end of a stack may be
 * gone since the last walk. So memory is read as it is only where there is stack for certain (peek.h), and in shadow
 * frames; all else is copied by the kernel, some frames at a time.
 */
#include "preload/unwind.h"

#include <errno.h>
#include <signal.h>
#include <ucontext.h>

#include "common/sys.h"
#include "preload/frame_memory.h"
#include "preload/modules.h"
#include "preload/peek.h"
#include "preload/threads.h"
#include "preload/unwind_internal.h"
#include "x86_64/layout.h"

#define WINDOW 512 /* bytes that are copied at a time: a part of a page */
#define SKIPPED_MOST 256 /* steps that give no frame */

extern const unsigned char sc_area[];
extern const size_t sc_area_size;

struct walk {
	struct sc_unwind_state state;
	bool called; /* state.pc is a return address: what is asked for is the instruction before it */
	bool more;   /* there is a caller, or nobody knows */
	uintptr_t low, high; /* of the stack that the walk begins on: it is there */
	uintptr_t copied; /* what is in the window, from where on; 0: nothing */
	uintptr_t window[WINDOW / sizeof(uintptr_t)];
};

/* Somewhere that may not be there. */
static __attribute__((noinline)) bool peek_by_kernel(struct walk *walk, uintptr_t address, uintptr_t *word)
{
	uintptr_t start = address & -(uintptr_t)WINDOW;

	if (walk->copied != start || !start)
		walk->copied = sc_peek_copy(walk->window, start, WINDOW) ? start : 0;
	*word = walk->copied ? walk->window[(address - start) / sizeof(*word)] : *word;
	return walk->copied;
}

/* What lies on the way up is no variable of ours, and may be anything. */
__attribute__((no_sanitize_address)) static inline bool peek(struct walk *walk, uintptr_t address, uintptr_t *word)
{
	if (address % sizeof(*word))
		return false;
	if (address - walk->low >= walk->high - walk->low)
		return peek_by_kernel(walk, address, word);
	*word = *(const volatile uintptr_t *)address;
	return true;
}

static bool peek_of(void *walk, uintptr_t address, uintptr_t *word)
{
	return peek(walk, address, word);
}

static bool in_area(uintptr_t address)
{
	return address - (uintptr_t)sc_area < sc_area_size;
}

static uintptr_t *reg(struct walk *walk, enum sc_unwind_register number)
{
	return &walk->state.registers[number];
}

/* rsp is as it was: the stub has taken away the return address alone. */
static void step_entered(struct walk *walk, const struct sc_frame *frame)
{
	walk->state.pc = *(const volatile uintptr_t *)&frame->return_address;
	*reg(walk, SC_UNWIND_RBX) = *(const volatile uintptr_t *)&frame->rbx;
}

static bool step_stub(struct walk *walk, uintptr_t at)
{
	unsigned offset = at % SC_CELL_SIZE;
	bool frame = *(const unsigned char *)(at | (SC_CELL_SIZE - 1)) == SC_CELL_FRAME;
	uintptr_t *rsp = reg(walk, SC_UNWIND_RSP), *rbx = reg(walk, SC_UNWIND_RBX), cfa = *rsp + 8, pc;

	if (frame && offset >= SC_FRAME_RBX_POPPED && offset < SC_FRAME_SLOW) {
		const struct sc_frame *shadow = (const struct sc_frame *)*rbx;

		if (!sc_frame_memory_has(*rbx))
			return false;
		if (offset >= SC_FRAME_ENTERED) {
			step_entered(walk, shadow);
			return true;
		}
		*rbx = *(const volatile uintptr_t *)&shadow->rbx;
	} else if (frame && offset >= SC_FRAME_RBX_PUSHED) {
		cfa += offset >= SC_FRAME_NEXT_PUSHED && offset < SC_FRAME_NEXT_POPPED ? 16 : 8;
		if (!peek(walk, cfa - 16, rbx))
			return false;
	}
	if (!peek(walk, cfa - 8, &pc))
		return false;
	walk->state.pc = pc;
	*rsp = cfa;
	return true;
}

static void step_trampoline(struct walk *walk, uintptr_t pc, const struct sc_frame *frame)
{
	step_entered(walk, frame);
	if (pc % SC_FRAME_SIZE >= SC_TRAMPOLINE_PUSHED)
		*reg(walk, SC_UNWIND_RSP) += 8;
}

static bool step_signal(struct walk *walk)
{
	static const struct {
		uint8_t number, saved;
	} registers[] = { { SC_UNWIND_RBX, REG_RBX }, { SC_UNWIND_RBP, REG_RBP }, { SC_UNWIND_R12, REG_R12 },
			  { SC_UNWIND_R13, REG_R13 }, { SC_UNWIND_R14, REG_R14 }, { SC_UNWIND_R15, REG_R15 },
			  { SC_UNWIND_RSP, REG_RSP } };
	uintptr_t saved = *reg(walk, SC_UNWIND_RSP) + offsetof(ucontext_t, uc_mcontext.gregs); /* of a ucontext_t, perhaps */

	if (!peek(walk, saved + REG_RIP * sizeof(greg_t), &walk->state.pc))
		return false;
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (!peek(walk, saved + registers[i].saved * sizeof(greg_t), reg(walk, registers[i].number)))
			return false;
	return true;
}

static bool step_plain(struct walk *walk, const struct sc_unwind_rule *rule)
{
	const struct sc_unwind_state before = walk->state;
	uintptr_t *after = walk->state.registers;
	uintptr_t cfa = before.registers[rule->cfa_base] + (uintptr_t)(intptr_t)rule->cfa_offset, base;

	if (rule->indirect) {
		if (!peek(walk, cfa, &cfa))
			return false;
		cfa += (uintptr_t)(intptr_t)rule->cfa_more;
	}
	base = rule->pc_base == SC_UNWIND_CFA ? cfa : before.registers[rule->pc_base];
	if (!peek(walk, base + (uintptr_t)(intptr_t)rule->pc_offset, &walk->state.pc))
		return false;
	for (unsigned i = 0; i < SC_UNWIND_RSP; i++) {
		if (rule->base[i] == SC_UNWIND_SAME)
			continue;
		base = rule->base[i] == SC_UNWIND_CFA ? cfa : before.registers[rule->base[i]];
		if (!peek(walk, base + (uintptr_t)(intptr_t)rule->offset[i], &after[i]))
			return false;
	}
	/* Of all code only leave.S (sc_hook_decided) has its return address in a frame that rbx points to, and rsp as its caller
	 * has it; libunwind takes the CFA for it. */
	after[SC_UNWIND_RSP] = rule->pc_base == SC_UNWIND_RBX ? before.registers[SC_UNWIND_RSP] : cfa;
	return true;
}

/* false: the walk ends here, and walk->more says whether it should have. */
static bool step_slowly(struct walk *walk, uintptr_t at)
{
	const struct sc_frame *frame = sc_frame_memory_of(at);
	const struct sc_unwind_entry *entry;
	int r;

	walk->called = true;
	if (frame) {
		step_trampoline(walk, walk->state.pc, frame);
		return true;
	}
	if (in_area(at))
		return step_stub(walk, at);
	entry = sc_unwind_entry_of(at);
	switch (entry ? entry->rule.kind : SC_UNWIND_NONE) {
	case SC_UNWIND_PLAIN:
		return step_plain(walk, &entry->rule);
	case SC_UNWIND_SIGNAL:
		walk->called = false;
		return step_signal(walk);
	case SC_UNWIND_COMPLEX:
		r = sc_unwind_step(at, &walk->state, peek_of, walk);
		walk->more = r < 0;
		return r > 0;
	case SC_UNWIND_END:
		walk->more = false;
		return false;
	}
	return false;
}

struct out {
	uintptr_t *frames;
	size_t count, most;
	uintptr_t ours, ours_size; /* addresses that are not for others */
};

/* Takes a register from where it was saved, if it was; else there is the return address, which may be read, too. */
#define TAKE(number, value) \
	do { \
		uintptr_t there = *(const volatile uintptr_t *)(cfa + (uintptr_t)(intptr_t)entry->rule.offset[number]); \
\
		value = entry->saved >> (number) & 1 ? there : value; \
	} while (0)

/*
 * As many steps as are simple, which most are. Registers are kept in registers, and nothing depends on what is predicted
 * but where it ends. true: the frame that was come to is among out->frames, and the step from it is another kind;
 * false: it is still to be looked at.
 */
static bool step_simply(struct walk *walk, const struct sc_unwind_table *table, struct out *out)
{
	uintptr_t *registers = walk->state.registers;
	uintptr_t pc = walk->state.pc, rsp = registers[SC_UNWIND_RSP], rbx = registers[SC_UNWIND_RBX];
	uintptr_t rbp = registers[SC_UNWIND_RBP], r12 = registers[SC_UNWIND_R12], r13 = registers[SC_UNWIND_R13];
	uintptr_t r14 = registers[SC_UNWIND_R14], r15 = registers[SC_UNWIND_R15];
	size_t count = out->count;
	bool seen = true;

	while (seen) {
		const struct sc_unwind_entry *entry = &table->entries[sc_unwind_slot(table, pc - 1)];
		uintptr_t cfa, distance;

		if (__atomic_load_n(&entry->at, __ATOMIC_ACQUIRE) != pc - 1 || !entry->simple)
			break;
		cfa = (entry->rule.cfa_base == SC_UNWIND_RBP ? rbp : rsp) + (uintptr_t)(intptr_t)entry->rule.cfa_offset;
		distance = cfa - walk->low;
		if (distance > walk->high - walk->low || distance < (uintptr_t)-(intptr_t)entry->lowest ||
		    cfa % sizeof(uintptr_t))
			break;
		TAKE(SC_UNWIND_RBX, rbx);
		TAKE(SC_UNWIND_RBP, rbp);
		TAKE(SC_UNWIND_R12, r12);
		TAKE(SC_UNWIND_R13, r13);
		TAKE(SC_UNWIND_R14, r14);
		TAKE(SC_UNWIND_R15, r15);
		pc = *(const volatile uintptr_t *)(cfa - sizeof(uintptr_t));
		rsp = cfa;
		seen = pc && pc - out->ours >= out->ours_size && count < out->most;
		if (seen)
			out->frames[count++] = pc;
	}
	out->count = count;
	walk->state = (struct sc_unwind_state){ .pc = pc, .registers = { rbx, rbp, r12, r13, r14, r15, rsp } };
	return seen;
}

static void begin(struct walk *walk, const struct sc_unwind_start *start)
{
	walk->state.pc = start->pc;
	*reg(walk, SC_UNWIND_RBX) = start->rbx;
	*reg(walk, SC_UNWIND_RBP) = start->rbp;
	*reg(walk, SC_UNWIND_R12) = start->r12;
	*reg(walk, SC_UNWIND_R13) = start->r13;
	*reg(walk, SC_UNWIND_R14) = start->r14;
	*reg(walk, SC_UNWIND_R15) = start->r15;
	*reg(walk, SC_UNWIND_RSP) = start->sp;
	walk->called = true;
	walk->more = true;
	walk->low = start->sp;
	walk->high = sc_peek_stack_end(start->sp) & -sizeof(uintptr_t);
	if (walk->high < walk->low)
		walk->high = walk->low;
	walk->copied = 0;
}

/* Notes the frame that was come to. false: the walk ends with it. */
static bool see(struct walk *walk, struct out *out, unsigned *skipped)
{
	if (!walk->state.pc) {
		walk->more = false;
		return false;
	}
	if (walk->state.pc - out->ours < out->ours_size)
		return ++*skipped <= SKIPPED_MOST;
	if (out->count == out->most)
		return false;
	out->frames[out->count++] = walk->state.pc;
	return true;
}

size_t sc_unwind_stack(const struct sc_unwind_start *start, uintptr_t *frames, size_t most, bool *cut)
{
	const struct sc_unwind_table *table = sc_unwind_table();
	const struct sc_module *self = sc_modules_self();
	struct out out = { .frames = frames, .most = most, .ours = self->start, .ours_size = self->end - self->start };
	unsigned skipped = 0;
	struct walk walk;

	begin(&walk, start);
	while (see(&walk, &out, &skipped)) {
		if (table && walk.called && !step_simply(&walk, table, &out))
			continue;
		if (!step_slowly(&walk, walk.state.pc - walk.called))
			break;
	}
	if (out.count == 0 && most > 0)
		frames[out.count++] = start->pc;
	*cut = walk.more;
	return out.count;
}
