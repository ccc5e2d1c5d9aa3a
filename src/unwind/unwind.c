/* SPDX-License-Identifier: MIT */
/*
 * Owns what is asked of libunwind: rules and single steps (unwind.h). Called by the preload with signals blocked and the
 * vector registers saved, one thread at a time.
 *
 * libunwind's interface for other processes is used, though everything is in this one: it takes memory, registers and
 * tables from callbacks. So it needs no dl_iterate_phdr, which takes ld.so's lock, probes no memory with system calls,
 * has no cache that a dlclose could make stale, and no thread-local storage, which ld.so would get from malloc.
 *
 * A rule is found by one step through made-up memory. Each register has a value that nothing real has, and the word at
 * an address made of one tells that address. What is in the registers afterwards then says where it came from:
 *
 *	rsp = RSP + 48, rip = word at RSP + 40, rbx = word at RSP + 24, rbp = RBP: it is as it was
 *	rsp = (word at RBP - 8) + 0, rip = word at ((word at RBP - 8) - 8): a frame that was aligned
 */
#include "unwind/unwind.h"

#include <errno.h>
#include <fcntl.h>
#include <libunwind.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* As perf does it: exported, for who has tables of its own, but in no header. */
int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t ip, unw_dyn_info_t *info,
				       unw_proc_info_t *out, int need_unwind_info, void *arg);

/*
 * Values that are made up have a tag in their highest byte, and lie in the middle of what belongs to it:
 *	TAG_REGISTER + n	the register
 *	TAG_WORD + n		the word at the register + offset; then something may be added
 *	TAG_SECOND		the word at that + offset
 */
#define TAG_SHIFT 56
#define TAG_REGISTER 0x20u
#define TAG_WORD 0x40u
#define TAG_SECOND 0x60u
#define MIDDLE ((uintptr_t)1 << 40)
#define WORD_SHIFT 20 /* of the offset in TAG_WORD; what was added is below it, around the middle */
#define WORD_MIDDLE ((uintptr_t)1 << (WORD_SHIFT - 1))
#define OFFSET_MOST ((intptr_t)1 << 30)
#define MORE_MOST ((intptr_t)1 << 18)

struct made_up {
	unsigned tag; /* without the register */
	unsigned base;
	intptr_t offset;
	intptr_t more; /* TAG_WORD: was added to the word */
};

struct asking {
	const struct sc_unwind_module *module;
	struct sc_unwind_state state;
	sc_unwind_peek *peek; /* NULL: memory is made up */
	void *context;	      /* of peek */
};

static unw_addr_space_t space;

static uintptr_t make(unsigned tag, unsigned base, intptr_t offset)
{
	uintptr_t value = (uintptr_t)(tag + base) << TAG_SHIFT;

	if (tag == TAG_WORD)
		return value + ((uintptr_t)(offset + OFFSET_MOST) << WORD_SHIFT) + WORD_MIDDLE;
	return value + MIDDLE + (uintptr_t)offset;
}

/* What a value was made of; false: it was not. */
static bool take_apart(uintptr_t value, struct made_up *out)
{
	uintptr_t rest = value & (((uintptr_t)1 << TAG_SHIFT) - 1);

	out->tag = (unsigned)(value >> TAG_SHIFT) & ~0x1fu;
	out->base = (unsigned)(value >> TAG_SHIFT) & 0x1f;
	out->more = 0;
	if (out->tag != TAG_REGISTER && out->tag != TAG_WORD && out->tag != TAG_SECOND)
		return false;
	if (out->tag == TAG_WORD) {
		out->offset = (intptr_t)(rest >> WORD_SHIFT) - OFFSET_MOST;
		out->more = (intptr_t)(rest & (((uintptr_t)1 << WORD_SHIFT) - 1)) - (intptr_t)WORD_MIDDLE;
	} else {
		out->offset = (intptr_t)(rest - MIDDLE);
	}
	return out->base < SC_UNWIND_REGISTERS && out->offset > -OFFSET_MOST && out->offset < OFFSET_MOST &&
	       out->more > -MORE_MOST && out->more < MORE_MOST;
}

/* The word at a made-up address: it says where it is. */
static bool made_up_word(uintptr_t address, uintptr_t *word)
{
	struct made_up at;

	if (!take_apart(address, &at) || at.tag == TAG_SECOND)
		return false;
	*word = at.tag == TAG_REGISTER ? make(TAG_WORD, at.base, at.offset) : make(TAG_SECOND, at.base, at.more);
	return true;
}

