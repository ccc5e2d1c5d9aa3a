#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a library of functions with random prototypes, a program that calls each, and what a client needs to look at
and change their arguments: tests/live/typed_prototypes.sh compiles and runs them.

usage: typed_prototypes.py DIRECTORY SEED COUNT KIND

KIND libffi leaves out what libffi 3.4.4 passes wrongly: of a struct that takes the last general register and a vector
register ffi_call copies all of its 16 bytes into the former, and over the first vector register. So structs that mix
integers and floating point are among the first two arguments only. KIND all leaves nothing out.
"""

import random
import sys

# Name in C, how a value is made of a random number, how it is changed.
SCALARS = {
    "_Bool": ("(r & 1)", "!*p"),
    "char": ("r", "*p ^ 5"),
    "signed char": ("r", "*p ^ 5"),
    "unsigned char": ("r", "*p ^ 5"),
    "short": ("r", "*p ^ 77"),
    "unsigned short": ("r", "*p ^ 77"),
    "int": ("r", "*p ^ 12345"),
    "unsigned int": ("r", "*p ^ 12345"),
    "long": ("r", "*p ^ 123456789012"),
    "unsigned long": ("r", "*p ^ 123456789012"),
    "long long": ("r", "*p ^ 3"),
    "char *": ("(char *)(r)", "*p + 8"),
    "float": ("(float)(int)(r % 100000) / 8", "-*p - 1"),
    "double": ("(double)(int)(r % 100000) / 16", "-*p - 2"),
    "long double": ("(long double)(int)(r % 100000) / 32", "-*p - 3"),
    "float _Complex": ("(float)(r % 1000) + (float)(r >> 40) * 1.0if", "-*p + 1.0if"),
    "double _Complex": ("(double)(r % 1000) + (double)(r >> 40) * 1.0i", "-*p + 1.0i"),
    "long double _Complex": ("(long double)(r % 1000) + (long double)(r >> 40) * 1.0iL", "-*p + 1.0iL"),
}
WEIGHTS = {"float": 4, "double": 5, "int": 4, "long": 3, "char *": 3, "char": 2, "long double": 2}
SMALL = ["float", "double", "int", "char", "short", "long", "float", "float", "char *"]


def name_of(kind):
    return kind.replace(" ", "_").replace("*", "p")


class Writer:
    def __init__(self, rng):
        self.rng = rng
        self.types = []  # text of each struct or union, for C and as a prototype file
        self.helpers = []
        self.aggregates = []
        self.never_returned = set()

    def scalar(self):
        kinds = list(SCALARS)
        return self.rng.choices(kinds, [WEIGHTS.get(kind, 1) for kind in kinds])[0]

    def helper(self, kind, fill, total, change):
        self.helpers.append(
            f"static inline void fill_{name_of(kind)}({kind} *p)\n{{\n{fill}}}\n"
            f"static inline uint64_t sum_{name_of(kind)}(const {kind} *p)\n{{\n\tuint64_t s = 7;\n{total}\treturn s;\n}}\n"
            f"static inline void change_{name_of(kind)}({kind} *p)\n{{\n{change}}}\n")

    def scalar_helpers(self):
        for kind, (value, changed) in SCALARS.items():
            if kind.startswith("long double"):
                total = "\ts = mix(s, p, 10);\n"
                if "Complex" in kind:
                    total += "\ts = mix(s, (const char *)p + 16, 10);\n"
            else:
                total = "\ts = mix(s, p, sizeof(*p));\n"
            self.helper(kind, f"\tuint64_t r = next_random();\n\n\t*p = {value};\n", total, f"\t*p = {changed};\n")

    def member(self, number, depth, packed):
        """Declaration, and the paths to its leaves with their types (width 0: no bit-field)."""
        which = self.rng.random()
        if which < 0.12 and depth < 2 and self.aggregates and not packed:
            kind = self.rng.choice(self.aggregates)
            return f"{kind} m{number};", [(f"m{number}", kind, 0)]
        if which < 0.22:
            kind = self.rng.choice(SMALL)
            count = self.rng.randint(1, 3)
            return f"{kind} m{number}[{count}];", [(f"m{number}[{i}]", kind, 0) for i in range(count)]
        if which < 0.30 and not packed:
            width = self.rng.randint(1, 20)
            return f"unsigned int m{number} : {width};", [(f"m{number}", "unsigned int", width)]
        kind = self.rng.choice(SMALL) if self.rng.random() < 0.7 else self.scalar()
        return f"{kind} m{number};", [(f"m{number}", kind, 0)]

    def aggregate(self):
        word = "union" if self.rng.random() < 0.15 else "struct"
        packed = word == "struct" and self.rng.random() < 0.08
        kind = f"{word} t{len(self.types)}"
        declarations, leaves = [], []
        for number in range(self.rng.choice([1, 1, 2, 2, 2, 3, 3, 4, 6])):
            text, paths = self.member(number, 0, packed)
            declarations.append(text)
            leaves.append(paths)
        chosen = leaves[0] if word == "union" else [leaf for paths in leaves for leaf in paths]
        fill = "\tmemset(p, 0, sizeof(*p));\n"
        total, change = "", ""
        for path, leaf, width in chosen:
            function = name_of(leaf)
            if width:
                fill += f"\tp->{path} = next_random();\n"
                total += f"\ts = s * 31 + p->{path};\n"
                change += f"\tp->{path} ^= 1;\n"
            elif packed:
                fill += f"\t{{ {leaf} x; fill_{function}(&x); p->{path} = x; }}\n"
                total += f"\t{{ {leaf} x = p->{path}; s = s * 31 + sum_{function}(&x); }}\n"
                change += f"\t{{ {leaf} x = p->{path}; change_{function}(&x); p->{path} = x; }}\n"
            else:
                fill += f"\tfill_{function}(&p->{path});\n"
                total += f"\ts = s * 31 + sum_{function}(&p->{path});\n"
                change += f"\tchange_{function}(&p->{path});\n"
        attribute = " __attribute__((packed))" if packed else ""
        self.types.append(f"{kind} {{ {' '.join(declarations)} }}{attribute};\n")
        inner = {leaf for _, leaf, _ in sum(leaves, [])}
        if packed or "long double" in self.types[-1] or inner & self.never_returned:
            self.never_returned.add(kind)
        self.aggregates.append(kind)
        self.helper(kind, fill, total, change)
        return kind

    def is_mixed(self, kind):
        if kind not in self.aggregates:
            return False
        text = self.types[self.aggregates.index(kind)].split("{", 1)[1]
        inner = [other for other in self.aggregates if f"{other} " in text]
        return bool(inner) or ("float" in text or "double" in text) and any(
            word in text for word in ("int", "char", "short", "long", "_Bool"))

    def kind(self, returned):
        """libffi knows no packed structs, and none with a long double that are returned."""
        if self.rng.random() < 0.3:
            if len(self.aggregates) < 12 or self.rng.random() < 0.3:
                self.aggregate()
            kind = self.rng.choice(self.aggregates)
            if not returned or kind not in self.never_returned:
                return kind
        return self.scalar()


def prototype(number, result, kinds):
    named = ", ".join(f"{kind} a{i}" for i, kind in enumerate(kinds)) or "void"
    return f"{result} f{number}({named})"


def write(directory, seed, count, which):
    rng = random.Random(seed)
    writer = Writer(rng)
    writer.scalar_helpers()
    functions = []
    for number in range(count):
        most = rng.choice([0, 1, 2, 2, 3, 3, 4, 5, 6, 6, 8, 10, 14, 20])
        kinds = [writer.kind(False) for _ in range(most)]
        if which == "libffi":
            kinds[2:] = [kind if not writer.is_mixed(kind) else "long" for kind in kinds[2:]]
        result = "void" if rng.random() < 0.05 else writer.kind(True)
        functions.append((result, kinds))

    with open(f"{directory}/types.h", "w") as out:
        out.write("#include <stdint.h>\n#include <string.h>\n\nextern uint64_t seen;\nextern uint64_t state;\n"
                  "static inline uint64_t next_random(void)\n{\n\tstate = state * 6364136223846793005u + "
                  "1442695040888963407u;\n\treturn state ^ state >> 29;\n}\n"
                  "static inline uint64_t mix(uint64_t s, const void *p, unsigned n)\n{\n"
                  "\tfor (unsigned i = 0; i < n; i++)\n\t\ts = (s ^ ((const unsigned char *)p)[i]) * 1099511628211u;\n"
                  "\treturn s;\n}\n")
        out.writelines(writer.types)
        out.writelines(writer.helpers)
        for number, (result, kinds) in enumerate(functions):
            out.write(prototype(number, result, kinds) + ";\n")
    with open(f"{directory}/prototypes.h", "w") as out:
        out.writelines(writer.types)
        for number, (result, kinds) in enumerate(functions):
            out.write(prototype(number, result, kinds) + ";\n")
    with open(f"{directory}/lib.c", "w") as out:
        out.write('#include "types.h"\nuint64_t seen;\nuint64_t state = 1;\n')
        for number, (result, kinds) in enumerate(functions):
            out.write(prototype(number, result, kinds) + "\n{\n\tuint64_t s = 3;\n")
            for i, kind in enumerate(kinds):
                out.write(f"\ts = s * 37 + sum_{name_of(kind)}(&a{i});\n")
            out.write("\tseen = s;\n")
            if result != "void":
                out.write(f"\t{result} r;\n\tstate = s;\n\tfill_{name_of(result)}(&r);\n\treturn r;\n")
            out.write("}\n")
    with open(f"{directory}/host.c", "w") as out:
        out.write('#include "types.h"\n#include <stdio.h>\n#include <stdlib.h>\nstatic int change;\n')
        for number, (result, kinds) in enumerate(functions):
            out.write(f"static void call{number}(void)\n{{\n\tuint64_t s = 0;\n\n\tstate = {number + 1};\n")
            for i, kind in enumerate(kinds):
                out.write(f"\t{kind} a{i};\n\tfill_{name_of(kind)}(&a{i});\n"
                          f"\tif (change)\n\t\tchange_{name_of(kind)}(&a{i});\n")
            call = f"f{number}({', '.join(f'a{i}' for i in range(len(kinds)))})"
            if result == "void":
                out.write(f"\t{call};\n")
            else:
                out.write(f"\t{result} r = {call};\n\tif (change)\n\t\tchange_{name_of(result)}(&r);\n"
                          f"\ts = sum_{name_of(result)}(&r);\n")
            out.write(f'\tprintf("{number} %llx %llx\\n", (unsigned long long)seen, (unsigned long long)s);\n}}\n')
        out.write("int main(void)\n{\n\tchange = getenv(\"CHANGE\") != NULL;\n")
        for number in range(count):
            out.write(f"\tcall{number}();\n")
        out.write("\treturn 0;\n}\n")
    with open(f"{directory}/looks.c", "w") as out:
        out.write('#include "types.h"\n')
        for number, (result, kinds) in enumerate(functions):
            out.write(f"static uint64_t sum{number}(void **args)\n{{\n\tuint64_t s = 3;\n\t(void)args;\n")
            for i, kind in enumerate(kinds):
                out.write(f"\ts = s * 37 + sum_{name_of(kind)}(args[{i}]);\n")
            out.write(f"\treturn s;\n}}\nstatic void change{number}(void **args)\n{{\n\t(void)args;\n")
            for i, kind in enumerate(kinds):
                out.write(f"\tchange_{name_of(kind)}(args[{i}]);\n")
            out.write(f"}}\nstatic void result{number}(void *ret)\n{{\n\t(void)ret;\n")
            if result != "void":
                out.write(f"\tchange_{name_of(result)}(ret);\n")
            out.write("}\n")
        tables = [("uint64_t (*const sums[])(void **)", "sum"), ("void (*const changes[])(void **)", "change"),
                  ("void (*const results[])(void *)", "result"), ("void *const functions[]", "(void *)f")]
        for declaration, word in tables:
            out.write(f"{declaration} = {{\n" + "".join(f"\t{word}{n},\n" for n in range(count)) + "};\n")
        out.write(f"const unsigned function_count = {count};\n")


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
