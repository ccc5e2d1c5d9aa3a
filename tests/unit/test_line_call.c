/* SPDX-License-Identifier: MIT */
/*
 * Calls as text: prototypes and recorded words and bytes in a table, with what strace (or, for what is no system call,
 * ltrace) prints of such a call.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/line_call.h"

#define BYTES(n, text) { SC_BLOB_BYTES, SC_BLOB_WHOLE, n, text, sizeof(text) - 1 }
#define STRING(n, text) { SC_BLOB_STRING, SC_BLOB_WHOLE, n, text, sizeof(text) - 1 }
#define P 0x1000 /* some address */

struct blob {
	uint8_t kind, state, argument;
	const char *bytes;
	uint32_t length;
};

struct row {
	const char *proto; /* several declarations: the function is f */
	uint64_t general[6];
	double vector[8];
	uint64_t stack[8];
	struct blob in[4];
	uint64_t rax, rdx;
	double xmm[2];
	long double x87[2];
	int error; /* errno at the return */
	struct blob out[3];
	const char *text;
};

/* A struct sigaction: SIG_IGN, a mask of two, flags; a set of the descriptors 0, 9 and 1023. */
static const char action[152] = { [0] = 1, [8] = 1 << (2 - 1), [8 + 3] = 1 << (29 - 1) % 8, [139] = 0x10 };
static const char descriptors[128] = { [0] = 1, [1] = 2, [127] = -128 };

