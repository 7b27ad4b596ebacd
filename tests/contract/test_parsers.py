"""Beam's parser and the functions' agree on every record: what is an event, and what it says."""

import base64
from datetime import UTC, date, datetime
from hashlib import sha256
from random import Random
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.replay.faults import FaultPlan, Faults, Outgoing, inject
from app.replay.replay import outgoing
from contracts.board import BoardFlight
from contracts.parse import Row
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from contracts.rejects import Reject
from contracts.schema import FLIGHT_FIELDS
from contracts.streams import FLIGHT_EVENTS_STREAM
from pipelines.columnar import Parsed, parse_all, parse_flights
from pipelines.driver.plan import RangePlan
from pipelines.feed import FLIGHTS
from pipelines.functions.flight_board import read
from pipelines.kinesis.source import Records
from pipelines.ranges import batch_of
from pipelines.state import ShardState

DAY = date(2013, 2, 8)


def on_the_board(data: bytes) -> BoardFlight | None:
    """What the function makes of a record; None where it reports it as failed."""
    kinesis = {"sequenceNumber": "1", "data": base64.b64encode(data).decode()}
    flights, bad = read([{"eventID": "shardId-0:1", "kinesis": kinesis}])
    assert (len(flights), bad) in [(1, []), (0, ["1"])]
    return flights[0] if flights else None


def in_the_archive(data: bytes) -> Row | Reject:
    """What the stream makes of a record of one event."""
    stream = StreamIdentity("arn:aws:kinesis:us-east-1:0:stream/s", 1)
    plan = RangePlan(ShardRange(stream, "shardId-0", ResumeAfter(), 1), 1, datetime.now(UTC))
    batch = batch_of(plan, Records(["1"], [data], [0.0]), FLIGHTS, ShardState())
    assert batch.records == 1
    for line in batch.rejects:
        reject = orjson.loads(line)
        return Reject(bytes.fromhex(reject["data_hex"]), reject["rule"], reject["detail"])
    (row,) = batch.events.to_pylist()
    return dict(row)


def check(data: bytes) -> bool:
    """Compare both, and return whether it is an event."""
    row, flight = in_the_archive(data), on_the_board(data)
    if isinstance(row, Reject):
        assert flight is None
        return False
    assert flight == BoardFlight.of_row(row)
    assert row["event_id"] == f"{flight.flight}-{flight.status}"
    assert (row["carrier"], row["flight"], row["origin"]) == (flight.carrier, flight.number, flight.origin)
    assert row["event_time"].isoformat() == flight.event_time.replace("Z", "+00:00")
    assert row["delay_minutes"] == flight.delay_minutes
    return True


def is_broken(record: Outgoing, faults: Faults) -> bool:
    """Whether a fault made it no event."""
    return sha256(record.data).hexdigest() in {digest for _, _, digest in faults.malformed}


def test_they_agree_on_a_day_of_flights_with_every_fault() -> None:
    """Each rule is broken at least once."""
    records = [each for each in outgoing(DAY, DAY) if each.stream == FLIGHT_EVENTS_STREAM]
    sent, faults = inject(records, FaultPlan(malformed=90))
    verdicts = [check(each.data) for each in sent[::20] + [each for each in sent if is_broken(each, faults)]]
    assert verdicts.count(False) >= len(faults.malformed) == 90
    assert len({rule for _, rule, _ in faults.malformed}) == 9


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
EVENTS = [each.data for each in outgoing(DAY, DAY) if each.stream == FLIGHT_EVENTS_STREAM]
FIELDS = pa.schema(FLIGHT_FIELDS)


def check_at_once(data: list[bytes]) -> Parsed:
    """Compare what is parsed at once with one record after the other, in its order."""
    parsed = parse_all(data, FLIGHTS.parse, parse_flights, FIELDS)
    expected = [FLIGHTS.parse(each) for each in data]
    assert parsed.table.schema == FIELDS
    assert parsed.table.to_pylist() == [each for each in expected if not isinstance(each, Reject)]
    assert parsed.places.to_pylist() == [
        place for place, each in enumerate(expected) if not isinstance(each, Reject)
    ]
    assert parsed.rejects == [
        (place, each) for place, each in enumerate(expected) if isinstance(each, Reject)
    ]
    return parsed


