#!/bin/bash
# SPDX-License-Identifier: MIT
#
# As start_faults, with a client that is loaded, persists and resurrects: in a test of its own, since it takes as long.

exec "${top_builddir:?}/tests/store/start_faults" client 'warm client'
