/* SPDX-License-Identifier: MIT */
/*
 * What C cannot say of functions on strings, the environment, messages and the locale. Strings that functions return are
 * shown as such where they are sure to be terminated. The types are those of 00-libc.h.
 */

[[error(NULL)]] char *strdup(const char *s) [[string]];
[[error(NULL)]] char *strndup(const char *s [[in, string, size(n)]], size_t n) [[string]];
[[error(none)]] char *strcpy(char *dest, const char *src) [[string]];
[[error(none)]] char *stpcpy(char *dest [[out, string]], const char *src);
[[error(none)]] char *strncpy(char *dest, const char *src [[in, string, size(n)]], size_t n);
[[error(none)]] char *stpncpy(char *dest, const char *src [[in, string, size(n)]], size_t n);
[[error(none)]] char *strcat(char *dest [[in, string]], const char *src) [[string]];
[[error(none)]] char *strncat(char *dest [[in, string]], const char *src [[in, string, size(n)]], size_t n) [[string]];
[[error(none)]] char *strchr(const char *s, int c [[char]]) [[string]];
[[error(none)]] char *strrchr(const char *s, int c [[char]]) [[string]];
[[error(none)]] char *strchrnul(const char *s, int c [[char]]) [[string]];
[[error(none)]] char *index(const char *s, int c [[char]]) [[string]];
[[error(none)]] char *rindex(const char *s, int c [[char]]) [[string]];
[[error(none)]] char *strstr(const char *haystack, const char *needle) [[string]];
[[error(none)]] char *strcasestr(const char *haystack, const char *needle) [[string]];
[[error(none)]] char *strpbrk(const char *s, const char *accept) [[string]];
[[error(none)]] char *strtok(char *s [[in, string]], const char *delimiters) [[string]];
[[error(none)]] char *strtok_r(char *s [[in, string]], const char *delimiters, char **state) [[string]];
[[error(none)]] char *strsep(char **s, const char *delimiters) [[string]];
[[error(none)]] int strncmp(const char *s1 [[in, string, size(n)]], const char *s2 [[in, string, size(n)]], size_t n);
[[error(none)]] int strncasecmp(const char *s1 [[in, string, size(n)]], const char *s2 [[in, string, size(n)]], size_t n);
[[error(none)]] size_t strnlen(const char *s [[in, string, size(most)]], size_t most);
[[error(none)]] size_t strxfrm(char *dest [[out, string]], const char *src, size_t n);
/* The compiler makes calls of these itself; no header declares them. */
[[error(none)]] char *__strcpy_chk(char *dest, const char *src, size_t room) [[string]];
[[error(none)]] char *__stpcpy_chk(char *dest [[out, string]], const char *src, size_t room);
[[error(none)]] char *__strncpy_chk(char *dest, const char *src [[in, string, size(n)]], size_t n, size_t room);
[[error(none)]] char *__stpncpy_chk(char *dest, const char *src [[in, string, size(n)]], size_t n, size_t room);
[[error(none)]] char *__strcat_chk(char *dest [[in, string]], const char *src, size_t room) [[string]];
[[error(none)]] char *__strncat_chk(char *dest [[in, string]], const char *src [[in, string, size(n)]], size_t n,
				    size_t room) [[string]];

/* ---- characters ---- */

[[error(none)]] int tolower(int c [[char]]) [[char]];
[[error(none)]] int toupper(int c [[char]]) [[char]];

/* ---- the environment ---- */

[[error(NULL)]] char *getenv(const char *name) [[string]];
[[error(NULL)]] char *secure_getenv(const char *name) [[string]];
[[error(nonzero)]] int putenv(char *string [[in, string]]);
[[error(NULL)]] size_t confstr(int name, char *buf [[out, string]], size_t room);
int getopt(int argc, char *const *argv [[strings]], const char *options);
int getopt_long(int argc, char *const *argv [[strings]], const char *options, const struct option *longs [[opaque]],
		int *index [[out]]);
int getopt_long_only(int argc, char *const *argv [[strings]], const char *options,
		     const struct option *longs [[opaque]],
		     int *index [[out]]);