/* Instructions and call frame information; what is mapped of a module stays so while a call is made out of it. */
static bool module_word(const struct sc_unwind_module *module, uintptr_t address, uintptr_t *word)
{
	if (address < module->start || address >= module->end || module->end - address < sizeof(*word))
		return false;
	memcpy(word, (const void *)address, sizeof(*word));
	return true;
}

/* libunwind's callbacks. */

static int access_mem(unw_addr_space_t unused, unw_word_t address, unw_word_t *value, int write, void *arg)
{
	const struct asking *asking = arg;
	uintptr_t word;
	bool ok;
	(void)unused;

	if (write)
		return -UNW_EREADONLYREG;
	ok = module_word(asking->module, address, &word) ||
	     (asking->peek ? asking->peek(asking->context, address, &word) : made_up_word(address, &word));
	if (!ok)
		return -UNW_EINVAL;
	*value = word;
	return 0;
}

static const unw_regnum_t numbers[SC_UNWIND_REGISTERS] = {
	[SC_UNWIND_RBX] = UNW_X86_64_RBX, [SC_UNWIND_RBP] = UNW_X86_64_RBP, [SC_UNWIND_R12] = UNW_X86_64_R12,
	[SC_UNWIND_R13] = UNW_X86_64_R13, [SC_UNWIND_R14] = UNW_X86_64_R14, [SC_UNWIND_R15] = UNW_X86_64_R15,
	[SC_UNWIND_RSP] = UNW_X86_64_RSP,
};

static int access_reg(unw_addr_space_t unused, unw_regnum_t number, unw_word_t *value, int write, void *arg)
{
	const struct asking *asking = arg;
	(void)unused;

	if (write)
		return -UNW_EREADONLYREG;
	if (number == UNW_X86_64_RIP) {
		*value = asking->state.pc;
		return 0;
	}
	for (unsigned i = 0; i < SC_UNWIND_REGISTERS; i++)
		if (numbers[i] == number) {
			*value = asking->state.registers[i];
			return 0;
		}
	return -UNW_EBADREG;
}

/* The header of .eh_frame_hdr as every linker writes it (Linux Standard Base, 10.6.2): what has no sorted table of this
 * form is not looked at. */
struct table_header {
	uint8_t version, frame_encoding, count_encoding, table_encoding;
	int32_t frame;
	uint32_t count;
};

#define PCREL_SDATA4 0x1b
#define UDATA4 0x03
#define DATAREL_SDATA4 0x3b
#define ENTRY_SIZE 8

static bool read_header(const struct sc_unwind_module *module, struct table_header *out)
{
	uintptr_t at = module->eh_frame_hdr;

	if (module->eh_frame_hdr_size < sizeof(*out) || at < module->start || at > module->end ||
	    module->end - at < module->eh_frame_hdr_size)
		return false;
	memcpy(out, (const void *)at, sizeof(*out));
	return out->version == 1 && out->frame_encoding == PCREL_SDATA4 && out->count_encoding == UDATA4 &&
	       out->table_encoding == DATAREL_SDATA4 && out->count > 0 &&
	       out->count <= (module->eh_frame_hdr_size - sizeof(*out)) / ENTRY_SIZE;
}

static int find_proc_info(unw_addr_space_t unused, unw_word_t ip, unw_proc_info_t *out, int need_unwind_info, void *arg)
{
	const struct sc_unwind_module *module = ((const struct asking *)arg)->module;
	struct table_header header;
	unw_dyn_info_t info = { .format = UNW_INFO_FORMAT_REMOTE_TABLE };

	if (!read_header(module, &header))
		return -UNW_ENOINFO;
	info.start_ip = module->start;
	info.end_ip = module->end;
	info.u.rti.segbase = module->eh_frame_hdr;
	info.u.rti.table_data = module->eh_frame_hdr + sizeof(header);
	info.u.rti.table_len = header.count * ENTRY_SIZE / sizeof(unw_word_t);
	return UNW_OBJ(dwarf_search_unwind_table)(unused, ip, &info, out, need_unwind_info, arg);
}

static void put_unwind_info(unw_addr_space_t unused, unw_proc_info_t *info, void *arg)
{
	(void)unused;
	(void)info;
	(void)arg;
}

