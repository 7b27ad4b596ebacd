"""Sessions: what is told and taken back adds up to an aircraft's days, however and whenever its legs come."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.schema import FLIGHT_FIELDS
from pipelines.legs import LEGS, SESSION_GAP, RangeEvents, legs_of
from pipelines.sessions import MOST_SHOWN, aircraft_sessions

NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
GAP_MINUTES = int(SESSION_GAP / timedelta(minutes=1))


class Leg(NamedTuple):
    """A departure."""

    number: int
    minute: int
    delay: int = 0
    tail: str | None = "N1"
    kind: str = "departed"


def events(legs: Iterable[Leg]) -> pa.Table:
    """Return legs as flight events."""
    rows = [
        {
            "event_id": f"UA-{each.number}-EWR-20130208T12-{each.kind}",
            "kind": each.kind,
            "event_time": NOON + timedelta(minutes=each.minute),
            "carrier": "UA",
            "flight": each.number,
            "origin": "EWR",
            "time_hour": NOON,
            "destination": f"D{each.number % 10}",
            "tail_number": each.tail,
            "scheduled_departure": NOON,
            "delay_minutes": each.delay,
        }
        for each in legs
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(FLIGHT_FIELDS))


def revisions(*ranges: Sequence[Leg]) -> list[list[dict[str, Any]]]:
    """Return what each range of a shard tells and takes back."""
    known = LEGS.empty_table()
    told = []
    for number, legs in enumerate(ranges):
        found = events(legs)
        told.append(aircraft_sessions(RangeEvents(str(number), found, known)).to_pylist())
        known = pa.concat_tables([known, legs_of(found)])
    return told


def changes(*ranges: Sequence[Leg]) -> list[list[tuple[int, int, int]]]:
    """Return of each range the change, the legs and the first minute of its sessions."""
    return [
        [
            (row["change"], row["legs"], int((row["session_start"] - NOON).total_seconds() / 60))
            for row in told
        ]
        for told in revisions(*ranges)
    ]


def counted(legs: Iterable[Leg]) -> Counter[tuple[Any, ...]]:
    """Compute sessions in plain Python."""
    found: Counter[tuple[Any, ...]] = Counter()
    by_tail: dict[str, list[Leg]] = {}
    for leg in legs:
        if leg.tail and leg.kind == "departed":
            by_tail.setdefault(leg.tail, []).append(leg)
    for tail, flown in by_tail.items():
        flown.sort(key=lambda each: (each.minute, f"UA-{each.number}-"))
        parts = [[flown[0]]]
        for before, leg in pairwise(flown):
            if leg.minute - before.minute >= GAP_MINUTES:
                parts.append([])
            parts[-1].append(leg)
        found.update(session(tail, part) for part in parts)
    return found


def session(tail: str, legs: Sequence[Leg]) -> tuple[Any, ...]:
    """Return a session's columns."""
    return (
        tail,
        NOON + timedelta(minutes=legs[0].minute),
        NOON + timedelta(minutes=legs[-1].minute),
        len(legs),
        " ".join(f"EWR-D{each.number % 10}" for each in legs[:MOST_SHOWN]),
        sum(each.delay for each in legs),
        max(each.delay for each in legs),
        sum(min(max(a.delay, 0), max(b.delay, 0)) for a, b in pairwise(legs)),
    )


def test_delay_carries_on_along_the_legs() -> None:
    """What two that follow one another were both late; early ones carry nothing, and break the chain."""
    legs = [Leg(number, 60 * number, delay) for number, delay in enumerate((30, 50, -5, 20, 10))]
    ((told,),) = revisions(legs)
    assert told == dict(
        zip(told, ("0", *session("N1", legs), 1), strict=True)
    )  # batch_id, the session, change
    assert (told["delay_minutes"], told["worst_delay_minutes"], told["carried_minutes"]) == (105, 50, 40)
    assert told["route"] == "EWR-D0 EWR-D1 EWR-D2 EWR-D3 EWR-D4"


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        pytest.param([[Leg(1, 0), Leg(2, GAP_MINUTES - 1)]], [[(1, 2, 0)]], id="less than the gap goes on"),
        pytest.param([[Leg(1, 0), Leg(2, GAP_MINUTES)]], [[(1, 1, 0), (1, 1, 600)]], id="the gap ends it"),
        pytest.param([[Leg(1, 0)], [Leg(2, 60)]], [[(1, 1, 0)], [(-1, 1, 0), (1, 2, 0)]], id="extended"),
        pytest.param(
            [[Leg(1, 60)], [Leg(2, 0)]], [[(1, 1, 60)], [(1, 2, 0), (-1, 1, 60)]], id="begun earlier"
        ),
        pytest.param(
            [[Leg(1, 0), Leg(2, 1_000)], [Leg(3, 500)]],
            [[(1, 1, 0), (1, 1, 1_000)], [(-1, 1, 0), (1, 3, 0), (-1, 1, 1_000)]],
            id="two joined by a late leg",
        ),
        pytest.param(
            [[Leg(1, 0), Leg(2, 1_000)], [Leg(3, 2_000)]],
            [[(1, 1, 0), (1, 1, 1_000)], [(1, 1, 2_000)]],
            id="a new day leaves the others alone",
        ),
        pytest.param([[Leg(1, 0)], [Leg(2, 60, tail="N2")]], [[(1, 1, 0)], [(1, 1, 60)]], id="another's"),
        pytest.param([[Leg(1, 0)], []], [[(1, 1, 0)], []], id="nothing new"),
        pytest.param([[Leg(1, 0, tail=None)], [Leg(2, 9, kind="arrived")]], [[], []], id="no legs"),
    ],
)
def test_a_range_revises_the_sessions_that_it_touches(
    ranges: list[list[Leg]], expected: list[list[tuple[int, int, int]]]
) -> None:
    """It takes them back as they were told, and tells what they have become; no others."""
    assert changes(*ranges) == expected


def test_a_route_is_bounded() -> None:
    """Whatever comes: it shows a hundred legs, and all are counted; the column would not hold more."""
    ((told,),) = revisions([Leg(number, number) for number in range(MOST_SHOWN + 1)])
    assert (told["legs"], len(told["route"].split(" "))) == (MOST_SHOWN + 1, MOST_SHOWN)


@given(st.data())
def test_revisions_add_up_however_the_legs_come(data: st.DataObject) -> None:
    """Of any legs, in any order, cut into any ranges: what is there once is what plain Python counts."""
    minutes, delays = st.integers(0, 6 * GAP_MINUTES), st.integers(-30, 90)
    numbers = st.integers(0, 30)
    some = st.builds(Leg, numbers, minutes, delays, st.sampled_from(["N1", "N2", None]))
    legs = data.draw(st.lists(some, max_size=25, unique_by=lambda each: each.number))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(legs)), max_size=6)))
    edges = [0, *cuts, len(legs)]
    found: Counter[tuple[Any, ...]] = Counter()
    for told in revisions(*(legs[start:stop] for start, stop in pairwise(edges))):
        for row in told:
            _, *columns, change = row.values()
            found[tuple(columns)] += change
    assert set(found.values()) <= {0, 1}
    assert +found == counted(legs)
