# SPDX-License-Identifier: MIT
# What python.sh runs.
import ctypes
import hashlib
import json
import lzma
import multiprocessing
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import zlib


def text_and_digests():
    data = json.dumps({str(n): [n, n / 3, "x" * (n % 7)] for n in range(2000)}, sort_keys=True)
    assert json.loads(data)["7"][0] == 7
    raw = data.encode()
    print("sha256", hashlib.sha256(raw).hexdigest(), "crc32", zlib.crc32(raw))
    print("zlib", zlib.decompress(zlib.compress(raw)) == raw, "lzma", lzma.decompress(lzma.compress(raw)) == raw)


def database():
    base = sqlite3.connect(":memory:")
    base.create_function("twice", 1, lambda value: 2 * value)
    base.execute("create table t (a integer primary key, b text)")
    base.executemany("insert into t values (?, ?)", ((n, str(n % 13)) for n in range(3000)))
    print("sqlite", base.execute("select sum(twice(a)), count(distinct b) from t").fetchone())


def tls():
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="example.org")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        print("ssl: hello sent", outgoing.pending > 100)
    incoming.write(b"this is no server\n" * 10)
    try:
        client.do_handshake()
    except ssl.SSLError as error:
        print("ssl:", error.reason)


def callbacks():
    libc = ctypes.CDLL(None)
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    calls = []

    @kind
    def order(a, b):
        calls.append(1)
        return a[0] - b[0]

    numbers = (ctypes.c_int * 500)(*((n * 7919) % 1009 for n in range(500)))
    libc.qsort(numbers, len(numbers), ctypes.sizeof(ctypes.c_int), order)
    print("qsort", list(numbers) == sorted(numbers), len(calls) > 500)
    libm = ctypes.CDLL("libm.so.6")
    libm.pow.restype = ctypes.c_double
    libm.pow.argtypes = (ctypes.c_double, ctypes.c_double)
    print("pow", libm.pow(2.0, 0.5))
    buffer = ctypes.create_string_buffer(100)
    libc.snprintf(buffer, ctypes.c_size_t(100), b"%d %s %.3f", 7, b"seven", ctypes.c_double(7.25))
    print("snprintf", buffer.value)


def threads():
    lock, total = threading.Lock(), [0]

    def work(n):
        for step in range(200):
            with lock:
                total[0] += n * step
            os.stat("/")

    running = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    print("threads", total[0])


def square(n):
    return os.getpid() > 0 and n * n


def processes():
    print("subprocess", subprocess.run(["sed", "s/a/b/g"], input=b"banana", stdout=subprocess.PIPE).stdout)
    print("shell", subprocess.run("exit 3", shell=True).returncode)
    killed = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    killed.stdin.write(b"started\n")
    killed.stdin.flush()
    print(killed.stdout.readline())
    killed.kill()
    print("killed", killed.wait())
    for way in ("fork", "spawn"):
        with multiprocessing.get_context(way).Pool(2) as pool:
            print(way, sum(pool.map(square, range(100))))
            pool.close()  # workers that are killed do not say what they loaded
            pool.join()
    child = os.fork()
    if child == 0:
        os._exit(7)
    print("fork", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    spawned = os.posix_spawn("/bin/true", ["true"], os.environ)
    print("posix_spawn", os.waitstatus_to_exitcode(os.waitpid(spawned, 0)[1]))


def signals():
    seen = []
    signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
    for _ in range(100):
        os.kill(os.getpid(), signal.SIGUSR1)
    print("signals", len(seen))
    left, right = socket.socketpair()
    left.sendall(b"over the pair")
    print("socket", right.recv(100))


def main():
    for step in (text_and_digests, database, tls, callbacks, threads, processes, signals):
        step()
        sys.stdout.flush()


if __name__ == "__main__":
    main()
