"""Sessions: the client's transactions, what is cancelled, and what ends with a session."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from time import sleep

import pytest

from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import CancelledError, RedshiftError
from warehouse.redshift.session import Session

SLOW = "select count(*) from big a, big b, big c where (a.a * b.a + c.a) % 7 = 8"


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Give a session beside a table of one row, and one that makes slow joins."""
    engine.execute(["create table t (a integer)", "insert into t values (1)", "create table big (a integer)"])
    values = ", ".join(f"({number})" for number in range(3000))
    engine.execute([f"insert into big values {values}"])  # noqa: S608  # ours
    session = engine.session("awsuser")
    yield session
    session.close()


def count(engine: Engine) -> int:
    """How many rows others see in the table."""
    return int(engine.execute(["select count(*) from t"])[0].rows[0][0])


def test_a_transaction_is_the_client_s(engine: Engine, session: Session) -> None:
    """Others see nothing of it before its COMMIT."""
    for sql in ("begin", "insert into t values (2)", "insert into t values (3)"):
        session.run([sql])
    assert (session.state, count(engine)) == ("transaction", 1)
    (committed,) = session.run(["commit"])
    assert (committed.tag, session.state, count(engine)) == ("COMMIT", "idle", 3)


def test_what_a_client_rolls_back_is_gone(engine: Engine, session: Session) -> None:
    """And what comes after it is a transaction of its own."""
    session.run(["start transaction isolation level serializable", "delete from t", "rollback"])
    assert (session.state, count(engine)) == ("idle", 1)
    session.run(["delete from t"])
    assert count(engine) == 0


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param(["begin read only"], id="BEGIN"),
        pytest.param(["start transaction isolation level serializable read only"], id="START"),
        pytest.param(["begin", "set transaction read only"], id="SET TRANSACTION"),
        pytest.param(["set session characteristics as transaction read only", "begin"], id="SESSION"),
    ],
)
@pytest.mark.parametrize("sql", ["insert into t values (2)", "create table u (a integer)", "truncate t"])
def test_a_transaction_that_is_read_only_writes_nothing(session: Session, begin: list[str], sql: str) -> None:
    """AWS, "BEGIN": READ ONLY. It reads, and what comes after it may write."""
    for each in begin:
        session.run([each])
    session.run(["select * from t"])
    with pytest.raises(RedshiftError, match="transaction is read-only") as caught:
        session.run([sql])
    assert caught.value.sqlstate == "25006"
    session.run(["rollback"])
    session.run(["begin read write", "insert into t values (3)", "commit"])


def test_a_transaction_that_failed_waits_for_its_end(engine: Engine, session: Session) -> None:
    """Nothing is run until then, and its COMMIT is a ROLLBACK; PostgreSQL's word for it is 25P02."""
    session.run(["begin", "insert into t values (2)"])
    with pytest.raises(RedshiftError, match="division by zero"):
        session.run(["select 1 / 0"])
    with pytest.raises(RedshiftError, match="current transaction is aborted") as caught:
        session.run(["select 1"])
    assert (caught.value.sqlstate, session.state) == ("25P02", "failed")
    (ended,) = session.run(["commit"])
    assert (ended.tag, session.state, count(engine)) == ("ROLLBACK", "idle", 1)


def test_statements_that_are_sent_together_are_one_transaction(engine: Engine, session: Session) -> None:
    """A BEGIN among them takes in what came before it, as PostgreSQL has it."""
    with pytest.raises(RedshiftError) as caught:
        session.run(["insert into t values (2)", "select * from nowhere"])
    assert (caught.value.number, count(engine)) == (2, 1)
    session.run(["insert into t values (2)", "begin", "insert into t values (3)"])
    assert count(engine) == 1
    session.run(["rollback"])
    assert count(engine) == 1


def test_truncate_commits(engine: Engine, session: Session) -> None:
    """AWS, "TRUNCATE": it commits the transaction in which it is run."""
    for sql in ("begin", "truncate t"):
        session.run([sql])
    assert (session.state, count(engine)) == ("idle", 0)


def test_a_lock_is_held_until_the_transaction_ends(engine: Engine, session: Session) -> None:
    """Whoever waits sees what was committed."""
    session.run(["begin", "lock t", "insert into t values (2)"])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(engine.execute, ["lock t", "select count(*) from t"])
        sleep(0.1)
        assert not waiting.done()
        session.run(["commit"])
        assert waiting.result()[1].rows == [(2,)]


