"""Flights by the weather nearest to their schedule, on a real Spark session."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import SparkSession

from contracts.schema import WEATHER_OBSERVATIONS
from jobs.shared.archive import flight_events, weather_observations
from jobs.shared.arguments import Arguments
from jobs.shared.errors import NoInputError
from jobs.weather_impact import job, transform
from tests.unit.jobs.conftest import FRIDAY, event, noon

COUNTS = ("flights", "cancelled", "departed", "late", "delay_minutes")
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


def bands(spark: SparkSession, arguments: Arguments) -> dict[tuple[str, str, str], tuple[int, ...]]:
    """Return flights, cancelled, departed, late and minutes by airport, measure and band."""
    rows = transform(flight_events(spark, arguments), weather_observations(spark, arguments)).collect()
    assert {row.flight_date for row in rows} == {FRIDAY}
    return {
        (row.origin, row.measure, row.band): (
            row.flights,
            row.cancelled,
            row.departed,
            row.late,
            row.delay_minutes,
        )
        for row in rows
    }


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
    found = bands(spark, archived(events))
    wind = {key[::2]: value for key, value in found.items() if key[1] == "wind_speed"}
    assert wind == {
        ("EWR", "calm: under 10 mph"): (2, 1, 1, 1, 20),  # 1 and 5
        ("EWR", "30 mph and more"): (2, 1, 1, 0, -5),  # 2 and 3
        ("EWR", "unknown"): (2, 2, 0, 0, 0),  # 4 and 6
        ("JFK", "unknown"): (1, 1, 0, 0, 0),
    }
    assert found["EWR", "visib", "10 miles"] == (2, 1, 1, 1, 20)
    assert found["EWR", "precip", "unknown"] == (4, 3, 1, 0, -5)
    for measure in ("wind_speed", "visib", "precip"):
        assert sum(value[0] for key, value in found.items() if key[1] == measure) == 7


def test_an_observation_off_the_hour_is_found_too(
    spark: SparkSession, archived: Callable[..., Arguments], tmp_path: Path
) -> None:
    """90 minutes before and after, wherever in its hour a flight is scheduled."""
    observe(tmp_path / "events" / "weather-observations", (0, {"wind_speed": 5.0}))
    events = [event("scheduled", 1, noon() + timedelta(minutes=90))]
    events += [event("scheduled", 2, noon() - timedelta(minutes=90))]
    found = bands(spark, archived(events))
    assert found["EWR", "wind_speed", "calm: under 10 mph"][0] == 2
    other = tmp_path / "other"
    observe(other / "events" / "weather-observations", (-89, {"wind_speed": 5.0}), (89, {"wind_speed": 35.0}))
    at_noon = archived([event("scheduled", 3, noon())])
    weather = weather_observations(spark, replace(at_noon, lake=other.as_uri()))
    only = flight_events(spark, at_noon).where("flight = 3")
    assert {row.band for row in transform(only, weather).where("measure = 'wind_speed'").collect()} == {
        "calm: under 10 mph"
    }


def test_without_the_weathers_archive_it_is_refused(
    spark: SparkSession, archived: Callable[..., Arguments], tmp_path: Path
) -> None:
    """By name, and nothing is written."""
    with pytest.raises(NoInputError, match=r"no archive of the weather at file:.*/weather-observations/"):
        job(spark, archived([event("scheduled", 1, noon())]))
    assert not (tmp_path / "weather_impact").exists()
