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

# All that there are. What needs gigabytes, a network or a screen leaves itself out.
python_list()
{
	"$SUITES_DIR/python/environment/bin/python3" -m test --list-tests
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