def test_a_statement_is_cancelled(session: Session) -> None:
    """By another thread; the session goes on."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(session.run, [SLOW])
        while not running.done():
            session.cancel()
            sleep(0.02)
        with pytest.raises(RedshiftError, match="canceling statement due to user's request") as caught:
            running.result()
    assert caught.value.sqlstate == "57014"
    assert session.run(["select 1"])[0].rows == [(1,)]


def test_cancels_at_any_moment_leave_a_session_whole(engine: Engine, session: Session) -> None:
    """Each statement is there whole or not at all, as its session said, and the session goes on."""
    is_over = Event()

    def cancel() -> None:
        while not is_over.wait(0.001):
            session.cancel()

    kept = 0
    with ThreadPoolExecutor(1) as pool:
        cancelling = pool.submit(cancel)
        for _ in range(50):
            with suppress(CancelledError):
                session.run(["insert into t values (2)"])
                kept += 1
        is_over.set()
        cancelling.result()
    assert session.run(["select count(*) from t where a = 2"])[0].rows == [(kept,)]
    assert (session.state, count(engine)) == ("idle", 1 + kept)


def test_a_statement_that_runs_for_too_long_is_cancelled(session: Session) -> None:
    """AWS, "statement_timeout"."""
    session.timeout_seconds = 0.1
    with pytest.raises(RedshiftError, match="canceling statement due to statement timeout"):
        session.run([SLOW])
    session.timeout_seconds = 0.0
    assert session.run(["select 1"])[0].rows == [(1,)]


def test_what_is_open_ends_with_the_session(engine: Engine) -> None:
    """Its transaction, its locks, its temporary tables."""
    engine.execute(["create table t (a integer)"])
    session = engine.session("awsuser")
    session.run(
        ["create temp table only_here as select 1 as a", "begin", "lock t", "insert into t values (1)"]
    )
    session.close()
    assert engine.execute(["lock t", "select count(*) from t"])[1].rows == [(0,)]
    with pytest.raises(RedshiftError, match='"only_here" does not exist'):
        engine.execute(["select * from only_here"])


def test_names_may_say_schema_and_database(engine: Engine, session: Session) -> None:
    """The database is the one that is there."""
    sql = f'select public.t.a from "{engine.database}".public.t'  # noqa: S608  # ours
    assert session.run([sql])[0].rows == [(1,)]
    with pytest.raises(RedshiftError, match='database "elsewhere" is not there') as caught:
        session.run(["select * from elsewhere.public.t"])
    assert caught.value.sqlstate == "3D000"
    for hidden in ("_system.tables", "main.t", "temp.t"):
        with pytest.raises(RedshiftError, match="does not exist"):
            session.run([f"select * from {hidden}"])  # noqa: S608  # ours


def test_an_error_among_the_last_rows_is_one_of_the_statement(engine: Engine, session: Session) -> None:
    """DuckDB tells it while the rows are read, when the first are there already."""
    engine.execute(
        ["create table u (a varchar(10))", "insert into u select a.a from big a, big b where b.a < 100"]
    )
    engine.execute(["insert into u values ('x')"])
    with pytest.raises(RedshiftError, match="invalid input syntax for integer") as caught:
        session.run(["select a::integer from u"])
    assert caught.value.sqlstate == "22P02"


def test_a_cancel_that_comes_late_harms_nothing(session: Session) -> None:
    """What runs next is not what it was for."""
    session.cancel()
    assert session.run(["select 1"])[0].rows == [(1,)]


def test_a_statement_that_was_read_before_a_change_runs_as_what_the_table_is_now(
    engine: Engine, session: Session
) -> None:
    """A client parses once and runs for hours: half of 1 is 0.5 in decimals, and 0 in integers."""
    session.run(["create table later as select 1.0 as a"])
    assert session.gives_rows("select a / 2 as half from later")
    session.settle()
    engine.execute(["drop table later", "create table later as select 1 as a"])
    (result,) = session.run(["select a / 2 as half from later"])
    assert result.rows == [(0,)]


def test_what_is_read_and_not_run_begins_no_transaction_of_the_client_s(
    engine: Engine, session: Session
) -> None:
    """It ends when the client settles, and what others committed is there after that."""
    session.run(["create table later (a int)"])
    assert session.gives_rows("select a from later")
    session.settle()
    assert session.state == "idle"
    engine.execute(["insert into later values (1)"])
    (result,) = session.run(["select a from later"])
    assert result.affected == 1
