"""Rejects: they are listed with their reasons, and after a fix those that are events are sent once more."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from app import wiring
from app.commands.bootstrap import prepare
from contracts.batches import pack
from contracts.events import FlightEvent, FlightKey
from contracts.streams import FLIGHT_EVENTS_STREAM
from runtime.settings import Settings
from tests.support.commands import run

pytestmark = pytest.mark.timeout(180)
NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)


def departure(number: int) -> bytes:
    """A departure on time."""
    flight = FlightKey("UA", number, "EWR", NOON)
    return FlightEvent(flight, "departed", NOON, "IAH", None, NOON, 0).to_json()


def put(*records: bytes) -> None:
    """Put records by one key, which is not their own."""
    entries = [{"Data": data, "PartitionKey": "another"} for data in records]
    wiring.producer().put_records(StreamName=FLIGHT_EVENTS_STREAM, Records=entries)


def stream(world: Settings, records: int) -> int:
    """Stream until so many records are committed; return how many of them were events."""
    drivers = wiring.drivers(world)
    read = events = 0
    while read < records:
        for each in [committed.manifest for driver in drivers for committed in driver.step()]:
            read, events = read + each.records, events + each.events
    for driver in drivers:
        driver.close()
    return events


def test_rejects_are_listed_and_sent_once_more(world: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that a mended rule takes, each to its own shard; a second time they are copies."""
    prepare(world)
    assert "Rejects: 0" in run("rejects", "list")
    with monkeypatch.context() as broken:  # a rule that refuses what it should take
        broken.setattr("contracts.parse.FLIGHT_KINDS", frozenset({"scheduled"}))
        broken.setattr("pipelines.columnar._KINDS", pa.array(["scheduled"]))
        put(departure(1), departure(2), b"nothing")
        put(pack([departure(3)], "zstd"), pack([departure(4)], "gzip")[:-1])
        assert stream(world, 5) == 0
    shown = run("rejects", "list", "--limit", "2")
    assert "Rejects: 5" in shown
    assert "unknown_kind" in shown
    expected = "3 events sent once more; 2 still are none: not_json 1, bad_batch 1\n"
    assert run("rejects", "replay") == expected
    assert stream(world, 3) == 3
    assert run("rejects", "replay") == expected
    assert stream(world, 3) == 0
