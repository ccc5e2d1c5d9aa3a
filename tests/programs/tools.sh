#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tar, gzip, xz, bzip2, sort, awk, sed, find, xargs and the like: short programs, pipes, threads (xz, sort).
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
set -e

mkdir tree
for n in $(seq 40); do
	mkdir -p "tree/$((n % 5))"
	seq $((n * 50)) >"tree/$((n % 5))/$n"
done
find tree -exec touch -d @86400 {} +
tar --sort=name --owner=0 --group=0 --numeric-owner -cf tree.tar tree
tar -tf tree.tar | tail -n 3
gzip -nk9 tree.tar
xz -k -T2 --block-size=65536 tree.tar
mkdir again
tar -C again -xzf tree.tar.gz
diff -r tree again/tree
xz -dc tree.tar.xz | cmp - tree.tar
xz -t tree.tar.xz
sha256sum tree.tar tree.tar.gz tree.tar.xz
find tree -type f -size +1k -name '*[02468]' -print0 | sort -z | xargs -0 -n 5 wc -l | tail -n 2
find tree -type f -print0 | sort -z | xargs -0 -P4 -n 3 cksum | sort | sha256sum
seq 200000 | sort -R --random-source=tree.tar | sort --parallel=2 -n -S 1M | tail -n 1
awk 'BEGIN { for (i = 0; i < 50000; i++) t[i % 101] += sqrt(i); for (i = 0; i < 101; i++) s += t[i]; printf "%.6f\n", s }'
awk '{ a += $1 } END { print a; while (("ls tree" | getline line) > 0) printf "%s ", line; print "" }' tree/0/40
sed -n -E 's/^([0-9])\1+$/& twice/p' tree/1/36 | head -n 4
grep -rc '^1' tree | sort | head -n 3
ls -lR --time-style=+%F tree | awk '{ print $1, $2, $NF }' | sha256sum
cp -a tree copy && rm -r tree && mv copy tree && ls tree | paste -sd,
join <(seq 5 | sed 's/$/ a/') <(seq 3 7 | sed 's/$/ b/') | tr '\n' ';'
cut -c1-2 tree/0/5 | uniq -c | tail -n 1
od -An -tx1 -N16 tree.tar.gz
date -u -d @0 +%FT%T
env printf '%s\n' "$(nproc --all | grep -c .)" "$(stat -c %s tree.tar)" "$(realpath --relative-to=. tree/../again)"
timeout -s KILL 10 true
timeout 0.05 sleep 100 || echo "timeout: $?"
