"""The stream's windows held against the archive, on a real Spark session."""

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import DataFrame, SparkSession
from pyspark.testing import assertDataFrameEqual

from contracts.schema import AIRPORT_HOURS
from jobs import reconcile_windows
from jobs.reconcile_windows import job, transform
from jobs.shared import schemas
from jobs.shared.arguments import Arguments
from jobs.shared.errors import QualityError
from jobs.shared.schemas import FLIGHT_EVENTS, STREAM_DIFFERENCES
from tests.unit.jobs.conftest import FRIDAY, SATURDAY, Row, event, noon, nullable

pytestmark = pytest.mark.timeout(180)
Archived = Callable[..., Arguments]
Difference = tuple[object, ...]
NOON = noon()


def partial(
    origin: str | None, counts: tuple[int, int, int], batch: str = "b", hour: datetime | None = NOON
) -> Row:
    """Return a range's partial of a window of UA: departures, those in time, and minutes."""
    window = {"batch_id": batch, "window_start": hour, "origin": origin, "carrier": "UA"}
    return window | dict(zip(("departures", "on_time", "delay_minutes"), counts, strict=True))


def count(folder: Path, *rows: Row, name: str = "0") -> Path:
    """Write partials, and return their file."""
    path = folder / "partials" / "partials" / "stream" / "shard" / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(list(rows), nullable(AIRPORT_HOURS)), path)
    return path


def difference(
    origin: str, streamed: tuple[int, int, int], archived: tuple[int, int, int], reason: str
) -> Difference:
    """Return a row of the result, for noon on Friday."""
    return (FRIDAY, NOON, origin, "UA", *streamed, *archived, reason)


def assert_written(spark: SparkSession, folder: Path, expected: Sequence[Difference]) -> None:
    """Assert what lies there of Friday."""
    files = [str(each) for each in (folder / "stream_differences" / "day=2013-02-08").glob("*.parquet")]
    found = spark.read.schema(STREAM_DIFFERENCES)
    rows = found.parquet(*files) if files else spark.createDataFrame([], STREAM_DIFFERENCES)
    assertDataFrameEqual(rows, spark.createDataFrame(expected, STREAM_DIFFERENCES))


def test_a_window_that_differs_has_its_reason_and_goes_when_it_agrees(
    spark: SparkSession, archived: Archived, tmp_path: Path
) -> None:
    """EWR agrees; JFK has an event twice, LGA lacks one, BOS has none of it, DCA an older version."""
    twice = event("departed", 3, noon(), 20, origin="JFK")
    events = [
        event("scheduled", 1, noon()),
        event("departed", 1, noon(), 0),
        event("departed", 2, noon(), 15),
        twice,
        twice,
        event("departed", 4, noon(), 1, origin="LGA"),
        event("departed", 5, noon(), 2, origin="LGA"),
        event("departed", 6, noon(), 0, origin="DCA", sequence_number="1"),
        event("departed", 6, noon(), 9, origin="DCA", sequence_number="2", event_time=noon()),
    ]
    arguments = archived(events)
    counted = {"JFK": (2, 0, 40), "LGA": (1, 1, 1), "BOS": (1, 1, 0), "DCA": (1, 1, 0)}
    in_two = [partial("EWR", (1, 1, 0)), partial("EWR", (1, 0, 15), "c")]
    count(tmp_path, *in_two, *(partial(origin, counts) for origin, counts in counted.items()))
    job(spark, arguments)
    expected = [
        difference("BOS", (1, 1, 0), (0, 0, 0), "reject"),
        difference("DCA", (1, 1, 0), (1, 1, 9), "late"),  # its newer version came later
        difference("JFK", (2, 0, 40), (1, 0, 20), "duplicate"),
        difference("LGA", (1, 1, 1), (2, 2, 3), "late"),
    ]
    assert_written(spark, tmp_path, expected)
    agreed = {"EWR": (2, 1, 15), "JFK": (1, 0, 20), "LGA": (2, 2, 3), "DCA": (1, 1, 9)}
    count(tmp_path, *(partial(origin, counts) for origin, counts in agreed.items()))
    job(spark, Arguments(arguments.lake, SATURDAY, SATURDAY))
    assert_written(spark, tmp_path, expected)  # Friday was not asked for
    job(spark, Arguments(arguments.lake, FRIDAY, FRIDAY))
    assert_written(spark, tmp_path, [])


def departed(flight: int, delay: int, batch: str, **others: Any) -> Row:
    """Return a departure at noon that a range told; the ranges follow one another by name."""
    others = {"event_time": NOON} | others
    return event("departed", flight, NOON, delay, batch_id=batch, sequence_number=batch[1:], **others)


