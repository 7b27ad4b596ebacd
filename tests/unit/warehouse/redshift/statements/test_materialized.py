"""Materialized views: rows that are computed at a refresh, and when they are stale."""

import pytest

from tests.unit.warehouse.redshift.statements.client import Client

STALE = 'select distinct "view" from _system.changes order by 1'


@pytest.fixture
def filled(client: Client) -> Client:
    """Give a table, and a materialized view of its groups."""
    client.run("create table t (a integer, b varchar(3))", "insert into t values (1, 'x'), (1, 'y')")
    client.run(
        "create materialized view m backup no diststyle key distkey (a) sortkey (n) auto refresh no "
        "as (select a, count(*) as n from t group by a)"
    )
    return client


def test_a_refresh_computes_the_rows_anew(filled: Client) -> None:
    """AWS, "REFRESH MATERIALIZED VIEW": until then they are what they were."""
    filled.run("insert into t values (2, 'z')")
    assert filled.rows("select a, n from m") == [(1, 2)]
    assert filled.record(STALE) == [("m",)]
    filled.run("refresh materialized view m")
    assert filled.rows("select a, n from m order by a") == [(1, 2), (2, 1)]
    assert filled.record(STALE) == []


@pytest.mark.parametrize(
    "sql",
    [
        "update t set b = 'w'",
        "delete from t where a = 1",
        "truncate t",
        "insert into t select 3, 'q'",
    ],
)
def test_every_write_makes_it_stale(filled: Client, sql: str) -> None:
    """In the writer's transaction; a read does not."""
    filled.run("select * from t", "begin", sql.replace("truncate t", "delete from t"), "rollback")
    assert filled.record(STALE) == []
    filled.run(sql)
    assert filled.record(STALE) == [("m",)]


def test_one_may_read_another_or_a_view(filled: Client) -> None:
    """CASCADE refreshes what it reads before it."""
    filled.run("create view v as select a from t", "create materialized view of_v as select a from v")
    filled.run("create materialized view of_m as select sum(n) as s from m", "insert into t values (2, 'z')")
    assert filled.record(STALE) == [("m",), ("of_v",)]
    filled.run("refresh materialized view of_m cascade")
    assert filled.rows("select s from of_m") == [(3,)]
    assert filled.record(STALE) == [("of_v",)]
    filled.fails("drop table t", "2BP01", "materialized view m")
    filled.run("drop table t cascade")
    assert filled.record("from _system.materialized_views") == []


def test_nothing_else_writes_it(filled: Client) -> None:
    """And it is dropped by its own statement."""
    for sql in ("insert into m values (1, 1)", "delete from m", "update m set n = 1", "truncate m"):
        filled.fails(sql, "42809", 'cannot change materialized view "m"')
    filled.fails("drop table m", "42809", "use DROP MATERIALIZED VIEW")
    filled.fails("alter table m add column x integer", "42809")
    filled.fails("refresh materialized view t", "42809")
    filled.run("drop materialized view if exists m, nowhere")
    filled.fails("select * from m", "42P01")


def test_names_that_it_reads_may_change(filled: Client) -> None:
    """A refresh follows."""
    filled.run(
        "alter table t rename column a to aa", "alter table t rename to u", "alter table m rename to mm"
    )
    filled.run("insert into u values (7, 'x')", "refresh materialized view mm")
    assert filled.rows("select a from mm order by 1") == [(1,), (7,)]


def test_auto_refresh_is_recorded(filled: Client) -> None:
    """Nothing refreshes by itself here."""
    filled.run("alter materialized view m auto refresh yes")
    assert filled.record("select is_auto_refreshed from _system.materialized_views") == [(True,)]
    filled.fails("alter materialized view m row level security on", "0A000", "ALTER MATERIALIZED VIEW … ROW")
    filled.run("create table w (a integer)", "alter table m owner to awsuser")
    assert filled.first("show view m") == [
        "CREATE MATERIALIZED VIEW public.m AS (select a, count(*) as n from t group by a);"
    ]
    sql = "select diststyle, is_backed_up from _system.tables where \"table\" = 'm'"
    assert filled.record(sql) == [("KEY(a)", False)]
