/* SPDX-License-Identifier: MIT */
/*
 * libprobe.so: functions that hosts call and stubcache intercepts. Each has a result that the caller
 * can foretell, so that a call that went astray is seen. Safe in signal handlers and in any thread.
 */
#ifndef PROBE_H
#define PROBE_H

#ifdef __cplusplus
extern "C" {
#endif

/* A mixing function: the sum over a loop of these shows a single wrong or missing call. */
unsigned long probe_mix(unsigned long x);

/* Its address, as the library itself sees it. */
unsigned long (*probe_mix_address(void))(unsigned long x);

/* Another of the same shape, so that two stubs alternate: probe_mix(x) ^ 1. */
unsigned long probe_mix_odd(unsigned long x);

/* Calls back and adds 1 to the result: never a tail call, its frame stays on the stack. */
long probe_call(long (*callback)(void *closure), void *closure);

/* The same, through one more function of the library reached through its own PLT. */
long probe_call_deep(long (*callback)(void *closure), void *closure);

/* raise(signo), with a frame of its own around it. Returns what raise returned. */
int probe_raise(int signo);

/* Sets errno to `error`, returns `result`. */
int probe_errno(int error, int result);

#ifdef __cplusplus
}
#endif

#endif
