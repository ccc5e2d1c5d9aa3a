/* SPDX-License-Identifier: MIT */
/*
 * Owns the noticing of seccomp, and which system calls are asked about. Called by wrappers.S, inside the calls that
 * confine the program.
 *
 *	prctl, syscall -> the filter, copied -> for each call of ours: harm? -> what is allowed, before the original
 *	the original fails: what was allowed before is allowed again
 *
 * What is allowed is never changed but replaced, so that an attempt that has failed can be taken back unless another
 * has come meanwhile.
 */
#include "preload/confine.h"

#include <fcntl.h>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "common/record.h"
#include "common/seccomp_filter.h"
#include "common/sys.h"
#include "preload/frame_memory.h"
#include "preload/peek.h"
#include "preload/record_map.h"
#include "preload/recording.h"
#include "preload/runtime.h"
#include "x86_64/layout.h"

_Static_assert(SC_CONFINING_OPTION == PR_SET_SECCOMP, "wrappers.S");

#define SETS 32	/* attempts that are not taken back */
#define FIRST(value) { value }
#define SECOND(value) { 0, value }
#define THIRD(value) { 0, 0, value }

/* Every system call that we make once the program runs, with what is always the same of its arguments. One with several
 * rows must do no harm in any. */
static const struct sc_seccomp_call calls[] = {
	{ SYS_clock_gettime, 0, { 0 } },
	{ SYS_clock_nanosleep, 0, { 0 } },
	{ SYS_close, 0, { 0 } },
	{ SYS_fallocate, 0, { 0 } },
	{ SYS_fchmod, 0, { 0 } },
	{ SYS_fcntl, 1 << 1, SECOND(F_DUPFD_CLOEXEC) },
	{ SYS_fcntl, 1 << 1, SECOND(F_GETFL) },
	{ SYS_fgetxattr, 0, { 0 } },
	{ SYS_fstat, 0, { 0 } },
	{ SYS_fstatfs, 0, { 0 } },
	{ SYS_getcwd, 0, { 0 } },
	{ SYS_getdents64, 0, { 0 } },
	{ SYS_getegid, 0, { 0 } },
	{ SYS_geteuid, 0, { 0 } },
	{ SYS_getgid, 0, { 0 } },
	{ SYS_getpid, 0, { 0 } },
	{ SYS_getppid, 0, { 0 } },
	{ SYS_getrandom, 0, { 0 } },
	{ SYS_getrlimit, 0, { 0 } },
	{ SYS_gettid, 0, { 0 } },
	{ SYS_getuid, 0, { 0 } },
	{ SYS_kcmp, 0, { 0 } },
	{ SYS_kill, 0, { 0 } },
	{ SYS_linkat, 0, { 0 } },
	{ SYS_lseek, 0, { 0 } },
	{ SYS_madvise, 0, { 0 } },
	{ SYS_membarrier, 1 << 0, FIRST(MEMBARRIER_CMD_PRIVATE_EXPEDITED) },
	{ SYS_memfd_create, 0, { 0 } },
	{ SYS_mkdirat, 0, { 0 } },
	{ SYS_mmap, 1 << 2, THIRD(PROT_READ | PROT_WRITE) },
	{ SYS_mprotect, 1 << 2, THIRD(PROT_READ | PROT_WRITE) },
	{ SYS_mprotect, 1 << 2, THIRD(PROT_READ) },
	{ SYS_mremap, 0, { 0 } },
	{ SYS_munmap, 0, { 0 } },
	{ SYS_nanosleep, 0, { 0 } },
	{ SYS_newfstatat, 0, { 0 } },
	{ SYS_openat, 0, { 0 } },
	{ SYS_poll, 0, { 0 } },
	{ SYS_prctl, 1 << 0, FIRST(PR_GET_NO_NEW_PRIVS) },
	{ SYS_pread64, 0, { 0 } },
	{ SYS_process_vm_readv, 0, { 0 } },
	{ SYS_pwrite64, 0, { 0 } },
	{ SYS_read, 0, { 0 } },
	{ SYS_readlink, 0, { 0 } },
	{ SYS_renameat, 0, { 0 } },
	{ SYS_renameat2, 0, { 0 } },
	{ SYS_rt_sigaction, 0, { 0 } },
	{ SYS_rt_sigprocmask, 1 << 0, FIRST(SIG_SETMASK) },
	{ SYS_rt_sigprocmask, 1 << 0, FIRST(~0u) },
	{ SYS_sched_yield, 0, { 0 } },
	{ SYS_sigaltstack, 1 << 0, FIRST(0) },
	{ SYS_tgkill, 0, { 0 } },
	{ SYS_unlinkat, 0, { 0 } },
	{ SYS_utimensat, 0, { 0 } },
	{ SYS_write, 0, { 0 } },
};

struct set {
	uint64_t allowed[SC_SYS_WORDS];
	const uint64_t *before;
	uint32_t kind; /* enum sc_record_confined */
};

static struct set sets[SETS];
static uint32_t sets_taken;
static uint64_t nowhere; /* counted to where there is no record */

