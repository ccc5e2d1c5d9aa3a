#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A host that confines itself to read, write and exit (seccomp strict) still counts. Timing does not survive there: the
# kernel then takes the time stamp counter away, too, and the stubs of `time` read it (see doc/architecture.md).
LIVE_RULES='count=*' exec "${BASH:-bash}" "$top_srcdir/tests/live/compare.sh" seccomp_host
