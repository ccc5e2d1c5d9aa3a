/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of memory that may not be there. Called by trace.c and trace_format.c for what arguments point to,
 * and by unwind.c for stacks.
 *
 *	certain(address)   bytes from there on that need no asking
 *	copy_by_kernel	   process_vm_readv on ourselves: a short count where memory ends, never a signal
 *
 * A look into the memory map, or a probe before the read, would not do: another thread may unmap in between.
 */
#include "preload/peek.h"

#include <sys/mman.h>
#include <sys/uio.h>

#include "common/arena.h"
#include "common/sys.h"
#include "preload/modules.h"
#include "preload/runtime.h"

#define PAGE 4096u		      /* the least there is: what is certain ends no later */
#define MAIN_STACK ((uintptr_t)8 << 20) /* nothing else is mapped so near below its top */
#define PIECE 256		      /* bytes of a string asked for at a time */
#define PLACES 2048u		      /* bytes behind the thread pointer, of which SEARCHED at a time */
#define SEARCHED 256u
#define BEHIND_MOST 8192u	      /* how far behind the thread pointer a stack ends */
#define LOWEST ((uintptr_t)1 << 16)   /* of what can be mapped */
#define HIGHEST ((uintptr_t)1 << 47)

static const struct sc_peek_range *ranges; /* ascending */
static const struct sc_peek_range nowhere;
const struct sc_peek_range *sc_peek_latest = &nowhere;
static size_t range_count;
static uintptr_t main_top;
static uint32_t place; /* behind the thread pointer, of struct noted; 0: not known yet */
static __thread uintptr_t own_stack __attribute__((tls_model("initial-exec"))); /* find_own_stack's; 0: not asked yet */

static void add_range(struct sc_peek_range *to, size_t count, struct sc_peek_range range)
{
	size_t at = count;

	for (; at > 0 && to[at - 1].start > range.start; at--)
		to[at] = to[at - 1];
	to[at] = range;
}

static bool is_certain(const ElfW(Phdr) *segment)
{
	return segment->p_type == PT_LOAD && (segment->p_flags & PF_R) && !(segment->p_flags & PF_W);
}

/* Read-only segments of the modules that were there at the start; at most `room`. */
static size_t gather(struct sc_peek_range *to, size_t room)
{
	size_t count = 0;

	for (uint32_t i = 0; i < sc_modules.count; i++) {
		const struct sc_module *module = &sc_modules.list[i];

		if (!(module->flags & SC_MODULE_STARTUP) || (module->flags & SC_MODULE_GONE) || module->space)
			continue;
		for (unsigned k = 0; k < module->phnum && module->phdr; k++) {
			const ElfW(Phdr) *segment = &module->phdr[k];
			struct sc_peek_range range = { module->base + segment->p_vaddr,
					       module->base + segment->p_vaddr + segment->p_filesz };

			if (!is_certain(segment))
				continue;
			if (to && count < room)
				add_range(to, count, range);
			count++;
		}
	}
	return count;
}

void sc_peek_start(uintptr_t stack_top)
{
	size_t count;
	struct sc_peek_range *all;

	if (ranges)
		return;
	main_top = stack_top;
	count = gather(NULL, 0);
	all = sc_arena_array(&sc_runtime.arena, count + 1, sizeof(*all));
	if (!all)
		return;
	gather(all, count);
	range_count = count;
	__atomic_store_n(&ranges, all, __ATOMIC_RELEASE);
}

/* In pieces that end at page ends, since each piece is read whole or not at all. */
static size_t copy_by_kernel(void *out, uintptr_t address, size_t size)
{
	struct iovec to = { out, size }, from[8];
	unsigned pieces = 0;
	size_t asked = 0;
	long got;

	if (address + size < address)
		return 0;
	while (asked < size && pieces < 8) {
		uintptr_t at = address + asked;
		size_t piece = PAGE - (at & (PAGE - 1));

		if (piece > size - asked)
			piece = size - asked;
		from[pieces++] = (struct iovec){ (void *)at, piece };
		asked += piece;
	}
	to.iov_len = asked;
	got = sc_syscall6(SYS_process_vm_readv, sc_sys_getpid(), (long)&to, 1, (long)from, pieces, 0);
	return got > 0 ? (size_t)got : 0;
}

size_t sc_peek_copy(void *out, uintptr_t address, size_t size)
{
	return copy_by_kernel(out, address, size) == size ? size : 0;
}

/* Behind the thread pointer glibc notes where the thread's stack is. */
struct noted {
	uintptr_t start, size, guard, reported_guard;
};

/* Nothing else there looks like it: the stack ends a little behind the thread pointer, which is on it. */
static bool is_stack(const struct noted *noted, uintptr_t thread)
{
	return noted->start > LOWEST && noted->start < thread && noted->size < HIGHEST &&
	       noted->start + noted->size - thread - 1 < BEHIND_MOST && noted->guard < noted->size &&
	       noted->reported_guard < noted->size;
}

