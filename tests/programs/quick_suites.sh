#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The part of suites.sh that takes less than a minute, for `make check`: of bash's and CPython's own tests what is about
# processes, descriptors and threads. Skipped where they cannot be fetched.
set -u

exec "${BASH:-bash}" "$(dirname "$(realpath "$0")")/suites.sh" \
	bash:run-{comsub,coproc,heredoc,lastpipe,mapfile,posixpipe,procsub,redir,set-e,vredir} \
	python:test_{mmap,pipes,popen,posix,thread,threadedtempfile,zlib}
