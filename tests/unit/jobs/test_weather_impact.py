"""Flights by the weather nearest to their schedule, on a real Spark session."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import SparkSession
from pyspark.testing import assertDataFrameEqual

from contracts.schema import WEATHER_OBSERVATIONS
from jobs.shared.archive import flight_events, weather_observations
from jobs.shared.arguments import Arguments
from jobs.shared.errors import NoInputError
from jobs.shared.schemas import WEATHER_IMPACT
from jobs.weather_impact import job, transform
from tests.unit.jobs.conftest import FRIDAY, event, noon

pytestmark = pytest.mark.timeout(180)


def observe(folder: Path, *rows: tuple[int, dict[str, Any]]) -> None:
    """Write observations at EWR, each so many minutes after noon."""
    table = [
        {
            "event_id": f"EWR-{minutes}",
            "event_time": noon() + timedelta(minutes=minutes),
            "origin": "EWR",
            "batch_id": "b",
            "shard_id": "s",
            "sequence_number": "1",
            "sub_sequence_number": 0,
            "received_at": noon(),
            **measures,
        }
        for minutes, measures in rows
    ]
    folder.mkdir(parents=True)
    parquet.write_table(pa.Table.from_pylist(table, WEATHER_OBSERVATIONS), folder / "0.parquet")


def assert_banded(
    spark: SparkSession, arguments: Arguments, expected: Mapping[str, Sequence[tuple[object, ...]]]
) -> None:
    """Assert what the transform makes of Friday: by measure, airport, band, its place and its counts."""
    rows = [(FRIDAY, row[0], measure, *row[1:]) for measure, each in expected.items() for row in each]
    impact = transform(flight_events(spark, arguments), weather_observations(spark, arguments))
    assertDataFrameEqual(impact, spark.createDataFrame(rows, WEATHER_IMPACT))


def test_a_flight_has_the_nearest_weather_of_its_airport(
    spark: SparkSession, archived: Callable[..., Arguments], tmp_path: Path
) -> None:
    """Of two equally near the earlier; beyond 90 minutes, of another airport, or not measured: unknown."""
    calm, gale = {"wind_speed": 5.0, "visib": 10.0, "precip": 0.0}, {"wind_speed": 35.0, "visib": 0.5}
    observe(tmp_path / "events" / "weather-observations", (0, calm), (60, gale))
    at = {1: 30, 2: 31, 3: 150, 4: 151, 5: -90, 6: -91}
    events = [
        event("scheduled", flight, noon() + timedelta(minutes=minutes)) for flight, minutes in at.items()
    ]
    events += [
        event("departed", 1, noon() + timedelta(minutes=30), 20),
        event("departed", 2, noon() + timedelta(minutes=31), -5),
        event("scheduled", 7, noon(), origin="JFK"),
    ]
    jfk = ("JFK", "unknown", 4, 1, 1, 0, 0, 0)
    expected = {
        "wind_speed": [
            ("EWR", "calm: under 10 mph", 0, 2, 1, 1, 1, 20),  # 1 and 5
            ("EWR", "30 mph and more", 3, 2, 1, 1, 0, -5),  # 2 and 3
            ("EWR", "unknown", 4, 2, 2, 0, 0, 0),  # 4 and 6
            jfk,
        ],
        "visib": [
            ("EWR", "10 miles", 3, 2, 1, 1, 1, 20),
            ("EWR", "under 1 mile", 0, 2, 1, 1, 0, -5),
            ("EWR", "unknown", 4, 2, 2, 0, 0, 0),
            jfk,
        ],
        "precip": [
            ("EWR", "none", 0, 2, 1, 1, 1, 20),
            ("EWR", "unknown", 4, 4, 3, 1, 0, -5),  # the gale's is not measured
            jfk,
        ],
    }
    assert_banded(spark, archived(events), expected)


def test_an_observation_off_the_hour_is_found_too(
    spark: SparkSession, archived: Callable[..., Arguments], tmp_path: Path
) -> None:
    """90 minutes before and after, wherever in its hour a flight is scheduled."""
    observe(tmp_path / "events" / "weather-observations", (0, {"wind_speed": 5.0}))
    events = [event("scheduled", 1, noon() + timedelta(minutes=90))]
    events += [event("scheduled", 2, noon() - timedelta(minutes=90))]
    counts = (2, 2, 0, 0, 0)
    unknown = [("EWR", "unknown", 4, *counts)]
    calm = [("EWR", "calm: under 10 mph", 0, *counts)]
    assert_banded(spark, archived(events), {"wind_speed": calm, "visib": unknown, "precip": unknown})
    other = tmp_path / "other"
    observe(other / "events" / "weather-observations", (-89, {"wind_speed": 5.0}), (89, {"wind_speed": 35.0}))
    at_noon = archived([event("scheduled", 3, noon())])
    weather = weather_observations(spark, replace(at_noon, lake=other.as_uri()))
    only = flight_events(spark, at_noon).where("flight = 3")
    bands = transform(only, weather).where("measure = 'wind_speed'").select("band")
    assertDataFrameEqual(bands, spark.createDataFrame([("calm: under 10 mph",)], "band string"))


def test_without_the_weathers_archive_it_is_refused(
    spark: SparkSession, archived: Callable[..., Arguments], tmp_path: Path
) -> None:
    """By name, and nothing is written."""
    with pytest.raises(NoInputError, match=r"no archive of the weather at file:.*/weather-observations/"):
        job(spark, archived([event("scheduled", 1, noon())]))
    assert not (tmp_path / "weather_impact").exists()
