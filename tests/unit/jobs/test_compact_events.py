"""Compaction on a real Spark session: few files, one row an event, and a pointer that moves last."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from pyspark.sql import DataFrame, SparkSession
from pyspark.testing import assertDataFrameEqual

from jobs import compact_events
from jobs.compact_events import job, transform, write
from jobs.shared.arguments import Arguments
from jobs.shared.compacted import compacted_events
from jobs.shared.errors import NoInputError, QualityError
from jobs.shared.schemas import FLIGHT_EVENTS
from tests.unit.jobs.conftest import FRIDAY, SATURDAY, event, noon

pytestmark = pytest.mark.timeout(180)
Archived = Callable[..., Arguments]


def flights(spark: SparkSession, arguments: Arguments) -> list[int]:
    """Return the flights of the compacted events."""
    return sorted(row.flight for row in compacted_events(spark, arguments).select("flight").collect())


def versions(folder: Path) -> set[str]:
    """Return the versions of Friday's events that lie there."""
    return {
        each.name for each in (folder / "compacted" / "flight-events" / "day=2013-02-08").glob("version=*")
    }


def pointer(folder: Path, day: str = "2013-02-08") -> dict[str, Any]:
    """Return a date's pointer."""
    path = folder / "compacted" / "flight-events" / f"day={day}.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def archive(folder: Path, number: int) -> Path:
    """Return a file of the archive, by its place in the order in which they were written."""
    return folder / "events" / "flight-events" / "stream" / "shard" / f"{number:05}.parquet"


def written(folder: Path) -> dict[Path, int]:
    """Return what lies in the folder of the result, each with when it was written."""
    return {each: each.stat().st_mtime_ns for each in folder.rglob("compacted/**/*.*")}


def test_many_files_become_one_a_day_and_nothing_is_written_twice(
    spark: SparkSession, archived: Archived, tmp_path: Path
) -> None:
    """An event that stands twice is one row, the newest; unchanged events change nothing."""
    newer = event("scheduled", 1, noon(), sequence_number="2", batch_id="newer")
    other, saturdays = event("scheduled", 2, noon()), event("scheduled", 3, noon(SATURDAY))
    for row in (other, event("scheduled", 1, noon()), newer, saturdays):
        arguments = archived([row])
    job(spark, arguments)
    for asked, rows in (
        (arguments, [newer, other, saturdays]),
        (Arguments(arguments.lake, FRIDAY, FRIDAY), [newer, other]),
    ):
        assertDataFrameEqual(compacted_events(spark, asked), spark.createDataFrame(rows, FLIGHT_EVENTS))
    assert len(pointer(tmp_path)["files"]) == len(pointer(tmp_path, "2013-02-09")["files"]) == 1
    before = written(tmp_path)
    job(spark, arguments)
    assert written(tmp_path) == before


def test_a_file_is_sorted(spark: SparkSession, archived: Archived, tmp_path: Path) -> None:
    """By the scheduled departure and then the airline, and by no id: its order is another."""
    at = {5: 10, 12: 9, 30: 11, 4: 12, 21: 8}
    rows = [event("scheduled", flight, noon().replace(hour=hour + 5)) for flight, hour in at.items()]
    job(spark, archived([*rows, event("scheduled", 99, noon().replace(hour=14), carrier="AA")]))
    (name,) = pointer(tmp_path)["files"]
    assert parquet.read_table(tmp_path / name, partitioning=None)["flight"].to_pylist() == [
        21,
        99,
        12,
        5,
        30,
        4,
    ]


def test_a_pointer_names_its_sources_and_the_rows_of_both(
    spark: SparkSession, archived: Archived, tmp_path: Path
) -> None:
    """What went in is what came out and the copies; one that comes later is told, and no file is written."""
    twice = event("scheduled", 1, noon())
    archived([twice, event("scheduled", 2, noon()), event("scheduled", 3, noon(SATURDAY))])
    arguments = archived([twice])
    job(spark, arguments)
    sources = [f"events/flight-events/stream/shard/0000{number}.parquet" for number in range(3)]
    friday, saturday = pointer(tmp_path), pointer(tmp_path, "2013-02-09")
    assert (friday["sources"], saturday["sources"]) == (sources[:2], sources[:1])
    counts = ("source_rows", "rows", "duplicates")
    assert [[each[name] for name in counts] for each in (friday, saturday)] == [[3, 2, 1], [1, 1, 0]]
    before = written(tmp_path)
    archived([twice])
    job(spark, arguments)
    assert pointer(tmp_path) == friday | {"sources": sources, "source_rows": 4, "duplicates": 2}
    changed = {path.name for path, when in written(tmp_path).items() if before.get(path) != when}
    assert {name for name in changed if not name.startswith(".")} == {"day=2013-02-08.json"}


