#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make -j with twenty small programs, a make below make, and shells: many short processes at a time.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
set -e

mkdir parts
for n in $(seq 20); do
	echo "int part$n(void) { return $n; }" >"parts/part$n.c"
done
cat >parts/Makefile <<'TEXT'
objects = $(patsubst %.c,%.o,$(wildcard *.c))
../libparts.a: $(objects)
	@rm -f $@
	@ar crD $@ $(sort $(objects))
%.o: %.c
	@gcc -O1 -c -o $@ $<
TEXT
{
	for n in $(seq 20); do
		echo "int part$n(void);"
	done
	echo 'int main(void) { return !(0'
	for n in $(seq 20); do
		echo "+ part$n()"
	done
	echo '== 210); }'
} >sum.c
cat >Makefile <<'TEXT'
names := $(shell ls parts | grep -c part)
all: sum
	@./sum && echo "sum: right, of $(names) parts"
sum: sum.c libparts.a
	@gcc -o $@ $^
libparts.a: FORCE
	@$(MAKE) --no-print-directory -C parts ../libparts.a
FORCE:
TEXT

make -j4
make -j4 -n | sed 's/make\[[0-9]*\]/make/'
make -s wrong 2>&1 || echo "status $?"
sha256sum sum libparts.a
