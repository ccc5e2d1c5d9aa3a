#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tclsh: an interpreter that lives in a library, threads of its notifier, pipes, channels, regular expressions.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
exec tclsh "$(dirname "$0")/tcl_work.tcl"
