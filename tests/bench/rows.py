# SPDX-License-Identifier: MIT
"""
Owns the measurements: one function a row of the table of figures to reach. Each
yields Figures. Whatever is compared takes turns, and medians are compared, because others use the machine.
Used by bench.py.
"""

import collections
import os
import shutil
import statistics
import subprocess
import time

from setting import medians, phases

# what: the row. value, most/least: what was measured, and the bound that it is to keep. raw: medians.
Figure = collections.namedtuple("Figure", "what value unit most least raw", defaults=(None, None, {}))

TIME_LIBC = "time=*@libc.so.6"
COUNT_ALL = "count=*@*"
SPAWN_ROUNDS = 500
MILLIONS = 20       # calls a process; five processes of each kind
UNITS = 200         # C files of the build


def reached(figure):
    if figure.most is not None:
        return figure.value <= figure.most
    return figure.value >= figure.least if figure.least is not None else None


def start_of_true(setting):
    """Row 1: what a warm start adds to /bin/true, over what an empty preload adds."""
    cache = setting.fresh("cache")
    ours = setting.with_rule(TIME_LIBC, cache)
    variants = {
        "plain": setting.plain(),
        "empty": setting.with_empty(),
        "norules": setting.plain(LD_PRELOAD=setting.preload),
        "out": dict(ours, STUBCACHE_OUT=setting.records()),
        "noout": ours,
    }
    arguments = [setting.tool("spawn"), str(SPAWN_ROUNDS)]
    for name, environment in variants.items():
        arguments += ["+", name] + [f"{key}={value}" for key, value in environment.items()]
    printed = setting.run(arguments + ["--", "/bin/true"], setting.plain()).stdout
    setting.forget_records()
    raw = {}
    for line in printed.splitlines():
        name, wall, cpu, faults = line.split()
        raw[name] = {"wall_us": float(wall), "cpu_us": float(cpu), "faults": float(faults)}
    for clock in ("wall", "cpu"):
        value = {name: sample[f"{clock}_us"] for name, sample in raw.items()}
        over = {name: (value[name] - value["plain"]) / (value["empty"] - value["plain"]) for name in value}
        yield Figure(f"1 /bin/true, records, {clock} time", over["out"], "x empty", 2.0, raw=value)
        yield Figure(f"1 /bin/true, summary, {clock} time", over["noout"], "x empty", 2.0)
        yield Figure(f"1 /bin/true, no rules, {clock} time", over["norules"], "x empty", 1.0)
    yield Figure("1 page faults beyond an empty preload", raw["out"]["faults"] - raw["empty"]["faults"], "",
                 raw={name: sample["faults"] for name, sample in raw.items()})


def constructor_phases(setting):
    """Where the constructor of a warm start spends its time."""
    cache = setting.fresh("cache")
    lines = []
    for _ in range(41):
        _, stderr = setting.start(["/bin/true"], TIME_LIBC, cache, STUBCACHE_LOG="debug")
        lines.append(phases(stderr))
    middle = medians(lines[1:])
    yield Figure("- warm constructor, /bin/true", middle.pop("constructor"), "us", raw=middle)


def cold_over_warm(setting):
    """Row 2: our own constructor, with nothing in the cache and with everything."""
    for program, least, runs in ((["git", "--version"], 10, 15), (["clang", "--version"], 30, 9)):
        if not shutil.which(program[0]):
            continue
        for rule in (TIME_LIBC, COUNT_ALL):
            times = {"cold": [], "warm": []}
            for _ in range(runs):
                cache = setting.fresh("cache")
                for expected in ("cold", "warm", "warm"):
                    line, _ = setting.start(program, rule, cache)
                    if line["state"] != expected:
                        raise RuntimeError(f"{program[0]}: {line['state']}, not {expected}: {line['reason']}")
                    times[expected].append(line["startup_us"])
                shutil.rmtree(cache)
            raw = {state: statistics.median(values) for state, values in times.items()}
            yield Figure(f"2 {program[0]}, {rule}, cold over warm", raw["cold"] / raw["warm"], "x", least=least,
                         raw=raw)


