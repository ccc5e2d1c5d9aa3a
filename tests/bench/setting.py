# SPDX-License-Identifier: MIT
"""
Owns what every measurement needs: where things were built, a temporary directory in memory, the
environments that are compared, and the reading of what the preload says of itself. Measures nothing.
Used by rows.py and bench.py.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile

PHASES = re.compile(r"constructor ([\d.]+) us:(.*)")


class Setting:
    """A directory for everything temporary, removed by close(), and environments for processes."""

    def __init__(self, builddir, preload):
        libs = os.path.join(builddir, "tests/bench")
        self.tools = libs
        self.preload = preload
        self.empty = os.path.join(libs, ".libs/libempty.so")
        self.wrapper = os.path.join(libs, ".libs/libwrapper.so")
        self.leaf = os.path.join(libs, ".libs/libleaf.so")
        self.leaf_prototypes = os.path.join(os.path.dirname(__file__), "leaf_prototypes.h")
        # Records and images in memory: what a disk costs is not what is measured.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
        self.work = tempfile.mkdtemp(prefix="stubcache-bench-", dir=memory)
        self.serial = 0

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)

    def fresh(self, name):
        """A path under the work directory that nothing has used."""
        self.serial += 1
        return os.path.join(self.work, f"{name}{self.serial}")

    def plain(self, **variables):
        """What every process gets, and no preload. Nothing is inherited but the way to programs."""
        return {"PATH": os.environ["PATH"], "HOME": self.work, "LC_ALL": "C", **variables}

    def with_empty(self):
        return self.plain(LD_PRELOAD=self.empty)

    def with_rule(self, rule, cache, **variables):
        return self.plain(LD_PRELOAD=self.preload, STUBCACHE=rule, STUBCACHE_DIR=cache, **variables)

    def tool(self, name):
        return os.path.join(self.tools, name)

    def run(self, arguments, environment, **options):
        """Runs to the end; what it printed. Programs that say no (git without a command) are no matter."""
        done = subprocess.run(arguments, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, **options)
        if done.returncode < 0:
            raise RuntimeError(f"{arguments[0]}: killed by signal {-done.returncode}")
        return done

    def start(self, arguments, rule, cache, **variables):
        """One start of a program under a rule: its own line of statistics and its stderr."""
        stats = self.fresh("stats")
        environment = self.with_rule(rule, cache, STUBCACHE_STATS=stats, STUBCACHE_OUT=self.records(), **variables)
        done = self.run(arguments, environment)
        with open(stats) as lines:
            # The first line is that of the process started: children write theirs later.
            line = json.loads(lines.readline())
        os.unlink(stats)
        self.forget_records()
        return line, done.stderr

    def records(self):
        return os.path.join(self.work, "records")

    def forget_records(self):
        """Records are in memory, too: they must not fill it."""
        shutil.rmtree(self.records(), ignore_errors=True)


def phases(stderr):
    """The phases of a constructor, in microseconds, from what STUBCACHE_LOG=debug prints."""
    found = PHASES.search(stderr)
    if not found:
        raise RuntimeError("no line with the phases of the constructor")
    words = found.group(2).split()
    return {"constructor": float(found.group(1)),
            **{name: float(value) for name, value in zip(words[::2], words[1::2])}}


def medians(samples):
    """From dictionaries with the same keys, one with the median of each key."""
    return {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}
