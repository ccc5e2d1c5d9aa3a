#!/bin/bash
# SPDX-License-Identifier: MIT
#
# node: a just-in-time compiler, a thread pool, worker threads, children.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
command -v node >/dev/null || { echo "no node"; exit 77; }
exec node "$(dirname "$0")/node_work.js"
