#!/bin/bash
# SPDX-License-Identifier: MIT
#
# explain says of each function that a rule names how it is observed, and of what is not observed, or less than
# asked for, why. Names of any bytes reach the reader of --json as they are.

. "${0%/*}/lib.sh"
: "${LIBSTUBCACHE:?}"
[ -e "$LIBSTUBCACHE" ] || exit 77
export STUBCACHE_LIBRARY=$LIBSTUBCACHE
cc=${CC:-cc}

# build NAME OPTION... <SOURCE
build() {
	local name=$1
	shift
	$cc -g0 -O1 -w -o "$work/$name" -x c - "$@" || exit 99
}

# explained PATTERN ARGUMENT...: one line for it, not more
explained() {
	local pattern=$1 lines
	shift
	expect 0 "$pattern" explain "$@"
	lines=$("$STUBCACHE_CMD" explain "$@" 2>&1 | grep -Ec -- "$pattern")
	same "$lines" 1 "lines for '$pattern' ($*)"
}

build program -Wl,-z,now <<'END'
#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>
static int compare(const void *a, const void *b) { return 0; }
int main(void)
{
	char bytes[2];
	jmp_buf buffer;
	if (setjmp(buffer) == 0)
		qsort(bytes, 2, 1, compare);
	else
		longjmp(buffer, 1);
	if (vfork() == 0)
		_exit(0);
	return 0;
}
END
explained '^qsort@libc.so.6@GLIBC_2.2.5 +time +slots +[0-9]+  $' -e 'time=*' "$work/program"
explained '^qsort@libc.so.6@GLIBC_2.2.5 +trace +slots' -e 'trace=qsort' "$work/program"
explained '^qsort@libc.so.6@GLIBC_2.2.5 +stack +slots' -e 'time=*;stack=qsort' "$work/program"
explained '^qsort@libc.so.6@GLIBC_2.2.5 +inject +slots' -e 'trace=*;inject=qsort:delay_enter=1' "$work/program"
for name in _setjmp vfork; do
	explained "^$name@libc.so.6@[A-Z0-9_.]* +count +slots +[1-9].*more than once.*counted, not timed" \
		-e 'time=*' "$work/program"
	explained "^$name@libc.so.6@[A-Z0-9_.]* +count +slots +[1-9][0-9]*  $" -e 'count=*' "$work/program"
done
explained '^longjmp@libc.so.6@.* +count +slots +1  never returns' -e 'time=*' "$work/program"
explained '^__libc_start_main@libc.so.6@.* - +1  is between' -e 'count=*' "$work/program"
explained '^__tls_get_addr@ld-linux.* - +[1-9].*calling convention' -e 'count=*' "$work/program"
explained '^qsort_r@libc.so.6@.* - +0  no slot leads to it' -e 'time=qsort,qsort_r' "$work/program"
expect 0 '^1 observed, 1 not$' explain -e 'time=qsort,qsort_r' "$work/program"
expect 1 'nothing was explained' explain -e 'count=no_such_function' "$work/program"

# Columns stand below each other whatever takes more bytes than columns.
build wide -fPIC -shared -Wl,-soname,libwide.so <<'END'
void gr\u00fc\u00dfe(void) {}
void greet(void) {}
END
build wide_program -L"$work" -l:wide -Wl,-rpath,"$work" -Wl,-z,now <<'END'
void gr\u00fc\u00dfe(void);
void greet(void);
int main(void) { gr\u00fc\u00dfe(); greet(); }
END
ln "$work/wide" "$work/libwide.so"
table=$(LC_ALL=C.UTF-8 "$STUBCACHE_CMD" explain -e 'count=gr*@libwide.so' "$work/wide_program" | sed -n 2,3p)
same "$(LC_ALL=C.UTF-8 perl -CS -ne 'print index($_, " count "), "\n"' <<<"$table" | sort -u)" 48 "column of the action in: $table"

# A program that is not position independent keeps the address of its own PLT entry wherever it compares it.
build canonical -fno-pie -no-pie -Wl,-z,lazy <<'END'
#include <stdlib.h>
int (*volatile pointer)(const char *) = atoi;
int main(void) { return atoi("0") + (pointer != atoi); }
END
build libcanonical.so -shared -fPIC <<'END'
#include <stdlib.h>
int (*volatile library_pointer)(const char *) = atoi;
END
expect 0 '^atoi@libc.so.6@.* time +slots +1  $' explain -e 'time=atoi' "$work/canonical"
LD_PRELOAD=$work/libcanonical.so explained '^atoi@libc.so.6@.* - +1  holds the PLT entry of the program' \
	-e 'time=atoi' "$work/canonical"

# Something else has bound the slot: an auditor, which may choose any address.
build libaudit.so -shared -fPIC <<'END'
#define _GNU_SOURCE
#include <link.h>
#include <string.h>
static int mine(void) { return 0; }
unsigned la_version(unsigned version) { return version; }
unsigned la_objopen(struct link_map *map, Lmid_t space, uintptr_t *cookie) { return LA_FLG_BINDTO | LA_FLG_BINDFROM; }
uintptr_t la_symbind64(Elf64_Sym *symbol, unsigned index, uintptr_t *from, uintptr_t *to, unsigned *flags,
		       const char *name)
{
	return strcmp(name, "getppid") == 0 ? (uintptr_t)mine : symbol->st_value;
}
END
build audited -Wl,-z,now <<'END'
#include <unistd.h>
int main(void) { return getppid(); }
END
LD_AUDIT=$work/libaudit.so explained '^getppid@libc.so.6@.* - +1  its slot holds another address' \
	-e 'time=getppid' "$work/audited"

# Symbols may be called anything.
name='odd "name" \ 1'
build odd_lib.o -c -fPIC <<<'void odd(void) { }'
build odd.o -c <<<'void odd(void); int main(void) { odd(); return 0; }'
if objcopy --redefine-sym "odd=$name" "$work/odd_lib.o" && objcopy --redefine-sym "odd=$name" "$work/odd.o" &&
	$cc -shared -o "$work/libodd.so" "$work/odd_lib.o" &&
	$cc -o "$work/odd" "$work/odd.o" -L"$work" -Wl,-rpath,"$work" -lodd; then
	"$STUBCACHE_CMD" explain --json -e 'count=odd*' "$work/odd" >"$work/json" || failed=1
	perl -MJSON::PP -e 'my ($line) = map { decode_json($_) } <STDIN>;
		exit !($line->{function} eq $ARGV[0] && $line->{way} eq "slots" && $line->{slots} == 1)' \
		"$name" <"$work/json" || { echo "an odd name:"; cat "$work/json"; failed=1; }
	explained '^odd "name" \\ 1@libodd.so +count +slots +1  $' -e 'count=odd*' "$work/odd"
else
	echo 'objcopy cannot make odd names'
fi

# Two programs: each is told apart.
expect 0 '^sh:$|^dash:$|^bash:$' explain -e 'count=exit,execve' sh -c '/bin/true; true'
expect 0 '^true:$' explain -e 'count=exit,execve' sh -c '/bin/true; true'
no_leftovers
exit $failed
