"""Beam's parser and the functions' agree on every record: what is an event, and what it says."""

import base64
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.replay.faults import FaultPlan, inject
from app.replay.replay import outgoing
from contracts.board import BoardFlight
from contracts.rejects import Reject
from contracts.streams import FLIGHT_EVENTS_STREAM
from pipelines.feed import FLIGHTS
from pipelines.functions.flight_board import read

DAY = date(2013, 2, 8)


def on_the_board(data: bytes) -> BoardFlight | None:
    """What the function makes of a record; None where it reports it as failed."""
    kinesis = {"sequenceNumber": "1", "data": base64.b64encode(data).decode()}
    flights, bad = read([{"eventID": "shardId-0:1", "kinesis": kinesis}])
    assert (len(flights), bad) in [(1, []), (0, ["1"])]
    return flights[0] if flights else None


def check(data: bytes) -> bool:
    """Compare both, and return whether it is an event."""
    row, flight = FLIGHTS.parse(data), on_the_board(data)
    if isinstance(row, Reject):
        assert flight is None
        return False
    assert flight == BoardFlight.of_row(row)
    assert row["event_id"] == f"{flight.flight}-{flight.status}"
    assert (row["carrier"], row["flight"], row["origin"]) == (flight.carrier, flight.number, flight.origin)
    assert row["event_time"].isoformat() == flight.event_time.replace("Z", "+00:00")
    assert row["delay_minutes"] == flight.delay_minutes
    return True


def test_they_agree_on_a_day_of_flights_with_every_fault() -> None:
    """Each rule is broken at least once."""
    records = [each for each in outgoing(DAY, DAY) if each.stream == FLIGHT_EVENTS_STREAM]
    sent, faults = inject(records, FaultPlan(malformed=90))
    verdicts = [check(each.data) for each in sent]
    assert verdicts.count(False) == len(faults.malformed) == 90
    assert len({rule for _, rule, _ in faults.malformed}) == 8


@given(st.binary(max_size=300))
def test_they_agree_on_any_bytes(data: bytes) -> None:
    """None of which raises."""
    check(data)


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_they_agree_on_damaged_events(seed: int, changes: int) -> None:
    """Bytes of a real event, some of them changed."""
    random = Random(seed)  # noqa: S311  # repeatable on purpose
    data = bytearray(EVENT)
    for _ in range(changes):
        data[random.randrange(len(data))] = random.randrange(256)
    check(bytes(data))


EVENT = outgoing(DAY, DAY)[500].data


@pytest.mark.parametrize("data", [b"", b"null", b"{}", b"\xff", b'{"kind": 1}'])
def test_they_agree_on_what_is_nothing(data: bytes) -> None:
    """It is no event for either."""
    assert not check(data)
