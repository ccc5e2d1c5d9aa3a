# SPDX-License-Identifier: MIT
#
# build_tree.sh DIRECTORIES FILES: makes a tree of C sources here that is built as a kernel's is: a make that descends into
# each directory with another make, a shell that makes headers, dependencies from gcc -MMD, objects archived and linked
# into one per directory, and all of them into a program that says whether its parts are right. Sourced by nobody.
set -e
directories=$1
files=$2

cat >Makefile <<'TEXT'
subdirs := $(sort $(wildcard part*))
objects := $(addsuffix /built.o,$(subdirs))
all: program symbols
include/made.h: names
	@mkdir -p include
	@sed 's/\(.*\)/#define HAS_\1 1/' names | tr a-z A-Z | sed 's/#DEFINE/#define/' >$@
$(subdirs): include/made.h
	@$(MAKE) --no-print-directory -C $@ -f ../Makefile.part name=$@
program: main.c $(subdirs)
	@$(CC) -Iinclude -O1 -o $@ main.c $(objects)
symbols: program
	@nm $< | grep ' T part' | sort >$@
broken:
	@$(MAKE) --no-print-directory -C part1 -f ../Makefile.part name=part1 absent.o
.PHONY: all broken $(subdirs)
TEXT
cat >Makefile.part <<'TEXT'
sources := $(wildcard *.c)
objects := $(sources:.c=.o)
built.o: lib.a
	@ld -r -o $@ --whole-archive $<
lib.a: $(objects)
	@rm -f $@ && ar crD $@ $(sort $(objects))
	@ranlib -D $@
%.o: %.c
	@$(CC) -I../include -MMD -O1 -c -o $@ $<
-include $(objects:.o=.d)
TEXT
for d in $(seq "$directories"); do
	mkdir "part$d"
	echo "part$d"
	for n in $(seq "$files"); do
		cat >"part$d/file$n.c" <<-TEXT
			#include <stdlib.h>
			#include <string.h>
			#include "made.h"
			#if HAS_PART$d
			unsigned long part${d}_$n(unsigned long x)
			{
				char text[64];

				memset(text, $n, sizeof(text));
				return x * $n + $d + (unsigned long)text[x % sizeof(text)];
			}
			#endif
		TEXT
	done
done >names
{
	echo '#include <stdio.h>'
	for d in $(seq "$directories"); do
		for n in $(seq "$files"); do
			echo "unsigned long part${d}_$n(unsigned long);"
		done
	done
	echo 'int main(void) { unsigned long sum = 0;'
	for d in $(seq "$directories"); do
		for n in $(seq "$files"); do
			echo "sum = sum * 3 + part${d}_$n(sum);"
		done
	done
	echo 'printf("%lx\n", sum); return 0; }'
} >main.c
