"""The engine: whole transactions, locks, conflicts, and rows that are changed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from tests.unit.warehouse.redshift.twin import COPY, MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.locks import TableLocks

MERGE = (
    "merge into t using s on t.a = s.a when matched then update set b = s.b "
    "when not matched then insert (a, b) values (s.a, s.b)"
)


class SlowS3(MemoryS3):
    """An S3 whose answers wait: they hold a transaction open in the middle of a COPY."""

    def __init__(self) -> None:
        """Wait from the start."""
        super().__init__()
        self.is_asked = Event()
        self.may_answer = Event()

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803  # AWS's names
        """Return an object when it is time."""
        self.is_asked.set()
        assert self.may_answer.wait(10)
        return super().get_object(Bucket=Bucket, Key=Key)


@pytest.fixture
def slow() -> SlowS3:
    """Give an S3 that waits, with one file of one row."""
    s3 = SlowS3()
    s3.put_manifest(s3.put_rows("s3://lake/1", {"x": [1]}))
    return s3


@pytest.fixture
def slowed(tmp_path: Path, slow: SlowS3) -> Iterator[Engine]:
    """Give a warehouse whose COPY waits; a lock waits for a tenth of a second."""
    engine = Engine(tmp_path / "slow.duckdb", slow, TableLocks(wait_seconds=0.1))
    engine.execute(["create table t (a integer)", "create table u (a integer)"])
    yield engine
    engine.close()


def query(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    """Run one query."""
    return engine.execute([sql])[0].rows


@pytest.mark.parametrize(
    ("third", "reason"),
    [
        pytest.param("select * from nowhere", 'relation "nowhere" does not exist', id="fails"),
        pytest.param("select to_char(1, 'x')", "of TO_CHAR", id="is not supported"),
        pytest.param(COPY, "`s3://lake/m`: cannot be read", id="loads what is not there"),
        pytest.param("begin", "BEGIN: a statement is a transaction", id="is a transaction of its own"),
    ],
)
def test_a_call_is_one_transaction(engine: Engine, third: str, reason: str) -> None:
    """A third statement that fails leaves nothing of the first two, and the error gives its number."""
    engine.execute(["create table t (a integer)"])
    with pytest.raises(RedshiftError, match=reason) as caught:
        engine.execute(["insert into t values (1)", "create table u (a integer)", third, "select 1"])
    assert caught.value.number == 3
    assert query(engine, "select count(*) from t") == [(0,)]
    with pytest.raises(RedshiftError, match='"u" does not exist'):
        query(engine, "select * from u")


def test_what_is_committed_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    """Macros and catalogue are made anew, and what they hold stays."""
    for count in (1, 2):
        engine = Engine(tmp_path / "w.duckdb", MemoryS3())
        engine.execute(["create table if not exists t (a varchar(3))", "insert into t values ('a' || 1)"])
        assert query(engine, "select count(*) from t") == [(count,)]
        engine.close()


def test_changed_rows_are_counted(engine: Engine) -> None:
    """As DescribeStatement tells them."""
    results = engine.execute(
        [
            "create table t (a integer, b integer)",
            "insert into t values (1, 1), (2, 2)",
            "update t set b = s.b from (select 1 as a, 5 as b) as s where t.a = s.a",
            "delete from t using (select 2 as a) as s where t.a = s.a",
            "select * from t",
            "delete t",
        ]
    )
    assert [result.affected for result in results] == [0, 2, 1, 1, 1, 1]
    assert results[4].rows == [(1, 5)]


def test_merge_updates_and_inserts_and_refuses_two_sources_for_one_target(engine: Engine) -> None:
    """AWS, "MERGE": the source may not match a target row twice."""
    engine.execute(["create table t (a integer, b integer)", "insert into t values (1, 10), (2, 20)"])
    engine.execute(["create temp table s as select 2 as a, 21 as b union all select 3, 30", MERGE])
    assert query(engine, "select * from t order by a") == [(1, 10), (2, 21), (3, 30)]
    with pytest.raises(RedshiftError, match="multiple matches to update the same tuple"):
        engine.execute(["create temp table s as select 2 as a, 1 as b union all select 2, 2", MERGE])
    assert query(engine, "select b from t where a = 2") == [(21,)]


def test_merge_deletes_where_it_is_told_to(engine: Engine) -> None:
    """And inserts what has no match, twice where it comes twice."""
    engine.execute(["create table t (a integer)", "insert into t values (1), (2)"])
    merge = (
        "merge into t using s on t.a = s.a when matched then delete when not matched then insert values (s.a)"
    )
    engine.execute(["create temp table s as select 2 as a union all select 3 union all select 3", merge])
    assert query(engine, "select a from t order by a") == [(1,), (3,), (3,)]


def test_a_lock_lets_the_next_one_see_what_the_last_one_wrote(engine: Engine) -> None:
    """Eight at once each add one to what they find: none is lost."""
    engine.execute(["create table t (a integer)", "insert into t values (0)"])
    ready = Barrier(8)

    def add_one() -> None:
        ready.wait()
        engine.execute(
            ["lock table public.t", "create temp table s as select a from t", "update t set a = a + 1"]
        )

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(add_one) for _ in range(8)]:
            done.result()
    assert query(engine, "select a from t") == [(8,)]


def test_locks_taken_in_opposite_orders_do_not_stop_each_other(engine: Engine) -> None:
    """They are taken in the order of their names, before the transaction begins."""
    engine.execute(["create table t (a integer)", "create table u (a integer)", "insert into t values (0)"])
    orders = [["lock t", "lock u"], ["lock u, t"]] * 8
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(engine.execute, [*order, "update t set a = a + 1"]) for order in orders]:
            done.result()
    assert query(engine, "select a from t") == [(16,)]


def test_a_lock_that_is_held_too_long_is_an_error(slowed: Engine, slow: SlowS3) -> None:
    """It names the table; another table is free, and so is this one when the transaction has ended."""
    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(slowed.execute, ["lock t", COPY])
        assert slow.is_asked.wait(10)
        with pytest.raises(
            RedshiftError, match=r"lock timeout: `t` is held .* for 0.1 s; send the batch again"
        ):
            slowed.execute(["lock t"])
        slowed.execute(["lock u"])
        slow.may_answer.set()
        holder.result()
    slowed.execute(["lock t"])


def test_the_lock_of_a_transaction_that_failed_is_free(engine: Engine) -> None:
    """Whoever waited goes on."""
    engine.execute(["create table t (a integer)"])
    with pytest.raises(RedshiftError):
        engine.execute(["lock t", "select * from nowhere"])
    engine.execute(["lock t"])


def test_two_transactions_that_change_the_same_rows_conflict(slowed: Engine, slow: SlowS3) -> None:
    """The second is told as Redshift tells it, and keeps nothing."""
    slowed.execute(["insert into u values (0)"])
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(slowed.execute, ["update u set a = 1", COPY])
        assert slow.is_asked.wait(10)
        with pytest.raises(RedshiftError, match="1023 DETAIL: Serializable isolation violation"):
            slowed.execute(["insert into t values (9)", "update u set a = 2"])
        slow.may_answer.set()
        first.result()
    assert query(slowed, "select u.a, t.a from u, t") == [(1, 1)]


def test_readers_see_what_was_there_before_until_the_commit(slowed: Engine, slow: SlowS3) -> None:
    """A transaction that is open hides what it wrote."""
    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(slowed.execute, ["insert into u values (1)", COPY])
        assert slow.is_asked.wait(10)
        assert query(slowed, "select count(*) from u") == [(0,)]
        slow.may_answer.set()
        writer.result()
    assert query(slowed, "select count(*) from u") == [(1,)]


def test_truncate_is_a_transaction_of_its_own(engine: Engine) -> None:
    """On Redshift it commits, so that a batch with it would not be all or nothing."""
    engine.execute(["create table t (a integer)", "insert into t values (1)"])
    with pytest.raises(NotSupportedError, match="TRUNCATE in a batch"):
        engine.execute(["truncate t", "select 1"])
    assert query(engine, "select count(*) from t") == [(1,)]
    engine.execute(["truncate table t"])
    assert query(engine, "select count(*) from t") == [(0,)]


def test_a_result_has_an_end(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server keeps results in memory."""
    monkeypatch.setattr("warehouse.redshift.session.MOST_BYTES", 4_000_000)
    engine.execute(["create table d (a integer)", f"insert into d values {', '.join(['(1)'] * 101)}"])  # noqa: S608  # ours
    sql = "select 1 from d a, d b, d c"
    with pytest.raises(RedshiftError, match="a result may have 4000000 bytes; add a LIMIT"):
        engine.execute([sql])
    assert len(query(engine, f"{sql} limit 10000")) == 10_000


def test_no_statement_reaches_a_file(engine: Engine, tmp_path: Path) -> None:
    """Not even one that a translation would let through: DuckDB itself is locked."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(RedshiftError, match="does not exist"):
        engine.execute([f'select * from "{secret}"'])  # noqa: S608  # a path of ours
