#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Generates random programs (generate.py), runs them plain, then with their libraries' functions intercepted, cold and
warm, under each rule, and compares what they print. Programs are built and run a batch at a time; what differs is
narrowed down to single programs, whose batch is kept. Where a rule counts, the calls in the report must be those that
were made. See random.sh, which calls this.
"""
import argparse
import concurrent.futures
import csv
import io
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import generate

HERE = os.path.dirname(os.path.abspath(__file__))
COMMON = ['-w', '-fPIC', '-fexceptions', '-pthread', f'-I{HERE}']
LIMIT = 120  # seconds a run


def vector_size():
    """The widest vector register of this processor, in bytes."""
    flags = set()
    with open('/proc/cpuinfo', encoding='ascii', errors='replace') as info:
        for line in info:
            if line.startswith('flags'):
                flags = set(line.split())
                break
    return 64 if 'avx512f' in flags else 32 if 'avx2' in flags else 16


VECTOR_FLAGS = {16: [], 32: ['-mavx2'], 64: ['-mavx2', '-mavx512f']}


def compilers():
    """[(C, C++)], of which gcc's pair comes first."""
    pairs = [('gcc', 'g++'), ('clang', 'clang++')]
    found = [p for p in pairs if all(shutil.which(c) for c in p)]
    if not found:
        print('no gcc or clang with C++')
        sys.exit(77)
    return found


class Failure(Exception):
    pass


def run_tool(arguments):
    result = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode:
        raise Failure(f'{" ".join(arguments)}: {result.stdout.decode(errors="replace")[:2000]}')


def build(batch, pair, vectors, directory):
    """In `directory`: the host, librnd_a.so to d.so, beside librnd_base.so, which is there already."""
    c, cxx = pair
    where = [f'-L{directory}/..', f'-Wl,-rpath,{directory}/..']
    for unit in batch.units[1:] + batch.units[:1]:
        compiler = [c, '-std=gnu11'] if unit.language == 'c' else [cxx, '-std=gnu++17']
        source = f'{directory}/{unit.name}.{"c" if unit.language == "c" else "cc"}'
        with open(source, 'w', encoding='ascii') as out:
            out.write(unit.text)
        flags = COMMON + VECTOR_FLAGS[vectors] + unit.flags
        if unit.name == generate.HOST:
            flags += ['-fpie', '-pie'] if batch.pie else ['-fno-pie', '-no-pie']
            flags += ['-rdynamic', f'-DLOADED="{directory}/librnd_d.so"', f'-L{directory}', f'-Wl,-rpath,{directory}',
                      '-Wl,-z,lazy' if batch.lazy else '-Wl,-z,now', '-o', f'{directory}/host']
            libraries = ['-Wl,--no-as-needed', '-lrnd_a', '-lrnd_b', '-lrnd_c', '-lrnd_base', '-ldl', '-lstdc++']
        else:
            flags += ['-shared', '-o', f'{directory}/librnd_{unit.name}.so']
            libraries = ['-lrnd_base']
        run_tool(compiler + flags + [source] + where + libraries)


def build_base(pair, directory):
    run_tool([pair[0], '-std=gnu11', '-D_GNU_SOURCE', '-O1', *COMMON, '-shared', '-o', f'{directory}/librnd_base.so',
              f'{HERE}/base.c', '-ldl'])


