"""Copies of the file while it is in use."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import duckdb
import pytest

from tests.unit.warehouse.redshift.snapshots.world import World
from warehouse.redshift.gate import GateBusyError
from warehouse.redshift.snapshots.copying import copy_file
from warehouse.redshift.snapshots.errors import SnapshotError


def sums(file: Path) -> list[tuple[int, int]]:
    """Return how many rows a copy has, and their sum."""
    with duckdb.connect(file) as copy:
        return copy.execute("select count(*), sum(a) from public.t").fetchall()


def test_a_copy_holds_what_is_committed(world: World, tmp_path: Path) -> None:
    """And nothing that comes later; it is one file, and a database."""
    world.run("create table t (a integer)", "insert into t values (1), (2)")
    copy_file(world.engine, tmp_path / "copy.duckdb")
    world.run("insert into t values (4)")
    assert not (tmp_path / "copy.duckdb.wal").exists()
    assert sums(tmp_path / "copy.duckdb") == [(2, 3)]


def test_transactions_that_are_open_are_not_in_it_and_lose_nothing(world: World, tmp_path: Path) -> None:
    """Even those with which DuckDB refuses a CHECKPOINT: the log is copied too, and folded into the copy."""
    world.run("create table t (a integer)", "insert into t values (1)")
    reader, writer = world.engine.session("reader"), world.engine.session("writer")
    reader.run(["begin", "select * from t"])
    world.run("update t set a = 8")
    writer.run(["begin", "insert into t values (100)", "update t set a = 9 where a = 8"])
    with world.engine.quiet(1):
        assert (tmp_path / "warehouse.duckdb.wal").exists()  # what the test is about
    copy_file(world.engine, tmp_path / "copy.duckdb")
    assert sums(tmp_path / "copy.duckdb") == [(1, 8)]
    assert not (tmp_path / "copy.duckdb.wal").exists()
    assert reader.run(["select a from t"])[0].rows == [(1,)]
    writer.run(["commit"])
    assert world.run("select sum(a) from t") == [(109,)]
    reader.close()
    writer.close()


def test_nobody_else_can_open_the_file_after_a_copy(world: World, tmp_path: Path) -> None:
    """A copy within the same process would take away DuckDB's lock."""
    world.run("create table t (a integer)")
    copy_file(world.engine, tmp_path / "copy.duckdb")
    opening = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    command = [sys.executable, "-c", opening, str(world.engine.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "lock" in done.stderr


def test_readers_go_on_and_writers_wait(world: World) -> None:
    """While the file is copied."""
    world.run("create table t (a integer)")
    written = Event()

    def write() -> None:
        world.run("insert into t values (1)")
        written.set()

    with ThreadPoolExecutor(1) as pool:
        with world.engine.quiet(1):
            writing = pool.submit(write)
            assert world.run("select count(*) from t") == [(0,)]
            assert not written.wait(0.05)
        writing.result(10)
    assert world.run("select count(*) from t") == [(1,)]


def test_a_copy_gives_up_where_somebody_writes_on(world: World, tmp_path: Path) -> None:
    """And leaves nothing; whoever wrote goes on."""
    with world.engine.writing() as writer:
        writer.execute("create table public.t (a integer)")
        with pytest.raises(GateBusyError, match=r"statements ran for more than 0.01 s"):
            copy_file(world.engine, tmp_path / "copy.duckdb", 0.01)
    assert not (tmp_path / "copy.duckdb").exists()
    assert world.run("select count(*) from t") == [(0,)]


def test_a_copy_that_cannot_be_is_told(world: World, tmp_path: Path) -> None:
    """With the child's reason; writers are free again."""
    with pytest.raises(SnapshotError, match="the file cannot be copied: FileNotFoundError"):
        copy_file(world.engine, tmp_path / "nowhere" / "copy.duckdb")
    world.run("create table t (a integer)")


def test_a_copy_is_what_was_committed_at_some_moment(world: World, tmp_path: Path) -> None:
    """Four sessions write the same to two tables in one transaction each: no copy has them different."""
    world.run("create table t (a integer)", "create table u (a integer)")
    stopped = Event()

    def insert() -> None:
        while not stopped.is_set():
            world.run("insert into t values (1)", "insert into u values (1)")

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(insert) for _ in range(4)]
        try:
            for number in range(3):
                copy_file(world.engine, tmp_path / f"{number}.duckdb")
        finally:
            stopped.set()
        for each in writers:
            each.result(10)
    counts: list[int] = []
    for number in range(3):
        with duckdb.connect(tmp_path / f"{number}.duckdb") as copy:
            ((t, u),) = copy.execute(
                "select (select count(*) from public.t), (select count(*) from public.u)"
            ).fetchall()
        assert t == u
        counts.append(t)
    assert counts == sorted(counts)
    assert counts[-1] > 0
