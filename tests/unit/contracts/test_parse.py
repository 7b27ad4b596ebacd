"""Parsing: what a producer writes is read back, and every broken rule is named."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import FlightEvent, FlightKey
from contracts.parse import MOST_BYTES, parse_flight_event, parse_weather_observation
from contracts.rejects import Reject
from contracts.schema import FLIGHT_FIELDS, WEATHER_FIELDS

SCHEDULED = datetime(2013, 2, 8, 12, 30, tzinfo=UTC)
KEY = FlightKey("UA", 1545, "EWR", SCHEDULED.replace(minute=0))
DEPARTED = FlightEvent(KEY, "departed", SCHEDULED + timedelta(minutes=7), "IAH", "N14228", SCHEDULED, 7)
FLIGHT: dict[str, Any] = orjson.loads(DEPARTED.to_json())
WEATHER: dict[str, Any] = {
    "event_id": "EWR-20130208T12-observed",
    "kind": "observed",
    "event_time": "2013-02-08T12:00:00Z",
    "origin": "EWR",
    "temp": 39.02,
    "wind_dir": 260,
    "wind_gust": None,
}


def test_a_written_flight_event_is_read_back() -> None:
    """Field by field, in the order of the archive's schema."""
    row = parse_flight_event(DEPARTED.to_json())
    assert not isinstance(row, Reject)
    assert list(row) == [field.name for field in FLIGHT_FIELDS]
    assert row == FLIGHT | {
        "event_time": DEPARTED.event_time,
        "time_hour": KEY.time_hour,
        "scheduled_departure": SCHEDULED,
    }


def test_a_weather_observation_is_read() -> None:
    """What the source does not give is null, and whole numbers are numbers."""
    row = parse_weather_observation(orjson.dumps(WEATHER))
    assert not isinstance(row, Reject)
    assert list(row) == [field.name for field in WEATHER_FIELDS]
    assert (row["temp"], row["wind_dir"], row["wind_gust"], row["visib"]) == (39.02, 260.0, None, None)


@pytest.mark.parametrize(
    ("data", "rule", "detail"),
    [
        pytest.param(b'{"kind": "dep', "not_json", "unexpected end", id="truncated"),
        pytest.param(b"", "not_json", "", id="empty"),
        pytest.param(b'{"kind": NaN}', "not_json", "", id="NaN is no JSON"),
        pytest.param(b"[]", "not_json", "a JSON list", id="no object"),
        pytest.param(FLIGHT | {"carrier": None}, "missing_field", "`carrier`", id="null carrier"),
        pytest.param(FLIGHT | {"delay_minutes": None}, "missing_field", "`delay_minutes`", id="no delay"),
        pytest.param(FLIGHT | {"flight": "1545"}, "wrong_type", "`flight` is '1545'", id="text for number"),
        pytest.param(FLIGHT | {"flight": True}, "wrong_type", "`flight` is True", id="bool for number"),
        pytest.param(FLIGHT | {"delay_minutes": 2**31}, "wrong_type", "32 bits", id="number too large"),
        pytest.param(FLIGHT | {"tail_number": 7}, "wrong_type", "`tail_number`", id="number for text"),
        pytest.param(FLIGHT | {"destination": "CHICAGO"}, "too_long", "more than 3 bytes", id="too long"),
        pytest.param(FLIGHT | {"tail_number": "Nüüüü"}, "too_long", "more than 8 bytes", id="in bytes"),
        pytest.param(FLIGHT | {"time_hour": "2013-02-08T12:30:00Z"}, "bad_time", "whole hour", id="half"),
        pytest.param(FLIGHT | {"event_time": "2013-W06-5T12:10:00Z"}, "bad_time", "W06", id="a week"),
        pytest.param(FLIGHT | {"event_time": "2013-02-08T121000.5Z"}, "bad_time", "1210", id="a fraction"),
        pytest.param(FLIGHT | {"event_time": "0001-01-01T00:00:00Z"}, "bad_time", "0001", id="year 1"),
        pytest.param(FLIGHT | {"event_time": "2100-01-01T00:00:00Z"}, "bad_time", "2100", id="year 2100"),
        pytest.param(FLIGHT | {"kind": "diverted"}, "unknown_kind", "'diverted'", id="unknown kind"),
        pytest.param(FLIGHT | {"event_time": "2013-02-30T00:00:00Z"}, "bad_time", "02-30", id="no such day"),
        pytest.param(FLIGHT | {"event_time": "2013-02-08T12:37:00"}, "bad_time", "12:37", id="no zone"),
        pytest.param(FLIGHT | {"event_time": "2013-02-08 12:37:00Z"}, "bad_time", "12:37", id="no T"),
        pytest.param(FLIGHT | {"event_id": "UA-1-EWR"}, "wrong_identity", "UA-1-EWR", id="not its own id"),
        pytest.param(
            FLIGHT | {"event_time": "2013-02-11T00:00:00Z"}, "impossible_delay", "02-11", id="days behind"
        ),
    ],
)
def test_every_broken_rule_is_named(data: bytes | dict[str, Any], rule: str, detail: str) -> None:
    """The bytes are kept untouched, whatever they are."""
    record = data if isinstance(data, bytes) else orjson.dumps(data)
    reject = parse_flight_event(record)
    assert isinstance(reject, Reject)
    assert (reject.data, reject.rule) == (record, rule)
    assert detail in reject.detail


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        pytest.param({"kind": "departed"}, "unknown_kind", id="a flight's kind"),
        pytest.param({"temp": "cold"}, "wrong_type", id="text for a measure"),
        pytest.param({"visib": False}, "wrong_type", id="bool for a measure"),
        pytest.param({"event_time": "0001-01-01T00:00:00Z"}, "bad_time", id="year 1"),
        pytest.param({"origin": "JFK"}, "wrong_identity", id="another airport's id"),
    ],
)
def test_weather_rules(fields: dict[str, Any], rule: str) -> None:
    """Weather has rules of its own."""
    reject = parse_weather_observation(orjson.dumps(WEATHER | fields))
    assert isinstance(reject, Reject)
    assert reject.rule == rule


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.dictionaries(st.text(), st.integers()).map(repr).map(str.encode)
)
def test_no_bytes_make_it_fail(data: bytes) -> None:
    """Whatever arrives is a row or a reject, never an exception."""
    assert isinstance(parse_flight_event(data), Reject)
    assert isinstance(parse_weather_observation(data), Reject)


@given(st.sampled_from(sorted(FLIGHT)), st.none() | st.booleans() | st.integers() | st.floats() | st.text())
def test_no_field_makes_it_fail(name: str, value: Any) -> None:
    """A field may hold anything that JSON can."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = max(-(2**53), min(value, 2**53))
    parse_flight_event(orjson.dumps(FLIGHT | {name: value}))


def test_no_text_is_longer_than_its_column() -> None:
    """One that passed would fail every load from then on, and nothing behind it would come through."""
    sql = Path("warehouse/models/load/flight_events.sql").read_text(encoding="utf-8")
    columns = {name: int(most) for name, most in re.findall(r"(\w+) varchar\((\d+)\)", sql)}
    assert {name: columns[name] for name in MOST_BYTES} == MOST_BYTES
