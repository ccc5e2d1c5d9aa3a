#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Random programs compute with intercepted functions what they compute without us, and each of their calls is counted.
# From the environment:
#   RANDOM_PROGRAMS  how many (40); make check-random asks for 1000
#   RANDOM_SEED      another seed makes other programs
#   RANDOM_START     number of the first one, to make a batch again that differed
#   RANDOM_KEEP      a directory for the sources and outputs of batches that differ
set -u
: "${LIBSTUBCACHE:?}" "${STUBCACHE_CMD:?}"
. "${0%/*}/../actions.sh"

# A function with a hook that never does anything is called by other code than one without.
rules="$(rules_for '*@librnd_*') $(rules_for '*') inject=*@librnd_*:retval=0:when=4294967296"
programs=${RANDOM_PROGRAMS:-40}
options=(--programs "$programs" --seed "${RANDOM_SEED:-1}" --start "${RANDOM_START:-0}")
[ "$programs" -ge 100 ] && options+=(--size 100) || options+=(--size 20)
[ -n "${RANDOM_KEEP:-}" ] && options+=(--keep "$RANDOM_KEEP")
type -P python3 >/dev/null || { echo "no python3"; exit 77; }
set -f
export PYTHONDONTWRITEBYTECODE=1
exec python3 "${0%/*}/programs.py" --library "$LIBSTUBCACHE" --command "$STUBCACHE_CMD" "${options[@]}" $rules
