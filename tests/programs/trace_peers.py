#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""trace_peers.py ltrace|strace CONSTANTS RECORDS LOG: compares traced calls with those of a peer, one by one.

CONSTANTS is the 10-constants.h of the build, RECORDS what `stubcache report --events --json` printed, LOG what
`ltrace -o` or `strace -f -k -o` wrote about another run of the same program. The calls that both see must be the same in
order, arguments and result. Which those are:

ltrace   Calls of libc.so.6 that the program itself makes through its lazily bound PLT, where alone ltrace looks. Arguments and results where /etc/ltrace.conf declares the
         function; otherwise it prints registers that nothing was passed in, and only the name and order are compared.
strace   Calls of wrappers that something outside of libc has called, and the system calls below a wrapper's frame. What
         it makes of its arguments is said in WRAPPERS.

What is normalised, and nothing else:
- strace leads to what an iovec points to, we do not
- the C library makes other system calls of some functions, and adds SA_RESTORER; poll's and select's results are shown
  in the arguments here, and behind the result there
- addresses, ports and process numbers differ from run to run: each of ours must stand for one of theirs, and the other way round
- a number may be written in any base, as a character, or as names of constants; of int, 32 bits are compared
- NULL, nil and 0 are the same
- where one shows an address and the other what lies there, neither can be wrong but by NULL
- ltrace ends a buffer at its first NUL, numbers signals of a set from 0, and reads open's mode though none was passed
- what an int * points to is in brackets here, and bare there
- a string that is cut ("...") is compared as far as it goes; one of which a length says how much is read (strncmp,
  fwrite), up to there
"""
import errno
import json
import os
import re
import signal
import struct
import subprocess
import sys

ADDRESS = 0x10000  # smaller numbers are not taken for addresses


# ---- values as text ----

def split(text):
    """Arguments at the commas that are in no quotes and no brackets."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        c = text[at]
        if c in '"\'':
            at += 1
            while at < len(text) and not (text[at] == c and re.match(r'(\.\.\.)?([],)} ]|$)', text[at + 1:at + 5])):
                at += 2 if text[at] == '\\' else 1
        elif c in '([{':
            depth += 1
        elif c in ')]}':
            depth -= 1
        elif c == ',' and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
        at += 1
    if text[start:].strip():
        parts.append(text[start:].strip())
    return parts


ESCAPES = {'n': 10, 't': 9, 'r': 13, 'v': 11, 'f': 12, 'a': 7, 'b': 8, 'e': 27}


def unquote(text):
    """Bytes of a quoted string, and whether it was cut; None: it is none."""
    match = re.fullmatch(r'"((?:[^\\]|\\.)*)"(\.\.\.)?', text, re.S)
    if not match:
        return None
    out, at, body = bytearray(), 0, match.group(1)
    while at < len(body):
        if body[at] != '\\':
            out += body[at].encode('utf-8', 'surrogateescape')
            at += 1
            continue
        octal = re.match(r'[0-7]{1,3}', body[at + 1:])
        hexa = re.match(r'x([0-9a-fA-F]{2})', body[at + 1:])
        if hexa:
            out.append(int(hexa.group(1), 16))
            at += 4
        elif octal:
            out.append(int(octal.group(0), 8))
            at += 1 + len(octal.group(0))
        else:
            out.append(ESCAPES.get(body[at + 1], ord(body[at + 1])))
            at += 2
    return bytes(out), bool(match.group(2))


def ltrace_signals(text):
    """Numbers of a set like <0-2, 13>, which is counted from 0."""
    numbers = set()
    for first, last in re.findall(r'(\d+)(?:-(\d+))?', text):
        numbers.update(range(int(first) + 1, int(last or first) + 2))
    return numbers


