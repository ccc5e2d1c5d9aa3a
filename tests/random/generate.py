# SPDX-License-Identifier: MIT
"""
Random programs, a batch at a time: functions of random prototypes, spread over three libraries that the host is linked
with, one that it loads, and the host itself; they call each other in every way that C and C++ have. Used by
programs.py.

    batch = Batch(seed, programs, compiler, vectors)
    for unit in batch.units: unit.name, unit.language, unit.flags, unit.text
"""
import random as random_module

import generate_types

LIBRARIES = ('a', 'b', 'c', 'd')  # d is loaded by dlopen
HOST = 'host'


class Function:
    def __init__(self, batch, random, program, number):
        self.name = f'rnd_{program}_{number}'
        self.unit = random.choice(batch.units) if number else random.choice(batch.units[1:4])
        self.cxx = self.unit.language == 'c++'
        if number == 0:  # the program itself
            self.result, self.arguments, self.variadic = batch.u64, [], []
            return
        self.result = None if random.random() < 0.08 else batch.any_type(random)
        count = random.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 9, 14))
        self.arguments = [batch.any_type(random) for _ in range(count)]
        self.variadic = []
        if random.random() < 0.2:
            self.variadic = [batch.any_type(random, True) for _ in range(random.randint(1, 5))]
            self.arguments = self.arguments[:4] + [batch.int]

    def prototype(self, name=None, named=True):
        names = [f'{t.name} a{i}' if named else t.name for i, t in enumerate(self.arguments)]
        if self.variadic:
            names.append('...')
        result = self.result.name if self.result else 'void'
        return f'{result} {name or self.name}({", ".join(names) or "void"})'

    def call(self, random, h, through=None):
        """The C of a call whose arguments come from h."""
        values = [t.made(f'{h} + {i * 7}') for i, t in enumerate(self.arguments)]
        if self.variadic:
            count = random.randint(0, 8)
            values[-1] = str(count)
            for i in range(count):
                values.append(self.variadic[i % len(self.variadic)].made(f'{h} + {i * 13}'))
        return f'{through or self.name}({", ".join(values)})'

    def folded_call(self, random, h, through=None):
        """Statements that make the call and fold what it returns into h."""
        call = self.call(random, h, through)
        if not self.result:
            return f'{call}; {h} = rnd_mix({h}, 6);'
        return f'{{ {self.result.name} r = {call}; {h} = {self.result.folded(h, "r")}; }}'


class Unit:
    def __init__(self, name, language, flags):
        self.name = name
        self.language = language
        self.flags = flags
        self.text = ''


