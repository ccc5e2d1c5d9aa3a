# SPDX-License-Identifier: MIT
"""processes.py TRACE [PROGRAM]: how many records the processes of a trace by strace -f must leave, by what the kernel saw.

A record is of a program in a process: one for each execve that succeeded and one for each process that was forked, unless
it shares its parent's memory (vfork, posix_spawn), where it has none before it executes something. Threads have none of
their own. With PROGRAM, which ends in that, only processes whose program that is are counted. strace is to trace at least
fork, vfork, clone, clone3 and execve.
"""

import re
import sys

CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*?)\)? += (\d+)")
BEGUN = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")


def calls(lines):
    """(pid, call, arguments, result) of each that succeeded, in the order in which they ended."""
    begun = {}
    for line in lines:
        if match := BEGUN.match(line):
            begun[match[1]] = match[3]
        elif match := CALL.match(line):
            yield match[1], match[2], begun.pop(match[1], "") + match[3], match[4]


def main(trace, program=""):
    programs, records = {}, 0
    with open(trace, errors="replace") as lines:
        for pid, call, arguments, result in calls(lines):
            if call == "execve":
                programs[pid] = arguments.split('"')[1]
                records += programs[pid].endswith(program)
            elif call in ("fork", "clone", "clone3") and "CLONE_VM" not in arguments:
                # The child may have executed something before its parent's call ended.
                programs.setdefault(result, programs.get(pid, ""))
                records += programs.get(pid, "").endswith(program)
    print(records)


main(*sys.argv[1:])
