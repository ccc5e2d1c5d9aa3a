/* SPDX-License-Identifier: MIT */
/*
 * libstubcache-unwind.so: what libunwind says of one return address. It is loaded only where a rule wants stacks, by
 * src/preload/unwind_load.c, and knows nothing of the host: what it reads, it is given.
 *
 * Walking a stack is not done here. For almost every address the call frame information says the same wherever it is
 * met (the caller's rsp is rsp + 48, its rbx lies at rsp + 24); such a *rule* is asked for once, kept by
 * src/preload/unwind_rules.c and followed by src/preload/unwind.c, without libunwind.
 */
#ifndef SC_UNWIND_UNWIND_H
#define SC_UNWIND_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_UNWIND_VERSION 2
#define SC_UNWIND_ENTRY "sc_unwind_entry"

/* What a function must leave as it was, and its caller's frame may be found by. */
enum sc_unwind_register {
	SC_UNWIND_RBX,
	SC_UNWIND_RBP,
	SC_UNWIND_R12,
	SC_UNWIND_R13,
	SC_UNWIND_R14,
	SC_UNWIND_R15,
	SC_UNWIND_RSP,
	SC_UNWIND_REGISTERS,
};

/* The registers at an address in a frame. */
struct sc_unwind_state {
	uintptr_t pc;
	uintptr_t registers[SC_UNWIND_REGISTERS];
};

enum sc_unwind_kind {
	SC_UNWIND_NONE,	   /* nothing is known of the address */
	SC_UNWIND_PLAIN,   /* as the rule says */
	SC_UNWIND_SIGNAL,  /* a signal handler returns to it: the interrupted registers are in the ucontext_t at rsp */
	SC_UNWIND_END,	   /* it has no caller */
	SC_UNWIND_COMPLEX, /* no rule says it: ask for each step */
};

/* base[n] of a register that the caller has as it is. */
#define SC_UNWIND_SAME 255
/* A base: not a register, but the word that it and cfa_offset lead to. */
#define SC_UNWIND_CFA 254

/*
 * The caller's rsp is registers[cfa_base] + cfa_offset, or, when it is indirect, the word there + cfa_more. Each other
 * register, and the return address, is the word at its base + offset.
 */
struct sc_unwind_rule {
	uint8_t kind; /* enum sc_unwind_kind; what follows is for PLAIN */
	uint8_t cfa_base;
	uint8_t indirect;
	uint8_t pc_base;
	uint8_t base[SC_UNWIND_RSP]; /* SC_UNWIND_SAME, SC_UNWIND_CFA, or a register */
	int32_t cfa_offset;
	int32_t cfa_more;
	int32_t pc_offset;
	int32_t offset[SC_UNWIND_RSP];
};

/* Where the call frame information for an address is: PT_GNU_EH_FRAME of the module that it lies in. */
struct sc_unwind_module {
	uintptr_t start, end; /* mapped, but for gaps */
	uintptr_t code_start, code_end;
	uintptr_t eh_frame_hdr;
	size_t eh_frame_hdr_size;
};

/* What libunwind is to call in place of a function of libc's, while it works for us. */
struct sc_unwind_replacement {
	const char *name;
	uintptr_t function;
};

/* Reads a word, or returns false. */
typedef bool sc_unwind_peek(void *context, uintptr_t address, uintptr_t *word);

struct sc_unwind_api {
	uint32_t version;
	/* For the slots of libunwind's own modules, before the first question. The host may use them, too: on other stacks
	 * than the one given to the entry these do what libc's do. */
	const struct sc_unwind_replacement *replacements;
	size_t replacement_count;
	/* Sets libunwind up, which may use the host's heap. Once, with the slots replaced, on the stack given to the entry.
	 * 0 or -ENOMEM. */
	int (*start)(void);
	/*
	 * Both: 0, or a negative errno with the output untouched. On the stack given to the entry, so one thread at a
	 * time; signals blocked; no memory of the host's heap. `at` is an address in the calling instruction (return
	 * address - 1), or of the instruction that a signal has interrupted.
	 */
	int (*rule)(const struct sc_unwind_module *module, uintptr_t at, struct sc_unwind_rule *out);
	/* One step with real registers, for SC_UNWIND_COMPLEX. 1: state is the
	 * caller's; 0: there is none. */
	int (*step)(const struct sc_unwind_module *module, uintptr_t at, struct sc_unwind_state *state,
		    sc_unwind_peek *peek, void *context);
};

/* stack: on which questions will be asked. NULL: another version. */
typedef const struct sc_unwind_api *sc_unwind_entry_type(uint32_t version, const void *stack, size_t size);

#endif
