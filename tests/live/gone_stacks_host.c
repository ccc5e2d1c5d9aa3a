/* SPDX-License-Identifier: MIT */
/*
 * Intercepted calls on stacks that are unmapped afterwards, and then on others right below them, whose outermost frame
 * says that its caller is further up: in what has gone. And from a function that says the same of a register.
 */
#include "live.h"
#include "probe.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

LIVE_MAIN_STATE;

#define SIZE ((size_t)64 << 10)

/*
 * Calls work(argument) on the stack that ends at top. Its caller is, as it says, where nothing has ever called: in a
 * function with a large frame.
 */
unsigned long on_stack(unsigned long (*work)(void *argument), void *argument, void *top);
__asm__(".text\n"
	".type on_stack, @function\n"
	"on_stack:\n"
	"	push %rbx\n"
	"	mov %rsp, %rbx\n"
	"	mov %rdx, %rsp\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	lea 1f(%rip), %rdx\n"
	"	push %rdx\n"
	"	push %rdx\n"
	"	push %rdx\n"
	"	jmp enter_stack\n"
	".size on_stack, . - on_stack\n"
	".type large_frame, @function\n"
	"large_frame:\n"
	"	.cfi_startproc\n"
	"	.cfi_def_cfa_offset 4104\n"
	"	nop\n"
	"1:	mov %rbx, %rsp\n"
	"	pop %rbx\n"
	"	ret\n"
	"	.cfi_endproc\n"
	".size large_frame, . - large_frame\n"
	".type enter_stack, @function\n"
	"enter_stack:\n"
	"	.cfi_startproc\n"
	"	.cfi_def_cfa_offset 8\n"
	"	sub $8, %rsp\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	call *%rax\n"
	"	add $8, %rsp\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	ret\n"
	"	.cfi_endproc\n"
	".size enter_stack, . - enter_stack\n");

/* Calls probe_mix(x) with a frame that, as it says, rbp leads to; but that is `frame`. */
unsigned long lost_frame(unsigned long x, uintptr_t frame);
__asm__(".text\n"
	".type lost_frame, @function\n"
	"lost_frame:\n"
	"	.cfi_startproc\n"
	"	push %rbp\n"
	"	.cfi_def_cfa_offset 16\n"
	"	.cfi_offset %rbp, -16\n"
	"	mov %rsi, %rbp\n"
	"	.cfi_def_cfa_register %rbp\n"
	"	call probe_mix@PLT\n"
	"	pop %rbp\n"
	"	.cfi_def_cfa %rsp, 8\n"
	"	ret\n"
	"	.cfi_endproc\n"
	".size lost_frame, . - lost_frame\n");

/* No call that is seen: the next one finds everything as the last one before has left it. */
static long unmap(char *address, size_t size)
{
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "a"(SYS_munmap), "D"(address), "S"(size) : "rcx", "r11", "memory");
	return r;
}

static unsigned long sum;

static unsigned long call(void *unused)
{
	(void)unused;
	return probe_mix(1) + 1;
}

static unsigned long call_lost(void *frame)
{
	return lost_frame(1, (uintptr_t)frame) + 1;
}

/* Deep enough to have touched all of it. */
static unsigned long fill(void *left)
{
	volatile char room[1024];

	room[0] = 0;
	return (uintptr_t)left > 1 ? fill((void *)((uintptr_t)left - 1)) + (unsigned char)room[0] : call(NULL);
}

static void *work(void *unused)
{
	char *stacks = mmap(NULL, 3 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	expect(stacks != MAP_FAILED);
	/* The upper one; below it the lower one, which goes on to the upper one's pages; then the upper one is gone. */
	sum += on_stack(fill, (void *)40, stacks + 2 * SIZE);
	sum += on_stack(call, NULL, stacks + SIZE);
	sum += on_stack(fill, (void *)40, stacks + SIZE);
	expect(unmap(stacks + SIZE, 2 * SIZE) == 0);
	sum += on_stack(call, NULL, stacks + SIZE);
	sum += on_stack(call_lost, stacks + SIZE + 512, stacks + SIZE);
	sum += lost_frame(1, (uintptr_t)stacks + SIZE + 512);
	expect(unmap(stacks, SIZE) == 0);
	sum += lost_frame(1, (uintptr_t)stacks + 512);
	sum += call(NULL);
	return unused;
}

int main(void)
{
	pthread_t thread;

	for (int turn = 0; turn < 3; turn++)
		work(NULL);
	expect(pthread_create(&thread, NULL, work, NULL) == 0);
	pthread_join(thread, NULL);
	expect(sum == 4 * (8 * probe_mix(1) + 6));
	return live_end("gone stacks");
}