class Peers:
    def __init__(self, constants):
        text = open(constants).read()
        self.constants = {name: int(value, 0) for name, value in re.findall(r'\b(\w+)(?: \[\[.*?\]\])? = (-?\w+)', text)
                          if re.fullmatch(r'-?(0x[0-9a-f]+|\d+)', value)}
        self.constants.update({name: number for number, name in errno.errorcode.items()})
        self.ours, self.theirs = {}, {}
        self.pids = 0, 0

    def number(self, text):
        if text in ('NULL', 'nil'):
            return 0
        if re.fullmatch(r'-?(0x[0-9a-fA-F]+|[1-9]\d*|0)', text):
            return int(text, 0)
        if re.fullmatch(r'0[0-7]+', text):
            return int(text, 8)
        if text.startswith("'") and text.endswith("'"):
            inner = unquote('"' + text[1:-1].replace('"', '\\"') + '"')
            return inner[0][0] if inner and len(inner[0]) == 1 else None
        value = 0
        for part in text.split('|'):
            if part in self.constants:
                value |= self.constants[part]
            elif re.fullmatch(r'0x[0-9a-f]+|0[0-7]*', part):
                value |= int(part, 16 if 'x' in part else 8)
            else:
                return None
        return value

    def signals(self, text):
        """Numbers of a set like [INT RT_2]."""
        return {32 + int(name[3:]) if name.startswith('RT_') else signal.Signals['SIG' + name]
                for name in text.strip('[]').split()}

    def paired(self, a, b):
        """Whether an address of ours can be one of theirs: the same pair as before."""
        return self.ours.setdefault(a, b) == b and self.theirs.setdefault(b, a) == a

    def forget_pair(self, a, b):
        """What a function returns may be what was freed before, and had another partner then."""
        self.theirs.pop(self.ours.pop(a, None), None)
        self.ours.pop(self.theirs.pop(b, None), None)

    def same_numbers(self, a, b):
        if a == b or (a - b) % 2**32 == 0 and -2**31 <= min(a, b) and max(a, b) < 2**32:
            return True
        if (a - b) % 2**64 == 0:
            return True
        return abs(a) >= ADDRESS and abs(b) >= ADDRESS and self.paired(a, b)

    def same(self, ours, theirs, limit=None):
        if ours == theirs or ours == '<void>' or ours.replace('SIGRT_', 'SIGRTMIN_') == theirs:
            return True
        if theirs.startswith('<'):
            return ours.startswith('0x') or ours.startswith('[') and self.signals(ours) == ltrace_signals(theirs)
        a, b = self.number(ours), self.number(theirs)
        if (a, b) == self.pids:
            return True
        if a is not None and b is not None:
            return self.same_numbers(a, b)
        if re.fullmatch(r'\[[^][, ]+\]', ours) and b is not None and abs(b) < ADDRESS:
            return self.same(ours[1:-1], theirs)
        s, t = unquote(ours), unquote(theirs)
        if s and t:
            length = min(len(s[0]) if s[1] else 2**31, len(t[0]) if t[1] else 2**31, 2**31 if limit is None else limit)
            if length == 2**31 and len(s[0]) == len(t[0]) and len(s[0]) % 8 == 0:
                words = zip(*(struct.unpack(f'<{len(x[0]) // 8}Q', x[0]) for x in (s, t)))
                return all(a == b or min(a, b) >= ADDRESS and self.paired(a, b) for a, b in words)
            if t[0] == s[0].split(b'\0')[0]:
                return True
            if limit is not None and t[0][:limit] == s[0]:
                return True
            return s[0][:length] == t[0][:length] and (len(s[0]) == len(t[0]) or length < 2**31)
        if a is None and b is None:
            try:
                return abs(float(ours) - float(theirs)) <= 1e-6 * abs(float(ours))
            except ValueError:
                return False
        # an address here, what lies there on the other side
        return (a is None or a >= ADDRESS) and (b is None or b >= ADDRESS) and '"{[<'.find((ours if a is None else theirs)[0]) >= 0


    def same_text(self, ours, theirs):
        """strace names all that we name, so that these are texts, but for numbers that have no name, and addresses."""
        theirs = re.sub(r' /\* .*? \*/', '', theirs)
        theirs = re.sub(r'^\w+ \((?:[a-z]+ )?([A-Z][A-Z0-9_]+(?:\|\w+)*)\)$', r'\1', theirs)
        theirs = re.sub(r'_IOC\(_IOC_NONE, (\w+), (\w+), 0\)',
                        lambda m: hex(int(m.group(1), 0) << 8 | int(m.group(2), 0)), theirs)
        theirs = re.sub(rf'\b{self.pids[1]}\b', str(self.pids[0]), theirs)
        if '=> ' in ours and '=> ' not in theirs:
            ours = ours.split('=> ')[-1]
        ours, theirs = (re.sub(r'(iov_base=|msg_iov=)(0x\w+|"(?:[^"\\]|\\.)*"(\.\.\.)?|\[\{iov_.*?\}\])', r'\1?', text)
                        for text in (ours.replace('msg_control=NULL, msg_controllen=0', 'msg_controllen=0'), theirs))
        if ours == theirs:
            return True
        if re.fullmatch(r'-?\d\w*', ours) and re.fullmatch(r'-?\d\w*', theirs):
            a, b = self.number(ours), self.number(theirs)
            return a == b or abs(a) >= ADDRESS and abs(b) >= ADDRESS and self.paired(a, b)
        changing = r'(?<=\w=)0x[0-9a-f]{5,}|htons\(\d+\)'
        pairs = zip(re.findall(changing, ours), re.findall(changing, theirs))
        return (re.sub(changing, '?', ours) == re.sub(changing, '?', theirs)
                and all(self.paired(a, b) for a, b in pairs))


