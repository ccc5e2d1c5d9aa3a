#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Whatever a client refuses or does wrong: nothing of the image becomes active, an older file stays as it is, no
# temporary file is left, those who had accepted are told, and the program runs on. The reason has a name.
set -u
. "${top_srcdir:?}/tests/protocol/lib.sh"
plain
log=info
base=ro=100,rx=70,rw=20,abandoned,only=client_host
B=$(puppet B $base)

# Generating. The arguments are part of the key, so nobody has an image: the program runs without being intercepted.
generating() {
	rm -rf "$cache"
	start "$(puppet A $base,$1):$B"
	expect_host "$1" said
	expect_state "$1" off "$2 "
	grep -q "^stubcache: .*$2 (client 1, section $3 of module 'client_host')" "$work/err" ||
		[ "$3" = - ] || fail "$1: the log does not say $2, $3: $(cat "$work/err")"
	[ -z "$(images)" ] || fail "$1: an image was published"
	! grep -q "^. resurrect " "$journal" || fail "$1: something was resurrected"
	grep -q "^B exit" "$journal" || fail "$1: no exit event"
}
for section in ro rx rw; do
	generating "refuse=persist-$section" persist-refused $section
	generating "short=$section" persist-short $section
	generating "long=$section" persist-long $section
	generating "huge=$section" persist-too-large $section
done
generating "patch,refuse=patch" patch-refused -

# Loading: what accepts when it is generated refuses when it is loaded, which is the same process.
loading() {
	rm -rf "$cache"
	start "$(puppet A $base,$1):$B"
	expect_host "$1" said
	expect_state "$1" off "$2 (client 1, section $3 of module 'client_host')"
	expect_journal "$1: who had accepted is told" abandoned
}
loading refuse=ro resurrect-refused ro <<'J'
B abandoned client_host resurrect-refused
J
loading refuse=rx resurrect-refused rx <<'J'
B abandoned client_host resurrect-refused
A abandoned client_host resurrect-refused
J
loading refuse=rw resurrect-refused rw <<'J'
B abandoned client_host resurrect-refused
A abandoned client_host resurrect-refused
J
loading advance=ro resurrect-advance ro <<'J'
B abandoned client_host resurrect-advance
A abandoned client_host resurrect-advance
J

# One that has changed its mind: the image of the last run is refused, and made anew. FICKLE names a file that says so.
rm -rf "$cache"
start "$(puppet A $base,fickle=$work/fickle):$B"
expect_state "before" cold
start "$(puppet A $base,fickle=$work/fickle):$B"
expect_state "accepted" warm
before=$(images)
sum=$(sha256sum <"$before")
echo resurrect >"$work/fickle"
start "$(puppet A $base,fickle=$work/fickle):$B"
expect_host "one refusal" said
expect_state "one refusal" cold "image rejected: resurrect-refused (client 1, section ro of module 'client_host')"
expect_journal "ro accepted, then refused: told, and asked anew" 'B .* ro \|abandoned' <<'J'
B resurrect ro client_host r--p right
B abandoned client_host resurrect-refused
B size ro client_host aligned 0
B size ro libc.so.6 aligned 0
B size ro ld-linux-x86-64.so.2 aligned 0
B persist ro client_host 3
B resurrect ro client_host r--p right
J
start "$(puppet A $base,fickle=$work/fickle):$B"
expect_state "the new one" warm

# Refused, and nothing new can be made: the older file is untouched.
sum=$(sha256sum <"$(images)")
echo both >"$work/fickle"
start "$(puppet A $base,fickle=$work/fickle):$B"
expect_host "refused twice" said
expect_state "refused twice" off persist-refused
[ "$sum" = "$(sha256sum <"$(images)")" ] || fail "the older image was touched"
start "$(puppet A $base,fickle=$work/fickle):$B"
expect_state "it is as good as before" warm
exit $failed