/* Where it is noted differs between versions of glibc, and other libcs need not have so much there. 0: not found. */
static uint32_t find_place(uintptr_t thread)
{
	uintptr_t words[SEARCHED / sizeof(uintptr_t) + 3]; /* and the rest of what begins with the last */

	for (uint32_t at = 0; at < PLACES; at += SEARCHED) {
		if (copy_by_kernel(words, thread + at, sizeof(words)) < sizeof(words))
			return 0;
		for (uint32_t i = 0; i < SEARCHED / sizeof(uintptr_t); i++)
			if (is_stack((const struct noted *)&words[i], thread))
				return at + i * (uint32_t)sizeof(uintptr_t);
	}
	return 0;
}

/* The lowest address of the thread's own stack, up to the thread pointer; that itself when it is not known. */
static uintptr_t find_own_stack(uintptr_t thread)
{
	uint32_t at = __atomic_load_n(&place, __ATOMIC_RELAXED);
	const struct noted *noted;

	if (!at)
		at = find_place(thread);
	if (!at)
		return thread;
	__atomic_store_n(&place, at, __ATOMIC_RELAXED);
	noted = (const struct noted *)(thread + at);
	return is_stack(noted, thread) ? noted->start : thread;
}

uintptr_t sc_peek_stack_end(uintptr_t stack)
{
	uintptr_t thread = (uintptr_t)__builtin_thread_pointer();

	if (stack < main_top && main_top - stack < MAIN_STACK)
		return main_top;
	if (!own_stack)
		own_stack = find_own_stack(thread);
	if (stack - own_stack < thread - own_stack)
		return thread;
	return ((stack - 1) | (PAGE - 1)) + 1; /* of the return address's page: the next may be none */
}

/* How many bytes from an address on are on the stack, as far as is known. */
static size_t certain_stack(uintptr_t stack, uintptr_t address)
{
	uintptr_t end = address < stack ? 0 : sc_peek_stack_end(stack);

	return address < end ? end - address : 0;
}

static size_t certain_segment(uintptr_t address)
{
	size_t low = 0, high = range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == range_count || ranges[low].start > address)
		return 0;
	__atomic_store_n(&sc_peek_latest, &ranges[low], __ATOMIC_RELAXED);
	return ranges[low].end - address;
}

static inline size_t certain(const struct sc_peek *peek, uintptr_t address)
{
	const struct sc_peek_range *range = __atomic_load_n(&sc_peek_latest, __ATOMIC_RELAXED);
	size_t size;

	if (address - range->start < range->end - range->start)
		return range->end - address;
	size = certain_stack(peek->stack, address);
	return size ? size : certain_segment(address);
}

static size_t ask_kernel(struct sc_peek *peek, void *out, uintptr_t address, size_t size)
{
	peek->slow = true;
	return copy_by_kernel(out, address, size);
}

static void copy(char *to, const char *from, size_t size)
{
	/* A loop would be made a call of memcpy, which uses vector registers. */
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

size_t sc_peek_bytes(struct sc_peek *peek, void *out, uintptr_t address, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t piece = certain(peek, address + done), got;

		if (piece > size - done)
			piece = size - done;
		if (piece) {
			copy((char *)out + done, (const char *)address + done, piece);
			done += piece;
			continue;
		}
		got = ask_kernel(peek, (char *)out + done, address + done, size - done);
		done += got;
		if (!got)
			break;
	}
	return done;
}

/* Copies up to a NUL; returns how many came before it, `size` when there is none. A word at a time: both sides have
 * whole words, or it is done by bytes. */
static size_t copy_string(char *out, const char *from, size_t size)
{
	size_t i = 0;

	for (; i + 8 <= size; i += 8) {
		uint64_t word;

		__builtin_memcpy(&word, from + i, 8);
		__builtin_memcpy(out + i, &word, 8);
		word = (word - SC_PEEK_ONES) & ~word & SC_PEEK_HIGHS;
		if (word)
			return i + (size_t)__builtin_ctzll(word) / 8;
	}
	for (; i < size && from[i]; i++)
		out[i] = from[i];
	return i;
}

static size_t length_of(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && text[i])
		i++;
	return i;
}

/* The rest of a string, behind done bytes, of which nothing is known. */
static size_t ask_for_string(struct sc_peek *peek, char *out, uintptr_t address, size_t most, size_t done,
			     enum sc_blob_state *state)
{
	char buffer[PIECE];

	/* One more than most: whether the string goes on there. */
	while (done <= most) {
		size_t piece = most + 1 - done < PIECE ? most + 1 - done : PIECE, length;

		piece = ask_kernel(peek, buffer, address + done, piece);
		if (!piece) {
			*state = done ? SC_BLOB_ENDLESS : SC_BLOB_UNREADABLE;
			return done;
		}
		length = length_of(buffer, piece);
		*state = done + length > most ? SC_BLOB_CUT : SC_BLOB_WHOLE;
		if (length > most - done)
			copy(out + done, buffer, most - done);
		else
			copy(out + done, buffer, length);
		done += length;
		if (length < piece)
			return done < most ? done : most;
	}
	*state = SC_BLOB_CUT;
	return most;
}

size_t sc_peek_string(struct sc_peek *peek, char *out, uintptr_t address, size_t most, enum sc_blob_state *state)
{
	size_t sure = certain(peek, address), length;

	length = copy_string(out, (const char *)address, sure < most ? sure : most);
	if (length < sure) {
		*state = length < most || !((const char *)address)[length] ? SC_BLOB_WHOLE : SC_BLOB_CUT;
		return length;
	}
	return ask_for_string(peek, out, address, most, length, state);
}