/* ---- messages ---- */

[[error(none)]] char *strerror(int error [[errno]]) [[string]];
[[error(none)]] char *strerror_r(int error [[errno]], char *buf, size_t room) [[string]];
[[error(returned)]] int __xpg_strerror_r(int error [[errno]], char *buf [[out, string]], size_t room) [[errno]];
[[error(none)]] char *strerror_l(int error [[errno]], locale_t locale) [[string]];
[[error(none)]] const char *strerrorname_np(int error [[errno]]);
[[error(none)]] const char *strerrordesc_np(int error [[errno]]);
[[error(none)]] char *strsignal(int signal [[signal]]) [[string]];
[[error(none)]] const char *sigabbrev_np(int signal [[signal]]);
[[error(none)]] const char *sigdescr_np(int signal [[signal]]);
[[error(none)]] const char *gai_strerror(int error [[enum(gai_errors)]]);
[[error(none)]] char *dlerror(void) [[string]];
[[error(none)]] char *gettext(const char *id) [[string]];
[[error(none)]] char *dgettext(const char *domain, const char *id) [[string]];
[[error(none)]] char *dcgettext(const char *domain, const char *id,
				int category [[enum(locale_categories)]]) [[string]];
[[error(none)]] char *ngettext(const char *id1, const char *id2, unsigned long n) [[string]];
[[error(none)]] char *dngettext(const char *domain, const char *id1, const char *id2, unsigned long n) [[string]];
[[error(none)]] char *dcngettext(const char *domain, const char *id1, const char *id2, unsigned long n,
				 int category [[enum(locale_categories)]]) [[string]];
[[error(NULL)]] char *textdomain(const char *domain) [[string]];
[[error(NULL)]] char *bindtextdomain(const char *domain, const char *dir) [[string]];
[[error(NULL)]] char *bind_textdomain_codeset(const char *domain, const char *codeset) [[string]];

/* ---- the locale ---- */

[[error(NULL)]] char *setlocale(int category [[enum(locale_categories)]], const char *locale) [[string]];
[[error(NULL)]] locale_t newlocale(int mask [[hex]], const char *locale, locale_t base);
[[error(none)]] char *nl_langinfo(nl_item item) [[string]];
[[error(none)]] char *nl_langinfo_l(nl_item item, locale_t locale) [[string]];
[[error(-1)]] size_t iconv(iconv_t cd, char **from [[opaque]], size_t *from_left [[inout]], char **to [[opaque]],
			   size_t *to_left [[inout]]);

/* ---- time as text ---- */

[[error(NULL)]] char *asctime(const struct tm *tm [[in]]) [[string]];
[[error(NULL)]] char *asctime_r(const struct tm *tm [[in]], char *buf) [[string]];
[[error(NULL)]] char *ctime(const time_t *timer [[in]]) [[string]];
[[error(NULL)]] char *ctime_r(const time_t *timer [[in]], char *buf) [[string]];
[[error(none)]] size_t strftime(char *s [[out, size(return)]], size_t room, const char *format,
				const struct tm *tm [[in]]);
[[error(none)]] char *strptime(const char *s, const char *format, struct tm *tm [[out]]) [[string]];

/* ---- patterns ---- */

int regcomp(regex_t *preg [[opaque]], const char *pattern, int flags [[flags(regcomp_flags)]]);
int regexec(const regex_t *preg [[opaque]], const char *string, size_t count,
	    regmatch_t *matches [[out, size(count * 8)]],
	    int flags [[flags(regexec_flags)]]);
size_t regerror(int code, const regex_t *preg [[opaque]], char *buf [[out, string]], size_t room);
int wordexp(const char *words, wordexp_t *result [[out]], int flags [[flags(wordexp_flags)]]);

/* ---- numbers ---- */

[[error(none)]] char *l64a(long n) [[string]];
[[error(none)]] char *ecvt(double value, int digits, int *point [[out]], int *sign [[out]]) [[string]];
[[error(none)]] char *fcvt(double value, int digits, int *point [[out]], int *sign [[out]]) [[string]];
[[error(none)]] char *gcvt(double value, int digits, char *buf) [[string]];