def forget_results(peers, ours, theirs):
    a, b = peers.number(ours), peers.number(theirs)
    if a is not None and b is not None and peers.ours.get(a) != b:
        peers.forget_pair(a, b)


def our_calls(path):
    calls = [json.loads(line) for line in open(path)]
    calls = [call for call in calls if call['event'] == 'call']
    return sorted(calls, key=lambda call: call['time_ns'])


def plain_result(call):
    """Without the error's name, which ltrace does not show."""
    return re.sub(r' E[A-Z0-9]+ \(.*\)$', '', call['result']) if call['returned'] else '?'


def differ(what, ours, theirs):
    print(f'FAIL: {what}\n  ours:   {ours}\n  theirs: {theirs}')
    return 1


def shown(name, arguments, result):
    return f'{name}({", ".join(arguments)}) = {result}'


# ---- ltrace ----

def ltrace_calls(path):
    calls, unfinished, first = [], [], None
    for line in open(path, errors='surrogateescape'):
        pid, line = line.rstrip('\n').split(' ', 1)
        first = first or pid
        if pid != first:
            continue
        match = re.match(r'<\.\.\. (\w+) resumed> *(.*)\) += (.*)$', line)
        if match:
            call = next((c for c in reversed(unfinished) if c['name'] == match.group(1)), None)
            if call:
                unfinished.remove(call)
                call['arguments'] += split(match.group(2).lstrip(', '))
                call['result'] = match.group(3)
            continue
        match = re.match(r'(?:[\w.+-]+->)?(\w+)\((.*) <unfinished \.\.\.>$', line)
        if match:
            calls.append({'name': match.group(1), 'arguments': split(match.group(2).rstrip(', ')), 'result': '?'})
            unfinished.append(calls[-1])
            continue
        match = re.match(r'(?:[\w.+-]+->)?(\w+)\((.*)\) += (.*)$', line)
        if match:
            calls.append({'name': match.group(1), 'arguments': split(match.group(2)), 'result': match.group(3)})
        elif re.match(r'(?:[\w.+-]+->)?(\w+)\((.*)<no return', line):
            calls.append({'name': line.split('(')[0], 'arguments': [], 'result': '?'})
    return calls, int(first or 0)


def ltrace_prototypes():
    """Names that ltrace.conf declares, and which arguments it reads as strings whose length is another's value."""
    out = set()
    for line in open('/etc/ltrace.conf'):
        match = re.match(r'\s*[\w*() ,]+?\s(\w+)\s*\(', line.split(';')[0])
        if match and not line.startswith('typedef'):
            out.add(match.group(1))
    return out


# Its struct sigaction has no flags, its names of SIG_SETMASK and others are one off.
LTRACE_WRONG = ('sigaction', 'sigprocmask', 'fork', 'waitpid', 'getppid')
# Conversions that it takes for others: of long double, char, intmax_t, long long, wide strings, and positions.
LTRACE_FORMATS = re.compile(r"%[-+ #0'*.\d]*(L[a-zA-Z]|\d\$|ls|S|hh|jd|lld)")
BOUNDED = {'strncmp': 2, 'strncasecmp': 2, 'strncpy': 2, 'strncat': 2, 'strndup': 1, 'stpncpy': 2, 'strnlen': 1}


