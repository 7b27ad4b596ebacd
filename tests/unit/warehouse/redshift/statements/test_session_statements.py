"""What a session keeps by name: prepared statements and cursors; and what it does to others."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from tests.unit.warehouse.redshift.statements.client import Client
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import CancelledError

THREE = "select 1 as a union all select 2 union all select 3 order by a"


def test_a_prepared_statement_takes_values(client: Client) -> None:
    """AWS, "PREPARE": in the places of $1 and $2, and in no text."""
    client.run(
        "create table t (a integer, b varchar(9))",
        "prepare p (integer, varchar(9)) as insert into t values ($1 + 1, $2)",
    )
    client.run("execute p (3, 'it''s $1')", "prepare q as select a, b, '$1' from t where a = $1")
    assert client.rows("execute q (2 + 2)") == [(4, "it's $1", "$1")]
    client.fails("execute p (1)", "42601", "expected 2")
    client.fails("prepare p as select 1", "42P05")
    client.run("deallocate p")
    client.fails("execute p (1, 'x')", "26000", 'prepared statement "p" does not exist')
    client.run("deallocate all")
    client.fails("deallocate prepare q", "26000")
    client.fails("prepare p as vacuum", "0A000", "PREPARE of other than")


def test_a_cursor_gives_rows_bit_by_bit(client: Client) -> None:
    """AWS, "FETCH": from where it stands; it ends with its transaction."""
    client.run("begin", f"declare c cursor for {THREE}")
    assert client.first("fetch next from c") == [1]
    assert client.run("fetch forward 1 from c").tag == "FETCH"
    assert client.first("fetch all from c") == [3]
    assert client.first("fetch forward 5 from c") == []
    client.run(
        "close c",
        f"declare d cursor for {THREE}",
        "fetch forward from d",
        "fetch forward all from d",
        "commit",
    )
    client.fails("fetch all from d", "34000", 'cursor "d" does not exist')


def test_there_is_one_cursor_in_a_transaction(client: Client) -> None:
    """AWS, "DECLARE": and none outside of one."""
    client.fails("declare c cursor for select 1", "25P01", "transaction blocks")
    client.run("begin", "declare c cursor for select 1")
    client.fails("declare d cursor for select 1", "42P03", "one cursor")
    client.run("rollback", "begin")
    client.fails("close c", "34000")


@pytest.mark.parametrize("statement", ["cancel {} 'too slow'", "select pg_cancel_backend({})"])
def test_a_session_cancels_what_another_runs(client: Client, engine: Engine, statement: str) -> None:
    """AWS, "CANCEL" and "PG_CANCEL_BACKEND": by its number."""
    values = ", ".join(f"({number})" for number in range(3000))
    client.run("create table big (a integer)", f"insert into big values {values}")  # noqa: S608  # ours
    other = engine.session("")
    slow = "select count(*) from big a, big b, big c where (a.a * b.a + c.a) % 7 = 8"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(other.run, [slow])
        while not running.done():
            client.run(statement.format(other.pid))
            sleep(0.02)
        with pytest.raises(CancelledError):
            running.result()
    other.close()
    client.fails("cancel 4711", "42704", "PID 4711 is not a running session")
    assert client.rows("select pg_cancel_backend(4711)") == [(0,)]


def test_maintenance_looks_that_the_table_is_there(client: Client) -> None:
    """AWS, "VACUUM", "ANALYZE"; VACUUM is no part of a transaction."""
    client.run(
        "create table t (a integer)",
        "vacuum",
        "vacuum full t to 75 percent",
        "vacuum sort only t boost",
        "vacuum reindex t",
    )
    client.run("analyze", "analyze verbose t", "analyze t (a)", "analyze t predicate columns")
    client.fails("vacuum nowhere", "42P01")
    client.fails("analyze nowhere", "42P01")
    client.fails("analyze t (b)", "42703")
    client.fails("analyze compression t", "0A000", "ANALYZE COMPRESSION")
    client.run("begin")
    client.fails("vacuum t", "25001", "transaction block")


def test_explain_shows_duckdb_s_plan(client: Client) -> None:
    """And says so; nothing is run."""
    client.run("create table t (a integer)")
    lines = client.first("explain insert into t select 1")
    assert lines[0] == "DuckDB's plan, not Redshift's:"
    assert any("Insert" in line for line in lines)
    assert client.rows("select * from t") == []
    client.fails("explain create table u (a integer)", "0A000", "EXPLAIN of other than")
