"""What ran, as the system's views show it."""

import pytest

from tests.unit.warehouse.redshift.twin import COPY, MANIFEST, MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.history import MOST, History


def test_every_statement_is_written_down(engine: Engine) -> None:
    """With who ran it, how it ended and what it gave; AWS, "SYS_QUERY_HISTORY"."""
    session = engine.session("awsuser")
    session.run(["create table t (a integer)"])
    session.run(["insert into t values (1), (2)"])
    with pytest.raises(RedshiftError):
        session.run(["select * from nowhere"])
    sql = """
        select query_type, status, returned_rows, error_message, user_id from sys_query_history
        where status <> 'running' order by query_id
    """
    assert session.run([sql])[0].rows == [
        ("DDL", "success", 0, "", 100),
        ("INSERT", "success", 2, "", 100),
        ("SELECT", "failed", 0, 'relation "nowhere" does not exist', 100),
    ]
    sql = (
        "select querytxt, aborted from stl_query where querytxt like 'insert%' or aborted = 1 order by query"
    )
    assert session.run([sql])[0].rows == [("insert into t values (1), (2)", 0), ("select * from nowhere", 1)]
    (running,) = session.run(["select text from stv_inflight"])[0].rows
    assert running == ("select text from stv_inflight",)
    session.close()


def test_statements_of_a_transaction_have_its_number(engine: Engine) -> None:
    """And the next one has another."""
    session = engine.session("awsuser")
    for sql in ("begin", "select 1", "commit", "select 2"):
        session.run([sql])
    sql = "select min(xid) = max(xid), count(distinct xid) from {} where trim(text) in ({})"
    both = "'select 1', 'select 2'"
    assert session.run([sql.format("stl_querytext", both)])[0].rows == [(False, 2)]
    sql = """
        select count(distinct transaction_id) from sys_query_text
        where text in ('begin', 'select 1', 'commit')
    """
    assert session.run([sql])[0].rows == [(1,)]
    session.close()


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        pytest.param("create user u password 'Abcdef12'", "create user u password '***'", id="a password"),
        pytest.param(
            "copy t from 's3://lake/x' credentials 'aws_access_key_id=A;aws_secret_access_key=B' csv",
            "copy t from 's3://lake/x' credentials '***' csv",
            id="credentials",
        ),
        pytest.param(
            "COPY t FROM 's3://lake/x' ACCESS_KEY_ID 'A' SECRET_ACCESS_KEY 'it''s'",
            "COPY t FROM 's3://lake/x' ACCESS_KEY_ID '***' SECRET_ACCESS_KEY '***'",
            id="keys",
        ),
        pytest.param("select 'password' as a", "select 'password' as a", id="nothing secret"),
    ],
)
def test_secrets_are_not_kept(sql: str, kept: str) -> None:
    """As AWS masks them; what is not kept is shown to nobody."""
    history = History()
    with history.running(history.connect("awsuser"), sql, is_new_transaction=True):
        pass
    assert [ran.text for ran in history.kept_statements()] == [kept]


def test_the_history_is_bounded() -> None:
    """The last statements stay."""
    history = History()
    client = history.connect("awsuser")
    for number in range(MOST + 5):
        with history.running(client, f"select {number}", is_new_transaction=True):
            pass
    kept = history.kept_statements()
    assert (len(kept), kept[-1].text) == (MOST, f"select {MOST + 4}")


def test_texts_are_told_in_pieces(engine: Engine) -> None:
    """AWS, "STL_QUERYTEXT": 200 characters a row."""
    long = f"select '{'x' * 450}' as a"
    engine.execute([long])
    sql = "select sequence, len(text) from stl_querytext where query = 1 order by sequence"
    assert engine.execute([sql])[0].rows == [(0, 200), (1, 200), (2, len(long) - 400)]


def test_sessions_are_told(engine: Engine) -> None:
    """Those that are there, and those that were; AWS, "STV_SESSIONS", "STL_CONNECTION_LOG"."""
    session = engine.session("awsuser")
    (pid,) = session.run(["select pg_backend_pid()"])[0].rows
    sql = f"select process from stv_sessions where process = {pid[0]}"  # noqa: S608  # a number
    assert session.run([sql])[0].rows == [pid]
    session.close()
    assert engine.execute([sql])[0].rows == []
    sql = f"select event from stl_connection_log where pid = {pid[0]} order by recordtime"  # noqa: S608
    assert engine.execute([sql])[0].rows == [("initiating session",), ("disconnecting session",)]


def test_loads_are_written_down(engine: Engine, s3: MemoryS3) -> None:
    """AWS, "SYS_LOAD_HISTORY", "STL_LOAD_COMMITS", "PG_LAST_COPY_COUNT"."""
    session = engine.session("awsuser")
    session.run(["create table t (a integer)"])
    s3.put_manifest(s3.put_rows("s3://lake/1", {"a": [1, 2, 3]}))
    session.run([COPY])
    sql = "select table_name, status, loaded_rows, source_file_count, data_source from sys_load_history"
    assert session.run([sql])[0].rows == [("t", "completed", 3, 1, MANIFEST)]
    assert session.run(["select filename, lines_scanned from stl_load_commits"])[0].rows == [
        ("s3://lake/1", 3)
    ]
    assert session.run(["select pg_last_copy_count()"])[0].rows == [(3,)]
    session.close()


def test_what_is_rolled_back_stays_in_the_history(engine: Engine) -> None:
    """It is no part of the user's transaction."""
    session = engine.session("awsuser")
    for sql in ("begin", "create table t (a integer)", "rollback"):
        session.run([sql])
    sql = "select trim(text) from stl_ddltext"
    assert session.run([sql])[0].rows == [("create table t (a integer)",)]
    session.close()