def lost_on_the_way(events: DataFrame) -> DataFrame:
    """Compact all but a flight."""
    return transform(events).where("flight != 2")


def lost_in_writing(compacted: DataFrame, arguments: Arguments, versions: Sequence[Any]) -> None:
    """Write all but a flight."""
    write(compacted.where("flight != 2"), arguments, versions)


@pytest.mark.parametrize(
    ("losing", "message"),
    [
        pytest.param(
            ("transform", lost_on_the_way), "the 3 rows of 2013-02-08 are 1 and 1 duplicates", id="compacted"
        ),
        pytest.param(("write", lost_in_writing), r"the files of .*/version=\w+ hold 2 rows", id="written"),
    ],
)
def test_a_row_that_is_lost_ends_the_job_and_no_pointer_moves(
    spark: SparkSession,
    archived: Archived,
    monkeypatch: pytest.MonkeyPatch,
    losing: tuple[str, Callable[..., Any]],
    message: str,
) -> None:
    """Whether it is missing before the files are written, or in them."""
    rows = [event("scheduled", 1, noon()), event("scheduled", 1, noon())]
    job(spark, archived(rows))
    arguments = archived([event("scheduled", 2, noon())])
    monkeypatch.setattr(compact_events, *losing)
    with pytest.raises(QualityError, match=f"1 rows break the rule: {message}; nothing was written"):
        job(spark, arguments)
    assert flights(spark, arguments) == [1]


def test_killed_before_the_pointer_moves_readers_see_the_files_before(
    spark: SparkSession, archived: Archived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run moves it; the run after the next removes what nobody reads any more."""
    arguments = archived([event("scheduled", 1, noon())])
    job(spark, arguments)
    first = versions(tmp_path)
    archived([event("scheduled", 2, noon())])
    killed(spark, arguments, monkeypatch)
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


def killed(spark: SparkSession, arguments: Arguments, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the job until its files are written, and no further."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(compact_events, "move", die)
        with pytest.raises(KeyboardInterrupt):
            job(spark, arguments)


def test_what_a_killed_run_left_goes_with_a_run_that_writes_nothing(
    spark: SparkSession, archived: Archived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events are again as the pointer has them."""
    arguments = archived([event("scheduled", 1, noon())])
    job(spark, arguments)
    before = versions(tmp_path)
    archived([event("scheduled", 2, noon())])
    killed(spark, arguments, monkeypatch)
    assert len(versions(tmp_path)) == 2
    archive(tmp_path, 1).unlink()
    job(spark, arguments)
    assert versions(tmp_path) == before
    assert flights(spark, arguments) == [1]


def test_a_date_without_events_loses_its_pointer_and_then_its_files(
    spark: SparkSession, archived: Archived, tmp_path: Path
) -> None:
    """Readers that have begun keep them until the next run; a date that is not asked for keeps its own."""
    archived([event("scheduled", 1, noon())])
    arguments = archived([event("scheduled", 2, noon(SATURDAY))])
    job(spark, arguments)
    archive(tmp_path, 0).unlink()
    job(spark, Arguments(arguments.lake, SATURDAY, SATURDAY))
    assert flights(spark, arguments) == [1, 2]
    job(spark, arguments)
    assert flights(spark, arguments) == [2]
    assert len(versions(tmp_path)) == 1
    job(spark, arguments)
    assert not (tmp_path / "compacted" / "flight-events" / "day=2013-02-08").exists()
    assert flights(spark, arguments) == [2]


def test_events_that_are_as_they_were_before_are_not_written_again(
    spark: SparkSession, archived: Archived, tmp_path: Path
) -> None:
    """Whoever still reads the version before the last keeps its files; the pointer names them again."""
    arguments = archived([event("scheduled", 1, noon())])
    job(spark, arguments)
    first = versions(tmp_path)
    archived([event("scheduled", 2, noon())])
    job(spark, arguments)
    files = {each: each.stat().st_mtime_ns for each in tmp_path.rglob(f"{next(iter(first))}/*.parquet")}
    archive(tmp_path, 1).unlink()
    job(spark, arguments)
    assert flights(spark, arguments) == [1]
    assert {each: each.stat().st_mtime_ns for each in files} == files


def test_without_compacted_days_a_reader_is_told(spark: SparkSession, archived: Archived) -> None:
    """With the dates."""
    with pytest.raises(NoInputError, match="no compacted events of 2013-02-08 to 2013-02-09 at"):
        compacted_events(spark, archived([event("scheduled", 1, noon())]))