static int get_dyn_info_list_addr(unw_addr_space_t unused, unw_word_t *address, void *arg)
{
	(void)unused;
	(void)address;
	(void)arg;
	return -UNW_ENOINFO;
}

static int access_fpreg(unw_addr_space_t unused, unw_regnum_t number, unw_fpreg_t *value, int write, void *arg)
{
	(void)unused;
	(void)number;
	(void)value;
	(void)write;
	(void)arg;
	return -UNW_EBADREG;
}

static int resume(unw_addr_space_t unused, unw_cursor_t *cursor, void *arg)
{
	(void)unused;
	(void)cursor;
	(void)arg;
	return -UNW_EINVAL;
}

static int get_proc_name(unw_addr_space_t unused, unw_word_t address, char *name, size_t size, unw_word_t *offset,
			 void *arg)
{
	(void)unused;
	(void)address;
	(void)name;
	(void)size;
	(void)offset;
	(void)arg;
	return -UNW_ENOINFO;
}

static unw_accessors_t accessors = {
	.find_proc_info = find_proc_info,
	.put_unwind_info = put_unwind_info,
	.get_dyn_info_list_addr = get_dyn_info_list_addr,
	.access_mem = access_mem,
	.access_reg = access_reg,
	.access_fpreg = access_fpreg,
	.resume = resume,
	.get_proc_name = get_proc_name,
};

/* Whether there is call frame information for the address. Without it libunwind would guess. */
static bool is_described(struct asking *asking, uintptr_t at)
{
	unw_proc_info_t info;

	return find_proc_info(space, at, &info, 0, asking) == 0;
}

/* One step from asking->state; state is then the caller's. 1, 0: there is none, or negative. */
static int step(struct asking *asking)
{
	struct sc_unwind_state caller;
	unw_cursor_t cursor;
	unw_word_t value;
	int r;

	if (unw_init_remote(&cursor, space, asking) < 0)
		return -EINVAL;
	r = unw_step(&cursor);
	if (r <= 0)
		return r < 0 ? -EINVAL : 0;
	if (unw_get_reg(&cursor, UNW_REG_IP, &value) < 0)
		return -EINVAL;
	caller.pc = value;
	for (unsigned i = 0; i < SC_UNWIND_REGISTERS; i++) {
		if (unw_get_reg(&cursor, numbers[i], &value) < 0)
			return -EINVAL;
		caller.registers[i] = value;
	}
	asking->state = caller;
	return caller.pc ? 1 : 0;
}

/* rsp of the caller. */
static bool read_cfa(uintptr_t value, struct sc_unwind_rule *rule, struct made_up *cfa)
{
	if (!take_apart(value, cfa) || cfa->tag == TAG_SECOND)
		return false;
	rule->cfa_base = (uint8_t)cfa->base;
	rule->cfa_offset = (int32_t)cfa->offset;
	rule->indirect = cfa->tag == TAG_WORD;
	rule->cfa_more = (int32_t)cfa->more;
	return true;
}

/* Where a word was read from. */
static bool read_place(uintptr_t value, const struct made_up *cfa, uint8_t *base, int32_t *offset)
{
	struct made_up word;

	if (!take_apart(value, &word) || word.tag == TAG_REGISTER || word.more)
		return false;
	if (word.tag == TAG_WORD) {
		*base = (uint8_t)word.base;
		*offset = (int32_t)word.offset;
		return true;
	}
	/* The word at something that was added to a word: which must be the one that rsp is made of. */
	if (cfa->tag != TAG_WORD || word.base != cfa->base)
		return false;
	*base = SC_UNWIND_CFA;
	*offset = (int32_t)(word.offset - cfa->more);
	return true;
}

static bool read_rule(const struct sc_unwind_state *made, const struct sc_unwind_state *caller,
		      struct sc_unwind_rule *rule)
{
	struct made_up cfa;

	if (!read_cfa(caller->registers[SC_UNWIND_RSP], rule, &cfa) ||
	    !read_place(caller->pc, &cfa, &rule->pc_base, &rule->pc_offset))
		return false;
	for (unsigned i = 0; i < SC_UNWIND_RSP; i++) {
		if (caller->registers[i] == made->registers[i])
			rule->base[i] = SC_UNWIND_SAME;
		else if (!read_place(caller->registers[i], &cfa, &rule->base[i], &rule->offset[i]))
			return false;
	}
	return true;
}

