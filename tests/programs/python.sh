#!/bin/bash
# SPDX-License-Identifier: MIT
#
# python3: extension modules that bring libraries of their own (dlopen), threads, processes of all kinds, and calls back
# from C (ctypes), which come from code that no file holds.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
[ -x /usr/bin/python3 ] || { echo "no python3"; exit 77; }
exec /usr/bin/python3 "$(dirname "$0")/python_work.py"
