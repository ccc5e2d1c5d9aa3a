# SPDX-License-Identifier: MIT
#
# What the tests of the command share. Sourced with STUBCACHE_CMD set. An empty library stands in for
# the preload where only the command is tested, so that these tests say nothing about interception.

set -u
: "${STUBCACHE_CMD:?}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work/tmp STUBCACHE_DIR=$work/cache
mkdir "$TMPDIR"
unset STUBCACHE STUBCACHE_RULES STUBCACHE_OUT STUBCACHE_STATS LD_PRELOAD
# Some tests preload a library into the command itself. One that is built with sanitizers would refuse to run.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
failed=0

use_empty_preload() {
	"${CC:-cc}" -shared -o "$work/empty.so" -x c /dev/null
	export STUBCACHE_LIBRARY=$work/empty.so
}

# expect STATUS PATTERN ARGUMENT...: the command's exit status, and an extended regular expression
# that a line of its output or errors matches ("" for no output at all).
expect() {
	local status=$1 pattern=$2 output actual
	shift 2
	output=$("$STUBCACHE_CMD" "$@" 2>&1)
	actual=$?
	if [ "$actual" != "$status" ]; then
		echo "stubcache $*: status $actual, not $status: $output"
		failed=1
	elif [ -n "$pattern" ] && ! grep -Eq -- "$pattern" <<<"$output"; then
		echo "stubcache $*: no line matches '$pattern': $output"
		failed=1
	elif [ -z "$pattern" ] && [ -n "$output" ]; then
		echo "stubcache $*: unexpected output: $output"
		failed=1
	fi
}

same() {
	if [ "$1" != "$2" ]; then
		echo "$3: '$1', not '$2'"
		failed=1
	fi
}

# Nothing of a run may be left in TMPDIR.
no_leftovers() {
	same "$(ls -A "$TMPDIR")" "" "left in TMPDIR"
}

# query FILE PERL: an expression about $c, the JSON in the file; prints the list that it gives, a line each.
query() {
	perl -MJSON::PP -e 'local $/; open my $file, "<", $ARGV[0] or die; my $c = decode_json(<$file>);
		print join("\n", eval $ARGV[1]); die $@ if $@' "$@"
}
