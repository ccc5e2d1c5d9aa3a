# SPDX-License-Identifier: MIT
"""reaper.py [--leave-orphans] RESULT COMMAND [ARG]...: runs a command and waits until it, and all that it left behind, have ended.

Then a line is appended to RESULT: the command's exit status as a shell counts it, and the user and system time of all of
them in seconds. Before, the command's process id is in RESULT.pid. When this is told to end, or its parent ends, all of
them are killed: nothing that a server forked outlives the script that started it. With --leave-orphans, what the command
leaves behind is init's: it is neither waited for nor killed.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def parents():
    """What /proc says of every process: its parent."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as stat:
                found[int(name)] = int(stat.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    return found


def kill_all(*_):
    """Kills descendants until there are none that could have had others in the meantime."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        known, living, mine = parents(), {os.getpid()}, set()
        while living:
            living = {pid for pid, parent in known.items() if parent in living} - mine
            mine |= living
        for pid in mine:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        try:
            os.wait()
        except ChildProcessError:
            sys.exit(143)


def start(command):
    """The command, with the signals as they were for us."""
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            print(f"cannot run '{command[0]}': {error.strerror}", file=sys.stderr)
        os._exit(127)
    return pid


def main(result, *command, adopt=1):
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    libc.prctl(PR_SET_CHILD_SUBREAPER, adopt)
    pid = start(command)
    signal.signal(signal.SIGTERM, kill_all)
    with open(result + ".new", "w") as file:
        file.write(f"{pid}\n")
    os.rename(result + ".new", result + ".pid")
    while True:
        try:
            ended, how = os.wait()
        except ChildProcessError:
            break
        if ended == pid:
            status = os.waitstatus_to_exitcode(how)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = status if status >= 0 else 128 - status
    with open(result, "a") as file:
        file.write(f"{status} {used.ru_utime:.3f} {used.ru_stime:.3f}\n")
    sys.exit(status)


if sys.argv[1] == "--leave-orphans":
    main(*sys.argv[2:], adopt=0)
main(*sys.argv[1:])
