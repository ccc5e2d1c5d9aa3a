#!/bin/bash
# SPDX-License-Identifier: MIT
#
# proto show: which file counts, what is said of names and files that are wrong. proto import: the prototypes of a library
# come back from its debug information, wherever that lies, and mean the same to the compiler.

. "${0%/*}/lib.sh"
export XDG_CONFIG_HOME=$work/config
unset STUBCACHE_PROTOTYPES
cc=${CC%% *}

# ---- show: what is installed ----

expect 0 '^\[\[error\(-1\)\]\] int open\(const char \*file \[\[path\]\], int flags \[\[flags\(open_flags\)\]\], \.\.\.\) \[\[fd\]\];$' \
	proto show open
expect 0 'mode_t mode\) \[\[fd\]\];$' proto show open
expect 0 '^\[\[error\(NULL\), bytes\(nmemb \* size\)\]\] void \*calloc\(size_t nmemb, size_t size\);$' proto show calloc
expect 0 '^/\* .*/prototypes/20-memory.h:[0-9]+ \*/$' proto show -v calloc
expect 0 '^/\* .*/prototypes/00-libc.h:[0-9]+ \*/$' proto show -v sin
expect 0 '"returns": "double"' proto show --json sin
expect 0 ' epoll_ctl\(' proto show 'epoll_*'
expect 1 "no prototype of 'opne': did you mean 'open'\?" proto show opne
expect 1 "no prototype matches 'no_such\*'" proto show 'no_such*'
expect 0 '^Usage: stubcache proto' proto --help
expect 0 '^Usage: stubcache proto' proto show --help
expect 0 '^Usage: stubcache proto' proto import --help
expect 2 'proto needs a command' proto
expect 2 "unknown proto command 'shwo': did you mean 'show'\?" proto shwo
same "$("$STUBCACHE_CMD" proto show 2>&1 >/dev/null)" "" "errors in the installed files"

# ---- show: the user's files ----

