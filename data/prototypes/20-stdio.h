/* SPDX-License-Identifier: MIT */
/*
 * What C cannot say of functions on streams: formats, buffers, lines. The types are those of 00-libc.h.
 */

/* ---- printf ---- */

[[error(negative)]] [[printf(format)]] int printf(const char *format, ...);
[[error(negative)]] [[printf(format)]] int fprintf(FILE *stream, const char *format, ...);
[[error(negative)]] [[printf(format)]] int dprintf(int fd [[fd]], const char *format, ...);
[[error(negative)]] [[printf(format)]] int sprintf(char *s [[out, string]], const char *format, ...);
[[error(negative)]] [[printf(format)]] int snprintf(char *s [[out, string]], size_t room, const char *format, ...);
[[error(negative)]] [[printf(format)]] int asprintf(char **ptr, const char *format, ...);
[[error(negative)]] [[printf(format)]] int __asprintf(char **ptr, const char *format, ...);
[[error(negative)]] [[printf(format)]] int obstack_printf(struct obstack *obstack [[opaque]], const char *format, ...);
[[error(negative)]] [[vprintf(format, ap)]] int vprintf(const char *format, va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int vfprintf(FILE *stream, const char *format, va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int vdprintf(int fd [[fd]], const char *format, va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int vsprintf(char *s [[out, string]], const char *format, va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int vsnprintf(char *s [[out, string]], size_t room, const char *format,
							  va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int vasprintf(char **ptr, const char *format, va_list ap);
[[error(negative)]] [[printf(format)]] int __printf_chk(int flag, const char *format, ...);
[[error(negative)]] [[printf(format)]] int __fprintf_chk(FILE *stream, int flag, const char *format, ...);
[[error(negative)]] [[printf(format)]] int __dprintf_chk(int fd [[fd]], int flag, const char *format, ...);
[[error(negative)]] [[printf(format)]] int __sprintf_chk(char *s [[out, string]], int flag, size_t room,
							 const char *format, ...);
[[error(negative)]] [[printf(format)]] int __snprintf_chk(char *s [[out, string]], size_t n, int flag, size_t room,
							  const char *format, ...);
[[error(negative)]] [[printf(format)]] int __asprintf_chk(char **ptr, int flag, const char *format, ...);
[[error(negative)]] [[vprintf(format, ap)]] int __vprintf_chk(int flag, const char *format, va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int __vfprintf_chk(FILE *stream, int flag, const char *format, va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int __vdprintf_chk(int fd [[fd]], int flag, const char *format, va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int __vsprintf_chk(char *s [[out, string]], int flag, size_t room,
							       const char *format, va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int __vsnprintf_chk(char *s [[out, string]], size_t n, int flag,
								size_t room,
								const char *format, va_list ap);
[[error(negative)]] [[vprintf(format, ap)]] int __vasprintf_chk(char **ptr, int flag, const char *format, va_list ap);

/* ---- what speaks as printf does ---- */

[[error(none)]] [[printf(format)]] void err(int status, const char *format, ...);
[[error(none)]] [[printf(format)]] void errx(int status, const char *format, ...);
[[error(none)]] [[printf(format)]] void warn(const char *format, ...);
[[error(none)]] [[printf(format)]] void warnx(const char *format, ...);
[[error(none)]] [[vprintf(format, ap)]] void verr(int status, const char *format, va_list ap);
[[error(none)]] [[vprintf(format, ap)]] void verrx(int status, const char *format, va_list ap);
[[error(none)]] [[vprintf(format, ap)]] void vwarn(const char *format, va_list ap);
[[error(none)]] [[vprintf(format, ap)]] void vwarnx(const char *format, va_list ap);
[[error(none)]] [[printf(format)]] void error(int status, int errnum [[errno]], const char *format, ...);
[[error(none)]] [[printf(format)]] void error_at_line(int status, int errnum [[errno]], const char *file,
						      unsigned int line,
						      const char *format, ...);
[[error(none)]] [[printf(format)]] void syslog(int priority [[flags(syslog_priorities)]], const char *format, ...);
[[error(none)]] [[vprintf(format, ap)]] void vsyslog(int priority [[flags(syslog_priorities)]], const char *format,
						     va_list ap);
[[error(none)]] [[printf(format)]] void __syslog_chk(int priority [[flags(syslog_priorities)]], int flag,
						     const char *format, ...);
[[error(none)]] [[vprintf(format, ap)]] void __vsyslog_chk(int priority [[flags(syslog_priorities)]], int flag,
							   const char *format, va_list ap);
[[error(none)]] void openlog(const char *ident, int options [[flags(syslog_options)]],
			     int facility [[flags(syslog_priorities)]]);
[[error(none)]] void psignal(int signal [[signal]], const char *s);

/* ---- streams ---- */

[[error(NULL)]] FILE *fdopen(int fd [[fd]], const char *modes);
[[error(NULL)]] FILE *fmemopen(void *buf, size_t length, const char *modes);
[[error(-1)]] int fileno(FILE *stream) [[fd]];
[[error(-1)]] int fileno_unlocked(FILE *stream) [[fd]];
[[error(nonzero)]] int setvbuf(FILE *stream, char *buf, int modes [[enum(setvbuf_modes)]], size_t n);
[[error(-1)]] int fseek(FILE *stream, long offset, int whence [[enum(seek_whence)]]);
[[error(-1)]] int fseeko(FILE *stream, __off_t offset, int whence [[enum(seek_whence)]]);
[[error(-1)]] int fseeko64(FILE *stream, __off64_t offset, int whence [[enum(seek_whence)]]);

/* ---- blocks, lines, characters ---- */

size_t fread(void *ptr [[out, size(return * size)]], size_t size, size_t n, FILE *stream);
size_t fread_unlocked(void *ptr [[out, size(return * size)]], size_t size, size_t n, FILE *stream);
size_t __fread_chk(void *ptr [[out, size(return * size)]], size_t room, size_t size, size_t n,
				   FILE *stream);
size_t __fread_unlocked_chk(void *ptr [[out, size(return * size)]], size_t room, size_t size, size_t n,
					    FILE *stream);
[[error(NULL)]] size_t fwrite(const void *ptr [[in, size(n * size)]], size_t size, size_t n, FILE *stream);
[[error(NULL)]] size_t fwrite_unlocked(const void *ptr [[in, size(n * size)]], size_t size, size_t n, FILE *stream);
char *fgets(char *s, int n, FILE *stream) [[string]];
char *fgets_unlocked(char *s, int n, FILE *stream) [[string]];
char *__fgets_chk(char *s, size_t room, int n, FILE *stream) [[string]];
char *__fgets_unlocked_chk(char *s, size_t room, int n, FILE *stream) [[string]];
[[error(NULL)]] char *gets(char *s) [[string]];
[[error(-1)]] int fputc(int c [[char]], FILE *stream) [[char]];
[[error(-1)]] int fputc_unlocked(int c [[char]], FILE *stream) [[char]];
[[error(-1)]] int putc(int c [[char]], FILE *stream) [[char]];
[[error(-1)]] int putc_unlocked(int c [[char]], FILE *stream) [[char]];
[[error(-1)]] int ungetc(int c [[char]], FILE *stream) [[char]];
[[error(-1)]] int putchar(int c [[char]]) [[char]];
[[error(-1)]] int putchar_unlocked(int c [[char]]) [[char]];
[[error(none)]] int fgetc(FILE *stream) [[char]];
[[error(none)]] int fgetc_unlocked(FILE *stream) [[char]];
[[error(none)]] int getc(FILE *stream) [[char]];
[[error(none)]] int getc_unlocked(FILE *stream) [[char]];
[[error(none)]] int getchar(void) [[char]];
[[error(none)]] int getchar_unlocked(void) [[char]];
