#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
bench.py [--json FILE] [--only ROW]... [--pairs N]: measures what the design promises as ratios within one
run, and prints each beside the figure it is to reach. Judges nothing: it exits with 0 also where a figure
is missed, since a busy machine is no fault of the code. Run by 'make bench', which sets top_builddir and
LIBSTUBCACHE.
"""

import argparse
import json
import os
import sys
import time

import rows
from setting import Setting


def measurements(pairs):
    return (
        ("1", rows.start_of_true),
        ("phases", rows.constructor_phases),
        ("2", rows.cold_over_warm),
        ("3", rows.clang_warm),
        ("check", rows.image_check),
        ("4", rows.calls),
        ("6", rows.traced_calls),
        ("inject", rows.other_calls),
        ("typed", rows.typed_calls),
        ("stack", rows.stacks),
        ("7", rows.memory_of_git),
        ("8", lambda setting: rows.build(setting, pairs)),
    )


def number(value):
    return f"{value:.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def print_figure(figure):
    bound = f"<= {number(figure.most)}" if figure.most is not None else \
        f">= {number(figure.least)}" if figure.least is not None else ""
    verdict = {True: "reached", False: "missed", None: ""}[rows.reached(figure)]
    raw = " ".join(f"{name} {number(value)}" for name, value in figure.raw.items())
    print(f"{figure.what:<46} {number(figure.value):>7} {figure.unit:<8} {bound:<8} {verdict:<8} {raw}", flush=True)


def as_json(figure):
    return {**figure._asdict(), "reached": rows.reached(figure)}


def arguments():
    parser = argparse.ArgumentParser(description="Measures stubcache against the figures it is to reach.")
    parser.add_argument("--json", metavar="FILE", help="also write the results there")
    parser.add_argument("--only", metavar="ROW", action="append",
                        choices=[name for name, _ in measurements(0)], help="measure this row alone (repeatable)")
    parser.add_argument("--pairs", metavar="N", type=int, default=5, help="pairs of builds (default 5)")
    return parser.parse_args()


def main():
    options = arguments()
    preload = os.environ.get("LIBSTUBCACHE")
    if not preload or not os.path.exists(preload):
        sys.exit("bench: LIBSTUBCACHE does not name the preload: run 'make bench'")
    setting = Setting(os.environ.get("top_builddir", "."), preload)
    started = time.monotonic()
    figures = []
    try:
        print(f"{'row of the design, and what':<46} {'value':>7} {'':<8} {'reach':<8} {'':<8} medians")
        for name, measure in measurements(options.pairs):
            if options.only and name not in options.only:
                continue
            for figure in measure(setting):
                print_figure(figure)
                figures.append(figure)
    finally:
        setting.close()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.monotonic() - started:.0f} s")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"load": os.getloadavg()[0], "figures": [as_json(f) for f in figures]}, file, indent=1)


if __name__ == "__main__":
    main()
