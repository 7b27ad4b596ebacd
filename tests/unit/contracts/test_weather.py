"""A weather observation: its identity, its bytes, and the schema that both follow."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from contracts.parse import parse_weather_observation
from contracts.schema import WEATHER_FIELDS
from contracts.weather import MEASURES, WeatherObservation

NOON = datetime(2013, 2, 8, 17, tzinfo=UTC)


def test_an_observation_is_one_flat_object() -> None:
    """What the source lacks is null, not left out; the fields are the archive's, and the kind."""
    fields = orjson.loads(WeatherObservation("JFK", NOON, temp=30.02, wind_gust=None).to_json())
    assert fields == dict.fromkeys(MEASURES) | {
        "event_id": "JFK-20130208T17-observed",
        "kind": "observed",
        "event_time": "2013-02-08T17:00:00Z",
        "origin": "JFK",
        "temp": 30.02,
    }
    assert set(fields) == {field.name for field in WEATHER_FIELDS} | {"kind"}


def test_what_is_written_is_what_is_read() -> None:
    """Every measure comes back as it was, in its own place."""
    measures = {name: index + 0.25 for index, name in enumerate(MEASURES)}
    row = parse_weather_observation(WeatherObservation("LGA", NOON, **measures).to_json())
    assert row == {
        "event_id": "LGA-20130208T17-observed",
        "event_time": NOON,
        "origin": "LGA",
        **measures,
    }


def test_an_airport_keeps_its_hours_together() -> None:
    """They share a partition key, and so a shard."""
    assert WeatherObservation("EWR", NOON).partition_key == "EWR"


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(NOON.replace(tzinfo=None), id="no zone"),
        pytest.param(NOON.astimezone(ZoneInfo("America/New_York")), id="another zone"),
    ],
)
def test_a_time_that_is_not_in_utc_is_refused(at: Any) -> None:
    """The identity is spelled in UTC hours."""
    with pytest.raises(ValueError, match="`observed_at` must be in UTC; got"):
        WeatherObservation("JFK", at)
