#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The clients of examples/clients that hook functions, built and used as their comments say; and a client in C++.
set -u
: "${LIBSTUBCACHE:?}" "${top_srcdir:?}" "${top_builddir:?}"
umask 022
work=$(mktemp -d)
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
server=
export STUBCACHE_DIR=$work/cache
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

# What pkg-config says of an installed stubcache, for the headers that are here.
flags=$(sed "s|^includedir=.*|includedir=$work/include|" "$top_builddir/stubcache.pc" >"$work/stubcache.pc" &&
	PKG_CONFIG_PATH=$work pkg-config --cflags stubcache)
mkdir -p "$work/include"
ln -s "$top_srcdir/include" "$work/include/stubcache"

for name in corrupt malloc_sizes redirect; do
	# shellcheck disable=SC2086 # words
	${CC:-cc} -shared -fPIC -O2 -Wall -Wextra -Werror -o "$work/$name.so" "$top_srcdir/examples/clients/$name.c" $flags ||
		fail "$name.c: does not compile"
done

# with CLIENT COMMAND...
with() {
	local client=$1

	shift
	STUBCACHE_CLIENTS=$work/$client STUBCACHE_STATS=$work/stats LD_PRELOAD=$LIBSTUBCACHE "$@"
}

for turn in cold warm; do
	with malloc_sizes.so ls /etc >"$work/out" 2>"$work/err" || fail "malloc_sizes, $turn: ls: $?"
	ls /etc | cmp -s - "$work/out" || fail "malloc_sizes, $turn: another output"
	[ "$(head -n 1 "$work/err")" = "malloc, by size:" ] || fail "malloc_sizes, $turn: $(cat "$work/err")"
	[ "$(grep -cE '^  up to +[0-9]+ bytes +[1-9][0-9]*$' "$work/err")" -gt 3 ] || fail "malloc_sizes, $turn: $(cat "$work/err")"
	grep -q "\"state\":\"$turn\"" <<<"$(tail -n 1 "$work/stats")" || fail "malloc_sizes: not $turn: $(cat "$work/stats")"

	printf 'abcdefgh' >"$work/file"
	[ "$(with corrupt.so,1 cat "$work/file")" = abcddfgh ] || fail "corrupt, $turn: $(with corrupt.so,1 cat "$work/file")"
	[ "$(with corrupt.so,1000 cat "$work/file")" = abcdefgh ] || fail "corrupt, $turn, every 1000th"
done

# The largest size there is, which shifts what must not be shifted so far.
echo '#include <stdlib.h>
int main(void) { volatile size_t size = -1; return malloc(size) != NULL; }' >"$work/huge.c"
${CC:-cc} -w -o "$work/huge" "$work/huge.c" || fail "huge.c: does not compile"
# shellcheck disable=SC2086 # words
${CC:-cc} -shared -fPIC -fsanitize=undefined -fsanitize-undefined-trap-on-error -o "$work/checked.so" \
	"$top_srcdir/examples/clients/malloc_sizes.c" $flags || fail "malloc_sizes.c, checked: does not compile"
with checked.so "$work/huge" 2>"$work/err" || fail "malloc_sizes, all bits: $?"
grep -q 'up to 18446744073709551615 bytes  *1$' "$work/err" || fail "malloc_sizes, all bits: $(cat "$work/err")"

mkfifo "$work/port"
python3 -c '
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[1], "w") as out:
    print(listener.getsockname()[1], file=out)
while True:
    connection, _ = listener.accept()
    connection.sendall(b"here\n")
    connection.close()
' "$work/port" &
server=$!
read -r port <"$work/port"
for turn in cold warm; do
	got=$(with "redirect.so,$port" bash -c 'cat </dev/tcp/192.0.2.1/80')
	[ "$got" = here ] || fail "redirect, $turn: $got"
done

# In C++, with a lambda for a hook.
cat >"$work/plus.cc" <<'C'
#include <ffi.h>
#include <dr_api.h>
#include <stubcache.h>

extern "C" DR_EXPORT void dr_client_main(client_id_t, int, const char *[])
{
	struct stubcache_hook hook{};

	hook.struct_size = sizeof(hook);
	hook.targets = "read";
	hook.prototype = "ssize_t read(int, void *, size_t)";
	hook.leave = [](stubcache_call *, void **args, void *ret, void *) {
		if (*static_cast<ssize_t *>(ret) > 0)
			**static_cast<char **>(args[1]) = 'X';
	};
	if (stubcache_hook(&hook) != 0)
		dr_fprintf(STDERR, "not hooked\n");
	if (stubcache_closure("close", "int close(int)", [](ffi_cif *cif, void *ret, void **args, void *) {
		    ffi_call(cif, stubcache_closure_original(cif), ret, args); }, nullptr) != 0)
		dr_fprintf(STDERR, "no closure\n");
}
C
# shellcheck disable=SC2086 # words
g++ -std=c++17 -shared -fPIC -O2 -Wall -Wextra -Werror -o "$work/plus.so" "$work/plus.cc" $flags -lffi || fail "plus.cc"
[ "$(with plus.so cat "$work/file" 2>&1)" = Xbcdefgh ] || fail "C++: $(with plus.so cat "$work/file" 2>&1)"

exit $failed
