# SPDX-License-Identifier: MIT
# CPython's own tests, with the installed python3: Debian's package of them, which is laid beside the standard library's
# modules that have tests within. These go before the library in an environment (as venv makes them), not by PYTHONPATH,
# since many tests start python3 -I.

python_get()
{
	local version library=$SUITES_DIR/python/lib environment=$SUITES_DIR/python/environment part

	version=$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') || return
	[ ! -e "$library" ] || return 0
	mkdir -p "$environment/bin" "$environment/lib/python$version/site-packages"
	ln -sf /usr/bin/python3 "$environment/bin/python3"
	echo "home = /usr/bin" >"$environment/pyvenv.cfg"
	echo "import sys; sys.path.insert(0, '$library')" >"$environment/lib/python$version/site-packages/suites.pth"
	fetch_package "libpython$version-testsuite" "$SUITES_DIR/python/package" || return
	mkdir -p "$library.part"
	for part in ctypes distutils test unittest; do
		[ ! -e "/usr/lib/python$version/$part" ] || cp -r "/usr/lib/python$version/$part" "$library.part/"
		[ ! -e "$SUITES_DIR/python/package/usr/lib/python$version/$part" ] ||
			cp -r "$SUITES_DIR/python/package/usr/lib/python$version/$part" "$library.part/"
	done
	mv "$library.part" "$library"
}

# Those that have to do with the system, with threads, or with what is written in C, and that take less than two minutes.
python_suites="
	array asyncgen asynchat asyncio asyncore atexit binascii bz2 cmath cmd_line codecs
	concurrent_futures context contextlib coroutines crypt csv ctypes datetime dbm dbm_gnu eintr epoll
	exceptions faulthandler fcntl file file_eintr fileio float fork1 format ftplib functools gc generators
	getpass glob grp gzip hash hashlib heapq hmac httplib httpservers imaplib import importlib int io ioctl
	itertools json locale logging lzma mailbox marshal math memoryio memoryview mmap multiprocessing_fork
	multiprocessing_forkserver openpty os pathlib pickle pipes poll popen poplib posix posixpath pty pwd
	queue random re readline resource runpy sched select selectors shelve shutil signal smtplib socket
	socketserver ssl stat strftime struct subprocess sys sys_setprofile sys_settrace syslog tarfile
	telnetlib tempfile thread threadedtempfile threading threading_local threadsignals time timeit timeout
	tracemalloc types unicode unittest urllib urllib2_localnet utf8_mode uuid wait3 wait4 weakref wsgiref
	xml_etree xml_etree_c xmlrpc zipfile zipimport zlib
"

python_list()
{
	local name

	for name in $python_suites; do
		echo "test_$name"
	done
}

python_run()
{
	local output=$work/junit.xml

	rm -f "$output"
	export LC_ALL=C.UTF-8
	# Virtual machines have sockets for their hosts (VSOCK) that nobody may be behind: those wait for ever.
	timeout -k 10 1800 "$SUITES_DIR/python/environment/bin/python3" -m test --timeout 1500 --ignore '*VSOCK*' \
		--junit-xml "$output" "$1" >"$work/log" 2>&1
	echo "all	status $?"
	[ ! -e "$output" ] || /usr/bin/python3 "$here/junit_lines.py" "$output"
}
