"""Compaction on a real Spark session: few files, one row an event, and a pointer that moves last."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs import compact_events
from jobs.compact_events import job
from jobs.shared.arguments import Arguments
from jobs.shared.compacted import compacted_events
from jobs.shared.errors import NoInputError
from tests.unit.jobs.conftest import FRIDAY, SATURDAY, event, noon

pytestmark = pytest.mark.timeout(180)
Archived = Callable[..., Arguments]


def flights(spark: SparkSession, arguments: Arguments) -> list[int]:
    """Return the flights of the compacted events, in the order of their files."""
    return [row.flight for row in compacted_events(spark, arguments).select("flight").collect()]


def versions(folder: Path) -> set[str]:
    """Return the versions of Friday's events that lie there."""
    return {
        each.name for each in (folder / "compacted" / "flight-events" / "day=2013-02-08").glob("version=*")
    }


def test_many_files_become_one_a_day_and_nothing_is_written_twice(
    spark: SparkSession, archived: Archived, tmp_path: Path
) -> None:
    """An event that stands twice is one row, the newest; unchanged events change nothing."""
    newer = event("scheduled", 1, noon(), sequence_number="2", batch_id="newer")
    for row in (event("scheduled", 2, noon()), event("scheduled", 1, noon()), newer):
        arguments = archived([row])
    archived([event("scheduled", 3, noon(SATURDAY))])
    job(spark, arguments)
    assert flights(spark, arguments) == [1, 2, 3]
    friday = Arguments(arguments.lake, FRIDAY, FRIDAY)
    assert {row.batch_id for row in compacted_events(spark, friday).collect()} == {"b", "newer"}
    pointers = sorted((tmp_path / "compacted" / "flight-events").glob("*.json"))
    assert [each.stem for each in pointers] == ["day=2013-02-08", "day=2013-02-09"]
    assert len(json.loads(pointers[0].read_text(encoding="utf-8"))["files"]) == 1
    before = {each: each.stat().st_mtime_ns for each in tmp_path.rglob("compacted/**/*.*")}
    job(spark, arguments)
    assert {each: each.stat().st_mtime_ns for each in tmp_path.rglob("compacted/**/*.*")} == before


def test_killed_before_the_pointer_moves_readers_see_the_files_before(
    spark: SparkSession, archived: Archived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run moves it; the run after the next removes what nobody reads any more."""
    arguments = archived([event("scheduled", 1, noon())])
    job(spark, arguments)
    first = versions(tmp_path)
    archived([event("scheduled", 2, noon())])
    with monkeypatch.context() as patched:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(compact_events, "move", die)
        with pytest.raises(KeyboardInterrupt):
            job(spark, arguments)
    assert flights(spark, arguments) == [1]
    job(spark, arguments)
    assert flights(spark, arguments) == [1, 2]
    second = versions(tmp_path) - first
    assert versions(tmp_path) == first | second  # the first stays for who reads it still
    archived([event("scheduled", 3, noon())])
    job(spark, arguments)
    assert flights(spark, arguments) == [1, 2, 3]
    assert first & versions(tmp_path) == set()
    assert len(versions(tmp_path)) == 2


def test_events_that_are_as_they_were_before_are_not_written_again(
    spark: SparkSession, archived: Archived, tmp_path: Path
) -> None:
    """Whoever still reads the version before the last keeps its files; the pointer names them again."""
    arguments = archived([event("scheduled", 1, noon())])
    job(spark, arguments)
    first = versions(tmp_path)
    added = tmp_path / "events" / "flight-events" / "stream" / "shard" / "00001.parquet"
    archived([event("scheduled", 2, noon())])
    job(spark, arguments)
    files = {each: each.stat().st_mtime_ns for each in tmp_path.rglob(f"{next(iter(first))}/*.parquet")}
    added.unlink()
    job(spark, arguments)
    assert flights(spark, arguments) == [1]
    assert {each: each.stat().st_mtime_ns for each in files} == files


def test_without_compacted_days_a_reader_is_told(spark: SparkSession, archived: Archived) -> None:
    """With the dates."""
    with pytest.raises(NoInputError, match="no compacted events of 2013-02-08 to 2013-02-09 at"):
        compacted_events(spark, archived([event("scheduled", 1, noon())]))