def compare_ltrace(peers, ours, theirs):
    theirs, pid = theirs
    peers.pids = ours[0]['pid'], pid
    prototypes, known = ltrace_prototypes(), {call['function'] for call in ours}
    program = ours_program(ours)
    plt = lazily_bound(program)
    ours = [call for call in ours if call['function'] in plt and call['pid'] == ours[0]['pid']
            and is_from(call, program)]
    theirs = [call for call in theirs if call['name'] in known]
    failures = compared = 0
    for n, call in enumerate(ours):
        values = [argument['value'] for argument in call['arguments']]
        mine = shown(call['function'], values, plain_result(call))
        if n >= len(theirs) or theirs[n]['name'] != call['function']:
            return differ(f'call {n} of the program: another function', mine,
                          shown(**theirs[n]) if n < len(theirs) else '(none)'), n
        if call['function'] not in prototypes:
            continue
        compared += 1
        his = theirs[n]
        bound = BOUNDED.get(call['function'])
        limit = peers.number(values[bound]) if bound is not None else None
        if call['function'].startswith('fwrite'):
            limit = peers.number(values[1]) * peers.number(values[2])
        if his['result'] == '?' and not his['arguments'] or call['function'] in LTRACE_WRONG \
                or 'printf' in call['function'] and any(map(LTRACE_FORMATS.search, values)):
            continue
        if re.match('open(64)?$', call['function']) and len(values) == 2:
            his['arguments'] = his['arguments'][:2]
        pairs = list(zip(values, his['arguments']))
        if len(values) != len(his['arguments']) or not all(peers.same(a, b, limit) for a, b in pairs):
            failures += differ(f'call {n}: other arguments', mine, shown(**his))
            continue
        forget_results(peers, plain_result(call), his['result'])
        if his['result'] != '?' and not peers.same(plain_result(call), his['result']):
            failures += differ(f'call {n}: another result', mine, shown(**his))
    if len(theirs) != len(ours):
        failures += differ('the number of calls', len(ours), len(theirs))
    print(f'ltrace: {len(ours)} calls in the same order, {compared} of them with arguments and result')
    return failures, compared


OF_LIBC = 'malloc calloc realloc free memalign aligned_alloc'.split()


def is_from(call, program):
    """By the return address. Where a function that libc calls back ends by a tail call, that lies in libc, which
    itself calls nothing through a PLT but OF_LIBC."""
    module = call.get('caller', {}).get('module', '')
    return module == program or module.endswith('/libc.so.6') and call['function'] not in OF_LIBC


def lazily_bound(program):
    out = subprocess.run([os.environ.get('READELF', 'readelf'), '-rW', program], capture_output=True, text=True).stdout
    return set(re.findall(r'R_X86_64_JUMP_SLO\S* +\S+ +(\w+)', out))


def ours_program(ours):
    """The module that makes most calls and is no shared library."""
    counts = {}
    for call in ours:
        module = call.get('caller', {}).get('module', '')
        if '.so' not in module:
            counts[module] = counts.get(module, 0) + 1
    return max(counts, key=counts.get)


# ---- strace ----

def at(name, flags=None):
    """A wrapper whose call has AT_FDCWD first, and flags last."""
    return lambda a: (name, ['AT_FDCWD'] + a + ([flags] if flags is not None else []))


def as_it_is(name):
    return lambda a: (name, a)


WRAPPERS = {name: as_it_is(name) for name in '''
    accept accept4 access bind chdir chmod chown close connect creat dup dup2 dup3 epoll_create1 epoll_ctl
 epoll_wait clock_nanosleep execve dup
    epoll_pwait faccessat fchdir fchmod fchown fcntl fdatasync flock fsync ftruncate
    geteuid getegid getgid getpeername getpgrp getpid getsid
    getsockname getsockopt getuid getxattr ioctl kill lgetxattr link linkat listen lseek madvise mkdir mkdirat mlock mmap mprotect
    munmap openat pipe pipe2 pread64 pwrite64 read readlink readlinkat readv recvfrom recvmsg rename renameat2
    rmdir sendmsg sendto setsockopt shutdown socket socketpair statfs statx symlink sync truncate umask uname unlink
    unlinkat utimensat write writev'''.split()}
