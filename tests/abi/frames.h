/* SPDX-License-Identifier: MIT */
/* For hosts whose frames are looked at: functions that stay functions, and calls that stay calls. */
#ifndef FRAMES_H
#define FRAMES_H

#if __has_attribute(noclone)
#define own_frame __attribute__((noinline, noclone))
#else
#define own_frame __attribute__((noinline))
#endif

/* As the last statement of a function: the call before it is no tail call. */
#define keep_frame() __asm__ volatile("" ::: "memory")

#endif