@pytest.mark.parametrize(
    ("events", "partials", "expected"),
    [
        pytest.param(
            [departed(1, 3, "b1"), departed(1, 3, "b2"), departed(2, 5, "b2")],
            {"b1": (1, 1, 3), "b2": (1, 1, 5)},
            None,
            id="a repeated event that the stream counts where it came first",
        ),
        pytest.param(
            [departed(1, 3, "b1"), departed(1, 3, "b2")],
            {"b1": (1, 1, 3), "b2": (1, 1, 3)},
            ((2, 2, 6), (1, 1, 3), "duplicate"),
            id="one that it counts again",
        ),
        pytest.param(
            [departed(1, 3, "b1"), departed(1, 3, "b2"), departed(2, 20, "b2")],
            {"b1": (1, 1, 3)},
            ((1, 1, 3), (2, 1, 23), "late"),
            id="one that it counts where it came first, another lacking",
        ),
        pytest.param(
            [departed(1, 3, "b1"), departed(1, 9, "b2")],
            {"b1": (1, 1, 3), "b2": (1, 1, 9)},
            ((2, 2, 12), (1, 1, 9), "late"),
            id="an older version beside the newest",
        ),
        pytest.param(
            [departed(1, 3, "b1"), departed(1, 3, "b2", event_time=NOON + timedelta(hours=1))],
            {"b1": (1, 1, 3)},
            ((1, 1, 3), (0, 0, 0), "late"),
            id="an older version of another hour",
        ),
        pytest.param(
            [departed(1, 3, "b1"), departed(1, 3, "b2"), departed(2, 20, "b3")],
            {"b1": (1, 1, 3), "b2": (1, 1, 3)},
            ((2, 2, 6), (2, 1, 23), "duplicate, late"),
            id="a repeated event counted again, another lacking",
        ),
        pytest.param(
            [departed(1, 3, "b1"), departed(2, 20, "b2")],
            {"b1": (2, 2, 7)},
            ((2, 2, 7), (2, 1, 23), "late, reject"),
            id="more than the archive holds, an event lacking",
        ),
        pytest.param(
            [departed(1, 3, "b1"), departed(1, 3, "b2"), departed(2, 20, "b3")],
            {"b1": (1, 1, 3), "b2": (2, 2, 4)},
            ((3, 3, 7), (2, 1, 23), "duplicate, late, reject"),
            id="all three",
        ),
    ],
)
def test_a_window_has_every_reason_that_applies(
    spark: SparkSession,
    events: list[Row],
    partials: dict[str, tuple[int, int, int]],
    expected: tuple[tuple[int, int, int], tuple[int, int, int], str] | None,
) -> None:
    """Whatever the sums hide: each range is held against its own events."""
    counted = [partial("EWR", counts, batch) for batch, counts in partials.items()]
    rows = transform(
        _frame(spark, counted, schemas.AIRPORT_HOURS), _frame(spark, events, FLIGHT_EVENTS)
    ).where(f"window_start = timestamp '{NOON:%Y-%m-%d %H:%M}'")
    wanted = [difference("EWR", *expected)] if expected else []
    assertDataFrameEqual(rows, spark.createDataFrame(wanted, STREAM_DIFFERENCES))


def _frame(spark: SparkSession, rows: list[Row], schema: str) -> DataFrame:
    return spark.createDataFrame(rows, schema)


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        pytest.param(
            ([departed(1, 3, "b1")], [partial("EWR", (1, 1, 3), hour=None), partial("EWR", (1, 1, 3))]),
            "a window has its hour, airport and airline",
            id="no hour",
        ),
        pytest.param(
            ([departed(1, 3, "b1")], [partial(None, (1, 1, 3))]),
            "a window has its hour, airport and airline",
            id="no airport",
        ),
        pytest.param(
            ([departed(1, 3, "b1", event_time=None), departed(2, 3, "b1")], [partial("EWR", (1, 1, 3))]),
            "an event has its id, kind, times and flight",
            id="an event without its time",
        ),
    ],
)
def test_a_row_that_belongs_to_no_window_is_reported(
    spark: SparkSession, archived: Archived, tmp_path: Path, rows: tuple[list[Row], list[Row]], rule: str
) -> None:
    """It is on no date, so on none that was not asked for; nothing is written."""
    events, partials = rows
    count(tmp_path, *partials)
    with pytest.raises(QualityError, match=f"1 rows break the rule: {rule}; nothing was written"):
        job(spark, archived(events))
    assert not (tmp_path / "stream_differences").exists()


def test_of_partials_of_other_dates_no_page_is_read(
    spark: SparkSession, archived: Archived, tmp_path: Path
) -> None:
    """All pages of a file of the week before are damaged, and nobody sees it; asked for, it is refused."""
    arguments = archived([departed(1, 3, "b1")])
    count(tmp_path, partial("EWR", (1, 1, 3), "b1"))
    before = NOON - timedelta(days=7)
    path = count(tmp_path, partial("EWR", (1, 1, 3), hour=before), name="1")
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    path.write_bytes(content[:4] + bytes(footer - 4) + content[footer:])
    job(spark, arguments)
    assert_written(spark, tmp_path, [])
    with pytest.raises(Exception, match=r"1\.parquet"):
        job(spark, Arguments(arguments.lake, before.date(), FRIDAY))


def test_differences_are_computed_once(
    spark: SparkSession, archived: Archived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they are computed of is gone when they have been used for the first time, and used again."""
    count(tmp_path, partial("EWR", (2, 2, 3)))

    def then_lose(use: Callable[..., Any]) -> Callable[..., Any]:
        def used(*arguments: Any) -> Any:
            result = use(*arguments)
            for name in ("events", "partials"):
                shutil.rmtree(tmp_path / name, ignore_errors=True)
            return result

        return used

    for name in ("write_days", "clear_days"):
        monkeypatch.setattr(reconcile_windows, name, then_lose(getattr(reconcile_windows, name)))
    job(spark, archived([departed(1, 3, "b")]))
    assert_written(spark, tmp_path, [difference("EWR", (2, 2, 3), (1, 1, 3), "reject")])
