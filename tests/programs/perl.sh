#!/bin/bash
# SPDX-License-Identifier: MIT
#
# perl: modules with C parts, regular expressions, processes and pipes, signals, sockets, a sort with a callback.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
exec perl "$(dirname "$0")/perl_work.pl"
