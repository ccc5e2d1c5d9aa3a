/* SPDX-License-Identifier: MIT */
/*
 * The client that step_signals.sh steps through: hooks that change nothing, but every vector register, and a closure
 * that hands its call on.
 */
#include <ffi.h>
#include <stddef.h>

#include <dr_api.h>
#include <stubcache.h>

static void spoil_registers(void)
{
	static const unsigned rounding = 0x7f80;

	__asm__ volatile("ldmxcsr %0\n\t"
			 "pcmpeqd %%xmm0, %%xmm0\n\tpcmpeqd %%xmm1, %%xmm1\n\tpcmpeqd %%xmm2, %%xmm2\n\t"
			 "pcmpeqd %%xmm3, %%xmm3\n\tpcmpeqd %%xmm4, %%xmm4\n\tpcmpeqd %%xmm5, %%xmm5\n\t"
			 "pcmpeqd %%xmm6, %%xmm6\n\tpcmpeqd %%xmm7, %%xmm7\n\tpcmpeqd %%xmm15, %%xmm15"
			 :
			 : "m"(rounding)
			 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm15");
}

static void enter(struct stubcache_call *call, void **args, void *user)
{
	(void)call;
	(void)args;
	(void)user;
	spoil_registers();
}

static void leave(struct stubcache_call *call, void **args, void *ret, void *user)
{
	(void)ret;
	enter(call, args, user);
}

static void pass_on(ffi_cif *cif, void *ret, void **args, void *user)
{
	(void)user;
	ffi_call(cif, stubcache_closure_original(cif), ret, args);
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	struct stubcache_hook hook = { sizeof(hook), "probe_mix,getenv", NULL, enter, leave, NULL };
	struct stubcache_hook call = { sizeof(hook), "probe_call", "long probe_call(long (*callback)(void *), void *closure)",
				       enter, leave, NULL };
	struct stubcache_hook any = { sizeof(hook), "registers_probe", NULL, enter, leave, NULL };

	(void)id;
	(void)argc;
	(void)argv;
	stubcache_hook(&hook);
	stubcache_hook(&call);
	stubcache_hook(&any);
	stubcache_closure("probe_mix_odd", "unsigned long probe_mix_odd(unsigned long x)", pass_on, NULL);
}
