# SPDX-License-Identifier: MIT
"""
The types of random programs: every class of argument and result that the x86-64 psABI knows. A type has the C that
makes a value of it out of a 64-bit number, and the C that folds a value into such a number. Used by generate.py.
"""


class Type:
    """
    name: as C says it. make, fold: format strings of {h}, and {x} of fold. variadic: fit for va_arg. size: in bytes, at
    most.
    """

    def __init__(self, name, make, fold, variadic=True, size=8):
        self.name = name
        self.make = make
        self.fold = fold
        self.variadic = variadic
        self.size = size

    def made(self, h):
        return self.make.format(h=h)

    def folded(self, h, x):
        return self.fold.format(h=h, x=x)


def integer(name, variadic=True):
    return Type(name, f'({name})({{h}})', 'rnd_mix({h}, (uint64_t)({x}))', variadic)


def floating(name, size, variadic=True):
    """Folded by its bits, of which `size` bytes count, the last eight of them."""
    offset = size - 8 if size > 8 else 0
    return Type(name, f'({name})rnd_small({{h}}) / 4',
                f'rnd_mix({{h}}, rnd_bits((const char *)&({{x}}) + {offset}, {min(size, 8)}))', variadic,
                16 if size > 8 else size)


def complex_of(name, size, variadic=True):
    both = 'rnd_mix(rnd_mix({h}, (uint64_t)(long)(__real__ ({x}) * 4)), (uint64_t)(long)(__imag__ ({x}) * 4))'
    return Type(f'_Complex {name}', f'rnd_complex_{name.replace(" ", "_")}({{h}})', both, variadic,
                32 if size > 8 else 2 * size)


COMPLEX = ''.join(f'''
RND_HELPER _Complex {name} rnd_complex_{name.replace(' ', '_')}(uint64_t h)
{{
	_Complex {name} x;

	__real__ x = ({name})rnd_small(h) / 4;
	__imag__ x = ({name})rnd_small(h * 31) / 4;
	return x;
}}
''' for name in ('float', 'double', 'long double'))

MOST = 160  # bytes of a structure's members: enough for every class, and stacks stay small


def scalars():
    types = [integer(n, False) for n in ('signed char', 'unsigned char', 'short', 'unsigned short', 'bool')]
    types += [integer(n) for n in ('int', 'unsigned', 'long', 'unsigned long')]
    types += [floating('float', 4, False), floating('double', 8), floating('long double', 10)]
    types += [complex_of(n, s, n != 'float') for n, s in (('float', 4), ('double', 8), ('long double', 10))]
    types.append(Type('const unsigned long *', '&rnd_words[({h}) & 15]', 'rnd_mix({h}, *({x}))'))
    types.append(Type('const char *', 'rnd_texts[({h}) & 7]', 'rnd_mix({h}, strlen({x}))'))
    types.append(Type('rnd_step', '(({h}) & 1 ? rnd_first_step : rnd_second_step)', '({x})({h})'))
    return types


def others(vectors):
    """What is no part of a structure. `vectors`: the widest vector register there is, in bytes."""
    types = [Type('rnd_int128', '(rnd_int128)({h}) << 60', 'rnd_mix(rnd_mix({h}, (uint64_t)({x})), (uint64_t)(({x}) >> 64))',
                  False, 16)]
    size = 16
    while size <= vectors:
        types.append(Type(f'rnd_vector{size}', f'rnd_make_vector{size}({{h}})', f'rnd_fold_vector{size}({{h}}, {{x}})',
                          False, size))
        size *= 2
    return types


def vector_code(vectors):
    text = ''
    size = 16
    while size <= vectors:
        lanes = size // 8
        text += f'''
typedef long rnd_vector{size} __attribute__((vector_size({size})));
RND_HELPER rnd_vector{size} rnd_make_vector{size}(uint64_t h)
{{
	rnd_vector{size} x;

	for (int i = 0; i < {lanes}; i++)
		x[i] = (long)(h *= 0x9e3779b97f4a7c15u);
	return x;
}}
RND_HELPER uint64_t rnd_fold_vector{size}(uint64_t h, rnd_vector{size} x)
{{
	for (int i = 0; i < {lanes}; i++)
		h = rnd_mix(h, (uint64_t)x[i]);
	return h;
}}
'''
        size *= 2
    return text


class Struct(Type):
    """Random members, arrays and other structures among them; packed now and then."""

    def __init__(self, random, number, members, scalars):
        name = f'struct rnd_s{number}'
        super().__init__(name, f'rnd_make_s{number}({{h}})', f'rnd_fold_s{number}({{h}}, {{x}})')
        self.number = number
        self.members = []
        total = 0
        for i in range(random.choice((1, 1, 2, 2, 2, 3, 3, 4, 6))):
            count = random.choice((0, 0, 0, 0, 2, 3))
            kind = random.choice(members)
            if total + kind.size * (count or 1) > MOST:
                kind, count = members[0], 0  # never empty: C and C++ do not agree on that
            total += kind.size * (count or 1)
            self.members.append((kind, f'm{i}', count))
        self.size = 2 * total  # with what lies between
        # Of simple members alone: gcc 12 returns a structure into a member of a packed one as if that were aligned.
        self.packed = random.random() < 0.2 and all(kind in scalars for kind, _, _ in self.members)

    def code(self):
        fields = makes = folds = ''
        for number, (kind, name, count) in enumerate(self.members):
            fields += f'\t{kind.name} {name}{f"[{count}]" if count else ""};\n'
            for i in range(count or 1):
                item = f'{name}[{i}]' if count else name
                makes += f'\tx.{item} = {kind.made(f"h * {2 * (number + 5 * i) + 3}")};\n'
                # A member of a packed structure may not be pointed at.
                folds += f'\t{{ {kind.name} y = x.{item}; h = {kind.folded("h", "y")}; }}\n'
        packed = ' __attribute__((packed))' if self.packed else ''
        return f'''
{self.name} {{
{fields}}}{packed};
RND_HELPER {self.name} rnd_make_s{self.number}(uint64_t h)
{{
	{self.name} x;

	memset((void *)&x, 0, sizeof(x));
{makes}	return x;
}}
RND_HELPER uint64_t rnd_fold_s{self.number}(uint64_t h, {self.name} x)
{{
{folds}	return h;
}}
'''


class Union(Type):
    """Of two members of one register class each; the first is the one that is set."""

    def __init__(self, random, number, members, _):
        name = f'union rnd_u{number}'
        first, second = random.sample(members, 2)
        super().__init__(name, f'rnd_make_u{number}({{h}})', first.fold.format(h='{h}', x='({x}).a'))
        self.text = f'''
{name} {{
	{first.name} a;
	{second.name} b;
}};
RND_HELPER {name} rnd_make_u{number}(uint64_t h)
{{
	{name} x;

	memset((void *)&x, 0, sizeof(x));
	x.a = {first.made('h')};
	return x;
}}
'''

    def code(self):
        return self.text


def make_types(random, vectors):
    """All types of a batch, and the C that defines them."""
    simple = scalars()
    structs = []
    for number in range(24):
        members = simple + structs[:12] * (number > 12)
        structs.append((Union if random.random() < 0.15 else Struct)(random, number, members, simple))
    text = 'typedef unsigned long (*rnd_step)(unsigned long);\ntypedef __int128 rnd_int128;\n'
    text += COMPLEX + vector_code(vectors) + ''.join(s.code() for s in structs)
    return simple, structs + others(vectors), text
