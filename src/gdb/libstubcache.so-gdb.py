# SPDX-License-Identifier: MIT
#
# Names stubs in gdb: qsort@libc.so.6@GLIBC_2.2.5 where it would show sc_area. gdb loads this by itself when it
# finds it beside the library and in a directory of "set auto-load safe-path"; otherwise: gdb -x FILE.
#
# Images lie one behind the other in the section .stubarea of libstubcache.so, which gdb knows as that library's. A
# symbol file of its own for each image would overlap that section, and gdb would ignore it. So the names are read
# from the process's or the core's memory, and given to gdb as a separate debug file of the library: an ELF file, made
# here, that has a symbol for each stub and the library's sections without their contents. It works the same for
# images on disk, in memory files, and in cores.
#
# While an intercepted function runs, its caller is a return trampoline of the library's (src/x86_64/trampolines.S), the
# same code for all functions. A frame filter shows it under the name of the stub whose number its shadow frame has.
#
# Memory and files are not trusted: whatever is wrong with them costs names, and gdb shows no error.

import collections
import os
import re
import struct
import tempfile

import gdb
from gdb.FrameDecorator import FrameDecorator

AREA = ".stubarea"

# src/common/image.h
HEADER_OFFSET = 536
HEADER = struct.Struct("<8sII16s16sQQIII")
MAGIC = b"STUBIMG1"
VERSION = 2

ELF_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SECTION = struct.Struct("<IIQQQQIIQQ")
SEGMENT = struct.Struct("<IIQQQQQQ")
SYMBOL = struct.Struct("<IBBHQQ")
DYNAMIC = struct.Struct("<qQ")

ET_DYN, EM_X86_64 = 3, 62
PT_DYNAMIC = 2
DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ = 4, 5, 6, 10
SHT_SYMTAB, SHT_STRTAB, SHT_NOBITS = 2, 3, 8
SHF_ALLOC, SHF_EXECINSTR, SHF_TLS = 2, 4, 0x400
STT_FUNC = 2
PAGE = 4096

# src/x86_64/layout.h, trampolines.S
CELL = 128
FRAME_CELL = 1      # its last byte
NUMBER_OFFSET = 38  # of a stub
NUMBER = (1 << 28) - 1
TRAMPOLINE = 64
DISTANCE_OFFSET = 56  # of a trampoline: how far from there its frame is

Section = collections.namedtuple("Section", "name flags address size")


class Area:
    """The stub area of one loaded libstubcache.so: where it is, and up to where it has been named."""

    def __init__(self, objfile):
        self.sections = allocated_sections(objfile.filename)
        self.index = [section.name for section in self.sections].index(AREA)
        self.link_address, self.size = self.sections[self.index][2:]
        self.start = loaded_section(objfile.filename)
        self.named = 0
        self.numbers = {}     # names of frame stubs
        self.not_numbered = []  # (address, name) of what came since
        self.files = []  # open for as long as gdb may want to read them again


class Image:
    """What the memory at an address says about itself. Raises ValueError if it is no image."""

    def __init__(self, address, room):
        head = memory(address, HEADER_OFFSET + HEADER.size)
        magic, version, _, _, _, size, load_size, _, _, page = HEADER.unpack_from(head, HEADER_OFFSET)
        if head[:4] != b"\x7fELF" or magic != MAGIC or version != VERSION:
            raise ValueError("no image")
        if not (page >= PAGE and page & (page - 1) == 0 and load_size <= size <= room):
            raise ValueError("an image that cannot be")
        self.address = address
        self.load_size = load_size
        self.span = (size + page - 1) & -page
        self.head = head

    def read(self, offset, size):
        if offset + size > self.load_size:
            raise ValueError("a table outside of its image")
        return memory(self.address + offset, size)

    def dynamic(self):
        fields = ELF_HEADER.unpack_from(self.head)
        segments = self.read(fields[5], fields[10] * SEGMENT.size)
        for kind, _, offset, _, _, size, _, _ in SEGMENT.iter_unpack(segments):
            if kind == PT_DYNAMIC:
                return dict(DYNAMIC.iter_unpack(self.read(offset, size)))
        raise ValueError("no dynamic segment")

    def symbols(self):
        """(offset, size, name) of each stub."""
        dynamic = self.dynamic()
        strings = self.read(dynamic[DT_STRTAB], dynamic[DT_STRSZ])
        _, count = struct.unpack("<II", self.read(dynamic[DT_HASH], 8))
        table = self.read(dynamic[DT_SYMTAB], count * SYMBOL.size)
        for name, info, _, _, value, size in SYMBOL.iter_unpack(table):
            if info & 15 == STT_FUNC and value < self.load_size:
                yield value, size, name_for_gdb(strings[name:strings.index(b"\0", name)])