/* mov $__NR_rt_sigreturn, %rax; syscall: by this gdb and libunwind, too, know where the kernel made a frame. */
static bool is_signal_return(const struct sc_unwind_module *module, uintptr_t pc)
{
	static const unsigned char code[] = { 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05 };

	return pc >= module->code_start && pc < module->code_end && module->code_end - pc >= sizeof(code) &&
	       memcmp((const void *)pc, code, sizeof(code)) == 0;
}

static int find_rule(const struct sc_unwind_module *module, uintptr_t at, struct sc_unwind_rule *out)
{
	struct asking asking = { .module = module, .state = { .pc = at } };
	struct sc_unwind_rule rule = { .kind = SC_UNWIND_NONE };
	struct sc_unwind_state made;
	int r;

	if (is_signal_return(module, at + 1)) {
		*out = (struct sc_unwind_rule){ .kind = SC_UNWIND_SIGNAL };
		return 0;
	}
	if (!is_described(&asking, at)) {
		*out = rule;
		return 0;
	}
	for (unsigned i = 0; i < SC_UNWIND_REGISTERS; i++)
		asking.state.registers[i] = make(TAG_REGISTER, i, 0);
	made = asking.state;
	r = step(&asking);
	if (r == 0)
		rule.kind = SC_UNWIND_END;
	else
		rule.kind = r > 0 && read_rule(&made, &asking.state, &rule) ? SC_UNWIND_PLAIN : SC_UNWIND_COMPLEX;
	*out = rule;
	return 0;
}

static int rule_of(const struct sc_unwind_module *module, uintptr_t at, struct sc_unwind_rule *out)
{
	int saved = errno, r = find_rule(module, at, out);

	errno = saved;
	return r;
}

static int step_of(const struct sc_unwind_module *module, uintptr_t at, struct sc_unwind_state *state,
		   sc_unwind_peek *peek, void *context)
{
	struct asking asking = { .module = module, .state = *state, .peek = peek, .context = context };
	int saved = errno, r = -ENOENT;

	asking.state.pc = at;
	if (is_described(&asking, at))
		r = step(&asking);
	if (r > 0)
		*state = asking.state;
	errno = saved;
	return r;
}

/*
 * libunwind keeps its pools of memory by blocking signals and locking a mutex. Here the caller has done both already, and
 * a mutex that another thread holds at a fork would stay locked in the child. The pipe is for looking at memory of its
 * own process, which is done otherwise, and would be two descriptors of the host's.
 */
static uintptr_t stack_start, stack_end;

static bool is_asked(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return here >= stack_start && here < stack_end;
}

static int unwind_sigprocmask(int how, const sigset_t *set, sigset_t *before)
{
	return is_asked() ? 0 : sigprocmask(how, set, before);
}

static int unwind_mutex_lock(pthread_mutex_t *mutex)
{
	return is_asked() ? 0 : pthread_mutex_lock(mutex);
}

static int unwind_mutex_unlock(pthread_mutex_t *mutex)
{
	return is_asked() ? 0 : pthread_mutex_unlock(mutex);
}

static int unwind_pipe2(int descriptors[2], int flags)
{
	return is_asked() ? -1 : pipe2(descriptors, flags);
}

static const struct sc_unwind_replacement replacements[] = {
	{ "pipe2", (uintptr_t)unwind_pipe2 },
	{ "pthread_mutex_lock", (uintptr_t)unwind_mutex_lock },
	{ "pthread_mutex_unlock", (uintptr_t)unwind_mutex_unlock },
	{ "sigprocmask", (uintptr_t)unwind_sigprocmask },
};

static int start(void)
{
	space = unw_create_addr_space(&accessors, 0);
	if (!space)
		return -ENOMEM;
	unw_set_caching_policy(space, UNW_CACHE_NONE);
	return 0;
}

static const struct sc_unwind_api api = {
	.version = SC_UNWIND_VERSION,
	.replacements = replacements,
	.replacement_count = sizeof(replacements) / sizeof(replacements[0]),
	.start = start,
	.rule = rule_of,
	.step = step_of,
};

/* Found by dlsym, under the name SC_UNWIND_ENTRY. */
extern sc_unwind_entry_type sc_unwind_entry __attribute__((visibility("default")));

const struct sc_unwind_api *sc_unwind_entry(uint32_t version, const void *stack, size_t size)
{
	if (version != SC_UNWIND_VERSION)
		return NULL;
	stack_start = (uintptr_t)stack;
	stack_end = stack_start + size;
	return &api;
}
