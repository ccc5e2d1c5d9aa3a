/* SPDX-License-Identifier: MIT */
/*
 * Owns the following of seccomp filters (seccomp(2), and the instructions of linux/filter.h). Does not own which
 * calls are asked about (src/preload/confine.c).
 *
 * Since all jumps lead forward, one pass from the first instruction to the last sees each with all that leads to it:
 * where two ways meet, what they do not agree on is not known. The scratch memory is never known.
 */
#include "common/seccomp_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

/* What has been returned, on any way. */
struct ends {
	bool made, refused;
};

static void set_a(struct sc_seccomp_state *state, bool known, uint32_t value)
{
	state->a_known = known;
	state->a = known ? value : 0;
}

static void set_x(struct sc_seccomp_state *state, bool known, uint32_t value)
{
	state->x_known = known;
	state->x = known ? value : 0;
}

/* The word of struct seccomp_data at an offset; *known is whether it is. */
static uint32_t word_of(const struct sc_seccomp_call *call, uint32_t offset, bool *known)
{
	uint32_t argument = (offset - offsetof(struct seccomp_data, args)) / 8;
	uint64_t value;

	*known = true;
	if (offset == offsetof(struct seccomp_data, nr))
		return call->number;
	if (offset == offsetof(struct seccomp_data, arch))
		return AUDIT_ARCH_X86_64;
	*known = offset >= offsetof(struct seccomp_data, args) && argument < 6 && (call->known >> argument & 1);
	value = *known ? call->arguments[argument] : 0;
	return (uint32_t)(offset & 4 ? value >> 32 : value);
}

static bool load(const struct sock_filter *at, const struct sc_seccomp_call *call, struct sc_seccomp_state *state)
{
	bool known = true;
	uint32_t word;

	switch (at->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		word = word_of(call, at->k, &known);
		set_a(state, known, word);
		return at->k % 4 == 0 && at->k < sizeof(struct seccomp_data);
	case BPF_LD | BPF_IMM:
		set_a(state, true, at->k);
		return true;
	case BPF_LD | BPF_W | BPF_LEN:
		set_a(state, true, sizeof(struct seccomp_data));
		return true;
	case BPF_LD | BPF_MEM:
		set_a(state, false, 0);
		return true;
	case BPF_LDX | BPF_IMM:
		set_x(state, true, at->k);
		return true;
	case BPF_LDX | BPF_W | BPF_LEN:
		set_x(state, true, sizeof(struct seccomp_data));
		return true;
	case BPF_LDX | BPF_MEM:
		set_x(state, false, 0);
		return true;
	default:
		return false;
	}
}

/* By a whole word and more: no filter, or what the processor makes of it. */
static bool is_too_far(const struct sock_filter *at, uint32_t value)
{
	return (BPF_OP(at->code) == BPF_LSH || BPF_OP(at->code) == BPF_RSH) && value >= 32;
}

static bool compute(const struct sock_filter *at, struct sc_seccomp_state *state)
{
	bool by_x = BPF_SRC(at->code) == BPF_X, known = state->a_known && (!by_x || state->x_known);
	uint32_t value = by_x ? state->x : at->k, a = state->a;

	switch (BPF_OP(at->code)) {
	case BPF_ADD:
		a += value;
		break;
	case BPF_SUB:
		a -= value;
		break;
	case BPF_MUL:
		a *= value;
		break;
	case BPF_DIV:
		if (value == 0) /* as what is not known is: the kernel ends the filter, with what kills */
			return false;
		a /= value;
		break;
	case BPF_AND:
		a &= value;
		break;
	case BPF_OR:
		a |= value;
		break;
	case BPF_XOR:
		a ^= value;
		break;
	case BPF_LSH:
		a <<= value % 32;
		break;
	case BPF_RSH:
		a >>= value % 32;
		break;
	case BPF_NEG:
		a = -a;
		known = state->a_known;
		break;
	default:
		return false;
	}
	set_a(state, known && !is_too_far(at, value), a);
	return true;
}

