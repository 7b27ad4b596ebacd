"""Windows as partials: they add up to what plain Python counts, however the events are cut into ranges."""

from collections import Counter
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.replay.replay import outgoing
from contracts.parse import parse_flight_event
from contracts.rejects import Reject
from contracts.schema import AIRCRAFT_SESSIONS, AIRPORT_HOURS, DELAY_BUCKETS, DEPARTURE_MINUTES, FLIGHT_FIELDS
from contracts.streams import FLIGHT_EVENTS_STREAM
from pipelines.legs import LEGS, RangeEvents
from pipelines.windows import (
    LATE_MINUTES,
    RELATIVE_ERROR,
    WINDOWS,
    _buckets,
    airport_hours,
    bucket_value,
    delay_buckets,
    departure_minutes,
)

DAY = date(2013, 2, 8)
LONGEST_MINUTES = 48 * 60
AIRPORT = ("window_start", "origin")
SESSION = ("tail_number", "session_start", "change")
DECLARED: dict[str, tuple[pa.Schema, tuple[str, ...], tuple[str, ...]]] = {
    "partials": (AIRPORT_HOURS, (*AIRPORT, "carrier"), ()),
    "delay_buckets": (DELAY_BUCKETS, (*AIRPORT, "carrier", "bucket"), ()),
    "departure_minutes": (DEPARTURE_MINUTES, AIRPORT, ()),
    "aircraft_sessions": (AIRCRAFT_SESSIONS, SESSION, ("session_end", "route")),
}
"""Of each window its schema, the keys, and what is neither key nor number."""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """Every event of the day before the storm."""
    parsed = [
        parse_flight_event(each.data) for each in outgoing(DAY, DAY) if each.stream == FLIGHT_EVENTS_STREAM
    ]
    return [each for each in parsed if not isinstance(each, Reject)]


@pytest.fixture(scope="module", params=[1, 7])
def cuts(request: pytest.FixtureRequest, rows: list[dict[str, Any]]) -> list[pa.Table]:
    """The events in one range, or in several."""
    schema = pa.schema(FLIGHT_FIELDS)
    return [pa.Table.from_pylist(rows[each :: request.param], schema=schema) for each in range(request.param)]


def range_of(events: pa.Table, batch_id: str = "b") -> RangeEvents:
    """Events of a range of a shard that knew of no leg."""
    return RangeEvents(batch_id, events, LEGS.empty_table())


def departed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are departures."""
    return [each for each in rows if each["kind"] == "departed"]


def hour(at: datetime) -> datetime:
    """The hour of a time."""
    return at.replace(minute=0, second=0)


def test_hours_add_up(cuts: list[pa.Table], rows: list[dict[str, Any]]) -> None:
    """Departures, those on time, and the sum of their delays."""
    found: Counter[tuple[Any, ...]] = Counter()
    for number, cut in enumerate(cuts):
        for row in airport_hours(range_of(cut, str(number))).to_pylist():
            assert row["batch_id"] == str(number)
            for name in ("departures", "on_time", "delay_minutes"):
                found[row["window_start"], row["origin"], row["carrier"], name] += row[name]
    wanted: Counter[tuple[Any, ...]] = Counter()
    for row in departed(rows):
        key = hour(row["event_time"]), row["origin"], row["carrier"]
        wanted[*key, "departures"] += 1
        wanted[*key, "on_time"] += row["delay_minutes"] < LATE_MINUTES
        wanted[*key, "delay_minutes"] += row["delay_minutes"]
    assert found == wanted
    assert wanted


def test_buckets_and_minutes_add_up(cuts: list[pa.Table], rows: list[dict[str, Any]]) -> None:
    """Each departure is in one bucket of its hour, and in one minute."""
    buckets: Counter[tuple[Any, ...]] = Counter()
    minutes: Counter[tuple[Any, ...]] = Counter()
    for cut in cuts:
        for row in delay_buckets(range_of(cut)).to_pylist():
            buckets[row["window_start"], row["origin"], row["carrier"], row["bucket"]] += row["departures"]
        for row in departure_minutes(range_of(cut)).to_pylist():
            minutes[row["window_start"], row["origin"]] += row["departures"]
    assert minutes == Counter((row["event_time"].replace(second=0), row["origin"]) for row in departed(rows))
    wanted: dict[Any, list[int]] = {}
    for row in departed(rows):
        wanted.setdefault((hour(row["event_time"]), row["origin"], row["carrier"]), []).append(
            row["delay_minutes"]
        )
    for key, delays in wanted.items():
        held = sorted(
            bucket_value(bucket)
            for (*window, bucket), count in buckets.items()
            if tuple(window) == key
            for _ in range(count)
        )
        assert len(held) == len(delays)
        for share in (0.5, 0.9, 0.99):
            place = ceil(share * len(delays)) - 1
            assert held[place] == pytest.approx(sorted(delays)[place], rel=RELATIVE_ERROR)


@given(st.integers(-LONGEST_MINUTES, LONGEST_MINUTES), st.integers(-LONGEST_MINUTES, LONGEST_MINUTES))
def test_a_bucket_s_value_is_within_its_bound(delay: int, other: int) -> None:
    """And larger delays are never in smaller buckets, so that a quantile of buckets is a quantile."""
    bucket, beside = _buckets(pa.array([delay, other]).to_numpy().astype(float)).tolist()
    assert bucket_value(bucket) == pytest.approx(delay, rel=RELATIVE_ERROR)
    assert (delay <= other) <= (bucket <= beside)


def test_the_same_events_are_the_same_partials(rows: list[dict[str, Any]]) -> None:
    """In whatever order they come, and none where nothing departed."""
    schema = pa.schema(FLIGHT_FIELDS)
    given_, turned = (pa.Table.from_pylist(each, schema=schema) for each in (rows, rows[::-1]))
    for window in WINDOWS:
        assert window.partials(range_of(given_)) == window.partials(range_of(turned))
        assert window.partials(range_of(schema.empty_table())).num_rows == 0


def test_partials_are_as_the_lake_declares_them(rows: list[dict[str, Any]]) -> None:
    """Their columns, whole numbers of 64 bits, and one row a key in the order of the keys."""
    events = pa.Table.from_pylist(rows, schema=pa.schema(FLIGHT_FIELDS))
    assert [window.dataset for window in WINDOWS] == list(DECLARED)
    for window in WINDOWS:
        schema, keys, others = DECLARED[window.dataset]
        made = window.partials(range_of(events))
        assert made.schema == schema
        kinds = {field.type for field in schema if field.name not in {"batch_id", *keys, *others}}
        assert kinds == {pa.int64()}
        named = list(zip(*(made[name].to_pylist() for name in keys), strict=True))
        assert named == sorted(set(named))


def test_late_events_are_revisions(rows: list[dict[str, Any]]) -> None:
    """An event that comes in a later batch adds to its window there: what was told stays told."""
    schema = pa.schema(FLIGHT_FIELDS)
    first, late = departed(rows)[0], departed(rows)[0] | {"flight": 9, "delay_minutes": 70}
    early = airport_hours(range_of(pa.Table.from_pylist([first], schema=schema), "1"))
    again = airport_hours(range_of(pa.Table.from_pylist([late], schema=schema), "2"))
    assert early["window_start"] == again["window_start"]
    assert first["event_time"] - early["window_start"][0].as_py() < timedelta(hours=1)
