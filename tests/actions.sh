# SPDX-License-Identifier: MIT
#
# The actions under which no program may change: what compares programs with and without us tries each of these. Sourced.
# TEST_ACTIONS in the environment takes the place of the list.

read -ra actions <<<"${TEST_ACTIONS:-count time trace stack}"

# What does not fit is dropped, and counted: that, too, must not matter, and disks stay empty.
export STUBCACHE_TRACE=${STUBCACHE_TRACE:-buffer=4M}

# rules_for PATTERN: a rule an action, separated by blanks.
rules_for()
{
	local action

	for action in "${actions[@]}"; do
		printf '%s=%s ' "$action" "$1"
	done
}