static void flow(struct sc_seccomp_state *to, const struct sc_seccomp_state *from)
{
	if (!to->reached) {
		*to = *from;
		return;
	}
	set_a(to, to->a_known && from->a_known && to->a == from->a, to->a);
	set_x(to, to->x_known && from->x_known && to->x == from->x, to->x);
}

/* Where it leads, taken or not; false: it is no jump within the program. */
static bool jump(const struct sock_filter *at, size_t left, const struct sc_seccomp_state *state,
		 struct sc_seccomp_state *next)
{
	bool by_x = BPF_SRC(at->code) == BPF_X, known = state->a_known && (!by_x || state->x_known), holds;
	uint32_t value = by_x ? state->x : at->k;

	if (BPF_OP(at->code) == BPF_JA) {
		if (at->k >= left)
			return false;
		flow(next + at->k, state);
		return true;
	}
	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		holds = state->a == value;
		break;
	case BPF_JGT:
		holds = state->a > value;
		break;
	case BPF_JGE:
		holds = state->a >= value;
		break;
	case BPF_JSET:
		holds = state->a & value;
		break;
	default:
		return false;
	}
	if (at->jt >= left || at->jf >= left)
		return false;
	if (!known || holds)
		flow(next + at->jt, state);
	if (!known || !holds)
		flow(next + at->jf, state);
	return true;
}

static bool end(const struct sock_filter *at, const struct sc_seccomp_state *state, struct ends *ends)
{
	bool by_a = BPF_RVAL(at->code) == BPF_A;
	uint32_t value = by_a ? state->a : at->k;

	if (by_a && !state->a_known)
		return false;
	switch (value & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		ends->made = true;
		return true;
	case SECCOMP_RET_ERRNO:
		ends->refused = true;
		return value & SECCOMP_RET_DATA; /* error 0 looks as if the call had been made */
	default:
		return false;
	}
}

/* An instruction, and what it leads to; false: to no good. */
static bool follow(const struct sock_filter *at, size_t left, const struct sc_seccomp_call *call,
		   struct sc_seccomp_state *states, struct ends *ends)
{
	struct sc_seccomp_state state = *states;
	bool right;

	switch (BPF_CLASS(at->code)) {
	case BPF_RET:
		return end(at, &state, ends);
	case BPF_JMP:
		return jump(at, left, &state, states + 1);
	case BPF_LD:
	case BPF_LDX:
		right = load(at, call, &state);
		break;
	case BPF_ALU:
		right = compute(at, &state);
		break;
	case BPF_MISC:
		right = at->code == (BPF_MISC | BPF_TAX) || at->code == (BPF_MISC | BPF_TXA);
		if (at->code == (BPF_MISC | BPF_TAX))
			set_x(&state, state.a_known, state.a);
		else
			set_a(&state, state.x_known, state.x);
		break;
	default:
		right = at->code == BPF_ST || at->code == BPF_STX;
	}
	if (!right || left == 0)
		return false;
	flow(states + 1, &state);
	return true;
}

enum sc_seccomp_verdict sc_seccomp_judge(const struct sock_filter *program, size_t count,
					 const struct sc_seccomp_call *call, struct sc_seccomp_state *states)
{
	struct ends ends = { false, false };

	if (count == 0)
		return SC_SECCOMP_HARMS;
	for (size_t i = 0; i < count; i++)
		states[i].reached = false;
	states[0] = (struct sc_seccomp_state){ .reached = true, .a_known = true, .x_known = true };
	for (size_t i = 0; i < count; i++)
		if (states[i].reached && !follow(&program[i], count - 1 - i, call, &states[i], &ends))
			return SC_SECCOMP_HARMS;
	return ends.made ? SC_SECCOMP_MADE : SC_SECCOMP_REFUSED;
}
