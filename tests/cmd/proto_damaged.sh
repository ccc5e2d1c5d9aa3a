#!/bin/bash
# SPDX-License-Identifier: MIT
#
# proto import of debug information that no compiler writes: types that contain themselves, without names, without sizes, of
# any size. It ends, and what can be said is said.

. "${0%/*}/lib.sh"
cc=${CC%% *}

abbreviations='
	.section .debug_abbrev,"",@progbits
	.uleb128 1, 0x11; .byte 1; .uleb128 0x13, 0x0b, 0, 0		/* compile_unit: language */
	.uleb128 2, 0x2e; .byte 1					/* subprogram: name, external, low_pc, type */
	.uleb128 0x03, 0x08, 0x3f, 0x19, 0x11, 0x01, 0x49, 0x13, 0, 0
	.uleb128 3, 0x05; .byte 0; .uleb128 0x49, 0x13, 0, 0		/* formal_parameter: type */
	.uleb128 4, 0x26; .byte 0; .uleb128 0x49, 0x13, 0, 0		/* const_type: type */
	.uleb128 5, 0x16; .byte 0; .uleb128 0x03, 0x08, 0x49, 0x13, 0, 0	/* typedef: name, type */
	.uleb128 6, 0x16; .byte 0; .uleb128 0x49, 0x13, 0, 0		/* typedef: type */
	.uleb128 7, 0x0f; .byte 0; .uleb128 0x49, 0x13, 0, 0		/* pointer_type: type */
	.uleb128 8, 0x01; .byte 1; .uleb128 0x49, 0x13, 0, 0		/* array_type: type */
	.uleb128 9, 0x21; .byte 0; .uleb128 0x2f, 0x0b, 0, 0		/* subrange_type: upper_bound */
	.uleb128 10, 0x13; .byte 1; .uleb128 0x03, 0x08, 0x0b, 0x07, 0, 0	/* structure_type: name, byte_size */
	.uleb128 11, 0x13; .byte 1; .uleb128 0x0b, 0x07, 0, 0		/* structure_type: byte_size */
	.uleb128 12, 0x0d; .byte 0; .uleb128 0x03, 0x08, 0x49, 0x13, 0x38, 0x0b, 0, 0	/* member: name, type, place */
	.uleb128 13, 0x0d; .byte 0					/* member: name, type, place, bit_size */
	.uleb128 0x03, 0x08, 0x49, 0x13, 0x38, 0x0b, 0x0d, 0x0b, 0, 0
	.uleb128 14, 0x15; .byte 1; .uleb128 0x27, 0x19, 0, 0		/* subroutine_type: prototyped */
	.uleb128 15, 0x2e; .byte 0; .uleb128 0x03, 0x08, 0x11, 0x01, 0x31, 0x13, 0, 0	/* subprogram: ..., origin */
	.uleb128 16, 0x13; .byte 1; .uleb128 0x0b, 0x0b, 0x88, 0x07, 0, 0	/* structure_type: byte_size, alignment */
	.uleb128 17, 0x0d; .byte 0; .uleb128 0x49, 0x13, 0x38, 0x0b, 0, 0	/* member: type, place */
	.uleb128 18, 0x24; .byte 0; .uleb128 0x03, 0x08, 0x0b, 0x0b, 0x3e, 0x0b, 0, 0	/* base_type */
	.uleb128 19, 0x13; .byte 0; .uleb128 0x03, 0x08, 0x3c, 0x19, 0, 0	/* structure_type: name, declaration */
	.byte 0
'

# library NAME TYPES: one that exports fine(int) and given(TYPE), where TYPES, assembly, has a label `type`; ref LABEL is how
# one entry refers to another.
library() {
	cat >"$work/$1.s" <<-TEXT
		.text
		.macro ref label
		.long \\label - unit
		.endm
		.globl fine; .type fine, @function; fine: ret; .size fine, . - fine
		.globl given; .type given, @function; given: ret; .size given, . - given
		.globl other; .type other, @function; other: ret; .size other, . - other
		$abbreviations
		.section .debug_info,"",@progbits
		unit: .long end - begin
		begin: .short 5; .byte 1, 8; .long .debug_abbrev
		.uleb128 1; .byte 12
		int: .uleb128 18; .string "int"; .byte 4, 5
		$2
		.uleb128 2; .string "fine"; .quad fine; ref int; .uleb128 3; ref int; .byte 0
		.uleb128 2; .string "given"; .quad given; ref int; .uleb128 3; ref type; .byte 0
		.byte 0
		end:
	TEXT
	"$cc" -shared -nostdlib -o "$work/lib$1.so" "$work/$1.s" || exit 99
}

