# SPDX-License-Identifier: MIT
#
# Debian's packages and their sources, for the suites, into SUITES_DIR. Nothing is installed, and the system's lists of
# sources stay as they are: deb-src lines are in lists of our own. Sourced; the last line that a function prints says
# what is wrong.

# Ten seconds without an answer are enough: who is offline is not to wait.
fetch_options=(-q -o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o APT::Sandbox::User="$(id -un)")

# fetch_lists: what sources there are, once.
fetch_lists()
{
	local apt=$SUITES_DIR/apt file

	fetch_options+=(
		-o Dir::Etc::SourceList=/dev/null
		-o Dir::Etc::SourceParts="$apt/parts"
		-o Dir::State::Lists="$apt/lists"
		-o Dir::Cache="$apt/cache"
	)
	[ ! -e "$apt/done" ] || return 0
	mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
	for file in /etc/apt/sources.list.d/{debian,ubuntu}.sources; do
		[ ! -e "$file" ] || sed 's/^Types:.*/Types: deb deb-src/' "$file" >"$apt/parts/${file##*/}"
	done
	file=/etc/apt/sources.list
	[ ! -e "$file" ] || sed -n 's/^deb \(.*\)/deb \1\ndeb-src \1/p' "$file" >"$apt/parts/sources.list"
	if ! apt-get "${fetch_options[@]}" update || [ -z "$(find "$apt/lists" -name '*Sources*')" ]; then
		echo "apt-get update fetches no lists of sources"
		return 1
	fi
	touch "$apt/done"
}

# fetch_source PACKAGE DIRECTORY: its source, unpacked and with Debian's patches.
fetch_source()
{
	[ ! -e "$2" ] || return 0
	for tool in apt-get dpkg-source; do
		if ! command -v "$tool"; then
			echo "no $tool (install dpkg-dev)"
			return 1
		fi
	done
	rm -rf "$2.part"
	mkdir -p "$2.part"
	fetch_lists || return
	if ! (cd "$2.part" && apt-get "${fetch_options[@]}" source --download-only "$1" && dpkg-source -x ./*.dsc source); then
		echo "cannot fetch the source of $1"
		return 1
	fi
	mv "$2.part/source" "$2"
	rm -rf "$2.part"
}

# fetch_package PACKAGE DIRECTORY: what it would install, below DIRECTORY.
fetch_package()
{
	[ ! -e "$2" ] || return 0
	if ! command -v dpkg-deb; then
		echo "no dpkg-deb"
		return 1
	fi
	rm -rf "$2.part"
	mkdir -p "$2.part"
	fetch_lists || return
	if ! (cd "$2.part" && apt-get "${fetch_options[@]}" download "$1" && dpkg-deb -x ./*.deb root); then
		echo "cannot fetch $1"
		return 1
	fi
	mv "$2.part/root" "$2"
	rm -rf "$2.part"
}

# build_once DIRECTORY COMMAND: run there, unless it has been. What it said is in DIRECTORY/suites.log.
build_once()
{
	[ ! -e "$1/suites.built" ] || return 0
	if ! (cd "$1" && bash -ec "$2") >"$1/suites.log" 2>&1 </dev/null; then
		echo "cannot be built: $1/suites.log says why"
		return 1
	fi
	touch "$1/suites.built"
}