class Batch:
    def __init__(self, seed, programs, first, compiler, vectors):
        random = random_module.Random(f'{seed} {first}')
        self.first, self.programs = first, programs
        self.simple, self.rich, types = generate_types.make_types(random, vectors)
        self.int = next(t for t in self.simple if t.name == 'int')
        self.u64 = generate_types.integer('uint64_t')
        self.pie = random.random() < 0.6
        self.lazy = random.random() < 0.6
        self.thunks = 0
        self.units = [Unit(HOST, random.choice(('c', 'c++')), self.flags(random, compiler))]
        self.units += [Unit(n, random.choice(('c', 'c++', 'c++')), self.flags(random, compiler)) for n in LIBRARIES]
        everything = []
        for program in range(programs):
            everything.append(self.program(random, first + program))
        declarations = ''.join(f'{f.prototype(named=False)};\n' for fs in everything for f in fs)
        header = f'#include "base.h"\n{types}\n#ifdef __cplusplus\nextern "C" {{\n#endif\n{declarations}' \
            '#ifdef __cplusplus\n}\n#endif\n'
        for unit in self.units:
            unit.text = header + unit.text
        self.units[0].text += self.main(everything)

    @staticmethod
    def flags(random, compiler):
        flags = [random.choice(('-O0', '-O1', '-O1', '-O2'))]
        for flag in ('-fno-plt', '-fcf-protection', '-fno-omit-frame-pointer'):
            if random.random() < 0.25:
                flags.append(flag)
        if compiler == 'clang':
            flags.append('-fsemantic-interposition')
        return flags

    def any_type(self, random, variadic=False):
        types = random.choice((self.simple, self.rich))
        while True:
            one = random.choice(types)
            if not variadic or one.variadic:
                return one
            types = self.simple

    def program(self, random, number):
        functions = [Function(self, random, number, i) for i in range(random.randint(5, 9))]
        for function in functions:
            self.body(random, function, functions)
        return functions

    def body(self, random, function, functions):
        """What a function does: fold its arguments, do two or three things, return something."""
        before, lines = '', []
        lines.append(f'uint64_t h = {random.getrandbits(60)}u;')
        if function.unit.name != HOST:
            lines.append('__atomic_fetch_add(rnd_calls, 1, __ATOMIC_RELAXED);')
        for i, kind in enumerate(function.arguments):
            lines.append(f'h = {kind.folded("h", f"a{i}")};')
        if function.variadic:
            lines.append(self.read_variadic(function))
        if function.cxx and random.random() < 0.3:
            lines.append('rnd_guard guard(h);')
        lines.append('if (--rnd_context.fuel > 0) {')
        for _ in range(random.randint(2, 3)):
            extra, line = self.statement(random, function, functions)
            before += extra
            lines.append(line)
        lines.append('}')
        if function.result:
            lines.append(f'return {function.result.made("h")};')
        prefix = 'extern "C" ' if function.cxx else ''
        function.unit.text += before + prefix + function.prototype() + '\n{\n\t' + '\n\t'.join(lines) + '\n}\n'

    @staticmethod
    def read_variadic(function):
        cases = ''.join(f' case {i}: {{ {t.name} v = va_arg(list, {t.name}); h = {t.folded("h", "v")}; break; }}'
                        for i, t in enumerate(function.variadic))
        last = f'a{len(function.arguments) - 1}'
        return f'{{ va_list list; va_start(list, {last}); for (int i = 0; i < {last}; i++) ' \
            f'switch (i % {len(function.variadic)}) {{{cases} }} va_end(list); }}'

    def statement(self, random, function, functions):
        """One thing that a function does: (what must stand before the function, the statement)."""
        kinds = [self.plain] * 5 + [self.pointer] * 2 + [self.lookup] * 2 + [self.thunk] * 4 + [self.landing] * 2
        kinds += [self.leap] * 2
        if function.cxx:
            kinds += [self.catching] * 3 + [self.throwing] * 3
        return random.choice(kinds)(random, function, random.choice(functions[1:]))

    @staticmethod
    def by_name(function, callee):
        """What is loaded by dlopen; and a function calls itself past its PLT if it is called by its name."""
        return callee.unit.name == 'd' and function.unit.name != 'd' or callee is function and callee.unit.name != HOST

    def plain(self, random, function, callee):
        if self.by_name(function, callee):
            return self.lookup(random, function, callee)
        return '', callee.folded_call(random, 'h')

    def pointer(self, random, function, callee):
        if self.by_name(function, callee):
            return self.lookup(random, function, callee)
        self.thunks += 1
        name = f'pointer_{self.thunks}'
        constant = random.choice(('', 'const '))
        line = callee.folded_call(random, 'h', name)
        if random.random() < 0.5:
            return f'static {callee.prototype(f"(*{constant}volatile {name})", False)} = {callee.name};\n', line
        local = callee.prototype(f'(*volatile {name})', False)
        return '', f'{{ {local} = {callee.name}; {line} }}'

    def lookup(self, random, function, callee):
        self.thunks += 1
        name = f'found_{self.thunks}'
        find = 'rnd_find_loaded' if callee.unit.name == 'd' else 'rnd_find'
        if callee.unit.name == HOST:
            return self.pointer(random, function, callee)
        kind = callee.prototype('(*)', False)
        local = callee.prototype(f'(*{name})', False)
        return '', f'{{ {local} = ({kind}){find}("{callee.name}"); {callee.folded_call(random, "h", name)} }}'

    def thunk(self, random, function, callee):
        """By way of a function of the base library that calls back."""
        self.thunks += 1
        ways = ['rnd_run'] * 4 + ['rnd_run_sorting'] * 3 + ['rnd_run_on_thread'] * 2 + ['rnd_run_on_stack'] * 2
        ways += ['rnd_run_in_handler'] * 2 + ['rnd_run_in_child']
        extra, line = self.plain(random, function, callee)
        text = f'static void thunk_{self.thunks}(void *closure)\n{{\n\tuint64_t h = *(uint64_t *)closure;\n\n' \
            f'\t{line}\n\t*(uint64_t *)closure = h;\n}}\n'
        return extra + text, f'{random.choice(ways)}(thunk_{self.thunks}, &h);'

    def landing(self, random, function, callee):
        """A place to jump to, around a call."""
        extra, line = self.plain(random, function, callee)
        return extra, '{ struct rnd_jump j; volatile uint64_t kept = h; j.outer = rnd_context.jump; ' \
            'j.catchers = rnd_context.catchers; j.may_exit = rnd_context.may_exit; ' \
            f'if (_setjmp(j.out) == 0) {{ uint64_t h = kept; rnd_context.jump = &j; {line} kept = h; }} ' \
            'else { kept = rnd_mix(kept, j.value); rnd_context.may_exit = j.may_exit; } ' \
            'rnd_context.jump = j.outer; rnd_context.catchers = j.catchers; h = kept; }'

    def leap(self, random, function, callee):
        if random.random() < 0.2:
            return '', f'if (h % {random.randint(2, 5)} == 0) rnd_thread_exit(h);'
        return '', f'if (h % {random.randint(2, 5)} == 0) rnd_jump(h);'

    def catching(self, random, function, callee):
        extra, line = self.plain(random, function, callee)
        caught = random.choice(('const rnd_thrown &thrown', 'const rnd_thrown_more &thrown'))
        again = 'if (catchers > 0 && h % 3 == 0) throw; ' if random.random() < 0.5 else ''
        # The narrower catch is followed by one for the rest, since whoever throws counts on being caught.
        rest = ' catch (const rnd_thrown &thrown) { rnd_context.jump = jump; rnd_context.catchers = catchers; ' \
            'h = rnd_mix(h, thrown.value + 1); }' if 'more' in caught else ''
        return extra, '{ struct rnd_jump *jump = rnd_context.jump; int catchers = rnd_context.catchers++; ' \
            f'try {{ {line} }} catch ({caught}) {{ rnd_context.jump = jump; rnd_context.catchers = catchers; ' \
            f'h = rnd_mix(h, thrown.value); {again}}}{rest} ' \
            'rnd_context.jump = jump; rnd_context.catchers = catchers; }'

    def throwing(self, random, function, callee):
        what = random.choice(('rnd_thrown', 'rnd_thrown_more'))
        return '', f'if (rnd_context.catchers > 0 && h % {random.randint(2, 4)} == 0) throw {what}(h);'

    def main(self, everything):
        # A program's first function is in a library that the host is linked with.
        table = ', '.join(fs[0].name for fs in everything)
        return f'static uint64_t (*const programs[])(void) = {{ {table} }};\n' \
            'int main(int argc, char **argv)\n{\n' \
            f'\treturn rnd_main(argc, argv, programs, {self.programs}, {self.first}, LOADED);\n}}\n'
