#!/bin/bash
# SPDX-License-Identifier: MIT
#
# git: a repository from its first commit to a merge, a repack and a clone, with the children that git starts.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
set -e
command -v git >/dev/null || { echo "no git"; exit 77; }

export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
export GIT_AUTHOR_NAME=author GIT_AUTHOR_EMAIL=author@example.org GIT_AUTHOR_DATE='2020-01-01T00:00:00Z'
export GIT_COMMITTER_NAME=author GIT_COMMITTER_EMAIL=author@example.org GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'

git init -q -b main repository
cd repository
for n in 1 2 3; do
	seq 1 $((n * 100)) >"file$n"
	git add .
	git commit -q -m "change $n"
done
git checkout -q -b side HEAD~1
echo side >side
git add side
git commit -q -m 'on the side'
git checkout -q main
git merge -q --no-edit side
git log --graph --oneline
git diff --stat HEAD~2
sed -i 's/^7$/seven/' file1
git diff
git status --short
git stash -q
git stash list
git gc -q
git fsck --no-progress
git grep -n '^300$'
git ls-tree -r HEAD
cd ..
git clone -q repository copy
git -C copy rev-parse HEAD
! git -C copy show nothing