static const struct row rows[] = {
	/* ---- integers ---- */
	{ .proto = "int f(int a, unsigned b, long c, unsigned long d, short e, unsigned short g);",
	  .general = { 0xffffffff, 0xffffffff, -1ul, -1ul, 0xffff, 0xffff }, .rax = 0x1fffffffe,
	  .text = "(-1, 4294967295, -1, 18446744073709551615, -1, 65535) = -2" },
	{ .proto = "_Bool f(_Bool a, _Bool b, char c, char d, unsigned char e);", .general = { 1, 0, 'x', '\n', 200 }, .rax = 1,
	  .text = "(true, false, 'x', '\\n', 200) = true" },
	{ .proto = "void f(void);", .text = "() = <void>" },
	{ .proto = "int f(int a [[octal]], int b [[hex]], int c [[fd]], int d [[signal]], int e [[errno]]);",
	  .general = { 0644, 255, (uint32_t)-100, 11, 2 }, .text = "(0644, 0xff, AT_FDCWD, SIGSEGV, ENOENT) = 0" },
	{ .proto = "int f(mode_t a [[octal]]);", .general = { 0 }, .text = "(000) = 0" },
	{ .proto = "long long f(long long a);", .general = { 1ul << 63 }, .text = "(-9223372036854775808) = 0" },
	{ .proto = "int f(int a, int b, int c, int d, int e, int g, int h, int i);", .general = { 1, 2, 3, 4, 5, 6 },
	  .stack = { 7, 8 }, .text = "(1, 2, 3, 4, 5, 6, 7, 8) = 0" },
	/* ---- names ---- */
	{ .proto = "enum e { A, B = 5 }; enum e f(enum e a, enum e b);", .general = { 5, 7 }, .text = "(B, 7) = A" },
	{ .proto = "enum [[flags]] o { RD [[mask(3)]] = 0, WR [[mask(3)]] = 1, CR = 0100, DS = 010000, SY = 04010000 };\n"
		   "int f(int a [[flags(o)]], int b [[flags(o)]], int c [[flags(o)]], int d [[flags(o)]]);",
	  .general = { 0, 0101, 04010001, 0x80000000 },
	  .text = "(RD, WR|CR, WR|SY, RD|0x80000000) = 0" },
	{ .proto = "enum p { NONE = 0, R = 1, W = 2 }; int f(int a [[flags(p)]], int b [[flags(p)]], int c [[flags(p)]]);",
	  .general = { 0, 3, 9 }, .text = "(NONE, R|W, R|0x8) = 0" },
	{ .proto = "enum w { SET, CUR }; long f(int whence [[enum(w)]]);", .general = { 1 }, .text = "(CUR) = 0" },
	/* ---- floating point ---- */
	{ .proto = "double f(double a, double b, double c);", .vector = { 2, 0.1, 1e300 }, .xmm = { 1.4142135623730951 },
	  .text = "(2.0, 0.1, 1e+300) = 1.4142135623730951" },
	{ .proto = "long double f(int a, double b);", .general = { 3 }, .vector = { 0.5 }, .x87 = { 2.5L },
	  .text = "(3, 0.5) = 2.5" },
	{ .proto = "double _Complex f(double _Complex a);", .vector = { 1.5, -2 }, .xmm = { 0, 1 }, .text = "(1.5-2.0i) = 0.0+1.0i" },
	{ .proto = "long double _Complex f(void);", .x87 = { 1, -1 }, .text = "() = 1.0-1.0i" },
	/* ---- strings ---- */
	{ .proto = "int f(const char *s);", .general = { P }, .in = { STRING(0, "hello") }, .text = "(\"hello\") = 0" },
	{ .proto = "int f(const char *s);", .general = { 0 }, .text = "(NULL) = 0" },
	{ .proto = "int f(const char *s);", .general = { P },
	  .in = { STRING(0, "a\"b\\c\n\t\r\001" "2\033x\377") }, .text = "(\"a\\\"b\\\\c\\n\\t\\r\\0012\\33x\\377\") = 0" },
	{ .proto = "int f(const char *s);", .general = { P }, .in = { { SC_BLOB_STRING, SC_BLOB_CUT, 0, "abc", 3 } },
	  .text = "(\"abc\"...) = 0" },
	{ .proto = "int f(const char *s);", .general = { P }, .in = { STRING(0, "0123456789012345678901234567890123456789") },
	  .text = "(\"01234567890123456789012345678901\"...) = 0" },
	{ .proto = "int f(const char *s);", .general = { 1 }, .in = { { SC_BLOB_STRING, SC_BLOB_UNREADABLE, 0, "", 0 } },
	  .text = "(0x1 /* unreadable */) = 0" },
	{ .proto = "int f(const char *s);", .general = { P }, .in = { { SC_BLOB_STRING, SC_BLOB_ENDLESS, 0, "xyz", 3 } },
	  .text = "(\"xyz\"... /* unreadable */) = 0" },
	{ .proto = "[[error(NULL)]] char *f(const char *s) [[string]];", .general = { P }, .in = { STRING(0, "HOME") }, .rax = P,
	  .out = { STRING(255, "/root") }, .text = "(\"HOME\") = \"/root\"" },
	{ .proto = "[[error(-1)]] int f(const char *p, char *const argv[] [[strings]]);", .general = { P, P },
	  .in = { STRING(0, "/bin/ls"), { SC_BLOB_STRINGS, SC_BLOB_WHOLE, 1, "ls\0-l\0", 6 } }, .rax = -1ul, .error = 2,
	  .text = "(\"/bin/ls\", [\"ls\", \"-l\"]) = -1 ENOENT (No such file or directory)" },
	{ .proto = "int f(char *const argv[] [[strings]]);", .general = { P },
	  .in = { { SC_BLOB_STRINGS, SC_BLOB_CUT, 0, "a\0", 2 } }, .text = "([\"a\", ...]) = 0" },
	{ .proto = "int f(const char *s [[in, string, size(n)]], size_t n);", .general = { P, 6 }, .in = { BYTES(0, "iso\0ca") },
	  .text = "(\"iso\", 6) = 0" },
	{ .proto = "int f(const char *s [[in, string, size(n)]], size_t n);", .general = { P, 3 }, .in = { BYTES(0, "abc") },
	  .text = "(\"abc\", 3) = 0" },
	{ .proto = "int f(const char *s [[in, string, size(n)]], size_t n);", .general = { P, 9 },
	  .in = { { SC_BLOB_BYTES, SC_BLOB_UNREADABLE, 0, "ab\0", 3 } }, .text = "(\"ab\", 9) = 0" },
	/* ---- numbers that mean something ---- */
	{ .proto = "int f(int c [[char]]) [[char]];", .general = { '/' }, .rax = 0xffffffff, .text = "('/') = -1" },
	{ .proto = "enum e { A = 7 }; int f(int a [[enum(e), hex]], int b [[enum(e), hex]]);", .general = { 7, 0x1234 },
	  .text = "(A, 0x1234) = 0" },
	{ .proto = "int f(int a [[signal]]);", .general = { 29 }, .text = "(SIGIO) = 0" },
	/* ---- buffers ---- */
	{ .proto = "[[error(-1)]] ssize_t f(int fd [[fd]], void *buf [[out, size(return)]], size_t count);",
	  .general = { 3, P, 832 }, .rax = 832, .out = { { SC_BLOB_BYTES, SC_BLOB_CUT, 1, "\177ELF\2\1\1\0", 8 } },
	  .text = "(3, \"\\177ELF\\2\\1\\1\\0\"..., 832) = 832" },
	{ .proto = "[[error(-1)]] ssize_t f(int fd [[fd]], void *buf [[out, size(return)]], size_t count);",
	  .general = { 3, P, 1 }, .rax = -1ul, .error = 9, .out = { BYTES(1, "x") },
	  .text = "(3, 0x1000, 1) = -1 EBADF (Bad file descriptor)" },
	{ .proto = "ssize_t f(int fd, const void *buf [[in, size(n)]], size_t n);", .general = { 1, P, 3 },
	  .in = { BYTES(1, "abc") }, .rax = 3, .text = "(1, \"abc\", 3) = 3" },
	{ .proto = "ssize_t f(int fd, const void *buf [[in, size(n)]], size_t n);", .general = { 1, P, 30 },
	  .in = { { SC_BLOB_BYTES, SC_BLOB_UNREADABLE, 1, "ab", 2 } }, .rax = 3,
	  .text = "(1, \"ab\"... /* unreadable */, 30) = 3" },
	{ .proto = "[[error(-1)]] int f(int fds[2] [[out, size(8)]]);", .general = { P }, .out = { BYTES(0, "\3\0\0\0\4\0\0\0") },
	  .text = "([3, 4]) = 0" },
	{ .proto = "int f(unsigned *n [[inout, size(4)]]);", .general = { P }, .in = { BYTES(0, "\200\0\0\0") },
	  .out = { BYTES(0, "\20\0\0\0") }, .text = "([128 => 16]) = 0" },
	{ .proto = "void *f(void *p, FILE *q, int (*g)(int));", .general = { P, 0x2000, 0x3000 }, .rax = 0xffff,
	  .text = "(0x1000, 0x2000, 0x3000) = 0xffff" },
	/* ---- structs, unions, arrays ---- */
	{ .proto = "struct s { int a; char b[8]; long c; }; int f(const struct s *p);", .general = { P },
	  .in = { BYTES(0, "\1\0\0\0hi\0\0\0\0\0\0\0\0\0\0\377\377\377\377\377\377\377\377") },
	  .text = "({a=1, b=\"hi\", c=-1}) = 0" },
	{ .proto = "struct s { int a; int b; }; struct s f(struct s p);", .general = { 0x200000001 }, .rax = 0x400000003,
	  .text = "({a=1, b=2}) = {a=3, b=4}" },
	{ .proto = "struct s { double x; long n; }; int f(struct s p);", .general = { 7 }, .vector = { 0.25 },
	  .text = "({x=0.25, n=7}) = 0" },
	{ .proto = "struct s { long a[3]; }; int f(struct s p, int b);", .general = { 5 }, .stack = { 1, 2, 3 },
	  .text = "({a=[1, 2, 3]}, 5) = 0" },
	{ .proto = "union u { int i; void *p; }; int f(const union u *p);", .general = { P }, .in = { BYTES(0, "\1\0\0\0\0\0\0\0") },
	  .text = "({i=1, p=0x1}) = 0" },
	{ .proto = "struct s { unsigned a : 3; int b : 5; }; int f(const struct s *p);", .general = { P },
	  .in = { BYTES(0, "\375\0\0\0") }, .text = "({a=5, b=-1}) = 0" },
	{ .proto = "struct s { int a; long b; }; int f(const struct s *p);", .general = { P },
	  .in = { { SC_BLOB_BYTES, SC_BLOB_UNREADABLE, 0, "\1\0\0\0", 4 } }, .text = "({a=1, b=...} /* unreadable */) = 0" },
	{ .proto = "struct timespec { long tv_sec; long tv_nsec; }; int f(const struct timespec *t);", .general = { P },
	  .in = { BYTES(0, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0") }, .text = "({tv_sec=1, tv_nsec=2}) = 0" },
	/* ---- structs and arrays that are shown in a way of their own ---- */
	{ .proto = "struct pair { int a; int b; }; int f(struct pair *p [[in, size(n * 8)]], int n);", .general = { P, 1 },
	  .in = { BYTES(0, "\1\0\0\0\2\0\0\0") }, .text = "([{a=1, b=2}], 1) = 0" },
	{ .proto = "int f(int *p [[in, size(n)]], int n);", .general = { P, 6 }, .in = { BYTES(0, "cubic\0") },
	  .text = "(\"cubic\\0\", 6) = 0" },
	{ .proto = "struct utsname { char sysname[3]; char nodename[2]; char release[2]; }; int f(struct utsname *p [[out]]);",
	  .general = { P }, .out = { BYTES(0, "Li\0v\0006\0") }, .text = "({sysname=\"Li\", nodename=\"v\", ...}) = 0" },
	{ .proto = "struct rlimit { unsigned long a; unsigned long b; }; int f(const struct rlimit *p);", .general = { P },
	  .in = { BYTES(0, "\0\0\200\0\0\0\0\0\377\377\377\377\377\377\377\377") },
	  .text = "({rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0" },
	{ .proto = "typedef struct { long fds_bits[16]; } fd_set; int f(fd_set *p [[in]]);", .general = { P },
	  .in = { { SC_BLOB_BYTES, SC_BLOB_WHOLE, 0, descriptors, sizeof(descriptors) } }, .text = "([0 9 1023]) = 0" },
	{ .proto = "typedef struct { unsigned long __val[16]; } sigset_t;"
		   "struct sigaction { union { void (*h)(int); } u; sigset_t sa_mask; int sa_flags [[hex]]; void (*r)(void); };"
		   "int f(const struct sigaction *p);",
	  .general = { P }, .in = { { SC_BLOB_BYTES, SC_BLOB_WHOLE, 0, action, sizeof(action) } },
	  .text = "({sa_handler=SIG_IGN, sa_mask=[INT IO], sa_flags=0x10000000}) = 0" },
	/* ---- addresses of sockets ---- */
	{ .proto = "[[error(-1)]] int f(int fd, const struct sockaddr *a [[in, size(n), sockaddr]], unsigned n);",
	  .general = { 3, P, 16 }, .in = { BYTES(1, "\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0\0") }, .rax = -1ul, .error = 111,
	  .text = "(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = "
		  "-1 ECONNREFUSED (Connection refused)" },
	{ .proto = "int f(const void *a [[in, size(n), sockaddr]], unsigned n);", .general = { P, 6 }, .in = { BYTES(0, "\1\0/x\0") },
	  .text = "({sa_family=AF_UNIX, sun_path=\"/x\"}, 6) = 0" },
	{ .proto = "int f(const void *a [[in, size(n), sockaddr]], unsigned n);", .general = { P, 4 }, .in = { BYTES(0, "\1\0\0x") },
	  .text = "({sa_family=AF_UNIX, sun_path=@\"x\"}, 4) = 0" },
	{ .proto = "int f(const void *a [[in, size(n), sockaddr]], unsigned n);", .general = { P, 28 },
	  .in = { BYTES(0, "\12\0\0\120\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0") },
	  .text = "({sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", &sin6_addr), "
		  "sin6_scope_id=0}, 28) = 0" },
	/* ---- errors ---- */
	{ .proto = "[[error(NULL)]] void *f(size_t n);", .general = { 10 }, .error = 12, .text = "(10) = NULL ENOMEM (Cannot allocate memory)" },
	{ .proto = "[[error(returned)]] int f(int a);", .general = { 1 }, .rax = 22, .error = 2, .text = "(1) = EINVAL (Invalid argument)" },
	{ .proto = "[[error(returned)]] int f(int a);", .general = { 1 }, .error = 2, .text = "(1) = 0" },
	{ .proto = "[[error(negative)]] int f(int a);", .rax = 0xfffffffb, .error = 5, .text = "(0) = -5 EIO (Input/output error)" },
	{ .proto = "[[error(nonzero)]] int f(int a);", .rax = 3, .error = 5, .text = "(0) = 3 EIO (Input/output error)" },
	{ .proto = "[[error(-1)]] void *f(void *a);", .rax = -1ul, .error = 12, .text = "(NULL) = -1 ENOMEM (Cannot allocate memory)" },
	{ .proto = "int f(int a);", .rax = 0xffffffff, .error = 5, .text = "(0) = -1" },
	/* ---- variants ---- */
	{ .proto = "[[error(-1)]] int f(const char *p, int flags [[hex]], ...);\n"
		   "[[error(-1)]] [[case(flags & 0100)]] int f(const char *p, int flags [[hex]], unsigned mode [[octal]]);",
	  .general = { 0, 0100, 0755 }, .text = "(NULL, 0x40, 0755) = 0" },
	{ .proto = "[[error(-1)]] int f(const char *p, int flags [[hex]], ...);\n"
		   "[[error(-1)]] [[case(flags & 0100)]] int f(const char *p, int flags [[hex]], unsigned mode [[octal]]);",
	  .general = { 0, 1, 0755 }, .text = "(NULL, 0x1) = 0" },
	{ .proto = "int f(int fd, int cmd, ...);\n[[case(cmd == 4)]] int f(int fd, int cmd, int arg [[hex]]);",
	  .general = { 3, 4, 2048 }, .text = "(3, 4, 0x800) = 0" },
	{ .proto = "int f(int fd, ...);", .general = { 3, 4 }, .text = "(3, ...) = 0" },
	/* ---- printf ---- */
	{ .proto = "[[printf(s)]] int f(const char *s, ...);", .general = { P, 5, 0x2000, 0xff, 'c', 300 }, .vector = { 2.5 }, .stack = { 7 },
	  .in = { STRING(0, "%d %s %x %c %hhd %g %lu"), STRING(2, "arg") }, .rax = 12,
	  .text = "(\"%d %s %x %c %hhd %g %lu\", 5, \"arg\", 0xff, 'c', 44, 2.5, 7) = 12" },
	{ .proto = "[[printf(s)]] int f(const char *s, ...);", .general = { P, 8, (uint32_t)-1, 010, -1ul, P },
	  .in = { STRING(0, "%*d %o %zd %p") }, .text = "(\"%*d %o %zd %p\", 8, -1, 010, -1, 0x1000) = 0" },
	{ .proto = "[[printf(s)]] int f(const char *s, ...);", .general = { P, 1, 2 }, .in = { STRING(0, "%2$d %1$d%%%m") },
	  .text = "(\"%2$d %1$d%%%m\", 1, 2) = 0" },
	{ .proto = "[[printf(s)]] int f(const char *s, ...);", .general = { P, 1 }, .stack = { 0xa000000000000000, 0x4000 },
	  .in = { STRING(0, "%jd %Lf") }, .text = "(\"%jd %Lf\", 1, 2.5) = 0" },
	{ .proto = "[[printf(s)]] int f(const char *s, ...);", .general = { P, 1 }, .in = { { SC_BLOB_STRING, SC_BLOB_CUT, 0, "%d ", 3 } },
	  .text = "(\"%d \"..., 1, ...) = 0" },
	{ .proto = "[[printf(s)]] int f(const char *s, ...);", .general = { P, 6, 0 }, .in = { STRING(0, "%o %#o") },
	  .text = "(\"%o %#o\", 06, 0) = 0" },
	{ .proto = "[[vprintf(s, ap)]] int f(const char *s, va_list ap);", .general = { P, 0x2000 },
	  .in = { STRING(0, "%d %s"), { SC_BLOB_VALUES, 0, 1, "\5\0\0\0\0\0\0\0\0\20\0\0\0\0\0\0", 16 }, STRING(2, "x") },
	  .text = "(\"%d %s\", [5, \"x\"]) = 0" },
};

static struct sc_event *begin(unsigned char *at, enum sc_event_kind kind)
{
	struct sc_event *event = (struct sc_event *)at;

	memset(at, 0, sizeof(*event));
	event->kind = (uint8_t)kind;
	event->size = sizeof(*event);
	return event;
}

static void put(struct sc_event *event, const void *bytes, uint32_t size)
{
	memset((char *)event + event->size, 0, (size + 7) & ~7u);
	memcpy((char *)event + event->size, bytes, size);
	event->size += (size + 7) & ~7u;
}

static void put_blobs(struct sc_event *event, const struct blob *blobs, size_t count)
{
	for (size_t i = 0; i < count && blobs[i].kind; i++) {
		struct sc_blob blob = { .kind = blobs[i].kind, .state = blobs[i].state, .argument = blobs[i].argument,
					.length = blobs[i].length };

		put(event, &blob, sizeof(blob));
		put(event, blobs[i].bytes, blobs[i].length);
	}
}

static const struct sc_event *entry(unsigned char *at, const struct row *row)
{
	struct sc_event *event = begin(at, SC_EVENT_ENTER);

	event->general = 6;
	event->vector = 8;
	event->stack = 8;
	put(event, row->general, sizeof(row->general));
	put(event, row->vector, sizeof(row->vector));
	put(event, row->stack, sizeof(row->stack));
	put_blobs(event, row->in, 4);
	ck_assert(sc_event_valid(event, event->size));
	return event;
}

static const struct sc_event *departure(unsigned char *at, const struct row *row)
{
	struct sc_event *event = begin(at, SC_EVENT_LEAVE);

	event->general = event->vector = event->stack = 2;
	event->detail = (uint64_t)row->error;
	put(event, (uint64_t[]){ row->rax, row->rdx }, 16);
	put(event, row->xmm, sizeof(row->xmm));
	put(event, row->x87, sizeof(row->x87));
	put_blobs(event, row->out, 3);
	ck_assert(sc_event_valid(event, event->size));
	return event;
}

static const struct sc_line_style style = { .string_limit = 32 };

START_TEST(a_call_looks_as_in_strace)
{
	const struct row *row = &rows[_i];
	_Alignas(16) unsigned char enter[2048], leave[2048];
	struct sc_proto_errors errors = { 0 };
	struct sc_arena arena = { 0 };
	struct sc_protos protos = { .arena = &arena };
	struct sc_text text = { 0 };
	struct sc_line_call call = { 0 };

	ck_assert_msg(sc_protos_read(&protos, row->proto, strlen(row->proto), "test", &errors) == 0, "%s: %s", row->proto,
		      errors.errors[0].message);
	call.proto = sc_protos_find(&protos, "f");
	ck_assert_ptr_nonnull(call.proto);
	call.enter = entry(enter, row);
	call.leave = departure(leave, row);
	sc_line_call(&text, &style, &call);
	ck_assert_msg(!strcmp(sc_text_string(&text), row->text), "%s\n is %s\nnot %s", row->proto, sc_text_string(&text), row->text);
	sc_text_release(&text);
	sc_arena_release(&arena);
}
END_TEST

START_TEST(without_a_prototype_there_are_registers)
{
	static const struct row row = { .general = { 1, 0, 0xff, 3, 4, 5 }, .rax = 7 };
	_Alignas(16) unsigned char enter[2048], leave[2048];
	struct sc_line_call call = { .enter = entry(enter, &row), .leave = departure(leave, &row) };
	struct sc_text text = { 0 };

	sc_line_call(&text, &style, &call);
	ck_assert_str_eq(sc_text_string(&text), "(0x1, 0, 0xff, 0x3, 0x4, 0x5, ...) = 0x7");
	sc_text_clear(&text);
	call.leave = NULL;
	call.enter = NULL;
	sc_line_call(&text, &style, &call);
	ck_assert_str_eq(sc_text_string(&text), "(...) = ?");
	sc_text_release(&text);
}
END_TEST

/* Words that were not recorded: a call of which the reader has a better prototype than the writer. */
START_TEST(what_was_not_recorded_is_a_question_mark)
{
	static const char proto[] = "double f(double a, int b, const char *c, long double d);";
	_Alignas(16) unsigned char enter[256], leave[256];
	struct sc_event *event = begin(enter, SC_EVENT_ENTER);
	struct sc_arena arena = { 0 };
	struct sc_protos protos = { .arena = &arena };
	struct sc_text text = { 0 };
	struct sc_line_call call = { .enter = event, .leave = begin(leave, SC_EVENT_LEAVE) };

	event->general = 1;
	put(event, (uint64_t[]){ 9 }, 8);
	ck_assert_int_eq(sc_protos_read(&protos, proto, strlen(proto), "test", NULL), 0);
	call.proto = sc_protos_find(&protos, "f");
	sc_line_call(&text, &style, &call);
	ck_assert_str_eq(sc_text_string(&text), "(?, 9, ?, ?) = ?");
	sc_text_release(&text);
	sc_arena_release(&arena);
}
END_TEST

START_TEST(an_argument_that_the_function_fills_waits_for_its_return)
{
	static const char proto[] = "ssize_t f(int fd, void *b [[out, size(return)]], size_t n);";
	static const struct row row = { .general = { 3, P, 10 } }, null = { .general = { 3, 0, 10 } };
	_Alignas(16) unsigned char enter[2048];
	struct sc_arena arena = { 0 };
	struct sc_protos protos = { .arena = &arena };
	struct sc_line_layout layout;
	struct sc_line_call call = { .enter = entry(enter, &row) };

	ck_assert_int_eq(sc_protos_read(&protos, proto, strlen(proto), "test", NULL), 0);
	call.proto = sc_protos_find(&protos, "f");
	sc_line_layout(&layout, &call);
	ck_assert_uint_eq(layout.count, 3);
	ck_assert(!sc_line_waits(&layout, &call, 0));
	ck_assert(sc_line_waits(&layout, &call, 1));
	call.enter = entry(enter, &null);
	ck_assert(!sc_line_waits(&layout, &call, 1));
	sc_arena_release(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("line_call");
	TCase *tests = tcase_create("calls");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, a_call_looks_as_in_strace, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tests, without_a_prototype_there_are_registers);
	tcase_add_test(tests, what_was_not_recorded_is_a_question_mark);
	tcase_add_test(tests, an_argument_that_the_function_fills_waits_for_its_return);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
