"""Events: their identity, their partition key, their JSON."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from contracts.events import FlightEvent, FlightKey

KEY = FlightKey("UA", 1545, "EWR", datetime(2013, 1, 1, 10, tzinfo=UTC))
LEFT = datetime(2013, 1, 1, 10, 17, tzinfo=UTC)
EVENT = FlightEvent(KEY, "departed", LEFT, "IAH", "N14228", datetime(2013, 1, 1, 10, 15, tzinfo=UTC), 2)


def test_event_id_names_the_flight_and_the_kind() -> None:
    """Two kinds of one flight differ; a duplicate does not."""
    assert EVENT.event_id == "UA-1545-EWR-20130101T10-departed"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(EVENT, "N14228", id="the aircraft"),
        pytest.param(replace(EVENT, tail_number=None), "UA1545", id="no tail number"),
    ],
)
def test_partition_key(event: FlightEvent, expected: str) -> None:
    """An aircraft's flights share a shard."""
    assert event.partition_key == expected


def test_json_is_flat_and_in_utc() -> None:
    """What stands on the wire."""
    assert orjson.loads(EVENT.to_json()) == {
        "event_id": EVENT.event_id,
        "kind": "departed",
        "event_time": "2013-01-01T10:17:00Z",
        "carrier": "UA",
        "flight": 1545,
        "origin": "EWR",
        "time_hour": "2013-01-01T10:00:00Z",
        "destination": "IAH",
        "tail_number": "N14228",
        "scheduled_departure": "2013-01-01T10:15:00Z",
        "delay_minutes": 2,
    }


def test_a_time_without_a_zone_is_refused() -> None:
    """A local time would be wrong in silence."""
    with pytest.raises(ValueError, match="`event_time` must be in UTC; got"):
        replace(EVENT, event_time=LEFT.replace(tzinfo=None))
