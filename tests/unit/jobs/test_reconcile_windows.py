"""The stream's windows held against the archive, on a real Spark session."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import SparkSession

from contracts.schema import AIRPORT_HOURS
from jobs.reconcile_windows import job
from jobs.shared.arguments import Arguments
from tests.unit.jobs.conftest import FRIDAY, SATURDAY, event, noon

pytestmark = pytest.mark.timeout(180)


def count(folder: Path, *windows: tuple[str, int, int, int]) -> None:
    """Write partials of windows at noon on Friday: airport, departures, in time, minutes."""
    rows = [
        {
            "batch_id": "b",
            "window_start": noon(),
            "origin": origin,
            "carrier": "UA",
            "departures": departures,
            "on_time": on_time,
            "delay_minutes": minutes,
        }
        for origin, departures, on_time, minutes in windows
    ]
    path = folder / "partials" / "partials" / "stream" / "shard" / "0.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(rows, AIRPORT_HOURS), path)


def differences(folder: Path) -> list[tuple[str, int, int, str]]:
    """Return what was written: airport, departures on both sides, and the reason."""
    files = sorted((folder / "stream_differences").glob("day=2013-02-08/*.parquet"))
    rows = [row for each in files for row in parquet.read_table(each, partitioning=None).to_pylist()]
    return [
        (row["origin"], row["streamed_departures"], row["archived_departures"], row["reason"]) for row in rows
    ]


def test_a_window_that_differs_has_its_reason_and_goes_when_it_agrees(
    spark: SparkSession, archived: Callable[..., Arguments], tmp_path: Path
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
    count(
        tmp_path,
        ("EWR", 1, 1, 0),
        ("EWR", 1, 0, 15),
        ("JFK", 2, 0, 40),
        ("LGA", 1, 1, 1),
        ("BOS", 1, 1, 0),
        ("DCA", 1, 1, 0),
    )
    job(spark, arguments)
    assert differences(tmp_path) == [
        ("BOS", 1, 0, "reject"),
        ("DCA", 1, 1, "late"),  # its newer version came later
        ("JFK", 2, 1, "duplicate"),
        ("LGA", 1, 2, "late"),
    ]
    count(tmp_path, ("EWR", 2, 1, 15), ("JFK", 1, 0, 20), ("LGA", 2, 2, 3), ("DCA", 1, 1, 9))
    job(spark, Arguments(arguments.lake, SATURDAY, SATURDAY))
    assert len(differences(tmp_path)) == 4  # Friday was not asked for
    job(spark, Arguments(arguments.lake, FRIDAY, FRIDAY))
    assert differences(tmp_path) == []
