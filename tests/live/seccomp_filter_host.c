/* SPDX-License-Identifier: MIT */
/*
 * Forbids itself, by a seccomp filter, every system call but read, write, rt_sigreturn and the ends, as servers do
 * that parse what strangers send, and then makes intercepted calls: so many that logs and buffers fill, so deep that
 * there are no frames, functions that were never called before, with strings in the heap, on a thread that had made
 * none. A system call that we make then is the program's death, or a count too many.
 *
 * seccomp_filter_host HOW ACTION
 *	HOW	prctl, seccomp (by syscall, as libseccomp does), refused (a filter that the kernel does not take),
 *		mild (all is allowed but one system call)
 *	ACTION	kill, errno, trap
 *
 * Its last line says how often probe_mix was called.
 */
#define _GNU_SOURCE
#include "live.h"
#include "probe.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

LIVE_MAIN_STATE;

#define DEEP 3000
#define MANY 20000ul
#define ALLOWED(number)                                                                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static volatile long traps, mixed;
static int ends[2], back[2];
static char *heap;

static void on_trap(int signo)
{
	(void)signo;
	traps++;
}

/* Not by libc: that call would be an intercepted one. */
static long call_kernel(long number, long a, void *b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

static unsigned long mix(unsigned long x)
{
	mixed++;
	return probe_mix(x);
}

static long deeper(void *left)
{
	if (left)
		return probe_call(deeper, (void *)((unsigned long)left - 1)) + (long)(mix(1) & 1);
	return 0;
}

static unsigned long calls(unsigned long many)
{
	unsigned long i, sum = 0;

	for (i = 0; i < many; i++)
		sum += mix(i) + probe_mix_odd(i);
	mixed += (long)many; /* by probe_mix_odd */
	return sum;
}

/* Its first intercepted call comes when all is forbidden. */
static void *late(void *unused)
{
	char byte;
	long n, sum;

	call_kernel(SYS_write, back[1], "!", 1); /* libc has done what it does at a thread's start */
	n = call_kernel(SYS_read, ends[0], &byte, 1);
	sum = (long)calls(100) + n;
	if (write(back[1], &sum, sizeof(sum)) != sizeof(sum))
		_exit(1);
	while (call_kernel(SYS_read, ends[0], &byte, 1) == 1)
		;
	return unused;
}

static uint32_t action_of(const char *name)
{
	if (!strcmp(name, "kill"))
		return SECCOMP_RET_KILL_PROCESS;
	return strcmp(name, "trap") ? SECCOMP_RET_ERRNO | ENOTTY : SECCOMP_RET_TRAP;
}

static long install(const char *how, const struct sock_fprog *program)
{
	/* All threads, but where the call cannot say so. */
	if (!strcmp(how, "prctl"))
		return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program);
	if (!strcmp(how, "refused"))
		return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, ~0ul, program);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, program);
}

static long confine(const char *how, uint32_t action)
{
	const struct sock_filter strict[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOWED(SYS_read),
		ALLOWED(SYS_write),
		ALLOWED(SYS_rt_sigreturn),
		ALLOWED(SYS_exit_group),
		ALLOWED(SYS_exit),
		BPF_STMT(BPF_RET | BPF_K, action),
	};
	const struct sock_filter mild[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog strictly = { sizeof(strict) / sizeof(strict[0]), (struct sock_filter *)strict };
	const struct sock_fprog mildly = { sizeof(mild) / sizeof(mild[0]), (struct sock_filter *)mild };

	return install(how, strcmp(how, "mild") ? &strictly : &mildly);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "prctl", *action = argc > 2 ? argv[2] : "kill";
	struct sigaction handler = { .sa_handler = on_trap };
	pthread_t thread;
	long result, sum = 0;
	char byte;

	expect(pipe(ends) == 0 && pipe(back) == 0);
	expect(sigaction(SIGSYS, &handler, NULL) == 0);
	heap = strdup("STRING_IN_THE_HEAP");
	expect(!getenv(heap));
	expect(pthread_create(&thread, NULL, late, NULL) == 0 && read(back[0], &byte, 1) == 1);
	printf("before: %lu\n", calls(10));
	fflush(stdout);
	expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	/* What libseccomp asks first, to learn what there is. */
	expect(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, NULL) == -1 && errno == EFAULT);
	expect(!getenv(heap));
	errno = 0;
	result = confine(how, action_of(action));
	printf("%s: %ld, errno %d\n", how, result, errno);
	printf("sum: %lu\n", calls(MANY));
	printf("deep: %ld\n", probe_call(deeper, (void *)DEEP));
	printf("first call: %d\n", probe_errno(ENOMEM, 3));
	expect(errno == ENOMEM);
	expect(!getenv(heap));
	expect(write(ends[1], "!", 1) == 1 && read(back[0], &sum, sizeof(sum)) == sizeof(sum));
	printf("on a thread: %ld\n", sum);
	expect(traps == 0);
	if (!strcmp(action, "errno") && strcmp(how, "refused"))
		expect(call_kernel(SYS_getppid, 0, NULL, 0) == -ENOTTY);
	if (!strcmp(action, "trap") && strcmp(how, "refused"))
		expect((call_kernel(SYS_getppid, 0, NULL, 0), traps == 1));
	printf("calls: %ld\n", mixed);
	return live_end("seccomp_filter");
}
