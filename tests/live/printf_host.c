/* SPDX-License-Identifier: MIT */
/* Formats of every kind, for tests/live/printf.sh, which knows what is passed here. Output goes to /dev/null. */
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>
#include <wchar.h>

static FILE *out;
static char text[512];
static char *allocated;

/* ---- through va_list ---- */

static void list(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	va_start(ap, format);
	vfprintf(out, format, ap);
	va_end(ap);
	va_start(ap, format);
	if (vasprintf(&allocated, format, ap) >= 0)
		free(allocated);
	va_end(ap);
}

static void integers(void)
{
	fprintf(out, "%d %i %u %o %x %X\n", -1, 2, 4000000000u, 8, 255, 0xabcu);
	fprintf(out, "%hhd %hhu %hd %hu\n", -3, 250, -30000, 60000);
	fprintf(out, "%ld %lu %lld %llu\n", -5000000000l, 6000000000ul, INT64_MIN, UINT64_MAX);
	fprintf(out, "%jd %zu %td %zd\n", (intmax_t)-7, (size_t)8, (ptrdiff_t)-9, (ssize_t)-10);
	fprintf(out, "%+d % d %-6d|%06d %#x %#o %'d\n", 1, 2, 3, 4, 5, 6, 7000);
	fprintf(out, "%8d %.3d %8.3d %*d %.*d %*.*d\n", 1, 2, 3, 10, 4, 11, 5, 12, 13, 6);
}

static void others(void)
{
	int count = 0;

	fprintf(out, "%c %c %lc\n", 'a', '\n', (wint_t)L'b');
	fprintf(out, "%s %10s %.2s %-5s| %.*s %.0s %s\n", "one", "two", "three", "four", 3, "fives", "six", (char *)NULL);
	fprintf(out, "%ls %S\n", L"wide", L"\u20ac");
	fprintf(out, "%p %p\n", (void *)0x1234, NULL);
	fprintf(out, "%d%n%%%d\n", 1, &count, 2);
	errno = ENOENT;
	fprintf(out, "%m %d\n", 3);
	fprintf(out, "%2$s %1$d %3$*4$d\n", 1, "two", 3, 4);
}

static void floats(void)
{
	fprintf(out, "%f %e %g %a %F %E %G %A\n", 1.5, -2.25e10, 1e-5, 0.5, 3.0, 1e100, 1e20, -1.0);
	fprintf(out, "%Lf %Lg %Le\n", 1.5L, 1e4000L, -2.5L);
	fprintf(out, "%f %f %f\n", 1.0 / 0.0, -1.0 / 0.0, 0.1);
	fprintf(out, "%d %f %s %Lf %d %f\n", 1, 2.5, "three", 4.5L, 5, 6.5);
	fprintf(out, "%f %f %f %f %f %f %f %f %f %f\n", 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.5);
	fprintf(out, "%d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7);
}

static void functions(void)
{
	printf("%d %s\n", 1, "printf");
	dprintf(STDOUT_FILENO, "%d %s\n", 2, "dprintf");
	sprintf(text, "%d %s", 3, "sprintf");
	snprintf(text, 4, "%d %s", 4, "snprintf");
	if (asprintf(&allocated, "%d %s", 5, "asprintf") >= 0)
		free(allocated);
	syslog(LOG_USER | LOG_DEBUG, "%d %s", 6, "syslog");
	warnx("%d %s", 7, "warnx");
	list("%d %s %f %Lf %ld %c %x %f %d %d %d\n", 1, "two", 3.5, 4.5L, 5l, '6', 7, 8.5, 9, 10, 11);
	list("%ls %d\n", L"wide", 1);
	list("none\n");
}

int main(void)
{
	out = fopen("/dev/null", "w");
	if (!out)
		return 1;
	integers();
	others();
	floats();
	functions();
	return 0;
}
