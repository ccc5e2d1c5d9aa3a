#!/bin/bash
# SPDX-License-Identifier: MIT
#
# clang and clang++: programs that consist of libraries with tens of thousands of symbols.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
command -v clang++ >/dev/null || { echo "no clang"; exit 77; }
exec "$BASH" "$(dirname "$0")/compiler_work.sh" clang clang++
