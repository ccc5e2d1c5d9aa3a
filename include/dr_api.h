/* SPDX-License-Identifier: MIT */
/*
 * What a persistence client needs beside dr_persist.h: printing, files, memory, and the end of the process. Names,
 * types and values are DynamoRIO's, so that a client that uses nothing else compiles and runs unchanged. All that
 * DynamoRIO offers beyond this and dr_persist.h is not declared here and not exported: a client that needs it does
 * not compile, or is not loaded.
 *
 * All functions: any thread, in dr_client_main, in every callback and in the exit event. They take no memory from the
 * host's heap, leave errno alone and are never intercepted. Signal handlers may call the file functions,
 * dr_write_file among them, and nothing else.
 */
#ifndef DR_API_H
#define DR_API_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "dr_persist.h"

typedef unsigned int uint;
typedef unsigned short ushort;
typedef signed char sbyte;
typedef unsigned long uint64;
typedef long int64;
typedef uint64 reg_t;
typedef reg_t ptr_uint_t;
typedef int64 ptr_int_t;

#define MAXIMUM_PATH 512

/* For printing: 64-bit numbers (the codes go after a %); those of a pointer's size, with and without leading zeros;
 * sizes; pointers (PFX alone is for a void *), and such numbers, after 0x. */
#define INT64_FORMAT "l"
#define UINT64_FORMAT_CODE INT64_FORMAT "u"
#define INT64_FORMAT_CODE INT64_FORMAT "d"
#define UINT64_FORMAT_STRING "%" UINT64_FORMAT_CODE
#define INT64_FORMAT_STRING "%" INT64_FORMAT_CODE
#define HEX64_FORMAT_STRING "%" INT64_FORMAT "x"
#define ZHEX64_FORMAT_STRING "%016" INT64_FORMAT "x"
#define PFMT ZHEX64_FORMAT_STRING
#define PIFMT HEX64_FORMAT_STRING
#define SZFMT UINT64_FORMAT_STRING
#define SSZFMT INT64_FORMAT_STRING
#define SZFC UINT64_FORMAT_CODE
#define SSZFC INT64_FORMAT_CODE
#define PFX "%p"
#define PIFX "0x" PIFMT

#ifdef __cplusplus
extern "C" {
#endif

/* ---- files ---- */

#define INVALID_FILE -1

/* What descriptors 1, 2 and 0 were when the program started, also after the program has closed or replaced them;
 * INVALID_FILE when they were closed then. Not to be closed. Ask again each time: the number may change. */
#define STDOUT (dr_get_stdout_file())
#define STDERR (dr_get_stderr_file())
#define STDIN (dr_get_stdin_file())
DR_EXPORT file_t dr_get_stdout_file(void);
DR_EXPORT file_t dr_get_stderr_file(void);
DR_EXPORT file_t dr_get_stdin_file(void);

/* How dr_open_file opens; READ or one of the WRITE flags, at least, or-ed with the others. */
#define DR_FILE_READ 0x1		/* it must exist, unless it is written to, too */
#define DR_FILE_WRITE_REQUIRE_NEW 0x2	/* it must not exist */
#define DR_FILE_WRITE_APPEND 0x4	/* at its end; made if it does not exist */
#define DR_FILE_WRITE_OVERWRITE 0x8	/* emptied; made if it does not exist */
#define DR_FILE_ALLOW_LARGE 0x10	/* has no effect: every file may be */
#define DR_FILE_CLOSE_ON_FORK 0x20	/* closed in the child of fork */
#define DR_FILE_WRITE_ONLY 0x40		/* not read from, as it is, made if it does not exist: for FIFOs */

/* Opens a file, close-on-exec, under a number far above those that programs use. A program that closes every descriptor
 * there is closes it, too. New files get mode 0666 as the umask allows. INVALID_FILE when it fails, also for flags that
 * contradict each other. */
DR_EXPORT file_t dr_open_file(const char *fname, uint mode_flags);
DR_EXPORT void dr_close_file(file_t f);
/* Has no effect: nothing is kept back. */
DR_EXPORT void dr_flush_file(file_t f);

/* Reads up to count bytes where f stands; an interrupted read is begun again. Returns how many, 0 at the end, or
 * a negative errno value. */
DR_EXPORT ssize_t dr_read_file(file_t f, void *buf, size_t count);

/* ---- printing, as printf formats ---- */

/* Unbuffered. Text beyond 2047 bytes is cut off: use dr_snprintf and dr_write_file. dr_printf prints to STDOUT.
 * dr_fprintf and dr_vfprintf return the bytes written, or -1 after an error or for INVALID_FILE. */
DR_EXPORT void dr_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
DR_EXPORT ssize_t dr_fprintf(file_t f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
DR_EXPORT ssize_t dr_vfprintf(file_t f, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Into buf, at most max bytes. Fewer: they are terminated, and their number is returned. Exactly max: max is returned,
 * and there is no terminating zero. More: the first max of them, no terminating zero, and -1 is returned. */
DR_EXPORT int dr_snprintf(char *buf, size_t max, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
DR_EXPORT int dr_vsnprintf(char *buf, size_t max, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));

/* ---- memory ---- */

/* size bytes, not cleared, 16-byte aligned, apart from the program's heap; NULL when there are none, or size is 0.
 * dr_global_free takes what dr_global_alloc has returned, with the same size; NULL is ignored. */
DR_EXPORT void *dr_global_alloc(size_t size);
DR_EXPORT void dr_global_free(void *mem, size_t size);

/* ---- the process ---- */

/*
 * func is called once, when the process ends through exit, a return from main, _exit, quick_exit, or abort without a
 * handler (through the last three where the program is intercepted); last registered first, after the program's exit
 * handlers and destructors, and after a last merge. Not after execve, nor when a signal kills the process. A child of
 * fork has its own end. It runs on a stack of 256 KiB with the registry held. Other threads may still be running, but
 * no other callback is: should one not come back within a second, the exit events are left out, which is said at
 * STUBCACHE_LOG=error.
 * dr_register_exit_event has no effect for NULL, and after 64 others.
 */
DR_EXPORT void dr_register_exit_event(void (*func)(void));
/* The latest registration of func. false when there is none. */
DR_EXPORT bool dr_unregister_exit_event(void (*func)(void));

/* Of a client, by the id that dr_client_main was given: the first mapped address of its object, and argv[0]. NULL for
 * an id that is none. */
DR_EXPORT byte *dr_get_client_base(client_id_t client_id);
DR_EXPORT const char *dr_get_client_path(client_id_t client_id);

#ifdef __cplusplus
}
#endif

#endif