def clang_warm(setting):
    """Row 3: the constructor where there is much to attach."""
    if not shutil.which("clang"):
        return
    cache = setting.fresh("cache")
    times = []
    lines = []
    for _ in range(22):
        # Its phases come from runs of their own: what is said at this level takes time as well.
        _, stderr = setting.start(["clang", "--version"], COUNT_ALL, cache, STUBCACHE_LOG="debug")
        lines.append(phases(stderr))
        line, _ = setting.start(["clang", "--version"], COUNT_ALL, cache)
        times.append(line["startup_us"])
    middle = medians(lines[1:])
    middle.pop("constructor")
    yield Figure(f"3 clang, {COUNT_ALL}, warm constructor", statistics.median(times) / 1000, "ms", 1.0,
                 raw={"functions": line["functions"], "slots": line["slots"], **middle})


def image_check(setting):
    """What the checksum over a whole image costs a warm start, beside mapping it and reading its tables."""
    for program in ("git", "clang"):
        if not shutil.which(program):
            continue
        cache = setting.fresh("cache")
        setting.start([program, "--version"], COUNT_ALL, cache)
        for image in os.listdir(cache):
            if not image.startswith(program):
                continue
            done = setting.run([setting.tool("image_check"), os.path.join(cache, image), "2001"], setting.plain())
            size, mapped, checked = map(int, done.stdout.split())
            yield Figure(f"- check of {program}'s image, per 100 KB", (checked - mapped) / 1000 * 100_000 / size, "us",
                         raw={"KB": size / 1000, "map_us": mapped / 1000, "map_and_check_us": checked / 1000})
        shutil.rmtree(cache)