mkdir -p "$XDG_CONFIG_HOME/stubcache"
echo 'long calloc(int mine);' >"$XDG_CONFIG_HOME/stubcache/a.h"
echo 'long calloc(int second);' >"$XDG_CONFIG_HOME/stubcache/b.h"
echo 'nonsense' >"$XDG_CONFIG_HOME/stubcache/notes.txt"
expect 0 '^long calloc\(int second\);$' proto show calloc
echo 'long calloc(int third);' >"$work/environment.h"
STUBCACHE_PROTOTYPES=$work/environment.h expect 0 '^long calloc\(int third\);$' proto show calloc
echo 'long calloc(int last);' >"$work/given.h"
STUBCACHE_PROTOTYPES=$work/environment.h expect 0 '^long calloc\(int last\);$' proto show -P "$work/given.h" calloc
rm "$XDG_CONFIG_HOME"/stubcache/*

# What is wrong is said with its place, and the rest counts.
printf 'int first(int a);\nint wrong(strange x);\nint third(int c);\n' >"$work/wrong.h"
expect 1 "stubcache: $work/wrong.h:2:[0-9]+: " proto show -P "$work/wrong.h" third
expect 1 '^int third\(int c\);$' proto show -P "$work/wrong.h" third
expect 1 "cannot read prototypes '$work/missing.h': No such file" proto show -P "$work/missing.h" open
expect 1 "cannot read prototypes '$work': Is a directory" proto show -P "$work" open

# ---- import ----

cat >"$work/sample.c" <<'TEXT'
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#define EXPORTED __attribute__((visibility("default")))
enum small { BELOW = -1, ABOVE = 1 } __attribute__((packed));
enum colour { RED, GREEN = 5, BLUE = -1 };
struct inner { uint8_t a : 3; uint8_t b : 5; int : 7; unsigned c : 20; };
struct squeezed { char c; double d; } __attribute__((packed));
union both { int i; float f; };
typedef struct {
	struct inner in;
	union { int x; long y; };
	struct { short s; } named;
	const char *names[3];
	int (*call)(const struct inner *, void *);
	struct squeezed p;
	enum small tight[2];
} outer_t;
struct opaque;
struct node { struct node *next; outer_t *outer; };
EXPORTED int one(const char *name, enum colour c, outer_t o, bool flag) { return name && c && flag && o.in.a; }
EXPORTED struct node *two(struct node *n, struct opaque *o, int (*compare)(const void *, const void *))
{
	return o && compare ? n : 0;
}
EXPORTED long double three(long double x, _Complex double z, unsigned __int128 w) { return x + (long double)z + w; }
EXPORTED void message(const char *format, ...) { (void)format; }
EXPORTED int vmessage(const char *format, va_list ap) { (void)ap; return !!format; }
EXPORTED union both by_value(union both b, int v[4], char **restrict p) { b.i = v[0] + **p; return b; }
typedef short only_here;
struct pointing { const struct { only_here x; } *p; };
EXPORTED int pointed(struct pointing p) { return p.p->x; }
static int hidden(int x) { return x + 1; }
EXPORTED int (*getter(int which))(int) { return which ? hidden : 0; }
EXPORTED void nothing(void) {}
EXPORTED int original(int x) { return x; }
EXPORTED int alias(int) __attribute__((alias("original")));
typedef float floats __attribute__((vector_size(16)));
EXPORTED floats vector(floats a) { return a + a; }
TEXT
build() {
	"$cc" "$@" -shared -fPIC -fvisibility=hidden -Wl,--build-id "$work/sample.c" -o "$work/libsample.so"
}
declarations='struct node *two(struct node *n, struct opaque *o, int (*compare)(const void *, const void *));'

for flags in '-g' '-g -O2' '-gdwarf-4' '-g -O2 -flto' '-gdwarf-4 -fdebug-types-section' '-gdwarf-5 -fdebug-types-section'; do
	# shellcheck disable=SC2086 # several flags
	build $flags
	"$STUBCACHE_CMD" proto import -o "$work/sample.h" "$work/libsample.so" 2>"$work/summary"
	same $? 0 "import, compiled with $flags"
	grep -qFx "$declarations" "$work/sample.h" || { echo "$flags: a declaration is missing"; failed=1; }
	grep -q '^11 functions declared; 0 have no debug information, 1 cannot' "$work/summary" ||
		{ echo "$flags: $(cat "$work/summary")"; failed=1; }
	# The compiler takes both for one; types that are declared twice would have to be equal, so they go.
	sed -n '/^[a-z].*(.*);$/{/^typedef/!p}' "$work/sample.h" >"$work/functions.h"
	same "$(wc -l <"$work/functions.h")" 11 "declarations, compiled with $flags"
	cat "$work/sample.c" "$work/functions.h" >"$work/again.c"
	"$cc" -fsyntax-only "$work/again.c" || { echo "$flags: these are other types"; failed=1; }
	for source in sample.c sample.h; do
		{ echo '#include <stddef.h>'; cat "$work/$source"; cat <<-'TEXT'
			_Static_assert(sizeof(outer_t) == 72 && offsetof(outer_t, p) == 56 && sizeof(struct inner) == 8, "");
			_Static_assert(offsetof(outer_t, tight) == 65 && sizeof(enum small) == 1 && BELOW == -1, "");
			_Static_assert(sizeof(struct squeezed) == 9 && offsetof(outer_t, names) == 24 && BLUE == -1, "");
		TEXT
		} >"$work/layout.c"
		"$cc" -fsyntax-only "$work/layout.c" || { echo "$flags: another layout in $source"; failed=1; }
	done
	expect 0 '^int one\(const char \*name, enum colour c, outer_t o, _Bool flag\);$' proto show -P "$work/sample.h" one
done
expect 0 '"file": ".*sample.h"' proto show --json -P "$work/sample.h" two

# A function of which a part that is rarely run lies elsewhere.
cat >"$work/parts.c" <<'TEXT'
extern int puts(const char *);
extern void rare(int, const char *) __attribute__((cold));
int in_parts(int *p, int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++) {
		if (__builtin_expect(p[i] < 0, 0)) {
			rare(p[i], "negative");
			sum += puts("a");
			rare(sum, "again");
		}
		sum += p[i] * 3;
	}
	return sum;
}
TEXT
for flags in -gdwarf-4 -gdwarf-5; do
	"$cc" $flags -O2 -shared -fPIC "$work/parts.c" -o "$work/libparts.so"
	expect 0 '^int in_parts\(int \*p, int n\);$' proto import "$work/libparts.so"
done

# C++: names mean different things in different scopes, and some are none in C.
cat >"$work/scopes.cc" <<'TEXT'
struct reference { int x; };
struct inner { typedef reference &type; };
struct base { typedef long reference; };
struct outer : inner { typedef base::reference reference; };
namespace n { typedef int (*callback)(int); typedef callback callbacks[2]; }
typedef n::callback callback;
template<class... T> int all(T... args) { return (args + ... + 0); }
extern "C" outer::reference scoped(outer::reference r, reference *s, callback c, n::callbacks *d, const outer::type e)
{
	return r + s->x + c(1) + (*d)[0](2) + e.x;
}
template int all<int, int>(int, int);
TEXT
g++ -std=c++17 -g -shared -fPIC "$work/scopes.cc" -o "$work/libscopes.so"
"$STUBCACHE_CMD" proto import -o "$work/scopes.h" "$work/libscopes.so" 2>/dev/null || { echo "C++: not imported"; failed=1; }
"$cc" -fsyntax-only "$work/scopes.h" || { cat "$work/scopes.h"; failed=1; }
expect 0 '^long scoped\(long r, struct reference \*s, int \(\*c\)\(int\), int \(\*\(\*d\)\[2\]\)\(int\), struct reference \*e\);$' \
	proto show -P "$work/scopes.h" scoped

# As distributions ship it: what several files say alike stands in units of its own.
for n in 1 2 3; do
	cat >"$work/alike$n.c" <<-TEXT
		struct alike { struct alike *next; int value, other; long more[10]; char name[100]; union { int x; long y; } both;
			void (*call)(struct alike *, int, long); };
		struct holder { struct alike in; struct holder *last; unsigned long flags; };
		int alike$n(struct alike *a, struct holder by_value) { return a->value + by_value.in.value; }
	TEXT
done
for flags in -gdwarf-4 -gdwarf-5; do
	"$cc" $flags -shared -fPIC "$work"/alike?.c -o "$work/libalike.so"
	if command -v dwz >/dev/null; then
		dwz "$work/libalike.so"
		"${READELF:-readelf}" --debug-dump=info "$work/libalike.so" 2>/dev/null | grep -q DW_TAG_partial_unit ||
			{ echo "dwz, $flags: nothing is shared"; failed=1; }
	fi
	expect 0 '^int alike2\(struct alike \*a, struct holder by_value\);$' proto import "$work/libalike.so"
	expect 0 '^3 functions declared; 0 have no debug information, 0 cannot' proto import "$work/libalike.so"
done

# Elsewhere: what .gnu_debuglink names, beside the library.
build -g
"${OBJCOPY:-objcopy}" --only-keep-debug "$work/libsample.so" "$work/libsample.so.debug"
"${OBJCOPY:-objcopy}" --strip-debug --add-gnu-debuglink="$work/libsample.so.debug" "$work/libsample.so"
expect 0 '^void nothing\(void\);$' proto import "$work/libsample.so"
rm "$work/libsample.so.debug"
expect 1 "libsample.so' has no debug information, .* -dbgsym .*DEBUGINFOD_URLS" proto import "$work/libsample.so"
expect 1 "cannot read '$work/sample.c'" proto import "$work/sample.c"
expect 2 'which library\?' proto import
expect 2 'one library at a time' proto import a b
exit $failed
