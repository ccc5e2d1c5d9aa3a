#!/bin/bash
# SPDX-License-Identifier: MIT
#
# sqlite3: a database on disk with some thousand rows, indices, a journal of each kind, full text search.
[ -n "${PROGRAM:-}" ] || exec "$BASH" "$(dirname "$0")/compare.sh" "$BASH" "$(realpath "$0")"
set -e

sqlite3 base <<'TEXT'
pragma journal_mode=wal;
create table item (id integer primary key, name text, price real, owner integer);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 6000)
	insert into item select i, 'item ' || (i * 7919 % 6007), i % 97 / 7.0, i % 53 from n;
create index item_name on item (name);
create index item_owner on item (owner, price);
explain query plan select * from item where owner = 7 order by price;
select count(*), sum(price), max(name) from item;
select owner, count(*), round(avg(price), 6) from item group by owner order by 3 desc limit 5;
begin;
delete from item where id % 3 = 0;
select changes();
rollback;
update item set price = price * 2 where owner between 10 and 20;
select changes();
create virtual table word using fts5(text);
insert into word select name from item where id <= 500;
select count(*) from word where word match '"item 1*"';
select json_extract('{"a":[1,2,3]}', '$.a[1]'), upper('x'), strftime('%Y', 0, 'unixepoch'), sqrt(2);
pragma integrity_check;
pragma journal_mode=delete;
vacuum;
TEXT
! sqlite3 base 'select * from nothing' || exit 1
sqlite3 base .dump | sha256sum
for n in 1 2 3 4; do
	sqlite3 -cmd '.timeout 20000' base "insert into item values (null, 'writer', $n, 1000)" &
done
wait
sqlite3 base "select count(*), sum(price) from item where owner = 1000"