def calls(setting):
    """Rows 4 and 5: what counting and timing add to a call."""
    cache = setting.fresh("cache")
    kinds = {
        "plain": (setting.plain(), MILLIONS, ["bare", "one", "many"]),
        "wrapper": (setting.plain(LD_PRELOAD=setting.wrapper), MILLIONS, ["bare", "one", "many"]),
        "count": (setting.with_rule("count=leaf_*@libleaf.so", cache), MILLIONS, ["bare", "one", "many"]),
        "time": (setting.with_rule("time=leaf_*@libleaf.so", cache), MILLIONS // 5, ["bare", "rdtsc", "one", "many"]),
    }
    for kind in ("count", "time"):
        line, _ = setting.start([setting.tool("calls"), "1", "one"], f"{kind}=leaf_*@libleaf.so", cache)
        if line["slots"] < 1000:
            raise RuntimeError(f"{kind}: {line['slots']} slots of 1000 are attached")
    samples = {kind: [] for kind in kinds}
    for _ in range(5):
        for kind, (environment, millions, ways) in kinds.items():
            environment = environment if kind in ("plain", "wrapper") else \
                dict(environment, STUBCACHE_OUT=setting.records())
            lines = setting.run([setting.tool("calls"), str(millions)] + ways, environment).stdout.splitlines()
            samples[kind].append({way: float(cost) for way, cost in map(str.split, lines)})
        setting.forget_records()
    cost = {kind: medians(values) for kind, values in samples.items()}
    plain_many = cost["plain"]["many"]
    for way, base in (("one", "bare"), ("many", None)):
        added = {kind: cost[kind][way] - (cost[kind][base] if base else plain_many) for kind in cost}
        what = "1 function" if way == "one" else "1000 in rotation"
        yield Figure(f"4 count, {what}, added", added["count"], "ns", 2.0,
                     raw={kind: cost[kind][way] for kind in ("plain", "wrapper", "count")})
        yield Figure(f"4 count, {what}, more than a wrapper", added["count"] - added["wrapper"], "ns", 0.0,
                     raw={kind: added[kind] for kind in ("wrapper", "count")})
        rdtsc = cost["time"]["rdtsc"] - cost["time"]["bare"]
        yield Figure(f"5 time, {what}, beyond two rdtsc", added["time"] - rdtsc, "ns", 6.0,
                     raw={"bare": cost["time"]["bare"], "time": cost["time"][way], "two_rdtsc": rdtsc})



def stacks(setting):
    """What a stack adds to a timed call, warm, beside unw_backtrace at the same place."""
    cache = setting.fresh("cache")
    for depth in (10, 25):
        samples = {"time": [], "stack": []}
        for _ in range(5):
            for kind in samples:
                environment = dict(setting.with_rule(f"{kind}=leaf_123@libleaf.so", cache),
                                   STUBCACHE_OUT=setting.records())
                lines = setting.run([setting.tool("stacks"), str(depth), "400"], environment).stdout.splitlines()
                samples[kind].append({way: float(cost) for way, cost in map(str.split, lines)})
            setting.forget_records()
        cost = {kind: medians(values) for kind, values in samples.items()}
        yield Figure(f"- stack, {depth} frames, beyond a timed call", cost["stack"]["one"] - cost["time"]["one"], "ns",
                     raw={"time": cost["time"]["one"], "stack": cost["stack"]["one"],
                          "unw_backtrace": cost["stack"]["unwind"]})


def traced_calls(setting):
    """Row 6: what recording a call adds: while a reader keeps up, as under stubcache run, and into fresh memory."""
    cache = setting.fresh("cache")
    environment = setting.with_rule("trace=traced@libleaf.so", cache, STUBCACHE_PROTOTYPES=setting.leaf_prototypes,
                                    STUBCACHE_OUT=setting.records())
    samples = {"followed": [], "kept": []}
    for turn in range(11):
        for kind in samples:
            os.mkdir(setting.records())
            reader = subprocess.Popen([setting.tool("drain"), setting.records()]) if kind == "followed" else None
            millions = 2 if kind == "followed" else 1
            lines = setting.run([setting.tool("calls"), str(millions), "bare", "rdtsc", "traced"],
                                environment).stdout.splitlines()
            if reader:
                open(os.path.join(setting.records(), "done"), "w").close()
                reader.wait()
            setting.forget_records()
            if turn > 0:
                samples[kind].append({way: float(cost) for way, cost in map(str.split, lines)})
    for kind, values in samples.items():
        cost = medians(values)
        two = cost["rdtsc"] - cost["bare"]
        yield Figure(f"6 trace, 3 arguments, {kind}, beyond two rdtsc", cost["traced"] - cost["bare"] - two, "ns",
                     40.0 if kind == "followed" else None, raw={"traced": cost["traced"], "two_rdtsc": two})


def other_calls(setting):
    """What replacing costs beside a preload written by hand, whose functions are called directly, and a hook that
    injects nothing beside the timing that it does as well."""
    cache = setting.fresh("cache")
    replacement = setting.fresh("replacement") + ".so"
    shutil.copy(setting.leaf, replacement)
    kinds = {
        "by_hand": (setting.plain(LD_PRELOAD=replacement), MILLIONS, ["bare", "one"]),
        "replace": (setting.with_rule(f"replace=leaf_*@libleaf.so:with={replacement}", cache), MILLIONS,
                    ["bare", "one"]),
        "time": (setting.with_rule("time=leaf_*@libleaf.so", cache), MILLIONS // 5, ["bare", "one"]),
        "inject": (setting.with_rule("inject=leaf_*@libleaf.so:retval=0:when=4294967296", cache), MILLIONS // 5,
                   ["bare", "one"]),
    }
    samples = {kind: [] for kind in kinds}
    for _ in range(5):
        for kind, (environment, millions, ways) in kinds.items():
            if kind != "by_hand":
                environment = dict(environment, STUBCACHE_OUT=setting.records())
            lines = setting.run([setting.tool("calls"), str(millions)] + ways, environment).stdout.splitlines()
            samples[kind].append({way: float(cost) for way, cost in map(str.split, lines)})
        setting.forget_records()
    cost = {kind: medians(values) for kind, values in samples.items()}
    added = {kind: cost[kind]["one"] - cost[kind]["bare"] for kind in cost}
    raw = {kind: cost[kind]["one"] for kind in cost}
    yield Figure("- replace, more than by hand", added["replace"] - added["by_hand"], "ns", raw=raw)
    yield Figure("- inject, nothing hit, more than time", added["inject"] - added["time"], "ns")


def typed_calls(setting):
    """What a hook of a client and a closure cost, beside a libffi closure with ffi_call in a preload written by hand."""
    cache = setting.fresh("cache")
    client = os.path.join(os.path.dirname(setting.leaf), "libtyped.so")
    kinds = {
        "by_hand": setting.plain(LD_PRELOAD=client),
        "hook": dict(setting.with_rule("client=", cache), STUBCACHE="", STUBCACHE_CLIENTS=client),
        "closure": dict(setting.with_rule("client=", cache), STUBCACHE="", STUBCACHE_CLIENTS=f"{client},closure"),
    }
    samples = {kind: [] for kind in kinds}
    for _ in range(5):
        for kind, environment in kinds.items():
            lines = setting.run([setting.tool("calls"), "1", "bare", "one"], environment).stdout.splitlines()
            samples[kind].append({way: float(cost) for way, cost in map(str.split, lines)})
    cost = {kind: medians(values) for kind, values in samples.items()}
    added = {kind: cost[kind]["one"] - cost[kind]["bare"] for kind in cost}
    for kind in ("hook", "closure"):
        yield Figure(f"- client, {kind}, over a closure by hand", added[kind] / added["by_hand"], "x", raw=added)


def memory_of_git(setting):
    """Row 7: private memory at the end of a process."""
    git = shutil.which("git")
    if not git:
        return
    cache = setting.fresh("cache")
    variants = {
        "plain": setting.plain(),
        "empty": setting.with_empty(),
        "ours": setting.with_rule(TIME_LIBC, cache, STUBCACHE_OUT=setting.records()),
    }
    samples = {name: [] for name in variants}
    for turn in range(22):
        for name, environment in variants.items():
            words = [f"{key}={value}" for key, value in environment.items()]
            printed = setting.run([setting.tool("exit_memory"), *words, "--", git, "--version"],
                                  setting.plain()).stdout
            if turn > 0:
                private, dirty = map(float, printed.split())
                samples[name].append({"private": private, "dirty": dirty})
        setting.forget_records()
    middle = {name: medians(values) for name, values in samples.items()}
    raw = {name: value["dirty"] for name, value in middle.items()}
    yield Figure("7 git, private memory added", raw["ours"] - raw["plain"], "KiB", 64.0, raw=raw)
    # Pages of files that happen to be mapped once: the kernel's read-ahead decides how many.
    raw = {name: value["private"] for name, value in middle.items()}
    yield Figure("7 git, the same with clean pages of files", raw["ours"] - raw["plain"], "KiB", raw=raw)


def write_sources(directory):
    os.mkdir(directory)
    for i in range(UNITS):
        with open(f"{directory}/unit{i}.c", "w") as file:
            file.write(f"""#include <stdio.h>
#include <string.h>
#include <stdlib.h>

int unit{i}(const char *text)
{{
	size_t length = strlen(text) + {i};
	char *copy = malloc(length + 1);

	if (!copy)
		return -1;
	snprintf(copy, length, "%s %d", text, {i});
	puts(copy);
	free(copy);
	return (int)length;
}}
""")
    with open(f"{directory}/Makefile", "w") as file:
        file.write("all: $(patsubst %.c,%.o,$(wildcard *.c))\n%.o: %.c\n\tgcc -O1 -c -o $@ $<\n")


def build_once(setting, directory, environment):
    for name in os.listdir(directory):
        if name.endswith(".o"):
            os.unlink(os.path.join(directory, name))
    process_environment = dict(environment, PWD=directory)
    before = time.monotonic()
    pid = os.posix_spawn(shutil.which("make"), ["make", "-s", "-j2", "-C", directory], process_environment)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - before
    setting.forget_records()
    if status:
        raise RuntimeError(f"make: ended with status {status:#x}")
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "faults": usage.ru_minflt}


def build(setting, pairs):
    """Row 8: a build of small files, everything in it timed."""
    directory = setting.fresh("build")
    write_sources(directory)
    variants = {
        "empty": setting.with_empty(),
        "ours": setting.with_rule("time=*", setting.fresh("cache"), STUBCACHE_OUT=setting.records()),
    }
    # Not measured: this one fills the cache.
    build_once(setting, directory, variants["ours"])
    samples = {name: [] for name in variants}
    for _ in range(pairs):
        for name, environment in variants.items():
            samples[name].append(build_once(setting, directory, environment))
    middle = {name: medians(values) for name, values in samples.items()}
    for clock in ("cpu_s", "wall_s", "faults"):
        raw = {name: value[clock] for name, value in middle.items()}
        # Pairs ran one after the other, so their ratios bear the load of the same minutes.
        ratio = statistics.median(ours[clock] / empty[clock]
                                  for ours, empty in zip(samples["ours"], samples["empty"]))
        what = {"cpu_s": "user and system time", "wall_s": "wall time", "faults": "page faults"}[clock]
        yield Figure(f"8 build of {UNITS} files, {what}, more", (ratio - 1) * 100, "%",
                     None if clock == "faults" else 2.0, raw=raw)
