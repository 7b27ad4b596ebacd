"""Tables: what CREATE TABLE says, what is enforced, and what is only recorded."""

from typing import Any

import pytest

from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.result import Column

LAYOUT = "select diststyle, sortkey1 from svv_table_info where \"table\" = 't'"


def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    """Run one query."""
    return engine.execute([sql])[0].rows


@pytest.mark.parametrize(
    ("sql", "layout"),
    [
        pytest.param("create table t (a integer)", ("AUTO(ALL)", None), id="nothing"),
        pytest.param("create table t (a integer) diststyle even", ("EVEN", None), id="diststyle"),
        pytest.param(
            "create table t (a integer, b integer) diststyle key distkey (a) compound sortkey (b, a)",
            ("KEY(a)", "b"),
            id="keys of the table",
        ),
        pytest.param(
            "create table t (a integer distkey encode az64, b decimal(9, 2) encode raw sortkey not null)",
            ("KEY(a)", "b"),
            id="keys of columns",
        ),
        pytest.param(
            "create table t (a integer) backup no sortkey auto encode auto",
            ("AUTO(ALL)", None),
            id="automatic",
        ),
        pytest.param("create table t diststyle all as select 1 as a", ("ALL", None), id="from a query"),
    ],
)
def test_the_layout_of_a_table_is_recorded(engine: Engine, sql: str, layout: tuple[str, str | None]) -> None:
    """There are no nodes that it would be laid out on; a table that is dropped has none."""
    engine.execute([sql])
    assert rows(engine, LAYOUT) == [layout]
    engine.execute(["drop table t"])
    assert rows(engine, LAYOUT) == []


def test_a_table_that_is_there_stays_as_it_is(engine: Engine) -> None:
    """Its rows, its columns and its layout."""
    engine.execute(["create table t (a integer) diststyle all", "insert into t values (1)"])
    engine.execute(["create table if not exists t (b integer) diststyle even"])
    assert rows(engine, "select a from t") == [(1,)]
    assert rows(engine, LAYOUT) == [("ALL", None)]


def test_keys_are_not_enforced(engine: Engine) -> None:
    """As on Redshift, where they are hints."""
    engine.execute(
        [
            "create table p (a integer primary key)",
            (
                "create table t (a integer references p (a), b integer unique, primary key (a), unique (b), "
                "foreign key (b) references p (a))"
            ),
            "insert into t values (1, 2), (1, 2)",
        ]
    )
    assert rows(engine, "select * from t") == [(1, 2), (1, 2)]


@pytest.mark.parametrize(
    ("kind", "fits", "is_too_long", "length"),
    [
        pytest.param("varchar(3)", "abc", "abcd", 3, id="bytes"),
        pytest.param("varchar(3)", "aö", "aöö", 3, id="bytes of UTF-8, not characters"),
        pytest.param("varchar", "x" * 256, "x" * 257, 256, id="256 by default"),
        pytest.param("text", "x" * 256, "x" * 257, 256, id="text is no longer"),
        pytest.param("varchar(max)", "x" * 65535, "x" * 65536, 65535, id="the longest"),
    ],
)
def test_lengths_are_enforced(engine: Engine, kind: str, fits: str, is_too_long: str, length: int) -> None:
    """AWS, "Character types": a length is in bytes."""
    engine.execute([f"create table t (a {kind})", f"insert into t values ('{fits}')"])  # noqa: S608  # ours
    with pytest.raises(RedshiftError, match=rf"character varying\({length}\), in column `a`"):
        engine.execute([f"insert into t values ('{is_too_long}')"])  # noqa: S608  # ours


def test_a_table_like_another_has_its_columns_and_what_is_enforced(engine: Engine) -> None:
    """Not its defaults and not its rows."""
    engine.execute(
        ["create table t (a varchar(3) not null, b integer default 7)", "insert into t values ('x', 1)"]
    )
    like = "create temp table u (like t)"
    assert engine.execute([like, "insert into u (a) values ('x')", "select * from u"])[2].rows == [
        ("x", None)
    ]
    for values, reason in (("'long', 1", "value too long"), ("null, 1", "NULL value into column u.a")):
        with pytest.raises(RedshiftError, match=reason):
            engine.execute([like, f"insert into u values ({values})"])  # noqa: S608  # ours
    with pytest.raises(RedshiftError, match='relation "nowhere" does not exist'):
        engine.execute(["create table v (like nowhere)"])


def test_defaults_are_filled_in(engine: Engine) -> None:
    """GETDATE() too, at the insert."""
    engine.execute(["create table t (a integer, b integer default 7, c timestamp default getdate())"])
    engine.execute(["insert into t (a) values (1)"])
    assert rows(engine, "select a, b, c > '2020-01-01' from t") == [(1, 7, True)]


def test_a_table_from_a_query_has_types_of_redshifts(engine: Engine) -> None:
    """A sum of integers is a bigint, and the time of the statement has no zone."""
    engine.execute(["create table t as select sum(1) as s, getdate() as g, count(*) from (select 1) as x"])
    (result,) = engine.execute(["select * from t"])
    assert result.columns == (Column("s", "int8"), Column("g", "timestamp"), Column("count", "int8"))
    sql = "select data_type from information_schema.columns where table_name = 't' and column_name = 's'"
    assert rows(engine, sql) == [("bigint",)]


def test_temporary_tables_of_two_calls_do_not_meet(engine: Engine) -> None:
    """Each call is a session of its own, and leaves nothing in the catalogue."""
    for number in (1, 2):
        results = engine.execute([f"create temp table s as select {number} as a", "select a from s"])
        assert results[1].rows == [(number,)]
    with pytest.raises(RedshiftError, match='relation "s" does not exist'):
        engine.execute(["select * from s"])
    assert rows(engine, "select count(*) from svv_table_info") == [(0,)]


def test_views_show_what_is_in_their_tables(engine: Engine) -> None:
    """They outlive the session, translated functions included."""
    engine.execute(["create table t (a integer)", "create view v as select a / 2 as half from t"])
    engine.execute(["insert into t values (5)"])
    assert rows(engine, "select half from v") == [(2,)]
    engine.execute(["create view w as select 'a' || a as label, getdate() > '2020-01-01' as b from t"])
    assert rows(engine, "select * from w") == [("a5", True)]
    engine.execute(["drop view if exists v"])
    with pytest.raises(RedshiftError, match='relation "v" does not exist'):
        engine.execute(["select * from v"])


def test_the_catalogue_names_tables_and_columns(engine: Engine) -> None:
    """Where clients look them up."""
    engine.execute(["create table T (A integer)"])
    assert ("t",) in rows(engine, "select tablename from pg_tables")
    sql = "select column_name from information_schema.columns where table_name = 't'"
    assert rows(engine, sql) == [("a",)]