def test_at_once_is_as_one_by_one_on_a_day_with_every_fault() -> None:
    """Rows, places and rejects; and the fast way takes what is sound."""
    records = [each for each in outgoing(DAY, DAY) if each.stream == FLIGHT_EVENTS_STREAM]
    sent, faults = inject(records, FaultPlan(malformed=90))
    assert len(check_at_once([each.data for each in sent]).rejects) == len(faults.malformed)
    fast = parse_flights(EVENTS)
    assert fast
    assert fast[0].num_rows == len(EVENTS)
    assert check_at_once([]).table.num_rows == 0


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(EVENTS[:5])), max_size=6))
def test_at_once_is_as_one_by_one_on_any_bytes(data: list[bytes]) -> None:
    """Lines that end elsewhere, or nowhere, included."""
    check_at_once(data)


@given(st.integers(0, 2**32), st.integers(1, 3))
def test_at_once_is_as_one_by_one_on_damaged_events(seed: int, changes: int) -> None:
    """Bytes of real events changed, taken out, or exchanged for what JSON is made of."""
    random = Random(seed)  # noqa: S311  # repeatable on purpose
    data = [bytearray(each) for each in random.choices(EVENTS, k=4)]
    for _ in range(changes):
        event = random.choice(data)
        place = random.randrange(len(event))
        words = [
            b"",
            b"\n",
            b"{",
            b"}",
            b"[",
            b",",
            b'"',
            b"\\",
            b"null",
            b"1e3",
            b"-0",
            b"NaN",
            b"\xff",
            b"true",
        ]
        event[place : place + random.randrange(3)] = random.choice(words)
    check_at_once([bytes(each) for each in data])


VALUES: list[Any] = [
    None,
    "",
    "AA",
    "AAA",
    "2013-02-31T05:00:00Z",
    "2013-02-08T05:00:60Z",
    0,
    1.5,
    2**31,
    True,
    [],
]
VALUES += ["2100-01-01T00:00:00Z", "2013-02-08T05:30:00Z", "2013-02-11T05:00:00Z", "é", "departed", {"a": 1}]


@given(st.sampled_from([*FIELDS.names, "more"]), st.sampled_from(VALUES), st.integers(0, 400))
def test_at_once_is_as_one_by_one_on_changed_fields(name: str, value: Any, place: int) -> None:
    """Each of another type, of another time, or of another flight."""
    changed = orjson.dumps(orjson.loads(EVENTS[place]) | {name: value})
    check_at_once([EVENTS[0], changed, EVENTS[1]])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'"more": NaN', id="no number of JSON"),
        pytest.param(b'"more": Infinity', id="nor this"),
        pytest.param(b'"flight": 7', id="a field twice"),
        pytest.param(b'"more": ' + b"[" * 100_000, id="deep"),
        pytest.param(b'"more": "\\ud800"', id="half a letter"),
        pytest.param(b'"more": "\xff"', id="no UTF-8"),
        pytest.param(b'"more": 1e999', id="beyond a number"),
        pytest.param(b'"more": {"flight": 1}', id="nested"),
        pytest.param(b'"more": 5', id="more than is known"),
    ],
)
def test_at_once_is_as_one_by_one_where_readers_differ(text: bytes) -> None:
    """What Arrow's reader takes otherwise than orjson never reaches it, or changes nothing."""
    check_at_once([EVENTS[0], EVENTS[1][:-1] + b", " + text + b"}", EVENTS[2]])
    check_at_once([b"{" + text + b", " + EVENTS[1][1:]])


@pytest.mark.parametrize("data", [b"", b"null", b"{}", b"\xff", b'{"kind": 1}'])
def test_they_agree_on_what_is_nothing(data: bytes) -> None:
    """It is no event for either."""
    assert not check(data)
