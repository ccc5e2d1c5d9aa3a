#!/bin/bash
# SPDX-License-Identifier: MIT
#
# gcc and g++: drivers that start compilers, assemblers and linkers, with pipes between them, plugins, and temporary
# files that nobody may leave behind.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
exec "$BASH" "$(dirname "$0")/compiler_work.sh" gcc g++