# damaged NAME TYPES [PATTERN]: what can be imported is, and PATTERN in what is written.
damaged() {
	local status

	library "$1" "$2"
	(ulimit -t 20; exec "$STUBCACHE_CMD" proto import "$work/lib$1.so") >"$work/$1.h" 2>"$work/$1.errors"
	status=$?
	same "$status" 0 "$1: status, with $(cat "$work/$1.errors")"
	grep -qFx 'int fine(int);' "$work/$1.h" || { echo "$1: another function is lost"; failed=1; }
	grep -q "${3-functions declared; [0-9]* have no debug information, 1 cannot be said}" "$work/$1.h" "$work/$1.errors" ||
		{ echo "$1: $(cat "$work/$1.h" "$work/$1.errors" | tail -n 5)"; failed=1; }
}

damaged sane 'type: .uleb128 4; ref int' '^int given(const int);$'
damaged own_const 'type: .uleb128 4; ref type'
damaged circle_of_two 'type: .uleb128 4; ref next; next: .uleb128 5; .string "next"; ref type'
damaged own_typedef 'type: .uleb128 5; .string "self"; ref type'
damaged own_pointer 'type: .uleb128 7; ref type'
damaged own_array 'type: .uleb128 8; ref type; .uleb128 9; .byte 3, 0'
damaged own_argument 'type: .uleb128 7; ref called; called: .uleb128 14; .uleb128 3; ref type; .byte 0'
damaged own_struct 'type: .uleb128 10; .string "self"; .quad 8; .uleb128 12; .string "in"; ref type; .byte 0, 0'
damaged unnamed_struct 'type: .uleb128 11; .quad 8; .uleb128 12; .string "in"; ref star; .byte 0, 0
	star: .uleb128 7; ref type'
damaged unnamed_member 'type: .uleb128 11; .quad 8; .uleb128 17; ref type; .byte 0, 0'
damaged long_chain "type: $(for n in {1..20000}; do echo ".uleb128 7; .long . + 4 - unit"; done); .uleb128 7; ref int"
# 2^60 members, were each struct written out where it is used.
damaged doubling "$(for n in {1..60}; do
		echo "d$n: .uleb128 11; .quad 0; .uleb128 12; .string \"a\"; ref d$((n + 1)); .byte 0"
		echo ".uleb128 12; .string \"b\"; ref d$((n + 1)); .byte 0, 0"
	done)
	d61: .uleb128 11; .quad 0; .byte 0; type: .uleb128 4; ref d1"
# A struct in a struct, thirty times.
damaged nested "$(for n in {1..30}; do
		echo "n$n: .uleb128 10; .string \"n$n\"; .quad 4; .uleb128 12; .string \"a\"; ref n$((n + 1)); .byte 0, 0"
	done)
	n31: .uleb128 4; ref int; type: .uleb128 4; ref n1" '^int given(const struct n1);$'
damaged no_name 'type: .uleb128 6; ref int'
damaged huge 'type: .uleb128 10; .string "huge"; .quad 1 << 60; .uleb128 12; .string "a"; ref int; .byte 0, 0'
damaged bits_of_nothing 'nothing: .uleb128 11; .quad 0; .byte 0
	type: .uleb128 10; .string "bits"; .quad 4; .uleb128 13; .string "a"; ref nothing; .byte 0, 3
	.uleb128 13; .string "b"; ref nothing; .byte 0, 3, 0' functions
damaged vast_alignment 'vast: .uleb128 16; .byte 4; .quad 1 << 61; .uleb128 12; .string "a"; ref int; .byte 0, 0
	type: .uleb128 10; .string "of_vast"; .quad 4; .uleb128 12; .string "a"; ref vast; .byte 0, 0' functions
damaged own_origin 'type: .uleb128 4; ref int; again: .uleb128 15; .string "other"; .quad other; ref again' functions
# Each struct has the next one, of which the debug information knows here only that there is one.
damaged chain_of_names "$(for n in {1..20000}; do
		echo "c$n: .uleb128 10; .string \"c$n\"; .quad 4; .uleb128 12; .string \"a\"; ref h$n; .byte 0, 0"
		echo "h$n: .uleb128 19; .string \"c$((n + 1))\""
	done)
	c20001: .uleb128 10; .string \"c20001\"; .quad 4; .uleb128 12; .string \"a\"; ref int; .byte 0, 0
	type: .uleb128 4; ref c1"
# A list is no circle: its type is known by name where it is pointed to.
damaged list 'type: .uleb128 7; ref node; node: .uleb128 10; .string "node"; .quad 8; .uleb128 12; .string "next"
	ref alias; .byte 0, 0; alias: .uleb128 7; ref named; named: .uleb128 5; .string "node_t"; ref node' \
	'^int given(struct node \*);$'
# What only a pointer leads to may stay opaque.
damaged opaque 'type: .uleb128 7; ref odd; odd: .uleb128 10; .string "odd"; .quad 8; .uleb128 12; .string "in"; ref odd
	.byte 0, 0' '^int given(struct odd \*);$'
exit $failed