WRAPPERS.update({
    'open': at('openat'), 'open64': at('openat'), 'openat64': as_it_is('openat'),
    '__open_2': at('openat'), '__open64_2': at('openat'), '__openat_2': as_it_is('openat'),
    '__openat64_2': as_it_is('openat'), '__read_chk': lambda a: ('read', a[:3]),
    '__readlink_chk': lambda a: ('readlink', a[:3]),
    'stat': at('newfstatat', '0'), 'stat64': at('newfstatat', '0'),
    'lstat': at('newfstatat', 'AT_SYMLINK_NOFOLLOW'), 'lstat64': at('newfstatat', 'AT_SYMLINK_NOFOLLOW'),
    'fstat': lambda a: ('newfstatat', [a[0], '""', a[1], 'AT_EMPTY_PATH']),
    'fstat64': lambda a: ('newfstatat', [a[0], '""', a[1], 'AT_EMPTY_PATH']),
    'fstatat': as_it_is('newfstatat'), 'fstatat64': as_it_is('newfstatat'),
    'mmap64': as_it_is('mmap'), 'lseek64': as_it_is('lseek'), 'fcntl64': as_it_is('fcntl'),
    'ftruncate64': as_it_is('ftruncate'), 'statfs64': as_it_is('statfs'),
    'pread': as_it_is('pread64'), 'pwrite': as_it_is('pwrite64'),
    'send': lambda a: ('sendto', a + ['NULL', '0']), 'recv': lambda a: ('recvfrom', a + ['NULL', 'NULL']),
    'sigaction': lambda a: ('rt_sigaction', a + ['8']), 'sigprocmask': lambda a: ('rt_sigprocmask', a + ['8']),
    'pipe': lambda a: ('pipe2', a + ['0']), 'poll': None, 'nanosleep': lambda a: ('clock_nanosleep', ['CLOCK_REALTIME', '0'] + a),
     'select': None,
    'faccessat': as_it_is('faccessat2'), 'getrlimit': lambda a: ('prlimit64', ['0', a[0], 'NULL', a[1]]),
    'getrlimit64': lambda a: ('prlimit64', ['0', a[0], 'NULL', a[1]]),
})


def as_system_call(call):
    """Name, arguments and result that strace is to show of a call of ours."""
    name, values = call['function'], [argument['value'] for argument in call['arguments']]
    result = call['result'].replace('<void>', '0') if call['returned'] else '?'
    if plain_name(name) == 'fcntl' and values[1] == 'F_GETOWN' and result.isdigit():
        return 'fcntl', [values[0], 'F_GETOWN_EX', f'{{type=F_OWNER_PID, pid={result}}}'], '0'
    if name == 'poll':
        return 'poll', *poll_as_strace(values, result)
    if name == 'select':
        return 'pselect6', *select_as_strace(values, result)
    name, values = WRAPPERS[name](values)
    return name, values, result


def poll_as_strace(values, result):
    before, after = values[0], values[0].split(' => ')[-1]
    asked = re.sub(r', revents=[^}]*', '', before.split(' => ')[0].rstrip(']') + ']')
    found = [f'{{fd={fd}, revents={revents}}}' for fd, revents in re.findall(r'fd=(\d+), .*?revents=([^}]*)', after)
             if revents != '0']
    return [asked] + values[1:], f'{result} ([{", ".join(found)}])' if found else f'{result} (Timeout)'


def select_as_strace(values, result):
    """Without how much of the time was left."""
    sets = [re.split(r'\]? => \[?', value.strip()[1:-1]) for value in values[1:4]]
    asked = [value if value == 'NULL' else f'[{s[0]}]' for value, s in zip(values[1:4], sets)]
    letters = [f'{kind} [{s[-1]}]' for kind, value, s in zip(('in', 'out', 'except'), values[1:4], sets)
               if value != 'NULL' and s[-1]]
    time = re.match(r'\{tv_sec=(\d+), tv_usec=(\d+)\}', values[4])
    time = f'{{tv_sec={time.group(1)}, tv_nsec={int(time.group(2)) * 1000}}}' if time else values[4]
    return [values[0]] + asked + [time, 'NULL'], f'{result} ({", ".join(letters)})' if letters else f'{result} (Timeout)'


def refused(call):
    """The C library keeps two signals for itself, and asks no kernel about them."""
    return call['function'] == 'sigaction' and call['arguments'][0]['value'] in ('SIGRTMIN', 'SIGRT_1')