def name_for_gdb(name):
    """Without a version behind it gdb takes "probe@libprobe.so" for Ada, and shows "probe@libprobe[so]"."""
    return name + b"@" if re.search(rb"\.[A-Za-z]+$", name) else name


def memory(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def allocated_sections(path):
    """The sections of the library's file that take memory."""
    with open(path, "rb") as file:
        fields = ELF_HEADER.unpack(file.read(ELF_HEADER.size))
        file.seek(fields[6])
        sections = list(SECTION.iter_unpack(file.read(fields[12] * SECTION.size)))
        names = sections[fields[13]]
        file.seek(names[4])
        strings = file.read(names[5])
    found = []
    for name, _, flags, address, _, size, _, _, _, _ in sections:
        if flags & SHF_ALLOC:
            found.append(Section(strings[name:strings.index(b"\0", name)].decode(), flags, address, size))
    return found


def loaded_section(path):
    """Where the section is in the process: gdb tells that in no other way than this."""
    for line in gdb.execute("info files", to_string=True).splitlines():
        words = line.split(None, 6)
        if words[3:6] == ["is", AREA, "in"] and words[6] == path:
            return int(words[0], 16)
    raise ValueError("not loaded")


def name_by_number(area, number):
    for address, name in area.not_numbered:
        cell = memory(address & -CELL, CELL)
        if cell[-1] == FRAME_CELL:
            area.numbers[struct.unpack_from("<I", cell, NUMBER_OFFSET)[0] & NUMBER] = name.decode().rstrip("@")
    area.not_numbered = []
    return area.numbers.get(number)


def symbol_file(area, symbols):
    """The bytes of a debug file of the library: its sections without contents, and these (address, size, name)."""
    strings = bytearray(b"\0")
    headers = [SECTION.pack(*[0] * 10)]
    table = bytearray(SYMBOL.size)

    def string(text):
        strings.extend(text + b"\0")
        return len(strings) - len(text) - 1

    for section in area.sections:
        # gdb asks one file what is at an address, the first with a section there; sections of thread-local data have
        # no address, so that it goes on asking the library itself. It stops at functions only, which are in code.
        flags = section.flags | SHF_TLS | (SHF_EXECINSTR if section.name == AREA else 0)
        headers.append(SECTION.pack(string(section.name.encode()), SHT_NOBITS, flags, section.address,
                                    ELF_HEADER.size, section.size, 0, 0, 1, 0))
    for address, size, name in symbols:
        table += SYMBOL.pack(string(name), STT_FUNC, 0, area.index + 1, address, size)
    # All symbols are local, so that "print open" stays libc's. sh_info is an index behind the last of them.
    symtab, strtab = string(b".symtab"), string(b".strtab")
    count = len(headers) + 2
    at = ELF_HEADER.size
    headers.append(SECTION.pack(symtab, SHT_SYMTAB, 0, 0, at, len(table), count - 1, len(table) // SYMBOL.size, 8,
                                SYMBOL.size))
    headers.append(SECTION.pack(strtab, SHT_STRTAB, 0, 0, at + len(table), len(strings), 0, 0, 1, 0))
    contents = table + strings
    contents += bytes(-len(contents) % 8)
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    return ELF_HEADER.pack(ident, ET_DYN, EM_X86_64, 1, 0, 0, at + len(contents), 0, at, 0, 0, SECTION.size, count,
                           count - 1) + contents + b"".join(headers)


def add_names(objfile, area, symbols):
    # A memory file leaves nothing behind, however gdb ends.
    if hasattr(os, "memfd_create"):
        file = os.fdopen(os.memfd_create("stubs"), "w+b")
        path = "/proc/%d/fd/%d" % (os.getpid(), file.fileno())
    else:
        file = tempfile.NamedTemporaryFile(prefix="stubs-")
        path = file.name
    file.write(symbol_file(area, symbols))
    file.flush()
    area.files.append(file)
    objfile.add_separate_debug_file(path)


def name_stubs(objfile):
    """Names what has come since the last time. The next image, if there is one, is behind the last."""
    area = getattr(objfile, "stubcache_area", None)
    if area is None:
        area = objfile.stubcache_area = Area(objfile)
    symbols = []
    try:
        while area.named < area.size:
            image = Image(area.start + area.named, area.size - area.named)
            start = area.link_address + area.named
            area.named += image.span
            for offset, size, name in image.symbols():
                symbols.append((start + offset, size, name))
                area.not_numbered.append((image.address + offset, name))
    except (ValueError, KeyError, struct.error, gdb.MemoryError):
        pass  # the usual end: nothing behind the last image
    if symbols:
        gdb.frame_filters["stubcache"].enabled = True
        add_names(objfile, area, symbols)


def is_ours(objfile):
    return (objfile.is_valid() and objfile.owner is None and objfile.filename is not None
            and os.path.basename(objfile.filename).startswith("libstubcache.so"))


def stub_of_trampoline(pc):
    """The name of the stub whose call returns to pc, if that is in a trampoline; or None."""
    library = gdb.solib_name(pc)
    if library is None or not os.path.basename(library).startswith("libstubcache.so"):
        return None
    start = pc & -TRAMPOLINE
    code = memory(start, TRAMPOLINE)
    if code[:7] != b"\xf3\x0f\x1e\xfa\x48\x8b\x1d" or code[11:14] != b"\x41\xff\xd3":
        return None
    frame = start + DISTANCE_OFFSET + struct.unpack_from("<q", code, DISTANCE_OFFSET)[0]
    number = struct.unpack("<I", memory(frame, 4))[0] & NUMBER
    for objfile in gdb.objfiles():
        area = getattr(objfile, "stubcache_area", None)
        if area is not None and objfile.filename == library:
            return name_by_number(area, number)
    return None


class Trampoline(FrameDecorator):
    """A trampoline's frame under the name of its stub, which is in no source."""

    def __init__(self, frame, name):
        super().__init__(frame)
        self.name = name

    def function(self):
        return self.name

    def filename(self):
        return None

    def line(self):
        return None

    def frame_args(self):
        return None

    def frame_locals(self):
        return None


class StubNames:
    """The frame filter. Enabled where there are stubs: gdb shows arguments a little differently where there are filters."""

    def __init__(self):
        self.name = "stubcache"
        self.priority = 100
        self.enabled = False
        gdb.frame_filters[self.name] = self

    def decorate(self, decorator):
        try:
            name = stub_of_trampoline(decorator.inferior_frame().pc())
        except Exception:
            name = None  # as for refresh
        return Trampoline(decorator, name) if name else decorator

    def filter(self, frames):
        return map(self.decorate, frames)


busy = False


def refresh(event=None):
    global busy
    if busy:
        return  # our own symbol file is a new one, too
    busy = True
    try:
        for objfile in gdb.objfiles():
            if is_ours(objfile):
                name_stubs(objfile)
    except Exception:
        pass  # a debugger without these names is still one: nobody's session is to be disturbed
    finally:
        busy = False


# Each copy of the library that is loaded brings this script along: once is enough.
if not hasattr(gdb, "stubcache_refresh"):
    gdb.stubcache_refresh = refresh
    StubNames()
    gdb.events.stop.connect(refresh)
    gdb.events.new_objfile.connect(refresh)
    gdb.events.before_prompt.connect(refresh)
gdb.stubcache_refresh()