def run(directory, only, variables):
    """What the host prints, and how it ends."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(('STUBCACHE', 'LD_PRELOAD'))}
    environment.update(variables)
    command = [f'{directory}/host'] + ([str(only)] if only is not None else [])
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env=environment, timeout=LIMIT, check=False)
        return result.stdout.decode(errors='replace'), result.returncode
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b'').decode(errors='replace'), 'no end'


class Examiner:
    """Compares a batch that was built, under each rule. Each entry of `found` is a complaint."""

    def __init__(self, options, directory):
        self.options, self.directory = options, directory
        self.found = []
        self.unsteady = set()

    def intercepted(self, rule, where, only=None):
        return run(self.directory, only, {
            'LD_PRELOAD': self.options.library, 'STUBCACHE': rule, 'STUBCACHE_DIR': f'{where}/cache',
            'STUBCACHE_OUT': f'{where}/records', 'STUBCACHE_STATS': f'{where}/stats'})

    def counted(self, where):
        """Calls of the programs' functions, as the report has them."""
        report = subprocess.run([self.options.command, 'report', '--format=csv', f'{where}/records'],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        rows = csv.DictReader(io.StringIO(report.stdout.decode(errors='replace')))
        return sum(int(r['calls']) for r in rows if re.fullmatch(r'rnd_\d+_\d+', r['function']) and
                   r['library'].startswith('librnd_'))

    def narrow(self, rule, where):
        """Numbers of the programs that differ when they are run alone."""
        numbers = []
        for number in range(self.options.first, self.options.first + self.options.size):
            if run(self.directory, number, {}) != self.intercepted(rule, where, number):
                numbers.append(number)
        return numbers

    def drop_unsteady(self, output, got):
        """
        Leaves out of both outputs those programs that differ, and whose result without us depends on whether others
        ran before them in the process: what they read was never written, which is no business of ours.
        """
        lines, others = output[0].splitlines(), got[0].splitlines()
        if len(lines) != len(others):
            return output, got
        for line, other in zip(lines, others):
            number = line.split()[0]
            if line != other and number.isdigit() and line not in run(self.directory, number, {})[0].splitlines():
                self.unsteady.add(number)
        keep = [i for i, line in enumerate(lines) if line.split()[0] not in self.unsteady]
        return ([lines[i] for i in keep], output[1]), ([others[i] for i in keep], got[1])

    def under(self, number, rule, plain):
        where = f'{self.directory}/rule{number}'
        os.mkdir(where)
        for state in ('cold', 'warm'):
            shutil.rmtree(f'{where}/records', ignore_errors=True)
            open(f'{where}/stats', 'w', encoding='ascii').close()
            got = self.intercepted(rule, where)
            with open(f'{where}/stats', encoding='utf-8') as stats:
                starts = stats.readlines()
            steady_plain, steady_got = self.drop_unsteady(plain, got) if got != plain else (plain, got)
            if steady_got != steady_plain:
                with open(f'{where}/{state}.out', 'w', encoding='utf-8') as out:
                    out.write(f'{got[0]}\nended: {got[1]}\n')
                self.found.append(f'{rule}, {state}: differs; alone: {self.narrow(rule, where) or "none does"}')
                return
            if state == 'warm' and not all('"state":"warm"' in line for line in starts):
                self.found.append(f'{rule}: the second start was not warm')
            if rule.startswith(('count=', 'time=')):
                calls = int(re.search(r'^calls (\d+)$', plain[0], re.M).group(1))
                counted = self.counted(where)
                if counted != calls:
                    self.found.append(f'{rule}, {state}: {calls} calls, {counted} of them in the report')

    def examine(self):
        plain = run(self.directory, None, {})
        again = run(self.directory, None, {})
        if plain[1] != 0 or plain != again:
            self.found.append(f'without us: status {plain[1]}, {"the same" if plain == again else "another"} result again')
            return
        for number, rule in enumerate(self.options.rules):
            self.under(number, rule, plain)


def one_batch(number, options, work, pairs):
    """Generates, builds, compares. Returns the complaints, and the directory if it is to be kept."""
    size = min(options.size, options.programs - number * options.size)
    first = options.start + number * options.size
    chance = random.Random(f'{options.seed} {first} build')
    pair = pairs[-1] if chance.random() < 0.25 else pairs[0]
    vectors = chance.choice([s for s in (16, 32, 64) if s <= vector_size()])
    directory = f'{work}/{first}'
    os.mkdir(directory)
    here = argparse.Namespace(**vars(options))
    here.first, here.size = first, size
    try:
        build(generate.Batch(options.seed, size, first, pair[0], vectors), pair, vectors, directory)
        examiner = Examiner(here, directory)
        examiner.examine()
        found = examiner.found
        if examiner.unsteady:
            print(f'left out, for they do not do the same alone without us: {" ".join(sorted(examiner.unsteady))}')
    except Failure as failure:
        found = [f'cannot be built: {failure}']
    if found:
        return [f'programs {first} to {first + size - 1} ({directory}): {f}' for f in found], size
    shutil.rmtree(directory)
    return [], size


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--library', required=True, help='the preload')
    parser.add_argument('--command', required=True, help='the stubcache that reads records')
    parser.add_argument('--programs', type=int, default=40)
    parser.add_argument('--size', type=int, default=100, help='programs a batch')
    parser.add_argument('--seed', default='1')
    parser.add_argument('--start', type=int, default=0, help='number of the first program, to repeat a batch')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--keep', help='an existing directory for what differs')
    parser.add_argument('rules', nargs='+')
    return parser.parse_args()


def main():
    options = parse()
    pairs = compilers()
    work = tempfile.mkdtemp(prefix='random-', dir=options.keep)
    build_base(pairs[0], work)
    done, complaints = 0, 0
    batches = range((options.programs + options.size - 1) // options.size)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for found, size in pool.map(lambda n: one_batch(n, options, work, pairs), batches):
            done += size
            complaints += len(found)
            for line in found:
                print(line, flush=True)
            if sys.stderr.isatty():
                print(f'\r{done} of {options.programs}', end='', file=sys.stderr, flush=True)
    if not complaints or not options.keep:
        shutil.rmtree(work)
    print(f'{done} random programs, seed {options.seed}, plain, cold and warm under {len(options.rules)} rules: '
          f'{complaints} differences')
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
