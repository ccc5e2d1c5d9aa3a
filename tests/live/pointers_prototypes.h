/* SPDX-License-Identifier: MIT */
/* What the functions of libpointers.so take, as stubcache reads it: every way in which a pointer is followed. */
struct pair {
	long first, second;
};

long look_text(const char *text);
long look_bytes(const void *bytes [[in, size(size)]], size_t size);
[[error(-1)]] long look_out(void *bytes [[out, size(return)]], size_t size);
long look_pair(const struct pair *pair);
long look_list(char **list [[strings]]);
[[printf(format)]] long look_format(const char *format, ...);
[[vprintf(format, list)]] long look_list_of(const char *format, va_list list);
long look_pointed(const void *bytes [[in, size(*size)]], const size_t *size);
char *look_returned(void *address [[opaque]]) [[string]];