/* The filter, and room to follow it, in memory that is given back. */
struct filter {
	struct sock_filter program[BPF_MAXINSNS];
	struct sc_seccomp_state states[BPF_MAXINSNS];
};

static void mark(uint64_t *allowed, unsigned number)
{
	allowed[number / 64] |= (uint64_t)1 << number % 64;
}

static void judge(uint64_t *allowed, struct filter *filter, size_t count)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const struct sc_seccomp_call *call = &calls[i];

		if (i == 0 || calls[i - 1].number != call->number)
			mark(allowed, call->number);
		if (sc_seccomp_judge(filter->program, count, call, filter->states) != SC_SECCOMP_MADE)
			allowed[call->number / 64] &= ~((uint64_t)1 << call->number % 64);
	}
}

/* What a filter allows; what cannot be read allows nothing. */
static void read_filter(uintptr_t address, uint64_t *allowed)
{
	struct sc_peek peek = { .stack = (uintptr_t)__builtin_frame_address(0) };
	struct sock_fprog head = { 0 };
	struct filter *filter;
	size_t size;

	if (sc_peek_bytes(&peek, &head, address, sizeof(head)) < sizeof(head) || head.len > BPF_MAXINSNS)
		return;
	filter = sc_sys_mmap(NULL, sizeof(*filter), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (filter == MAP_FAILED)
		return;
	size = head.len * sizeof(filter->program[0]);
	if (sc_peek_bytes(&peek, filter->program, (uintptr_t)head.filter, size) == size)
		judge(allowed, filter, head.len);
	sc_sys_munmap(filter, sizeof(*filter));
}

bool sc_confine_leaves_all(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!sc_sys_may(calls[i].number))
			return false;
	return true;
}

static uint64_t *counter(void)
{
	return sc_recording_started() ? sc_record_denied() : &nowhere;
}

/* Whether the record may take storage, as it does while the program runs. */
static bool may_grow(const uint64_t *allowed)
{
	static const uint16_t needed[] = { SYS_close, SYS_fallocate, SYS_fstat, SYS_getrlimit, SYS_mmap, SYS_openat };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!(allowed[needed[i] / 64] >> needed[i] % 64 & 1))
			return false;
	return true;
}

/* Leaves those of `allowed` that were allowed until now; the number of the set + 1. */
static unsigned long confine(uint64_t *allowed, uint32_t kind)
{
	uint32_t number = __atomic_fetch_add(&sets_taken, 1, __ATOMIC_RELAXED);
	/* Who tries so often is denied everything, for good. */
	struct set *set = &sets[number < SETS ? number : SETS - 1];

	set->kind = kind;
	if (sc_recording_started() && !may_grow(allowed))
		sc_record_prepare();
	sc_frame_memory_prepare();
	do {
		set->before = sc_sys_allowed();
		for (unsigned i = 0; i < SC_SYS_WORDS; i++)
			set->allowed[i] = number < SETS - 1 ? allowed[i] & (set->before ? set->before[i] : UINT64_MAX) : 0;
	} while (!sc_sys_confine(set->before, set->allowed, (pid_t)sc_runtime.pid, counter()));
	return number < SETS - 1 ? number + 1 : SETS;
}

static unsigned long by_filter(uintptr_t filter)
{
	uint64_t allowed[SC_SYS_WORDS] = { 0 };

	if (!filter) /* libseccomp asks in this way what there is */
		return 0;
	read_filter(filter, allowed);
	return confine(allowed, SC_RECORD_FILTERED);
}

static unsigned long strictly(void)
{
	uint64_t allowed[SC_SYS_WORDS] = { 0 };

	mark(allowed, SYS_read);
	mark(allowed, SYS_write);
	return confine(allowed, SC_RECORD_STRICT);
}

unsigned long sc_confine_prctl(unsigned long option, unsigned long a, unsigned long b)
{
	if (option != PR_SET_SECCOMP)
		return 0;
	if (a == SECCOMP_MODE_STRICT)
		return strictly();
	return a == SECCOMP_MODE_FILTER ? by_filter(b) : 0;
}

unsigned long sc_confine_syscall(unsigned long number, unsigned long a, unsigned long b, unsigned long c)
{
	if (number == SYS_prctl)
		return sc_confine_prctl(a, b, c);
	if (number != SYS_seccomp)
		return 0;
	if (a == SECCOMP_SET_MODE_STRICT)
		return strictly();
	return a == SECCOMP_SET_MODE_FILTER ? by_filter(c) : 0;
}

unsigned long sc_confine_leave(unsigned long result, unsigned long entered)
{
	struct set *set = entered ? &sets[entered - 1] : NULL;
	uint32_t last = (uint32_t)entered;

	if (!set)
		return result;
	if ((long)result >= 0) {
		if (sc_recording_started())
			sc_record_confined(set->kind);
	} else if (entered < SETS &&
		   sc_sys_confine(set->allowed, set->before, (pid_t)sc_runtime.pid, counter())) {

		__atomic_compare_exchange_n(&sets_taken, &last, last - 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
	return result;
}