def tidy(call):
    """strace's, without what the C library adds to it, and what is never the same."""
    if call['name'] == 'rt_sigaction':
        call['arguments'][1] = re.sub(r', sa_restorer=0x\w+', '', call['arguments'][1])
        call['arguments'][1] = re.sub(r'SA_RESTORER\|', '', call['arguments'][1]).replace('SA_RESTORER', '0')
    if call['name'] == 'pselect6':
        call['result'] = re.sub(r'(, )?left \{.*?\}', '', call['result'])
    return call['name'], call['arguments'], call['result']


def strace_calls(path):
    """With the frames of each: modules, innermost first."""
    calls = []
    for line in open(path, errors='surrogateescape'):
        pid, line = re.match(r'(\d+)? *(.*)', line.rstrip('\n')).groups() if line[0] != ' ' else (None, line)
        frame = re.match(r' > ([^(]+)\((.*?)(?:\+0x[0-9a-f]+)?\) \[', line)
        if frame and calls:
            calls[-1]['frames'].append(frame.groups())
            continue
        match = re.match(r'(\w+)\((.*)\) += (.*)$', line)
        if match:
            calls.append({'name': match.group(1), 'arguments': split(match.group(2)), 'result': match.group(3),
                          'frames': [], 'pid': int(pid or 0)})
    return calls


def plain_name(name):
    """open for __open64, __libc_open and so on: which of them a frame is called after is chance."""
    name = re.sub(r'(64|_chk|_nocancel|_2)*$', '', re.sub(r'^_*(libc_|GI_)?', '', name))
    return 'fstatat' if name in ('stat', 'fstat', 'lstat') else name


def wrapper_of(call):
    """The function of libc that was called from outside of it, and made this call; None: none did."""
    inside = 0
    while inside < len(call['frames']) and '/libc.so.6' in call['frames'][inside][0]:
        inside += 1
    if inside in (0, len(call['frames'])) or 'ld-linux' in call['frames'][inside][0]:
        return None
    outermost = call['frames'][inside - 1][1]
    # The end of another function, which has left no frame: fstat calls fstatat so, and is shown by its name.
    return None if 'nocancel' in outermost else plain_name(outermost)


def compare_strace(peers, ours, theirs):
    ours = [call for call in ours if call['function'] in WRAPPERS
            and not re.search(r'/libc\.so\.6$|/ld-linux', call.get('caller', {}).get('module', ''))
            and not refused(call)]
    peers.pids = ours[0]['pid'], theirs[0]['pid']
    ours = [call for call in ours if call['pid'] == peers.pids[0]]
    theirs = [call for call in theirs if call['pid'] == peers.pids[1]]
    names = {plain_name(call['function']) for call in ours}
    theirs = [call for call in theirs if wrapper_of(call) in names]
    failures = 0
    theirs = [tidy(call) for call in theirs]
    for n, call in enumerate(ours):
        name, values, result = as_system_call(call)
        mine = f'{call["function"]}: ' + shown(name, values, result)
        if n >= len(theirs) or theirs[n][0] != name:
            return differ(f'system call {n}: another function', mine, shown(*theirs[n]) if n < len(theirs) else '-'), n
        if len(values) != len(theirs[n][1]) or not all(map(peers.same_text, values, theirs[n][1])):
            failures += differ(f'system call {n}: other arguments', mine, shown(*theirs[n]))
            continue
        forget_results(peers, result, theirs[n][2])
        if not peers.same_text(result, theirs[n][2]):
            failures += differ(f'system call {n}: another result', mine, shown(*theirs[n]))
    if len(theirs) != len(ours):
        failures += differ('the number of calls', len(ours), [shown(*call) for call in theirs[len(ours):len(ours) + 3]])
    print(f'strace: {len(ours)} calls in the same order, with arguments and result')
    return failures, len(ours)


def main():
    which, constants, records, log = sys.argv[1:]
    peers = Peers(constants)
    if which == 'ltrace':
        failures, compared = compare_ltrace(peers, our_calls(records), ltrace_calls(log))
    else:
        failures, compared = compare_strace(peers, our_calls(records), strace_calls(log))
    if compared == 0:
        failures += differ('nothing was compared', 0, 0)
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
